import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { decided } from '../../../api/cli/commands/decide/report.ts';
import type { Explanation } from '../../../api/cli/commands/explain/account.ts';
import { type Bench, createBench } from './harness.ts';

type Decided = ReturnType<typeof decided> & { sync?: { status: string } };

let bench: Bench;
let crm: string;
let ma: string;
let jan: string;
const x = () => `crm/Contact/${crm}`;
const y = () => `ma/contacts/${ma}`;

beforeAll(async () => {
  bench = await createBench();
  const { salesforce, hubspot } = bench.boxes;
  [crm] = salesforce.seed('Contact', [
    {
      fields: { LastName: '髙橋', FirstName: '彩', Email: 'aya@aozora.example', Title: '課長' },
      at: '2025-01-01T00:00:00Z',
    },
  ]) as [string];
  [ma, jan] = hubspot.seed('contacts', [
    {
      fields: {
        lastname: '高橋',
        firstname: '彩',
        email: 'aya@aozora.example',
        mobilephone: '+819012345678',
      },
      at: '2025-02-01T00:00:00Z',
    },
    {
      fields: { lastname: 'Weber', firstname: 'Jan', email: 'jan@weber.example' },
      at: '2025-02-01T00:00:00Z',
    },
  ]) as [string, string];
  expect((await bench.nayose('sync')).code).toBe(0);
});
afterAll(() => bench.close());

const goldenOf = async (word: string) => (await bench.json<Explanation>('explain', word)).data.id;
const nothingToWrite = async () =>
  expect((await bench.json<{ created: number; updated: number }>('sync')).data).toMatchObject({
    created: 0,
    updated: 0,
  });

