import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTickets, type Tickets } from '../../../api/ops/tickets.ts';
import {
  type BudgetWish,
  exchangeTickets,
  pauseConnection,
  pauses,
  type TicketGrant,
  type TicketWish,
} from '../../../core/store/budgets.ts';
import {
  budgetSamples,
  budgetStates,
  daysOf,
  mayAsk,
  noteDays,
  pruneBudgetSamples,
  putDays,
} from '../../../core/store/days.ts';
import type { Db } from '../../../core/store/db.ts';
import { DATABASES } from '../../support/databases.ts';

let serial = 0;
const ids = (n: number) => Array.from({ length: n }, () => `ticket-${serial++}`);
const window = (calls: number, per: number, more: Partial<BudgetWish> = {}): BudgetWish => ({
  name: `${per} s`,
  calls,
  per,
  long: false,
  rolling: false,
  left: 0,
  ...more,
});
const day = (more: Partial<BudgetWish> = {}): BudgetWish => ({
  ...window(100, 86_400, { name: 'day', long: true }),
  ...more,
});
const wish = (connection: string, more: Partial<TicketWish> = {}): TicketWish => ({
  connection,
  budgets: [window(5, 60)],
  want: ids(3),
  ended: [],
  urgent: false,
  lease: 70,
  lookEvery: 900,
  ...more,
});

type Exchange = (wish: TicketWish) => Promise<TicketGrant>;
const memory = (): Exchange => {
  const held = new Map<string, Tickets>();
  return async (asked) => {
    const { connection } = asked;
    if (!held.has(connection))
      held.set(
        connection,
        createTickets(
          { days: [], pause: undefined },
          () => new Date(),
          () => performance.now(),
        ),
      );
    return held.get(connection)!.exchange(asked);
  };
};

const KEEPERS = [
  ...DATABASES.map(({ name, open }) => ({
    name,
    open: async () => {
      const db = await open();
      return { exchange: (asked: TicketWish) => exchangeTickets(db, asked), close: () => db.close() };
    },
  })),
  { name: 'memory', open: async () => ({ exchange: memory(), close: async () => undefined }) },
];

