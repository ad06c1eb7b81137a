import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  FEED_START,
  type FeedRow,
  feedEnd,
  feedPage,
  isPlaceKnown,
  type Place,
  renumberFeed,
} from '../../../core/store/changes.ts';
import type { Db } from '../../../core/store/db.ts';
import { addHistory, type HistoryRow } from '../../../core/store/goldens.ts';
import { migrate } from '../../../core/store/migrate.ts';
import { openPg } from '../../../core/store/pg.ts';
import { DATABASES, freshPostgres } from '../../support/databases.ts';

const row = (goldenId: string, entity = 'person'): HistoryRow => ({
  goldenId,
  entity,
  version: 1,
  kind: 'updated',
  detail: {},
  at: '2026-01-01T00:00:00.000Z',
});

const isAfter = (a: Place, b: Place) => BigInt(a.tx) > BigInt(b.tx) || (a.tx === b.tx && a.id > b.id);

/** A reader that keeps its cursor, as a program on the other side of the API does. */
function reader(db: Db, limit: number) {
  let place: Place = FEED_START;
  const seen: FeedRow[] = [];
  return {
    seen,
    async read() {
      for (;;) {
        const rows = await feedPage(db, place, limit, undefined);
        for (const one of rows) {
          expect(isAfter(one, place)).toBe(true);
          place = { tx: one.tx, id: one.id };
          seen.push(one);
        }
        if (rows.length < limit) return;
      }
    },
  };
}

describe('concurrent writers on PostgreSQL', () => {
  let db: Db;
  beforeAll(async () => {
    db = openPg(await freshPostgres(), { max: 8 });
    await migrate(db);
  });
  afterAll(() => db.close());

  /** A transaction of its own that writes and ends when it is told to. */
  function writer() {
    type Job = { write: string; done: () => void } | { end: 'commit' | 'rollback' };
    const jobs: Job[] = [];
    let wake = () => {};
    const next = async (): Promise<Job> => {
      while (jobs.length === 0)
        await new Promise<void>((done) => {
          wake = done;
        });
      return jobs.shift()!;
    };
    const tell = (job: Job) => {
      jobs.push(job);
      wake();
    };
    class RolledBack extends Error {}
    const ended = db
      .transaction(async (tx) => {
        for (;;) {
          const job = await next();
          if ('end' in job) {
            if (job.end === 'rollback') throw new RolledBack();
            return;
          }
          await addHistory(tx, [row(job.write)]);
          job.done();
        }
      })
      .catch((error: unknown) => {
        if (!(error instanceof RolledBack)) throw error;
      });
    return {
      write: (id: string) => new Promise<void>((done) => tell({ write: id, done })),
      end: (how: 'commit' | 'rollback') => {
        tell({ end: how });
        return ended;
      },
    };
  }

  test('law: whatever the order of commits, a reader sees every row once, in an order that never goes back', async () => {
    const step = fc.oneof(
      { weight: 4, arbitrary: fc.record({ do: fc.constant('write' as const), by: fc.nat(3) }) },
      { weight: 2, arbitrary: fc.record({ do: fc.constant('commit' as const), by: fc.nat(3) }) },
      { weight: 1, arbitrary: fc.record({ do: fc.constant('rollback' as const), by: fc.nat(3) }) },
      { weight: 3, arbitrary: fc.record({ do: fc.constant('read' as const), by: fc.constant(0) }) },
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { minLength: 4, maxLength: 30 }),
        fc.integer({ min: 1, max: 4 }),
        async (steps, limit) => {
          await db.query('truncate history');
          const open = new Map<number, { writer: ReturnType<typeof writer>; rows: string[] }>();
          const committed: string[] = [];
          const follow = reader(db, limit);
          let n = 0;
          const end = async (by: number, how: 'commit' | 'rollback') => {
            const one = open.get(by);
            if (!one) return;
            open.delete(by);
            await one.writer.end(how);
            if (how === 'commit') committed.push(...one.rows);
          };
          for (const { do: what, by } of steps)
            if (what === 'read') await follow.read();
            else if (what === 'write') {
              const one = open.get(by) ?? { writer: writer(), rows: [] };
              open.set(by, one);
              one.rows.push(`g${n}`);
              await one.writer.write(`g${n++}`);
            } else await end(by, what);
          for (const by of [...open.keys()].reverse()) {
            await follow.read();
            await end(by, 'commit');
          }
          // A transaction in another database of the same server holds the feed back until it ends.
          for (let tries = 0; tries < 400 && follow.seen.length < committed.length; tries++) {
            await follow.read();
            if (follow.seen.length < committed.length) await sleep(25);
          }
          await follow.read();
          expect(follow.seen.map(({ goldenId }) => goldenId).sort()).toEqual(committed.sort());
        },
      ),
      { numRuns: 40 },
    );
  });
});

describe.each(DATABASES)('$name', ({ open }) => {
  let db: Db;
  beforeAll(async () => {
    db = await open();
  });
  afterAll(() => db.close());

  /** Transactions of other databases on the server hold the feed back for as long as they last. */
  const shows = (rows: number) =>
    expect
      .poll(async () => (await feedPage(db, FEED_START, 10, undefined)).length, { timeout: 30_000 })
      .toBe(rows);

  test('pages, an entity, the end, a place of another database, and a restored dump', async () => {
    expect(await feedPage(db, FEED_START, 10, undefined)).toEqual([]);
    expect(await feedEnd(db)).toEqual(FEED_START);
    await addHistory(db, [row('a'), row('b', 'company'), row('c')]);
    await shows(3);
    await db.transaction(async (tx) => {
      await tx.transaction((inner) => addHistory(inner, [row('d')]));
      await addHistory(tx, [row('e')]);
      expect(await feedPage(tx, FEED_START, 10, undefined)).toHaveLength(3);
    });
    await shows(5);
    const follow = reader(db, 2);
    await follow.read();
    expect(follow.seen.map(({ goldenId }) => goldenId)).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect((await feedPage(db, FEED_START, 10, 'company')).map(({ goldenId }) => goldenId)).toEqual(['b']);
    const end = await feedEnd(db);
    expect(await feedPage(db, end, 10, undefined)).toEqual([]);
    expect(await isPlaceKnown(db, end)).toBe(true);
    expect(await isPlaceKnown(db, { tx: '9000000000000000000', id: 1 })).toBe(false);

    expect(await renumberFeed(db)).toBe(0);
    await db.query(`update history set tx = '9000000000000000000' where golden_id in ('d', 'e')`);
    expect(await feedPage(db, FEED_START, 10, undefined)).toHaveLength(3);
    expect(await renumberFeed(db)).toBe(5);
    await shows(5);
    const again = reader(db, 10);
    await again.read();
    expect(again.seen.map(({ goldenId }) => goldenId)).toEqual(['a', 'b', 'c', 'd', 'e']);
  });
});
