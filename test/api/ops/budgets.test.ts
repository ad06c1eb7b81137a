import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sharedBank } from '../../../api/ops/bank.ts';
import { createKeeper, type KeeperOptions } from '../../../api/ops/budgets.ts';
import { ConnectorError, type Lane } from '../../../connectors/contract.ts';
import { createTransports } from '../../../connectors/transport.ts';
import { budgetStates } from '../../../core/store/days.ts';
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
    bank: sharedBank(database()),
    connection,
    budgets: [WINDOW],
    shares: { reserve: 0.1, lanes: { realtime: 0.05, incremental: 0.1 } },
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
    await Promise.all(processes.flatMap(({ call }) => Array.from({ length: 15 }, () => call('backfill'))));
    expect(seen).toHaveLength(45);
    expect(fullest(seen)).toBeLessThanOrEqual(WINDOW.calls);
  });

  test('a webhook’s call overtakes a backfill that waits, in the same process and in another', async () => {
    const seen: { at: number; lane: string }[] = [];
    const [one, other] = [processOf('b', seen), processOf('b', seen)];
    const backfill = Array.from({ length: 40 }, () => one.call('backfill'));
    while (seen.length < WINDOW.calls - 1) await sleep(5);
    await other.call('realtime');
    const before = seen.filter(({ lane }) => lane === 'backfill').length;
    await one.call('realtime');
    await Promise.all(backfill);
    // They leave a tenth of the window: nobody's end had to be waited for.
    expect(before).toBeLessThan(WINDOW.calls);
    expect(fullest(seen)).toBeLessThanOrEqual(WINDOW.calls);
  });

  test('what one process learns, none meets again: a spent budget, a refused login', async () => {
    const seen: { at: number; lane: string }[] = [];
    const budgets = [WINDOW, { name: 'daily', calls: 100, per: 86_400 }];
    const [one, other] = [processOf('c', seen, { budgets }), processOf('c', seen, { budgets })];
    one.keeper.learn({ name: 'daily', exhaustedUntil: new Date(Date.now() + 3_600_000).toISOString() });
    await one.keeper.settled();
    const refused = await failure(other.call('backfill'));
    expect(refused).toMatchObject({ kind: 'quota', hint: expect.stringContaining('by itself') });
    expect(refused.retryAfter).toBeGreaterThan(3_500);
    // Being refused is no news.
    other.keeper.failed(new ConnectorError('quota', 'said again', { retryAfter: 9_000_000, cause: refused }));
    await other.keeper.settled();
    expect((await failure(one.call('realtime'))).retryAfter).toBeLessThanOrEqual(3_600);

    const third = processOf('d', seen);
    third.keeper.failed(new ConnectorError('auth', 'token of ann@mail.example refused'));
    await third.keeper.settled();
    const auth = await failure(processOf('d', seen).call('backfill'));
    expect(auth).toMatchObject({ kind: 'auth', message: expect.not.stringContaining('ann@') });
    expect(seen).toEqual([]);
  });

  test('of a day less urgent lanes leave more: a backfill stops first, then scheduled runs, webhooks last', async () => {
    const seen: { at: number; lane: string }[] = [];
    const more = { budgets: [{ name: 'daily', calls: 1000, per: 86_400 }] };
    const [one, other] = [processOf('e', seen, more), processOf('e', seen, more)];
    await one.call('backfill');
    one.keeper.learn({ name: 'daily', used: 73, limit: 100 });
    await one.keeper.settled();
    const many = (n: number, lane: Lane) =>
      Promise.allSettled(Array.from({ length: n }, (_, i) => (i % 2 ? one : other).call(lane)));
    const made = (calls: PromiseSettledResult<unknown>[]) =>
      calls.filter(({ status }) => status === 'fulfilled').length;
    // Of 100 the reserve leaves 90, what webhooks keep 85, what scheduled runs keep 75.
    expect(made(await many(10, 'backfill'))).toBe(2);
    expect(made(await many(20, 'incremental'))).toBe(10);
    expect(made(await many(20, 'realtime'))).toBe(5);
    expect(seen).toHaveLength(18);
    const refused = await failure(other.call('backfill'));
    expect(refused).toMatchObject({
      kind: 'quota',
      message: expect.stringMatching(
        /90 of 100 .* kept for webhooks, scheduled runs and other apps.* looked at again at /,
      ),
      hint: expect.stringContaining('by itself'),
    });
    // Other apps need more: what we may use shrinks.
    one.keeper.learn({ name: 'daily', used: 97, limit: 200 });
    await one.keeper.settled();
    expect(made(await many(60, 'backfill'))).toBe(53);
    other.keeper.learn({ name: 'daily', used: 180, limit: 200 });
    await other.keeper.settled();
    expect(made(await many(4, 'realtime'))).toBe(0);
    expect(await budgetStates(open[0]!)).toContainEqual(
      expect.objectContaining({ connection: 'e', used: 180, limit: 200 }),
    );
  });

  test('half of a day used, one process asks the tool when it ends; used up, all rest until then and say so', async () => {
    const seen: { at: number; lane: string }[] = [];
    const resetsAt = new Date(Date.now() + 1_500).toISOString();
    let asked = 0;
    const more = {
      budgets: [{ name: 'daily', calls: 100, per: 86_400, renewal: 'at midnight' }],
      ask: async () => {
        asked++;
        return [{ name: 'daily', used: 60, limit: 100, resetsAt }];
      },
    };
    const [one, other] = [processOf('g', seen, more), processOf('g', seen, more)];
    one.keeper.learn({ name: 'daily', used: 60, limit: 100 });
    await Promise.all([one.call('incremental'), other.call('incremental'), other.call('incremental')]);
    await Promise.all([one.keeper.settled(), other.keeper.settled()]);
    await other.call('incremental');
    expect(asked).toBe(1);
    const exhaustedUntil = new Date(Date.now() + 3_600_000).toISOString();
    one.keeper.learn({ name: 'daily', remaining: 0, exhaustedUntil });
    await one.keeper.settled();
    for (const call of [one.call('realtime'), other.call('realtime')])
      expect((await failure(call)).message).toContain(`it renews at ${resetsAt}`);
    await sleep(Date.parse(resetsAt) - Date.now() + 50);
    await Promise.all([one.call('backfill'), other.call('backfill')]);
    await Promise.all([one.keeper.settled(), other.keeper.settled()]);
    expect(await budgetStates(open[0]!)).toContainEqual(
      expect.objectContaining({ connection: 'g', used: 2, limit: 100 }),
    );
    // Asked again, it would be told: but one call a process in an hour is enough.
    const unknown = processOf('h', seen, { budgets: more.budgets });
    await unknown.call('realtime');
    unknown.keeper.learn({ name: 'daily', remaining: 0, exhaustedUntil });
    expect((await failure(unknown.call('realtime'))).message).toMatch(
      /it renews at midnight, so one call looks at /,
    );
  });

  test('when a day ends is known to all whom one process has asked for: used up elsewhere, it is rested until then', async () => {
    const seen: { at: number; lane: string }[] = [];
    const resetsAt = new Date(Date.now() + 60_000).toISOString();
    const budgets = [{ name: 'daily', calls: 100, per: 86_400, renewal: 'at midnight' }];
    const one = processOf('i', seen, { budgets });
    const other = processOf('i', seen, { budgets });
    await one.call('incremental');
    await one.keeper.settled();
    other.keeper.learn({ name: 'daily', used: 60, limit: 100, resetsAt });
    await other.keeper.settled();
    const exhaustedUntil = new Date(Date.now() + 3_600_000).toISOString();
    one.keeper.learn({ name: 'daily', remaining: 0, exhaustedUntil });
    await one.keeper.settled();
    for (const { call } of [one, other])
      expect((await failure(call('realtime'))).message).toContain(`it renews at ${resetsAt}`);
  });

  test('what the tool answers about its day is told before all is settled', async () => {
    const resetsAt = new Date(Date.now() + 60_000).toISOString();
    const budgets = [{ name: 'daily', calls: 100, per: 86_400 }];
    const ask = async () => {
      await sleep(50);
      return [{ name: 'daily', used: 60, limit: 100, resetsAt }];
    };
    const { keeper, call } = processOf('j', [], { budgets, ask });
    keeper.learn({ name: 'daily', used: 60, limit: 100 });
    await call('incremental');
    await keeper.settled();
    expect(await budgetStates(open[0]!)).toContainEqual(
      expect.objectContaining({ connection: 'j', resetsAt }),
    );
  });

  test('who no longer wants a call does not use up a ticket', async () => {
    const seen: { at: number; lane: string }[] = [];
    const { keeper, call } = processOf('f', seen);
    await Promise.all(Array.from({ length: WINDOW.calls - 1 }, () => call('backfill')));
    const stop = new AbortController();
    const waiting = keeper.admit('backfill', stop.signal);
    stop.abort(new Error('stopped'));
    await expect(waiting).rejects.toThrow('stopped');
    await call('backfill');
    expect(seen).toHaveLength(WINDOW.calls);
  });
});
