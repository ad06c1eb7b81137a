import { createServer } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { startServer } from '../../../api/node.ts';
import { createLog } from '../../../api/runtime/log.ts';
import type { Store } from '../../../api/runtime/store.ts';
import { startPgBoss } from '../../../core/jobs/pgboss.ts';
import { startRun } from '../../../core/sync/run.ts';
import { openMemory } from '../../support/databases.ts';
import { memoryStore } from '../../support/store.ts';
import {
  command,
  configOf,
  makeWorld,
  type ServedHub,
  serveHub,
  TOKEN,
  until,
  type World,
} from './harness.ts';

let world: World;
let hub: ServedHub | undefined;
beforeEach(() => {
  hub = undefined;
});
afterEach(async () => {
  await hub?.end();
  await world.close();
});
const get = (path: string, headers: Record<string, string> = {}) =>
  fetch(`${hub!.url}${path}`, { headers, redirect: 'manual' });
const bearer = { Authorization: `Bearer ${TOKEN}` };
const runs = async () => {
  const answer = await get('/v1/runs', bearer);
  return ((await answer.json()) as { items: { sync: string; status: string; reasons: { code: string }[] }[] })
    .items;
};

describe('serving', () => {
  test('a port that is taken is named, with what to do', async () => {
    world = await makeWorld();
    const taken = createServer();
    await new Promise<void>((done) => taken.listen(0, '127.0.0.1', done));
    const { port } = taken.address() as { port: number };
    const { code, err } = await command(world, ['serve', '--port', String(port)]);
    const db = await openMemory();
    const store: Store = memoryStore(db, 'late', { isAlive: async () => false });
    const config = await configOf(world);
    const log = createLog('silent', []);
    await expect(startServer({ config, store, port, log })).rejects.toThrow('in use');
    // The first token is shown by whoever listens: none is made before.
    expect(await db.query('select 1 from token')).toEqual([]);
    await store.close();
    await new Promise((done) => taken.close(done));
    expect(code).toBe(1);
    expect(err).toContain(`port ${port} of 127.0.0.1 is in use`);
    expect(err).toContain('--port');
    for (const wrong of ['http', '-1', '65536', '1.5'])
      expect(await command(world, ['serve', `--port=${wrong}`])).toMatchObject({
        code: 1,
        err: expect.stringContaining('is not a port'),
      });
  });

  test('readiness tells the truth: a database that fails is 503, and the process stays up', async () => {
    world = await makeWorld();
    hub = await serveHub(world);
    expect((await get('/readyz')).status).toBe(200);
    await hub.store.db.query(`alter table migration rename to hidden`);
    const unready = await get('/readyz');
    expect(unready.status).toBe(503);
    expect(unready.headers.get('content-type')).toBe('application/problem+json');
    expect(await unready.json()).toMatchObject({ reasons: ['the database has no schema yet'] });
    expect((await get('/healthz')).status).toBe(200);
    await hub.store.db.query(`alter table hidden rename to migration`);
  });

  test('everything else needs a token, and a wrong or expired one is none', async () => {
    world = await makeWorld();
    hub = await serveHub(world);
    for (const path of ['/v1/runs', '/v1/golden/x', '/nothing', '/internal/command', '/golden/x', '/'])
      expect((await get(path)).status, path).toBe(401);
    for (const header of ['Bearer wrong', 'Basic abc', `bearer${TOKEN}`, ''])
      expect((await get('/v1/runs', { Authorization: header })).status).toBe(401);
    expect((await get('/v1/runs', bearer)).status).toBe(200);
    expect((await get('/nothing', bearer)).status).toBe(404);
    expect((await get('/v1/runs?limit=0', bearer)).status).toBe(400);
    expect((await get('/v1/golden/none', bearer)).status).toBe(404);
    await hub.store.db.query(`update token set expires_at = now() - interval '1 second'`);
    expect((await get('/v1/runs', bearer)).status).toBe(401);
    const kept = JSON.stringify(await hub.store.db.query('select * from token'));
    expect(kept).not.toContain(TOKEN);
  });

  test('the link signs a browser in, by a cookie that scripts cannot read', async () => {
    world = await makeWorld();
    hub = await serveHub(world);
    expect((await get('/?token=wrong')).status).toBe(401);
    const answer = await get(`/?token=${TOKEN}`);
    expect([answer.status, answer.headers.get('location')]).toEqual([303, '/']);
    const cookie = answer.headers.get('set-cookie')!;
    expect(cookie).toMatch(/HttpOnly/);
    expect(cookie).toMatch(/SameSite=Strict/);
    const page = await get('/', { Cookie: cookie.split(';')[0]!, 'Accept-Language': 'ja,en;q=0.5' });
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(await page.text()).toContain('<html lang="ja">');
    expect(await (await get('/', bearer)).text()).toContain('<html lang="en">');
  });

  test('what tools hold is escaped in the console', async () => {
    world = await makeWorld();
    const evil = `<img src=x onerror=alert(1)>"'&`;
    world.boxes.hubspot.seed('contacts', [{ fields: { email: 'evil@mail.example', lastname: evil } }]);
    hub = await serveHub(world);
    expect((await command(world, ['sync'], hub.store)).code).toBe(0);
    const found = await (await get('/?q=EVIL%40mail.example', bearer)).text();
    expect(found).toContain('&lt;img src=x');
    expect(found).not.toContain('<img');
    const link = /href="(\/golden\/[^"]+)"/.exec(found)![1]!;
    const page = await (await get(link, bearer)).text();
    expect(page).toContain('&lt;img src=x');
    expect(page).not.toContain('<img');
    expect(await (await get(`/?q=${encodeURIComponent(evil)}`, bearer)).text()).not.toContain('<img');
    const golden = await get(`/v1${link}`, bearer);
    expect(await golden.json()).toMatchObject({ entity: 'person', values: { familyName: evil }, version: 1 });
  });
});

