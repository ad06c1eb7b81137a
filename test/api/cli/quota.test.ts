import { afterEach, expect, test } from 'vitest';
import type { ConnectionCheck } from '../../../api/check/probe.ts';
import type { SyncReport } from '../../../api/cli/commands/sync.ts';
import { type Bench, createBench } from './harness.ts';

let bench: Bench | undefined;
afterEach(async () => {
  await bench?.close();
  bench = undefined;
});

const HOUR_MS = 3_600_000;
const people = (n: number) =>
  Array.from({ length: n }, (_, i) => ({
    fields: { firstname: `G${i}`, lastname: `F${i}`, email: `p${i}@x.example` },
  }));

test('HubSpot’s day runs out: incomplete, with the reason and the time; nothing more is asked, and after the reset it goes on', async () => {
  const midnight = new Date(Date.now() + HOUR_MS);
  bench = await createBench({ embedded: true, hubspot: { dailyLimit: 10, midnight } });
  const { hubspot, salesforce } = bench.boxes;
  const all = 'type: hubspot, reserve: 0%, lanes: { realtime: 0%, incremental: 0% },';
  await bench.write('hub.yaml', (await bench.read('hub.yaml')).replace('type: hubspot,', all));
  hubspot.seed('contacts', people(1_000));
  const first = await bench.json<SyncReport>('sync', 'people');
  expect(first).toMatchObject({ code: 2, data: { status: 'incomplete' } });
  const reason = first.data.reasons.find(({ code }) => code === 'quota')!;
  expect(reason).toMatchObject({ connection: 'ma', hint: expect.stringContaining('by itself') });
  expect(reason.message).toContain(`it renews at ${midnight.toISOString()}`);
  expect(Math.abs(Date.parse(first.data.resumeAt!) - midnight.getTime())).toBeLessThan(1_500);
  expect(first.data.budgets!.ma).toMatchObject([
    { used: 10, limit: 10, share: 1, resetsAt: midnight.toISOString() },
  ]);
  // Another process, which knows it from the database.
  const text = await bench.nayose('sync', 'people');
  expect(text.code).toBe(2);
  expect(text.out).toContain('10 of 10 calls of the daily budget are used (100%)');
  expect(text.out).toContain(`run 'nayose sync' again at ${midnight.toISOString().slice(0, 16)}`);
  expect(hubspot.books.calls).toBe(10);
  expect(hubspot.usage.refused).toEqual({ DAILY: 0, TEN_SECONDLY_ROLLING: 0, SECONDLY: 0 });

  bench.clock.ahead = HOUR_MS + 1_000;
  hubspot.usage.dayEnds = Date.now();
  const second = await bench.json<SyncReport>('sync', 'people');
  expect(second).toMatchObject({ code: 0, data: { status: 'complete', created: 1_000, resumeAt: null } });
  expect(salesforce.books.created).toEqual({ Contact: 1_000 });
  expect(hubspot.usage.refused.DAILY).toBe(0);
});

test('Salesforce: what is not known is said so, and other apps leave less for us', async () => {
  bench = await createBench({ salesforce: { dailyLimit: 1_000 } });
  const { salesforce, hubspot } = bench.boxes;
  hubspot.seed('contacts', people(5));
  salesforce.limit.used = 995;
  const first = await bench.json<SyncReport>('sync', 'people');
  expect(first).toMatchObject({ code: 2, data: { status: 'incomplete' } });
  const { message } = first.data.reasons.find(({ code }) => code === 'quota')!;
  expect(message).toMatch(
    /of 1000 calls of the day budget are used, and the rest is kept for .*looked at again at /,
  );
  // The org's other apps keep their reserve: one call told how little is left.
  expect(salesforce.limit.used).toBe(996);

  salesforce.limit.used = 1_000;
  const check = await bench.json<{ connections: ConnectionCheck[] }>('check');
  const [crm, ma] = check.data.connections;
  expect(crm).toMatchObject({
    state: 'budget used up',
    budgets: [{ name: 'day', used: 1_000, limit: 1_000, share: 1 }],
  });
  expect(ma!.budgets[0]).toMatchObject({
    name: 'daily',
    resetsAt: expect.stringMatching(/T00:00:00.000Z$/),
  });
});
