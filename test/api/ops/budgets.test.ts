import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createKeeper, type KeeperOptions } from '../../../api/ops/budgets.ts';
import { ConnectorError, type Lane } from '../../../connectors/contract.ts';
import { createTransports } from '../../../connectors/transport.ts';
import { budgetStates } from '../../../core/store/budgets.ts';
import type { Db } from '../../../core/store/db.ts';
import { migrate } from '../../../core/store/migrate.ts';
import { openPg } from '../../../core/store/pg.ts';
import { freshPostgres } from '../../support/databases.ts';

const WINDOW = { name: 'window', calls: 10, per: 0.5 };
let url: string;
const open: Db[] = [];
beforeAll(async () => {
  url = await freshPostgres();
  await migrate(database());
});
afterAll(() => Promise.all(open.map((db) => db.close())));

function database(): Db {
  const db = openPg(url, { max: 3 });
  open.push(db);
  return db;
}

/** A process: a pool, a keeper and a transport of its own, to a tool that notes when it was called. */
function processOf(
  connection: string,
  seen: { at: number; lane: string }[],
  more: Partial<KeeperOptions> = {},
) {
  const keeper = createKeeper({
    db: database(),
    connection,
    budgets: [WINDOW],
    reserve: 0.1,
    log: { debug() {}, info() {}, warn() {} },
    now: () => new Date(),
    sleep: (ms) => sleep(ms),
    ...more,
  });
  const transports = createTransports({
    fetch: async (input) => {
      seen.push({ at: performance.now(), lane: String(input).split('/').at(-1)! });
      await sleep(5);
      return new Response('{}');
    },
    admit: keeper.admit,
  });
  return { keeper, call: (lane: Lane) => transports[lane](`http://tool.test/${lane}`) };
}

/** The most calls that any stretch of the window's length holds. */
const fullest = (seen: readonly { at: number }[]) =>
  Math.max(
    ...seen.map(
      ({ at }) => seen.filter((other) => other.at >= at && other.at < at + WINDOW.per * 1000).length,
    ),
  );

const failure = async (call: Promise<unknown>): Promise<ConnectorError> => {
  const error = await call.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(ConnectorError);
  return error as ConnectorError;
};

describe('a budget kept by several processes', () => {
  test('no window holds more calls than it may, whoever makes them, and none is lost', async () => {
    const seen: { at: number; lane: string }[] = [];
    const processes = [processOf('a', seen), processOf('a', seen), processOf('a', seen)];
    await Promise.all(processes.flatMap(({ call }) => Array.from({ length: 15 }, () => call('bulk'))));
    expect(seen).toHaveLength(45);
    expect(fullest(seen)).toBeLessThanOrEqual(WINDOW.calls);
  });

  test('a webhook’s call overtakes a backfill that waits, in the same process and in another', async () => {
    const seen: { at: number; lane: string }[] = [];
    const [one, other] = [processOf('b', seen), processOf('b', seen)];
    const backfill = Array.from({ length: 40 }, () => one.call('bulk'));
    while (seen.length < WINDOW.calls) await sleep(5);
    await Promise.all([one.call('realtime'), other.call('realtime')]);
    const before = seen.filter(({ lane }) => lane === 'bulk').length;
    await Promise.all(backfill);
    expect(before).toBeLessThanOrEqual(2 * WINDOW.calls);
    expect(fullest(seen)).toBeLessThanOrEqual(WINDOW.calls);
  });

  test('what one process learns, none meets again: a spent budget, a refused login', async () => {
    const seen: { at: number; lane: string }[] = [];
    const [one, other] = [processOf('c', seen), processOf('c', seen)];
    one.keeper.learn({ name: 'daily', exhaustedUntil: new Date(Date.now() + 3_600_000).toISOString() });
    await one.keeper.settled();
    const refused = await failure(other.call('bulk'));
    expect(refused).toMatchObject({ kind: 'quota', hint: expect.stringContaining('by itself') });
    expect(refused.retryAfter).toBeGreaterThan(3_500);
    // Being refused is no news.
    other.keeper.failed(new ConnectorError('quota', 'said again', { retryAfter: 9_000_000, cause: refused }));
    await other.keeper.settled();
    expect((await failure(one.call('realtime'))).retryAfter).toBeLessThanOrEqual(3_600);

    const third = processOf('d', seen);
    third.keeper.failed(new ConnectorError('auth', 'token of ann@mail.example refused'));
    await third.keeper.settled();
    const auth = await failure(processOf('d', seen).call('bulk'));
    expect(auth).toMatchObject({ kind: 'auth', message: expect.not.stringContaining('ann@') });
    expect(seen).toEqual([]);
  });

  test('of a daily budget the reserve is left to other apps; one call looks whether it is back', async () => {
    const seen: { at: number; lane: string }[] = [];
    const budgets = [{ name: 'daily', calls: 1000, per: 86_400 }];
    const [one, other] = [
      processOf('e', seen, { budgets, reserve: 0.2 }),
      processOf('e', seen, { budgets, reserve: 0.2 }),
    ];
    await one.call('bulk');
    one.keeper.learn({ name: 'daily', used: 79, limit: 100 });
    await one.keeper.settled();
    await one.call('bulk');
    await one.keeper.settled();
    expect(await budgetStates(open[0]!)).toContainEqual(
      expect.objectContaining({ connection: 'e', used: 80, limit: 100 }),
    );
    await other.call('bulk');
    expect(await failure(other.call('bulk'))).toMatchObject({
      kind: 'quota',
      message: expect.stringContaining('80 of 100'),
    });
    expect(await failure(one.call('realtime'))).toMatchObject({ kind: 'quota' });
    expect(seen).toHaveLength(3);
  });

  test('who no longer wants a call does not use up a ticket', async () => {
    const seen: { at: number; lane: string }[] = [];
    const { keeper, call } = processOf('f', seen);
    await Promise.all(Array.from({ length: WINDOW.calls }, () => call('bulk')));
    const stop = new AbortController();
    const waiting = keeper.admit('bulk', stop.signal);
    stop.abort(new Error('stopped'));
    await expect(waiting).rejects.toThrow('stopped');
    await call('bulk');
    expect(seen).toHaveLength(WINDOW.calls + 1);
  });
});
