/**
 * Two `nayose serve` on one PostgreSQL, a tool that allows 100 calls in ten seconds (here 20 in two, the same pace in a test of
 * seconds), and a daily budget that runs out in the middle of both their runs. The books are the simulated tool's own.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startPgBoss } from '../../core/jobs/pgboss.ts';
import type { Jobs } from '../../core/jobs/port.ts';
import { budgetStates } from '../../core/store/days.ts';
import type { Db } from '../../core/store/db.ts';
import { openPg } from '../../core/store/pg.ts';
import { makeWorld, TOKEN, until, type World } from '../api/serve/harness.ts';
import { freshPostgres } from '../support/databases.ts';
import { type Serving, startServing } from '../support/serving.ts';

const WINDOW = { calls: 20, perSeconds: 2 };
const DAY = 24;
const PEOPLE = 2_000;
const COMPANIES = 1_500;
/** So much of HubSpot's day is left when the runs begin: its calls must be used up before. */
const DAY_LEFT_MS = 25_000;

let world: World;
let db: Db;
let jobs: Jobs;
const living: Serving[] = [];
let midnight: Date;
/** When HubSpot was called, by its own clock, and what its books said of the day just before. */
const calls: { at: number; path: string; used: number }[] = [];

const serve = () => startServing(world, (one) => living.push(one));

beforeAll(async () => {
  world = await makeWorld({
    people: PEOPLE,
    hubspot: { rateLimit: WINDOW, dailyLimit: DAY },
    edit: (yaml) =>
      yaml.replace('type: hubspot,', 'type: hubspot, reserve: 0%, lanes: { realtime: 0%, incremental: 0% },'),
  });
  world.boxes.hubspot.seed(
    'companies',
    Array.from({ length: COMPANIES }, (_, i) => ({
      fields: { name: `Company ${i}`, domain: `company-${i}.example` },
      at: '2026-01-02T03:04:05Z',
    })),
  );
  world.boxes.hubspot.fault = ({ path }) => {
    calls.push({ at: Date.now(), path, used: world.boxes.hubspot.usage.used });
    return undefined;
  };
  world.env.DATABASE_URL = await freshPostgres();
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

const get = async (url: string, path: string) => {
  const answer = await fetch(`${url}${path}`, { headers: { Authorization: `Bearer ${TOKEN}` } });
  return answer.json() as Promise<{ items: Record<string, unknown>[] }>;
};
const runs = () =>
  db.query<{
    sync: string;
    status: string;
    reasons: { code: string }[];
    resumeAt: string | null;
    owner: string;
  }>(
    `select sync, status, reasons, resume_at as "resumeAt", owner from run where mode <> 'plan' order by started_at, id`,
  );

test('no call is made above a limit, the runs end incomplete and say why, and go on by themselves after the reset', async () => {
  midnight = new Date(Date.now() + DAY_LEFT_MS);
  world.boxes.hubspot.usage.dayEnds = midnight.getTime();
  for (const [i, sync] of ['people', 'companies'].entries()) {
    const started = await fetch(`${living[i]!.url}/v1/syncs/${sync}/runs`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${TOKEN}`, 'Content-Type': 'application/json' },
      body: '{}',
    });
    expect(started.status).toBeLessThan(300);
  }
  await until(async () => (await runs()).every(({ status }) => status !== 'running'));
  expect(Date.now(), 'the machine was too slow for this test').toBeLessThan(midnight.getTime());
  const before = await runs();
  expect(new Set(before.map(({ owner }) => owner)).size).toBe(2);
  const stopped = before.filter(({ status }) => status === 'incomplete');
  expect(stopped.length).toBeGreaterThan(0);
  for (const { reasons, resumeAt } of stopped) {
    expect(new Date(resumeAt!).getTime() - midnight.getTime()).toBeLessThan(2_000);
    expect(reasons).toContainEqual(
      expect.objectContaining({
        code: 'quota',
        connection: 'ma',
        message: expect.stringContaining(midnight.toISOString()),
        hint: expect.stringContaining('by itself'),
      }),
    );
  }
  // A process tells how much it has used once a second.
  await until(async () =>
    (await budgetStates(db)).some(({ connection, used }) => connection === 'ma' && used === DAY),
  );
  for (const { url } of living) {
    const { items } = await get(url, '/v1/connections');
    expect(items).toContainEqual(
      expect.objectContaining({
        name: 'ma',
        paused: expect.objectContaining({ state: 'quota', until: midnight.toISOString() }),
        budgets: [
          expect.objectContaining({ used: DAY, limit: DAY, share: 1, resetsAt: midnight.toISOString() }),
        ],
      }),
    );
  }

  await until(async () => (await runs()).filter(({ status }) => status === 'complete').length === 2);
  const after = await runs();
  expect(after).toHaveLength(2 + stopped.length);
  const { hubspot, salesforce } = world.boxes;
  expect(salesforce.books.created).toEqual({ Contact: PEOPLE, Account: COMPANIES });
  expect(salesforce.books.noops).toBe(0);
  const { refused } = hubspot.usage;
  expect(refused).toEqual({ DAILY: 0, TEN_SECONDLY_ROLLING: 0, SECONDLY: 0 });
  for (const [i, { at }] of calls.entries())
    expect((calls[i + WINDOW.calls]?.at ?? Number.POSITIVE_INFINITY) - at).toBeGreaterThanOrEqual(
      WINDOW.perSeconds * 1000,
    );
  const days = [true, false].map(
    (first) => calls.filter(({ at }) => at < midnight.getTime() === first).length,
  );
  expect(days[0]).toBe(DAY);
  expect(days[1]).toBeGreaterThan(0);
  console.log(
    `calls before the day ended: ${days[0]} of ${DAY}; after: ${days[1]}; refused: ${JSON.stringify(refused)}`,
  );
}, 600_000);
