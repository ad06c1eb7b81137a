/** Sending: tries, their log, and several processes at once; the receiver is a function here, and real in test/api/serve. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  type Answer,
  type Endpoint,
  type Sender,
  sendDue,
  tidyMessages,
  untilNext,
} from '../../../core/messages/send.ts';
import type { Db } from '../../../core/store/db.ts';
import {
  claimMessages,
  countMessages,
  disabledEndpoints,
  forgetMessages,
  messagePage,
  putMessages,
  retryMessage,
} from '../../../core/store/messages.ts';
import { DATABASES } from '../../support/databases.ts';

const DAY = 86_400_000;

describe.each(DATABASES)('$name', ({ open }) => {
  let db: Db;
  let clock: number;
  let alive: Set<string>;
  let got: string[];
  beforeAll(async () => {
    db = await open();
  });
  afterAll(() => db.close());
  beforeEach(async () => {
    await db.query('truncate message, message_attempt, endpoint');
    clock = Date.UTC(2026, 0, 1);
    alive = new Set(['one', 'two']);
    got = [];
  });

  const sender = (owner = 'one'): Sender => ({
    db,
    now: () => new Date(clock),
    random: () => 0,
    owner,
    isAlive: async (other) => alive.has(other),
  });
  const never = () => new AbortController().signal;
  const put = (count: number, connection = 'sales') =>
    putMessages(
      db,
      Array.from({ length: count }, (_, i) => ({
        id: `msg_${connection}_${i}`,
        connection,
        type: 'alert.hot',
        goldenId: `g${i}`,
        format: 'standard' as const,
        body: `{"n":${i}}`,
      })),
      new Date(clock).toISOString(),
    );
  const endpoint = (
    answer: (id: string) => Answer | Promise<Answer>,
    more: Partial<Endpoint> = {},
  ): Endpoint => ({
    connection: 'sales',
    address: 'here',
    async post({ id }) {
      got.push(id);
      return await answer(id);
    },
    ...more,
  });
  const send = (target: Endpoint, owner?: string, signals = {}) =>
    sendDue(sender(owner), [target], { stop: never(), kill: never(), ...signals });
  const only = async () => (await messagePage(db, {}, undefined, 10))[0]!;

  test('a message that nobody takes is tried ten times over three days, every try is in the log, then it is dead', async () => {
    await put(1);
    const began = clock;
    const broken = endpoint(() => ({ status: 503, error: 'the receiver answered 503' }));
    for (let i = 0; i < 15; i++) {
      await send(broken);
      clock += (await untilNext(sender(), [broken])) ?? 0;
    }
    expect(got).toEqual(Array(10).fill('msg_sales_0'));
    const dead = await only();
    expect(dead).toMatchObject({
      state: 'dead',
      attempts: 10,
      error: 'the receiver answered 503',
      owner: null,
    });
    expect(dead.tries).toHaveLength(10);
    expect(dead.tries[0]).toEqual({
      at: expect.any(String),
      ms: 0,
      status: 503,
      error: 'the receiver answered 503',
    });
    expect(clock - began).toBeGreaterThan(3 * DAY);
    expect(await retryMessage(db, dead.id, new Date(clock).toISOString())).toBe(true);
    expect(await send(endpoint(() => ({ status: 204 })))).toEqual({ sent: 1, failed: 0 });
    expect(await only()).toMatchObject({ state: 'sent', error: null, tries: { length: 11 } });
    expect(await retryMessage(db, 'msg_nobody', new Date(clock).toISOString())).toBe(false);
  });

  test.each([
    ['no answer', { error: 'nothing listens' }],
    ['a redirect', { status: 302 }],
    ['a refusal', { status: 400 }],
    ['quota', { status: 429, retryAfterMs: 90_000 }],
  ])('%s: tried again later', async (_, answer: Answer) => {
    await put(1);
    expect(await send(endpoint(() => answer))).toEqual({ sent: 0, failed: 1 });
    expect(await send(endpoint(() => answer))).toEqual({ sent: 0, failed: 0 });
    expect(await only()).toMatchObject({ state: 'pending', attempts: 1, error: expect.any(String) });
    expect(await untilNext(sender(), [endpoint(() => answer)])).toBe(answer.retryAfterMs ?? 5_000);
  });

  test('410 disables the endpoint, with the reason; a new address or a person enables it', async () => {
    await put(15);
    const gone = endpoint(() => ({ status: 410 }));
    await send(gone);
    expect(got).toHaveLength(10);
    expect(await disabledEndpoints(db)).toMatchObject([
      { connection: 'sales', reason: expect.stringContaining('410') },
    ]);
    expect(await untilNext(sender(), [gone])).toBeUndefined();
    await send(endpoint(() => ({ status: 200 })));
    expect(got).toHaveLength(10);
    await send(endpoint(() => ({ status: 200 }), { address: 'elsewhere' }));
    expect(got).toHaveLength(15);
    expect(await disabledEndpoints(db)).toEqual([]);
    await put(1, 'other');
    await send(endpoint(() => ({ status: 410 }), { connection: 'other' }));
    expect(await disabledEndpoints(db)).toHaveLength(1);
    await retryMessage(db, 'msg_other_0', new Date(clock).toISOString());
    expect(await disabledEndpoints(db)).toEqual([]);
  });

  test('two processes: each message is sent by one of them, and never more than ten of an endpoint at once', async () => {
    await put(60);
    let inHand = 0;
    let most = 0;
    const slow = endpoint(async () => {
      most = Math.max(most, ++inHand);
      await new Promise((done) => setTimeout(done, 5));
      inHand--;
      return { status: 200 };
    });
    // Whoever finds ten in the other's hands has nothing to do; both together take all.
    while (got.length < 60) await Promise.all([send(slow, 'one'), send(slow, 'two')]);
    expect(new Set(got).size).toBe(60);
    expect(got).toHaveLength(60);
    expect(most).toBeLessThanOrEqual(10);
    expect(await countMessages(db)).toEqual([{ connection: 'sales', state: 'sent', n: 60 }]);
  });

  test('law 1: what a dead process had in hand is sent by another, under the same id', async () => {
    await put(1);
    const now = new Date(clock).toISOString();
    expect(await claimMessages(db, { connection: 'sales', owner: 'dead', atOnce: 5, now })).toHaveLength(1);
    const fine = endpoint(() => ({ status: 200 }));
    await send(fine);
    expect(got).toEqual([]);
    await tidyMessages(sender());
    await send(fine);
    expect(got).toEqual(['msg_sales_0']);
  });

  test('what a living process lost is sent after a while; what it holds now is left to it', async () => {
    await put(1);
    const now = new Date(clock).toISOString();
    await claimMessages(db, { connection: 'sales', owner: 'two', atOnce: 5, now });
    await tidyMessages(sender());
    expect(await only()).toMatchObject({ state: 'sending', owner: 'two' });
    clock += 6 * 60_000;
    await tidyMessages(sender());
    expect(await only()).toMatchObject({ state: 'pending', owner: null });
  });

  test('a try that the end of the process cut does not count; no message is begun after the stop', async () => {
    await put(1);
    const kill = new AbortController();
    await send(
      endpoint(() => {
        kill.abort();
        return { error: 'cut' };
      }),
      'one',
      { kill: kill.signal, stop: kill.signal },
    );
    expect(await only()).toMatchObject({ state: 'pending', attempts: 0, error: null, tries: [] });
    await send(
      endpoint(() => ({ status: 200 })),
      'one',
      { stop: kill.signal },
    );
    expect(got).toHaveLength(1);
  });

  test('old messages are given up, sent and dead ones forgotten, and a person’s at once', async () => {
    await put(3);
    await send(endpoint((id) => ({ status: id.endsWith('0') ? 200 : 500 })));
    clock += 5 * DAY;
    await tidyMessages(sender());
    expect(await countMessages(db)).toEqual([
      { connection: 'sales', state: 'dead', n: 2 },
      { connection: 'sales', state: 'sent', n: 1 },
    ]);
    clock += 3 * DAY;
    await tidyMessages(sender());
    expect(await countMessages(db)).toEqual([{ connection: 'sales', state: 'dead', n: 2 }]);
    await forgetMessages(db, ['g1']);
    expect(await countMessages(db)).toEqual([{ connection: 'sales', state: 'dead', n: 1 }]);
    clock += 30 * DAY;
    await tidyMessages(sender());
    expect(await countMessages(db)).toEqual([]);
    expect(await db.query('select 1 from message_attempt')).toEqual([]);
  });
});