describe('schedules', () => {
  test('a scheduled sync runs by itself', async () => {
    world = await makeWorld({ schedule: '* * * * *' });
    hub = await serveHub(world, { cronSeconds: 1 });
    await until(async () =>
      (await runs()).some(({ sync, status }) => sync === 'people' && status === 'complete'),
    );
    expect(world.boxes.salesforce.books.created.Contact).toBe(20);
  });

  test('a reconcile has its schedule, and a job of it compares everything and says what it found', async () => {
    world = await makeWorld({
      people: 3,
      edit: (text) => text.replaceAll('    realtime:', '    reconcile: "0 3 * * *"\n    realtime:'),
    });
    hub = await serveHub(world);
    const { db } = hub.store;
    expect(
      await db.query(`select key, cron from pgboss.schedule where name = 'reconcile' order by key`),
    ).toEqual([
      { key: 'companies', cron: '0 3 * * *' },
      { key: 'people', cron: '0 3 * * *' },
    ]);
    const jobs = await startPgBoss(db, { log: { debug() {}, info() {}, warn() {} } });
    await jobs.send('reconcile', { sync: 'people' });
    const state = async () =>
      (await db.query(`select state from pgboss.job where name = 'reconcile'`))[0]?.state;
    await until(async () => ['completed', 'failed'].includes(String(await state())));
    await jobs.stop();
    // Nothing was synced yet: in each tool what is there is news.
    expect(await db.query(`select sync, status from reconcile`)).toEqual([
      { sync: 'people', status: 'complete' },
    ]);
    expect(await db.query(`select class, count(*)::int as n from difference group by class`)).toEqual([
      { class: 'unread', n: 3 },
    ]);
    expect(hub.lines.filter((line) => line.includes('"unread":3'))).toHaveLength(1);
  });

  test('a sync that is being run elsewhere is left to that run', async () => {
    world = await makeWorld();
    hub = await serveHub(world);
    const { db } = hub.store;
    const [people] = await hub.hub.syncs(['people']);
    const run = await startRun(hub.hub.engine, people!, { mode: 'sync' });
    const jobs = await startPgBoss(db, { log: { debug() {}, info() {}, warn() {} } });
    await jobs.send('sync', { sync: 'people' });
    const state = async () => (await db.query(`select state from pgboss.job where name = 'sync'`))[0]?.state;
    await until(async () => ['completed', 'failed'].includes(String(await state())));
    await jobs.stop();
    expect(await state()).toBe('completed');
    expect(await db.query(`select id from run where sync = 'people'`)).toEqual([{ id: run.id }]);
  });

  test('stopping in the middle of a sync finishes the step in hand; the next run goes on, with no duplicate', async () => {
    world = await makeWorld({ schedule: '* * * * *' });
    let stopped: Promise<void> | undefined;
    world.boxes.salesforce.fault = ({ creates }) => {
      if (creates > 0) stopped ??= hub!.stop();
      return undefined;
    };
    hub = await serveHub(world, { cronSeconds: 1 });
    await until(() => stopped !== undefined);
    await stopped;
    const { db } = hub.store;
    const [run] = await db.query<{ status: string; reasons: { code: string }[] }>(
      `select status, reasons from run where sync = 'people'`,
    );
    expect(run!.status).toBe('incomplete');
    expect(run!.reasons.map(({ code }) => code)).toContain('stopped');
    expect(await db.query(`select state from outbox where state in ('sending', 'unknown')`)).toEqual([]);
    expect(world.boxes.salesforce.books.created.Contact).toBe(20);
    world.boxes.salesforce.fault = undefined;
    expect((await command(world, ['sync'], hub.store)).code).toBe(0);
    expect(world.boxes.salesforce.books.created.Contact).toBe(20);
  });
});
