import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  budgetStates,
  exchangeTickets,
  mayLook,
  pauseConnection,
  pauses,
  spend,
  type TicketWish,
} from '../../../core/store/budgets.ts';
import type { Db } from '../../../core/store/db.ts';
import { DATABASES } from '../../support/databases.ts';

let serial = 0;
const ids = (n: number) => Array.from({ length: n }, () => `ticket-${serial++}`);
const wish = (connection: string, more: Partial<TicketWish> = {}): TicketWish => ({
  connection,
  windows: [{ calls: 5, per: 60 }],
  want: ids(3),
  ended: [],
  urgent: false,
  lease: 70,
  ...more,
});

describe.each(DATABASES)('budgets on $name', ({ open }) => {
  let db: Db;
  beforeAll(async () => {
    db = await open();
  });
  afterAll(() => db.close());

  test('as many tickets as the tightest window has room for, and not one more', async () => {
    expect((await exchangeTickets(db, wish('a'))).granted).toBe(3);
    expect((await exchangeTickets(db, wish('a'))).granted).toBe(2);
    expect((await exchangeTickets(db, wish('a'))).granted).toBe(0);
    const windows = [
      { calls: 100, per: 10 },
      { calls: 2, per: 1 },
    ];
    expect((await exchangeTickets(db, wish('b', { windows }))).granted).toBe(2);
    expect((await exchangeTickets(db, wish('c', { windows: [], want: ids(40) }))).granted).toBe(40);
    expect((await exchangeTickets(db, wish('c', { windows, want: [] }))).granted).toBe(0);
  });

  test('an ended call counts until its window has passed, one in flight for as long as it may take', async () => {
    const windows = [{ calls: 2, per: 0.2 }];
    const want = ids(2);
    expect((await exchangeTickets(db, wish('d', { windows, want }))).granted).toBe(2);
    expect((await exchangeTickets(db, wish('d', { windows, want: ids(1), ended: want }))).granted).toBe(0);
    await db.query('select pg_sleep(0.25)');
    expect((await exchangeTickets(db, wish('d', { windows, want: ids(2), lease: 0.1 }))).granted).toBe(2);
    await db.query('select pg_sleep(0.15)');
    // Its lease is over, and its window is not.
    expect((await exchangeTickets(db, wish('d', { windows, want: ids(1) }))).granted).toBe(0);
    await db.query('select pg_sleep(0.2)');
    expect((await exchangeTickets(db, wish('d', { windows, want: ids(1) }))).granted).toBe(1);
  });

  test('others stand back while an urgent call waits', async () => {
    const windows = [{ calls: 1, per: 0.3 }];
    const [first] = ids(1);
    await exchangeTickets(db, wish('e', { windows, want: [first!] }));
    const urgent = wish('e', { windows, want: ids(1), ended: [first!], urgent: true });
    expect((await exchangeTickets(db, urgent)).granted).toBe(0);
    await db.query('select pg_sleep(0.35)');
    expect((await exchangeTickets(db, wish('e', { windows, want: ids(1) }))).granted).toBe(0);
    const granted = { ...urgent, lease: 0 };
    expect((await exchangeTickets(db, granted)).granted).toBe(1);
    await db.query('select pg_sleep(0.35)');
    expect((await exchangeTickets(db, wish('e', { windows, want: ids(1) }))).granted).toBe(1);
  });

  test('a pause is told to every asker, lasts its time, and is not drawn out by those who meet it', async () => {
    const pause = { connection: 'f', state: 'quota' as const, reason: 'the daily budget is used up' };
    expect(await pauseConnection(db, pause, 0.3)).toBe(true);
    expect(await pauseConnection(db, { ...pause, state: 'auth' }, 900)).toBe(false);
    const refused = await exchangeTickets(db, wish('f'));
    expect(refused).toMatchObject({ granted: 0, pause: { ...pause, until: expect.stringMatching(/Z$/) } });
    expect((await pauses(db)).map(({ connection }) => connection)).toEqual(['f']);
    await db.query('select pg_sleep(0.35)');
    expect(await exchangeTickets(db, wish('f'))).toEqual({ granted: 3, pause: undefined });
    expect(await pauses(db)).toEqual([]);
  });

  test('long budgets: our calls are added up, the tool’s own word is believed, and its day ends', async () => {
    const day = { name: 'day', calls: 7, limit: 100, per: 86_400 };
    const other = { name: 'other', calls: 7, limit: 10, per: 0.2 };
    await spend(db, 'g', [day, other]);
    const said = { ...day, calls: 1, hint: { used: 60, limit: 90 } };
    expect(await spend(db, 'g', [day, other])).toMatchObject([
      { used: 14, limit: 100 },
      { used: 14, limit: 10 },
    ]);
    expect(await spend(db, 'g', [said])).toMatchObject([{ name: 'day', used: 60, limit: 90 }]);
    expect(await spend(db, 'g', [day])).toMatchObject([{ used: 67, limit: 90 }]);
    await db.query('select pg_sleep(0.25)');
    expect((await spend(db, 'g', [other]))[0]).toMatchObject({ used: 7 });
    expect((await budgetStates(db)).filter(({ connection }) => connection === 'g')).toMatchObject([
      { name: 'day', used: 67 },
      { name: 'other', used: 7 },
    ]);
  });

  test('one asker in a quarter of an hour looks whether a used-up budget is back', async () => {
    await spend(db, 'h', [{ name: 'day', calls: 1, limit: 1, per: 86_400 }]);
    const asked = await Promise.all(Array.from({ length: 5 }, () => mayLook(db, 'h', 'day', 900)));
    expect(asked.filter(Boolean)).toHaveLength(1);
    expect(await mayLook(db, 'nobody', 'day', 900)).toBe(false);
  });

  test('many askers at once are granted no more than the window holds, whoever wins', async () => {
    const windows = [{ calls: 20, per: 60 }];
    const grants = await Promise.all(
      Array.from({ length: 40 }, () => exchangeTickets(db, wish('i', { windows, want: ids(3) }))),
    );
    expect(grants.reduce((sum, { granted }) => sum + granted, 0)).toBe(20);
  });
});