describe.each(KEEPERS)('tickets from $name', ({ open }) => {
  let exchange: Exchange;
  let close: () => Promise<void>;
  beforeAll(async () => {
    ({ exchange, close } = await open());
  });
  afterAll(() => close());
  const granted = async (asked: TicketWish) => (await exchange(asked)).granted;

  test('as many tickets as the tightest window has room for, and not one more', async () => {
    expect(await granted(wish('a'))).toBe(3);
    expect(await granted(wish('a'))).toBe(2);
    expect(await granted(wish('a'))).toBe(0);
    const budgets = [window(100, 10), window(2, 1)];
    expect(await granted(wish('b', { budgets }))).toBe(2);
    expect(await granted(wish('c', { budgets: [], want: ids(40) }))).toBe(40);
    expect(await granted(wish('c', { budgets, want: [] }))).toBe(0);
  });

  test('an ended call counts until its window has passed, one in flight for as long as it may take', async () => {
    const budgets = [window(2, 0.2)];
    const want = ids(2);
    expect(await granted(wish('d', { budgets, want }))).toBe(2);
    expect(await granted(wish('d', { budgets, want: ids(1), ended: want }))).toBe(0);
    await sleep(250);
    expect(await granted(wish('d', { budgets, want: ids(2), lease: 0.1 }))).toBe(2);
    await sleep(150);
    // Its lease is over, and its window is not.
    expect(await granted(wish('d', { budgets, want: ids(1) }))).toBe(0);
    await sleep(200);
    expect(await granted(wish('d', { budgets, want: ids(1) }))).toBe(1);
  });

  test('a share of a window is left, and the tool’s own word of its length and limit counts from then on', async () => {
    const left = [window(10, 60, { left: 0.1 })];
    expect(await granted(wish('w', { budgets: left, want: ids(20) }))).toBe(9);
    expect(await granted(wish('w', { budgets: [window(10, 60)], want: ids(20) }))).toBe(1);
    const said = { limit: 4, per: 30, age: 0 };
    expect(await granted(wish('x', { budgets: [window(10, 60, { said })], want: ids(3) }))).toBe(3);
    expect(await granted(wish('x', { budgets: [window(10, 60)], want: ids(20) }))).toBe(1);
  });

  test('of a day each ticket is counted, and a lane stops where what is kept for others begins', async () => {
    const asked = (left: number) => wish('g', { budgets: [day({ left })], want: ids(60) });
    expect(await exchange(asked(0.3))).toMatchObject({
      granted: 60,
      days: [{ name: 'day', used: 60, limit: 100 }],
    });
    expect(await exchange(asked(0.3))).toMatchObject({ granted: 10, days: [{ used: 70 }] });
    expect(await granted(asked(0.3))).toBe(1); // Nothing was heard of it: one call looks.
    expect(await granted(asked(0.3))).toBe(0);
    expect(await granted(asked(0.2))).toBe(9);
    expect(await granted(asked(0))).toBe(20);
  });

  test('the tool’s word of a day is believed: other apps’ calls, fewer than counted, another limit', async () => {
    const first = ids(30);
    await exchange(wish('h', { budgets: [day()], want: first }));
    const told = (said: BudgetWish['said'], ended: string[] = []) =>
      exchange(wish('h', { budgets: [day({ said })], want: [], ended }));
    // Thirty are in flight: the tool may have seen none of them yet.
    expect((await told({ used: 10, age: 0 })).days).toMatchObject([{ used: 30 }]);
    expect((await told({ used: 5, age: 0 })).days).toMatchObject([{ used: 30 }]);
    expect((await told({ used: 60, limit: 90, age: 0 }, first)).days).toMatchObject([
      { used: 60, limit: 90 },
    ]);
    await sleep(600);
    expect((await told({ used: 60, age: 0 })).days).toMatchObject([{ used: 60, limit: 90 }]);
    // Said a while ago: what ended since then may not be in it.
    expect((await told({ used: 35, age: 1 })).days).toMatchObject([{ used: 60 }]);
    expect((await told({ used: 35, age: 0 })).days).toMatchObject([{ used: 35 }]);
    expect(
      (await told({ exhaustedUntil: new Date(Date.now() + 9e5).toISOString(), age: 0 })).days,
    ).toMatchObject([{ used: 90 }]);
  });

  test('a day that renews at a time that was told begins anew then, without a look before', async () => {
    const resetsAt = new Date(Date.now() + 400).toISOString();
    const said = { used: 100, resetsAt, age: 0 };
    expect(await exchange(wish('i', { budgets: [day({ said })], lookEvery: 0 }))).toMatchObject({
      granted: 0,
      days: [{ used: 100, resetsAt }],
    });
    expect(await granted(wish('i', { budgets: [day()], lookEvery: 0 }))).toBe(0);
    await sleep(450);
    expect(await exchange(wish('i', { budgets: [day()] }))).toMatchObject({
      granted: 3,
      days: [{ used: 3, resetsAt: null }],
    });
    // A time that has passed says nothing.
    expect(await exchange(wish('i', { budgets: [day({ said: { resetsAt, age: 0 } })] }))).toMatchObject({
      granted: 3,
      days: [{ used: 6, resetsAt: null }],
    });
  });

  test('where it was not told, one call looks in a while, and none before', async () => {
    const said = { used: 100, age: 0 };
    const asked = (more: Partial<BudgetWish> = {}) => wish('j', { budgets: [day(more)], lookEvery: 0.3 });
    expect(await granted(asked({ said }))).toBe(0);
    expect(await granted(asked())).toBe(0);
    await sleep(350);
    const looks = await Promise.all([granted(asked()), granted(asked()), granted(asked())]);
    expect(looks.reduce((sum, n) => sum + n, 0)).toBe(1);
    // It rolls: calls grew a day old, and were given back.
    expect(await granted(asked({ said: { used: 40, age: 0 }, rolling: true }))).toBe(3);
  });

  test('a count that nothing was heard of begins anew after its time', async () => {
    const budgets = [day({ per: 0.3, calls: 3 })];
    expect(await granted(wish('k', { budgets, lookEvery: 60 }))).toBe(3);
    await granted(wish('k', { budgets, lookEvery: 60 }));
    expect(await granted(wish('k', { budgets, lookEvery: 60 }))).toBe(0);
    await sleep(350);
    expect(await granted(wish('k', { budgets, lookEvery: 60 }))).toBe(3);
  });

  test('many askers at once are granted no more than there is, whoever wins', async () => {
    const count = async (connection: string, budgets: BudgetWish[]) => {
      const grants = await Promise.all(
        Array.from({ length: 40 }, () => granted(wish(connection, { budgets, want: ids(3) }))),
      );
      return grants.reduce((sum, n) => sum + n, 0);
    };
    expect(await count('l', [window(20, 60)])).toBe(20);
    // Told to be at 70 by everybody: one of them is first.
    expect(await count('m', [day({ left: 0.1, said: { used: 70, age: 60 } })])).toBe(20);
  });
});

