import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Json, Log } from '../../../connectors/contract.ts';
import { startPgBoss } from '../../../core/jobs/pgboss.ts';
import type { Jobs } from '../../../core/jobs/port.ts';
import type { Db } from '../../../core/store/db.ts';
import { openPg } from '../../../core/store/pg.ts';
import { DATABASES, freshPostgres } from '../../support/databases.ts';

const SILENT: Log = { debug() {}, info() {}, warn() {} };
const start = (db: Db, log: Log = SILENT) => startPgBoss(db, { log, pollSeconds: 0.5, cronSeconds: 1 });

async function until(what: () => boolean): Promise<void> {
  while (!what()) await sleep(20);
}

describe.each(DATABASES)('the job queue over $name', ({ open }) => {
  let db: Db;
  let jobs: Jobs;
  let queue: string;
  beforeAll(async () => {
    db = await open();
  });
  afterAll(() => db.close());
  beforeEach(async () => {
    queue = `q${Math.random().toString(36).slice(2)}`;
    jobs = await start(db);
  });
  afterEach(() => jobs.stop());

  test('a handler that throws is told of, and the next job is worked', async () => {
    await jobs.stop();
    const told: string[] = [];
    jobs = await start(db, {
      ...SILENT,
      warn: (message, detail) => told.push(`${message} ${JSON.stringify(detail)}`),
    });
    const seen: Json[] = [];
    await jobs.work(queue, async (data) => {
      seen.push(data);
      if (data === 'bad') throw new Error('a defect');
    });
    await jobs.send(queue, 'bad');
    await until(() => told.some((line) => line.includes('a defect')));
    await jobs.send(queue, { good: [1, null, '名'] });
    await until(() => seen.length === 2);
    expect(seen).toEqual(['bad', { good: [1, null, '名'] }]);
  });

  test('an unknown queue is refused, not swallowed', async () => {
    await expect(jobs.send('nowhere', null)).rejects.toThrow(/nowhere/);
  });

  test('of several waiting jobs with one key, one is worked; a running one does not count', async () => {
    const seen: Json[] = [];
    let release = () => {};
    const held = new Promise<void>((done) => {
      release = done;
    });
    await jobs.work(queue, async (data) => {
      seen.push(data);
      if (data === 1) await held;
    });
    await jobs.send(queue, 1, { singletonKey: 'k' });
    await until(() => seen.length === 1);
    await jobs.send(queue, 2, { singletonKey: 'k' });
    await jobs.send(queue, 3, { singletonKey: 'k' });
    await jobs.send(queue, 4, { singletonKey: 'other' });
    release();
    await until(() => seen.length === 3);
    expect(seen).toEqual([1, 2, 4]);
  });

  test('a job that is to start later waits', async () => {
    const seen: Json[] = [];
    await jobs.work(queue, async (data) => {
      seen.push(data);
    });
    await jobs.send(queue, 'tomorrow', { startAfter: new Date(Date.now() + 86_400_000) });
    await jobs.send(queue, 'now');
    await until(() => seen.length > 0);
    expect(seen).toEqual(['now']);
  });

  test('schedules fire, and only those of the last call', async () => {
    const seen: Json[] = [];
    await jobs.work(queue, async (data) => {
      seen.push(data);
    });
    const every = { queue, cron: '* * * * *', timeZone: 'Asia/Tokyo' };
    await jobs.schedule([{ ...every, key: 'old', cron: '0 0 1 1 *', data: 'old' }]);
    await jobs.schedule([{ ...every, key: 'people', data: { sync: 'people' } }]);
    await until(() => seen.length > 0);
    expect(seen[0]).toEqual({ sync: 'people' });
    const rows = await db.query(`select key from pgboss.schedule`);
    expect(rows).toEqual([{ key: 'people' }]);
  });

  test('a cron pattern that makes no sense is refused', async () => {
    await jobs.work(queue, async () => {});
    await expect(
      jobs.schedule([{ queue, key: 'k', cron: 'whenever', timeZone: 'UTC', data: null }]),
    ).rejects.toThrow();
  });

  test('stop asks handlers to end and waits for the step in hand', async () => {
    const log: string[] = [];
    await jobs.work(queue, async (_, signal) => {
      log.push('begun');
      await new Promise<void>((done) => signal.addEventListener('abort', () => done(), { once: true }));
      await sleep(50);
      log.push('finished');
    });
    await jobs.send(queue, null);
    await until(() => log.length === 1);
    await jobs.stop();
    expect(log).toEqual(['begun', 'finished']);
  });

  test('a script that breaks off leaves the database usable', async () => {
    await expect(db.script!(`begin; create table half (a int); select 1/0; commit`)).rejects.toThrow(/zero/);
    expect(await db.query(`select to_regclass('half') as half`)).toEqual([{ half: null }]);
  });
});

test('several processes on one PostgreSQL share the jobs: each is worked once', async () => {
  const url = await freshPostgres();
  const dbs = [openPg(url), openPg(url)];
  const all = await Promise.all(dbs.map((db) => start(db)));
  const seen: Json[] = [];
  for (const jobs of all)
    await jobs.work('q', async (data) => {
      seen.push(data);
    });
  for (let i = 0; i < 10; i++) await all[i % 2]!.send('q', i);
  await until(() => seen.length >= 10);
  await Promise.all(all.map((jobs) => jobs.stop()));
  await Promise.all(dbs.map((db) => db.close()));
  expect(seen.map(Number).sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
});
