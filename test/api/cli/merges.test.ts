import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Bench, createBench } from './harness.ts';

interface Listed {
  duplicates: { goldenId: string; records: string[] }[];
  loses: string;
}

let bench: Bench;
let first: string;
let second: string;
beforeAll(async () => {
  bench = await createBench();
  const person = { lastname: '勅使河原', firstname: '蒔子', mobilephone: '+819087654321' };
  [first, second] = bench.boxes.hubspot.seed(
    'contacts',
    ['makiko@kawa.example', 'm.teshigawara@kawa.example'].map((email) => ({
      fields: { ...person, email },
      at: '2025-01-01T00:00:00Z',
    })),
  ) as [string, string];
  const hub = await readFile(`${bench.dir}/hub.yaml`, 'utf8');
  await bench.write(
    'hub.yaml',
    hub.replace(/(mapping: ma-contact[^}]*create: true)/, '$1, mergeInTool: review'),
  );
  expect((await bench.nayose('sync')).code).toBe(0);
  await bench.nayose('link', `ma/contacts/${first}`, `ma/contacts/${second}`);
}, 120_000);
afterAll(() => bench.close());

const key = (id: string) => `ma/contacts/${id}`;
const live = () =>
  bench.boxes.hubspot
    .records('contacts')
    .filter((r) => !r.deleted)
    .map(({ id }) => id);

test('words that cannot be: exit 1, and nothing is merged', async () => {
  for (const [argv, message] of [
    [['merges', '--approve'], /name the record that stays/],
    [['merges', '--approve', '--undo', 'a', 'b'], /say one of/],
    [['merges', '--approve', key(first), key(first)], /not two records of one tool/],
    [['merges', '--approve', 'crm/Contact/1', 'crm/Contact/2'], /no sync lets Contact be merged in crm/],
    [['merges', '--approve', key(first), key('999')], /nothing is known/],
    [['merges', '--undo', key(first), key(second)], /nothing was decided/],
  ] as const) {
    const { code, err } = await bench.nayose(...argv);
    expect([code, err]).toEqual([1, expect.stringMatching(message)]);
  }
  expect(live()).toHaveLength(2);
});

test('duplicates are offered, merged there on approval alone, followed by the hub, and undo says what is lost', async () => {
  const { data } = await bench.json<Listed>('merges');
  expect(data.duplicates.map(({ records }) => records)).toEqual([[key(first), key(second)]]);
  expect(data.loses).toMatch(/cannot undo a merge/);
  expect((await bench.nayose('sync')).code).toBe(0);
  expect(live()).toHaveLength(2);

  expect((await bench.nayose('merges', '--approve', key(first), key(second))).out).toMatch(/new id/);
  expect((await bench.json<Listed>('merges')).data.duplicates).toEqual([]);
  expect((await bench.nayose('merges', '--undo', key(first), key(second))).code).toBe(0);
  expect((await bench.nayose('merges', '--approve', key(first), key(second))).code).toBe(0);
  expect((await bench.json('sync')).data).toMatchObject({ status: 'complete' });
  const [merged] = live();
  expect([live().length, [first, second].includes(merged!)]).toEqual([1, false]);
  expect((await bench.json('sync')).data).toMatchObject({
    status: 'complete',
    created: 0,
    updated: 0,
    golden: 1,
  });
  expect((await bench.json<{ id: string }>('explain', key(merged!))).code).toBe(0);

  const undo = await bench.nayose('merges', '--undo', key(first), key(second));
  expect([undo.code, undo.err]).toEqual([
    1,
    expect.stringMatching(/has been merged.*\n.*cannot undo a merge/),
  ]);
  expect(bench.boxes.salesforce.books.deleted).toEqual({});
}, 120_000);
