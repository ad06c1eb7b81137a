/** The engine in workerd: cron, queues, dead letters and webhooks, against both sandboxes and a real PostgreSQL. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readConfig } from '../../api/config/read.ts';
import { demoConfig } from '../../api/demo/config.ts';
import { type Served, serveSandboxes } from '../../api/demo/sandboxes.ts';
import { makeWorld } from '../../api/demo/tourWorld.ts';
import { createHub } from '../../api/runtime/hub.ts';
import type { Store } from '../../api/runtime/store.ts';
import { CONNECTORS } from '../../connectors/registry.ts';
import type { Db } from '../../core/store/db.ts';
import { migrate } from '../../core/store/migrate.ts';
import { openPg } from '../../core/store/pg.ts';
import type { RunRow } from '../../core/store/runs.ts';
import { runSync } from '../../core/sync/run.ts';
import { freshPostgres } from '../support/databases.ts';
import { memoryStore } from '../support/store.ts';
import { apply, digest, until, WRANGLER_TOML, workerdRuns } from './support.ts';

const TOKEN = 'test-token-of-the-administrator';
const SEED = { people: 100, seed: 11 };
const NOW = new Date('2026-06-01T00:00:00Z');
const webhook = { url: 'http://127.0.0.1:9/', clientSecret: 'sandbox-webhook-secret' };

type Harness = ReturnType<typeof import('wrangler')['createTestHarness']>;

describe.skipIf(!workerdRuns())('the engine in workerd', () => {
  let server: Harness;
  let db: Db;
  let boxes: Served;
  let address: string;
  /** Minutes of the hub's clock: every five of them both syncs are due. */
  let minute = new Date('2026-07-01T00:04:00Z').getTime();

  beforeAll(async () => {
    address = await freshPostgres();
    db = openPg(address, { max: 2 });
    await migrate(db);
    boxes = await serveSandboxes({ hubspot: { webhook } });
    makeWorld(SEED, boxes, NOW);
    await apply(db, demoConfig(boxes), boxes.env);
    const { createTestHarness } = await import('wrangler');
    server = createTestHarness({
      workers: [
        {
          configPath: WRANGLER_TOML,
          vars: { ...boxes.env, DATABASE_URL: address, RETRY_SECONDS: 0.1, NAYOSE_TOKEN: TOKEN },
        },
      ],
    });
    const { url } = await server.listen();
    webhook.url = new URL('/hooks/ma', url).href;
  }, 180_000);
  afterAll(async () => {
    await server.close();
    await boxes.close();
    await db.close();
  });

  const cron = async (minutes: number) => {
    minute += minutes * 60_000;
    await server.getWorker().scheduled({ cron: '* * * * *', scheduledTime: new Date(minute) });
  };
  const runs = () =>
    db.query<Pick<RunRow, 'id' | 'sync' | 'status' | 'reasons' | 'counts'> & Record<string, unknown>>(
      `select id, sync, status, reasons, counts from run order by started_at, id`,
    );
  const ended = (n: number) =>
    until(async () => {
      const all = await runs();
      return all.length >= n && all.every(({ status }) => status !== 'running') ? all : undefined;
    });

  test('a minute of cron starts both syncs, and messages carry them to complete', async () => {
    await cron(1);
    const first = await ended(2);
    expect(first.map(({ sync, status, reasons }) => [sync, status, reasons])).toEqual([
      ['companies', 'complete', []],
      ['people', 'complete', []],
    ]);
    expect(boxes.salesforce.books.created.Contact).toBeGreaterThan(0);
    expect(boxes.hubspot.books.created.contacts).toBeGreaterThan(0);
  });

  test('the same minute again starts nothing, the next occurrence runs and writes nothing', async () => {
    const wrote = () => JSON.stringify([boxes.salesforce.books.writes, boxes.hubspot.books.writes]);
    const before = wrote();
    await cron(0);
    await cron(4);
    expect((await runs()).length).toBe(2);
    await cron(1);
    const all = await ended(4);
    expect(all.slice(2).map(({ status }) => status)).toEqual(['complete', 'complete']);
    expect(wrote()).toBe(before);
  });

  test('a run that a budget ended is gone on with by the next minute after the reset, once, and not before', async () => {
    const before = await runs();
    const { id } = before.at(-1)!;
    const resumes = (at: number) =>
      db.query(`update run set status = 'incomplete', resume_at = $2::timestamptz where id = $1`, [
        id,
        new Date(at).toISOString(),
      ]);
    await resumes(minute + 60_000);
    await cron(0);
    expect(await runs()).toHaveLength(before.length);
    await resumes(minute);
    await Promise.all([cron(0), cron(0)]);
    const all = await ended(before.length + 1);
    await cron(0);
    expect(await runs()).toHaveLength(before.length + 1);
    expect(all.at(-1)).toMatchObject({ sync: before.at(-1)!.sync, status: 'complete' });
  });

  test('the tools and the golden records are what Node makes of the same seed', async () => {
    const theirs = await digest(db, boxes);
    const twin = await serveSandboxes();
    const own = openPg(await freshPostgres(), { max: 2 });
    try {
      makeWorld(SEED, twin, NOW);
      await migrate(own);
      await syncOnNode(own, twin);
      const ours = await digest(own, twin);
      expect(ours.golden!.length).toBeGreaterThan(SEED.people);
      expect(theirs).toEqual(ours);
    } finally {
      await own.close();
      await twin.close();
    }
  });

  test('a signed webhook is committed, and written back through a message', async () => {
    const [pair] = await db.query<{ crm: string; ma: string }>(
      `select c.ext_id as crm, m.ext_id as ma from source_record c join source_record m on m.golden_id = c.golden_id
       where c.connection = 'crm' and c.object = 'Contact' and m.connection = 'ma' and m.object = 'contacts' limit 1`,
    );
    boxes.hubspot.edit('contacts', pair!.ma, { jobtitle: 'Chief Listening Officer' });
    await until(async () =>
      boxes.salesforce.records('Contact').find(({ id }) => id === pair!.crm)?.fields.Title ===
      'Chief Listening Officer'
        ? true
        : undefined,
    );
    expect(await db.query(`select state from inbox where state <> 'done'`)).toEqual([]);
  });

  test('the API starts a run that messages carry on, and says what a plan needs instead', async () => {
    const post = (mode: string) =>
      server.fetch(`/v1/syncs/companies/${mode}`, {
        method: 'POST',
        headers: { Authorization: `Bearer ${TOKEN}`, 'Content-Type': 'application/json' },
        body: '{}',
      });
    const plan = await post('plan');
    expect([plan.status, await plan.json()]).toMatchObject([
      501,
      { detail: expect.stringContaining('nayose plan') },
    ]);
    const before = (await runs()).length;
    const run = await post('runs');
    expect(run.status).toBe(202);
    await run.text();
    expect((await ended(before + 1)).at(-1)).toMatchObject({ sync: 'companies', status: 'complete' });
    expect((await server.fetch('/readyz')).status).toBe(200);
  });

  test('a step that keeps failing ends in the dead-letter queue: the run is incomplete, with reason and count', async () => {
    await db.query(`delete from stream_cache`);
    boxes.hubspot.fault = () => ({ status: 500, headers: { 'retry-after': '0' } });
    const before = (await runs()).length;
    await cron(5);
    const all = await ended(before + 2).finally(() => {
      boxes.hubspot.fault = undefined;
    });
    for (const { status, reasons } of all.slice(before)) {
      expect(status).toBe('incomplete');
      expect(reasons).toEqual([
        expect.objectContaining({ code: 'fault', count: 6, message: expect.stringContaining('500') }),
      ]);
    }
  }, 180_000);

  test('once the cause is mended, the next occurrence is complete', async () => {
    await db.query(`delete from connection`);
    const before = (await runs()).length;
    await cron(5);
    expect((await ended(before + 2)).slice(before).map(({ status }) => status)).toEqual([
      'complete',
      'complete',
    ]);
  });
});

/** The same two syncs, as a Node process runs them. */
async function syncOnNode(db: Db, twin: Served): Promise<void> {
  const read = readConfig(demoConfig(twin), { env: twin.env, connectors: CONNECTORS });
  if ('problems' in read) throw new Error(JSON.stringify(read.problems));
  const store: Store = memoryStore(db, 'node', { close: async () => undefined });
  const { signal } = new AbortController();
  const hub = await createHub(read.config, store, CONNECTORS, { signal });
  for (const sync of await hub.syncs()) {
    const { status, reasons } = await runSync(hub.engine, sync, { mode: 'sync', signal });
    expect([status, reasons]).toEqual(['complete', []]);
  }
}
