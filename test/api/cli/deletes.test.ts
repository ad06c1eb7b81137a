import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Bench, createBench } from './harness.ts';

interface Listed {
  deletions: { record: string; targets: string[] }[];
}

let bench: Bench;
let contacts: string[];
beforeAll(async () => {
  bench = await createBench();
  contacts = bench.boxes.salesforce.seed(
    'Contact',
    ['Weber', 'Lindqvist', 'Okafor'].map((name) => ({
      fields: { LastName: name, FirstName: 'Jan', Email: `${name.toLowerCase()}@north.example` },
      at: '2025-01-01T00:00:00Z',
    })),
  );
  const { readFile } = await import('node:fs/promises');
  const hub = await readFile(`${bench.dir}/hub.yaml`, 'utf8');
  const ask = hub
    .replace(/maxDeleted: 0/, 'maxDeleted: 5')
    .replace(/(mapping: ma-contact[^}]*create: true)/, '$1, deletes: ask');
  await bench.write('hub.yaml', ask);
  expect((await bench.nayose('sync')).code).toBe(0);
}, 120_000);
afterAll(() => bench.close());

const mails = () =>
  bench.boxes.hubspot
    .records('contacts')
    .filter((r) => !r.deleted)
    .map(({ fields }) => String(fields.email).split('@')[0])
    .sort();

test('words that cannot be: exit 1, with what to do', async () => {
  for (const [argv, message] of [
    [['deletes', '--approve', '--refuse', 'x'], /not both/],
    [['deletes', '--approve'], /name the records/],
    [['deletes', 'crm/Contact/1'], /say --approve or --refuse/],
    [['deletes', '--approve', 'crm/Contact/1'], /no deletion of crm\/Contact\/1 waits/],
  ] as const) {
    const { code, err } = await bench.nayose(...argv);
    expect([code, err]).toEqual([1, expect.stringMatching(message)]);
  }
});

test('a contact deleted in Salesforce is asked about, and archived in HubSpot once somebody approves', async () => {
  expect((await bench.nayose('deletes')).out).toMatch(/No deletion waits/);
  for (const id of contacts.slice(0, 2)) bench.boxes.salesforce.remove('Contact', id);
  expect((await bench.json('sync')).data).toMatchObject({ status: 'complete', deleted: 2, archived: 0 });
  const { deletions } = (await bench.json<Listed>('deletes')).data;
  expect(deletions.map(({ record }) => record).sort()).toEqual(
    contacts
      .slice(0, 2)
      .map((id) => `crm/Contact/${id}`)
      .sort(),
  );
  expect(deletions[0]!.targets).toEqual([expect.stringMatching(/^ma\/contacts\//)]);
  expect((await bench.nayose('deletes', '--approve', `crm/Contact/${contacts[0]}`)).code).toBe(0);
  expect((await bench.nayose('deletes', '--refuse', `crm/Contact/${contacts[1]}`)).code).toBe(0);
  expect((await bench.json('sync')).data).toMatchObject({ status: 'complete', archived: 1 });
  expect(mails()).toEqual(['lindqvist', 'okafor']);
  expect((await bench.json('sync')).data).toMatchObject({
    status: 'complete',
    created: 0,
    updated: 0,
    archived: 0,
    deleted: 0,
  });
  expect(bench.boxes.salesforce.books.created).toEqual({});
}, 120_000);

test('plan lists a deletion before anything is deleted', async () => {
  const { readFile } = await import('node:fs/promises');
  const hub = await readFile(`${bench.dir}/hub.yaml`, 'utf8');
  await bench.write('hub.yaml', hub.replace('deletes: ask', 'deletes: archive'));
  bench.boxes.salesforce.remove('Contact', contacts[2]!);
  const { data } = await bench.json<{ writes: { op: string }[]; cost: { delete: number; calls: number }[] }>(
    'plan',
    'people',
  );
  expect([data.writes.map(({ op }) => op), data.cost[0]]).toEqual([
    ['delete'],
    expect.objectContaining({ delete: 1, calls: 1 }),
  ]);
  expect(mails()).toContain('okafor');
  expect((await bench.json('sync')).data).toMatchObject({ status: 'complete', archived: 1 });
  expect(mails()).toEqual(['lindqvist']);
}, 120_000);