describe('words that cannot be: exit 1, with what was found and what to do', () => {
  test.each([
    [['split'], /usage: nayose split/],
    [['split', 'nobody@nowhere.example'], /no record has the e-mail address/],
    [['split', 'jan@weber.example'], /copies that the hub made/],
    [['split', 'aya@aozora.example', 'zz'], /has no record zz\n\s+Its records are crm\/Contact\//],
    [['link', 'aya@aozora.example'], /usage: nayose link/],
    [['link', 'aya@aozora.example', 'aya@aozora.example'], /same golden record already/],
    [['apart', 'aya@aozora.example', 'aya@aozora.example'], /one golden record/],
    [['pin', 'jan@weber.example', 'titel', 'x'], /no attribute "titel"\n\s+did you mean "title"\?/],
    [
      ['pin', 'jan@weber.example', 'email', 'nope'],
      /the value is not an e-mail address\n\s+email is of the type email/,
    ],
    [['undo', 'g_none'], /there is no decision g_none\n\s+'nayose undo' lists the newest/],
    [['train', 'persn'], /no entity "persn"; did you mean "person"\?/],
    [['train', 'person'], /person has \d records; at least 20 are needed/],
    [['train', 'person', '--restore', 'x'], /'x' is not the number of a version; 0 stands for the shipped/],
    [
      ['train', 'person', '--restore', '3'],
      /person has no version 3 .*\n\s+'nayose train person --versions'/,
    ],
    [['train', 'person', '--apply', '--restore', '0'], /do not go together/],
    [['pin', 'jan@weber.example', 'title'], /VALUE is missing/],
    [['pin', 'jan@weber.example', 'title', 'x', '--clear'], /--clear takes no VALUE/],
    [['pin', 'jan@weber.example', 'title', '--clear'], /title of g_\w+ is not pinned/],
  ])('%j', async (argv, message) => {
    const { code, err, out } = await bench.nayose(...argv);
    expect([code, out]).toEqual([1, '']);
    expect(err).toMatch(message);
  });
});

test('split tears two records and gives each its own back; link makes them one again, when it is told to overrule', async () => {
  const id = await goldenOf(x());
  expect(await goldenOf(y())).toBe(id);
  const { data, code } = await bench.json<Decided>('split', id, ma, '--reason', 'two people', '--sync');
  expect(code).toBe(0);
  expect(data.decision).toMatchObject({ kind: 'split', reason: 'two people', asked: [id, y()] });
  expect(data.golden).toHaveLength(2);
  expect(data.sync!.status).toBe('complete');
  expect(await goldenOf(x())).not.toBe(await goldenOf(y()));
  const shown = (tool: 'salesforce' | 'hubspot', stream: string, key: string) =>
    bench.boxes[tool].records(stream).find((r) => r.id === key)!.fields;
  expect(shown('salesforce', 'Contact', crm).MobilePhone ?? null).toBe(null);
  expect(shown('hubspot', 'contacts', ma).jobtitle || null).toBe(null);
  await nothingToWrite();
  const { data: why } = await bench.json<Explanation>('explain', x());
  expect(why.history.map(({ kind }) => kind)).toContain('split');

  const barred = await bench.nayose('link', x(), y());
  expect(barred.code).toBe(1);
  expect(barred.err).toMatch(/contradicts what was decided before:\n.*are kept apart, by .*decision g_/);
  expect(barred.err).toContain('--force');
  const forced = await bench.nayose('link', x(), y(), '--force');
  expect(forced.code).toBe(0);
  expect(forced.out).toMatch(/Decided: link .*\nEnded by it:\n/);
  expect(await goldenOf(x())).toBe(await goldenOf(y()));
  const again = await bench.json<Decided>('link', x(), y());
  expect([again.code, again.data.decision, again.data.already.length]).toEqual([0, null, 1]);
  expect((await bench.nayose('sync')).code).toBe(0);
  await nothingToWrite();
});

test('apart of golden ids means all their records, and a later link of them is refused', async () => {
  const [a, b] = [await goldenOf(x()), await goldenOf(jan)];
  const { data } = await bench.json<Decided>('apart', a, b);
  expect(data.decision!.kind).toBe('apart');
  expect(data.writes).toEqual([]);
  expect((await bench.nayose('link', x(), `ma/contacts/${jan}`)).err).toMatch(/are kept apart/);
});

test('pin reaches every tool and outlives edits; --clear lets the records speak again', async () => {
  const id = await goldenOf(jan);
  const pinned = await bench.json<Decided>('pin', id, 'title', '部長', '--sync');
  expect([pinned.code, pinned.data.golden[0]!.values.title]).toEqual([0, '部長']);
  const title = () => bench.boxes.hubspot.records('contacts').find((r) => r.id === jan)!.fields.jobtitle;
  expect(title()).toBe('部長');
  bench.boxes.hubspot.edit('contacts', jan, { jobtitle: 'Baker' });
  expect((await bench.nayose('sync')).code).toBe(0);
  expect(title()).toBe('部長');
  expect((await bench.nayose('pin', id, 'title', '課長')).err).toMatch(/title is pinned \(on ma\/contacts/);
  expect((await bench.nayose('pin', id, 'title', '--clear', '--sync')).code).toBe(0);
  expect(title()).toBe('Baker');
});

test('undo takes a decision back once: all is as it was; without a name it lists what was decided', async () => {
  const id = await goldenOf(x());
  const { data: split } = await bench.json<Decided>('split', id, ma, '--sync');
  expect(split.golden).toHaveLength(2);
  expect(await goldenOf(x())).not.toBe(await goldenOf(y()));
  const decision = split.decision!.id;
  const listed = await bench.nayose('undo');
  expect(listed.out.split('\n')[0]).toMatch(new RegExp(`^${decision}  20.*  split ${id} ${y()}, by `));

  const { code, data } = await bench.json<Decided>('undo', decision, '--reason', 'one after all', '--sync');
  expect([code, data.sync!.status, data.decision!.undoneAt]).toEqual([0, 'complete', expect.any(String)]);
  expect(data.golden.map(({ records }) => records.includes(x()) && records.includes(y()))).toContain(true);
  expect([await goldenOf(x()), await goldenOf(y())]).toEqual([id, id]);
  // The tests before have left a copy in either tool, and the split took one along: both are told, each beside its own tool's record.
  const copies = data.golden[0]!.records.filter((key) => key !== x() && key !== y());
  expect(copies).toHaveLength(2);
  expect(data.notReturned).toEqual(
    copies.map((record) => ({
      ...{ record, attribute: null },
      why: expect.stringContaining(
        `the hub made it, and it stays beside ${record.startsWith('crm/') ? x() : y()}: merge the two in `,
      ),
    })),
  );
  await nothingToWrite();
  const history = (await bench.nayose('explain', id)).out.split('HISTORY')[1]!;
  expect(history).toMatch(new RegExp(`split into .*, by .* \\(decision ${decision}\\)`));
  expect(history).toMatch(new RegExp(`merged with .*: one after all \\(decision ${decision}\\)`));
  const again = await bench.nayose('undo', decision);
  expect([again.code, again.err]).toEqual([1, expect.stringMatching(/undid decision g_\w+ before, at/)]);
  expect((await bench.nayose('undo')).out.split('\n')[0]).toMatch(/ \(undone by .* at 20/);
});

test('undo says what a tool cannot give back', async () => {
  const { data: pinned } = await bench.json<Decided>('pin', await goldenOf(x()), 'title', '社長', '--sync');
  bench.boxes.salesforce.remove('Contact', crm);
  expect((await bench.nayose('sync')).code).toBe(0);
  const { code, out } = await bench.nayose('undo', pinned.decision!.id);
  expect(code).toBe(0);
  expect(out).toMatch(/^Undone by .*: pin g_\w+ \(decision g_\w+, by /);
  expect(out).toMatch(/jobtitle: "社長" → /);
  expect(out).toContain(
    `Cannot be given back:\n    ${x()} title: the record is deleted in its tool, and is not made again`,
  );
});