describe.each(DATABASES)('budgets on $name', ({ open }) => {
  let db: Db;
  beforeAll(async () => {
    db = await open();
  });
  afterAll(() => db.close());

  test('others stand back while an urgent call waits', async () => {
    const budgets = [window(1, 0.3)];
    const [first] = ids(1);
    await exchangeTickets(db, wish('e', { budgets, want: [first!] }));
    const urgent = wish('e', { budgets, want: ids(1), ended: [first!], urgent: true });
    expect((await exchangeTickets(db, urgent)).granted).toBe(0);
    await sleep(350);
    expect((await exchangeTickets(db, wish('e', { budgets, want: ids(1) }))).granted).toBe(0);
    const granted = { ...urgent, lease: 0 };
    expect((await exchangeTickets(db, granted)).granted).toBe(1);
    await sleep(350);
    expect((await exchangeTickets(db, wish('e', { budgets, want: ids(1) }))).granted).toBe(1);
  });

  test('a pause is told to every asker, lasts its time, and is not drawn out by those who meet it', async () => {
    const pause = { connection: 'f', state: 'quota' as const, reason: 'the daily budget is used up' };
    expect(await pauseConnection(db, pause, { seconds: 0.3 })).toBe(true);
    expect(await pauseConnection(db, { ...pause, state: 'auth' }, { seconds: 900 })).toBe(false);
    const refused = await exchangeTickets(db, wish('f'));
    expect(refused).toMatchObject({ granted: 0, pause: { ...pause, until: expect.stringMatching(/Z$/) } });
    expect((await pauses(db)).map(({ connection }) => connection)).toEqual(['f']);
    await sleep(350);
    expect(await exchangeTickets(db, wish('f'))).toEqual({ granted: 3, pause: undefined, days: [] });
    expect(await pauses(db)).toEqual([]);
  });

  test('what is known of a day is noted for readers, outlives a crash of the server, and tells its past', async () => {
    const resetsAt = new Date(Date.now() + 3_600_000).toISOString();
    const said = { used: 40, limit: 90, resetsAt, age: 0 };
    await exchangeTickets(db, wish('n', { budgets: [day({ said }), window(9, 10)] }));
    await noteDays(db, 'n');
    const own = async () => (await budgetStates(db)).filter(({ connection }) => connection === 'n');
    expect(await own()).toMatchObject([
      { name: 'day', used: 43, limit: 90, per: 86_400, rolling: false, resetsAt },
    ]);
    // What a crash does to a table without a log.
    await db.query('delete from pace');
    expect((await exchangeTickets(db, wish('n', { budgets: [day()] }))).days).toMatchObject([
      { used: 46, limit: 90, resetsAt },
    ]);
    await putDays(db, 'n', await daysOf(db, 'n'));
    await noteDays(db, 'n');
    expect(await own()).toMatchObject([{ used: 43, limit: 90, resetsAt }]);
    const samples = await budgetSamples(db, new Date(0));
    expect(samples.filter(({ connection }) => connection === 'n')).toMatchObject([{ name: 'day', used: 43 }]);
    await pruneBudgetSamples(db, new Date(Date.now() + 1000));
    expect(await budgetSamples(db, new Date(0))).toEqual([]);
  });

  test('one of many asks the tool for its limits', async () => {
    await exchangeTickets(db, wish('o', { budgets: [day()] }));
    await noteDays(db, 'o');
    const asked = await Promise.all(Array.from({ length: 5 }, () => mayAsk(db, 'o', 'day', 900)));
    expect(asked.filter(Boolean)).toHaveLength(1);
    expect(await mayAsk(db, 'nobody', 'day', 900)).toBe(false);
  });
});
