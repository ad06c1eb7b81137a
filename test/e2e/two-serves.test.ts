/** Several `nayose serve` on one PostgreSQL: they share webhooks, syncs and budgets, and any of them may die at any moment. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startPgBoss } from '../../core/jobs/pgboss.ts';
import type { Jobs } from '../../core/jobs/port.ts';
import type { Db } from '../../core/store/db.ts';
import { openPg } from '../../core/store/pg.ts';
import { command, makeWorld, TOKEN, until, type World } from '../api/serve/harness.ts';
import { emptyPostgres } from '../support/databases.ts';
import { type Serving, startServing } from '../support/serving.ts';

const PEOPLE = 60;
/** Small enough that two processes together would overrun it at once, were it kept by each alone. */
const LIMIT = { calls: 8, perSeconds: 1 };

let world: World;
let db: Db;
let jobs: Jobs;
let living: Serving[] = [];
/** When HubSpot was called, in its own milliseconds. */
const calls: number[] = [];

const serve = () => startServing(world, (one) => living.push(one));

beforeAll(async () => {
  world = await makeWorld({
    people: PEOPLE,
    hubspot: { rateLimit: LIMIT },
    edit: (yaml) =>
      yaml
        .replace(
          'type: hubspot,',
          `type: hubspot, pace: { calls: ${LIMIT.calls}, per: ${LIMIT.perSeconds} },`,
        )
        // Webhooks and edits together change a third of everybody here.
        .replace('maxChanged: 20%', 'maxChanged: 100%'),
  });
  world.boxes.hubspot.fault = () => {
    calls.push(Date.now());
    return undefined;
  };
  world.env.DATABASE_URL = await emptyPostgres();
  db = openPg(world.env.DATABASE_URL);
  await Promise.all([serve(), serve()]);
  jobs = await startPgBoss(db, { log: { debug() {}, info() {}, warn() {} } });
}, 120_000);
afterAll(async () => {
  await jobs.stop();
  for (const { child, ended } of living) {
    child.kill('SIGKILL');
    await ended;
  }
  await db.close();
  await world.close();
});

/** kill -9 for the process that runs the sync now; what it held is found by the next sweep, which is called for at once. */
async function killRunner(): Promise<void> {
  const [run] = await db.query<{ owner: string }>(
    `select owner from run where status = 'running' and owner is not null and mode <> 'plan'`,
  );
  const pid = Number(run!.owner.split(':')[1]);
  const runner = living.find((one) => one.pid === pid);
  expect(runner).toBeDefined();
  living = living.filter((one) => one !== runner);
  runner!.child.kill('SIGKILL');
  await runner!.ended;
  await jobs.send('sweep', null, { singletonKey: 'now' });
}

const complete = async () =>
  (
    await db.query<{ n: number }>(
      `select count(*) as n from run where sync = 'people' and status = 'complete'`,
    )
  )[0]!.n;
const contacts = () => world.boxes.salesforce.records('Contact').filter(({ deleted }) => !deleted);

test('kill -9 in the middle of the first sync, after a create whose answer was lost: the other ends it, and nobody is there twice', async () => {
  let stage = 0;
  world.boxes.salesforce.fault = ({ creates }) => {
    if (stage === 0 && creates > 0) {
      stage = 1;
      return 'lost-answer';
    }
    if (stage !== 1) return undefined;
    stage = 2;
    return 'hang';
  };
  await jobs.send('sync', { sync: 'people' }, { singletonKey: 'people' });
  await until(() => stage === 2);
  await killRunner();
  await until(async () => (await complete()) === 1);
  expect(living).toHaveLength(1);
  expect(contacts()).toHaveLength(PEOPLE);
  expect(world.boxes.salesforce.books.created.Contact).toBe(PEOPLE);
}, 180_000);

test('webhooks to both are written back once each; kill -9 in the middle of the next sync, and the other goes on', async () => {
  await serve();
  const { hubspot, salesforce } = world.boxes;
  const written = () => contacts().filter(({ fields }) => String(fields.Title).startsWith('Told to')).length;
  for (const [i, id] of world.contacts.slice(0, 12).entries()) {
    world.aim(living[i % 2]!.url);
    hubspot.edit('contacts', id, { jobtitle: `Told to ${i % 2}: ${i}` });
    await hubspot.webhooksSettled();
  }
  await until(() => written() === 12);

  world.aim('http://127.0.0.1:9');
  for (const id of world.contacts.slice(20, 30))
    hubspot.edit('contacts', id, { jobtitle: 'Seen by the sync only' });
  let hung = false;
  salesforce.fault = ({ method }) => {
    if (hung || method !== 'PATCH') return undefined;
    hung = true;
    return 'hang';
  };
  await jobs.send('sync', { sync: 'people' }, { singletonKey: 'people' });
  await until(() => hung);
  await killRunner();
  await until(async () => (await complete()) >= 2);
  expect(living).toHaveLength(1);
  expect(contacts().filter(({ fields }) => fields.Title === 'Seen by the sync only')).toHaveLength(10);
  expect(contacts()).toHaveLength(PEOPLE);
  expect(salesforce.books.created.Contact).toBe(PEOPLE);
  expect([salesforce.books.noops, hubspot.books.noops]).toEqual([0, 0]);
}, 180_000);

test('the budget was kept over all of them: no window of HubSpot’s holds more, and it never had to say so', async () => {
  for (const [i, at] of calls.entries())
    expect((calls[i + LIMIT.calls] ?? Number.POSITIVE_INFINITY) - at).toBeGreaterThanOrEqual(
      LIMIT.perSeconds * 1000,
    );
  expect(calls.length).toBeGreaterThan(2 * LIMIT.calls);
  const metrics = await fetch(`${living[0]!.url}/metrics`, { headers: { Authorization: `Bearer ${TOKEN}` } });
  const text = await metrics.text();
  expect(text).toMatch(/nayose_api_calls_total\{connection="ma",status="20\d"\} \d+/);
  expect(text).not.toMatch(/nayose_api_calls_total\{connection="ma",status="429"\}/);
  const [last] = living;
  last!.child.kill('SIGTERM');
  expect((await last!.ended).code).toBe(0);
  const { out, code } = await command(world, ['sync', 'people', '--json']);
  expect({ code, ...JSON.parse(out) }).toMatchObject({ code: 0, status: 'complete', created: 0, updated: 0 });
}, 120_000);
