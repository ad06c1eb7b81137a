import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Receipt } from '../../../core/sync/erase/receipt.ts';
import { type Bench, createBench } from './harness.ts';

type Erased = Receipt & { alike: string[] };

let bench: Bench;
beforeAll(async () => {
  bench = await createBench();
  const { salesforce, hubspot } = bench.boxes;
  salesforce.seed('Contact', [
    {
      fields: { LastName: '勅使河原', FirstName: '蒔子', Email: 'makiko@kawa.example' },
      at: '2025-01-01T00:00:00Z',
    },
    {
      fields: { LastName: 'Weber', FirstName: 'Jan', Email: 'jan@weber.example' },
      at: '2025-01-01T00:00:00Z',
    },
  ]);
  hubspot.seed('contacts', [
    {
      fields: { lastname: 'Lindqvist', firstname: 'Maja', email: 'maja@north.example' },
      at: '2025-02-01T00:00:00Z',
    },
  ]);
  expect((await bench.nayose('sync')).code).toBe(0);
}, 120_000);
afterAll(() => bench.close());

const mails = () => [
  bench.boxes.salesforce
    .records('Contact')
    .filter((r) => !r.deleted)
    .map(({ fields }) => fields.Email),
  bench.boxes.hubspot
    .records('contacts')
    .filter((r) => !r.deleted)
    .map(({ fields }) => fields.email),
];

test('words that cannot be: exit 1, with what to do', async () => {
  for (const [argv, message] of [
    [['erase'], /name whom to erase/],
    [['erase', 'nobody@nowhere.example'], /no record has the e-mail address/],
    [['erase', 'g_none', '--status'], /nothing was erased as "g_none"/],
    [['erase', 'g_none', '--lift'], /nothing was erased as "g_none"/],
  ] as const)
    expect([(await bench.nayose(...argv)).code, (await bench.nayose(...argv)).err]).toEqual([
      1,
      expect.stringMatching(message),
    ]);
});

test('a person is forgotten in both tools, with a receipt each; nobody else is touched; a new sync brings nothing back', async () => {
  const { code, data } = await bench.json<Erased>('erase', 'makiko@kawa.example');
  expect([code, data.tools.map(({ connection, status }) => [connection, status])]).toEqual([
    0,
    [
      ['crm', 'erased'],
      ['ma', 'erased'],
    ],
  ]);
  expect(data.tools[0]!.reason).toMatch(/recycle bin for 15 days/);
  expect(data.doneAt).not.toBe(null);
  const left = ['jan@weber.example', 'maja@north.example'];
  expect(mails().map((list) => list.sort())).toEqual([left, left]);
  expect((await bench.json('sync')).data).toMatchObject({
    status: 'complete',
    created: 0,
    updated: 0,
    golden: 2,
  });

  bench.boxes.hubspot.seed('contacts', [
    { fields: { lastname: 'T', firstname: 'M', email: 'Makiko@kawa.example' }, at: new Date().toISOString() },
  ]);
  expect((await bench.json('sync')).data).toMatchObject({
    status: 'complete',
    created: 0,
    golden: 2,
    blocked: 1,
  });
  const shown = await bench.nayose('erase', data.id, '--status');
  expect([shown.code, shown.out]).toEqual([0, expect.stringMatching(/keyed hashes; came again 1 times/)]);
  expect((await bench.nayose('erase', '--status')).out).toMatch(/Every tool has confirmed/);

  expect((await bench.nayose('erase', data.id, '--lift')).code).toBe(0);
  expect((await bench.json('sync', '--full')).data).toMatchObject({
    status: 'complete',
    created: 1,
    golden: 3,
    blocked: 0,
  });
}, 120_000);

test('erase: false and a tool that is down: kept with its reason, and queued until the tool answers', async () => {
  const { readFile } = await import('node:fs/promises');
  const hub = await readFile(`${bench.dir}/hub.yaml`, 'utf8');
  await bench.write('hub.yaml', hub.replace(/(mapping: ma-contact[^}]*create: true)/, '$1, erase: false'));
  const { code, data } = await bench.json<Erased>('erase', 'jan@weber.example');
  expect([code, data.tools.map(({ connection, status }) => [connection, status])]).toEqual([
    0,
    [
      ['crm', 'erased'],
      ['ma', 'kept'],
    ],
  ]);
  expect(data.tools[1]!.reason).toMatch(/erase: false/);
  expect(mails()[1]).toContain('jan@weber.example');

  await bench.write('hub.yaml', hub.replace(/\$\{HUBSPOT_TOKEN\}/, 'wrong-token'));
  const down = await bench.json<Erased>('erase', 'maja@north.example');
  expect([down.code, down.data.tools.map(({ status }) => status).sort()]).toEqual([2, ['erased', 'queued']]);
  expect((await bench.nayose('erase', '--status')).code).toBe(2);
  await bench.write('hub.yaml', hub);
  const again = await bench.json<Erased>('erase', down.data.id);
  expect([again.code, again.data.tools.map(({ status }) => status)]).toEqual([0, ['erased', 'erased']]);
  expect(mails().flat()).not.toContain('maja@north.example');
}, 120_000);
