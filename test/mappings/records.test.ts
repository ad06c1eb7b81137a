import { expect, test } from 'vitest';
import type { Field, Fields } from '../../connectors/contract.ts';
import { BUILTIN_ENTITIES } from '../../core/model/builtin.ts';
import { checkAcross } from '../../mappings/checkAcross.ts';
import { checkRecords } from '../../mappings/checkRecords.ts';
import { compileMapping } from '../../mappings/compile.ts';
import { lookAt, type Sampled } from '../../mappings/sampled.ts';
import { parseMapping } from '../../mappings/spec.ts';
import { field } from './schemas.ts';

const options = (...values: string[]) => ({
  options: values.map((value) => ({ value, label: `Label ${value}` })),
});

/** A mapping over a tool's records; each record is one list of values in the order of the fields. */
async function sampled(
  lines: string,
  fields: Field[],
  records: Fields[],
  more: { connection?: string; entity?: 'person' | 'deal'; timeZone?: string; creates?: boolean } = {},
): Promise<Sampled> {
  const { connection = 'crm', entity = 'person', timeZone = 'Asia/Tokyo', creates = false } = more;
  const { spec, problems } = parseMapping(
    'mappings/m.yaml',
    `connection: ${connection}\nobject: Thing\nentity: ${entity}\nfields:\n${lines}`,
  );
  expect(problems).toEqual([]);
  const mapping = compileMapping(spec!, {
    entity: BUILTIN_ENTITIES[entity],
    schema: fields,
    objectOf: () => undefined,
    region: 'JP',
    timeZone,
  });
  return {
    spec: spec!,
    mapping,
    stream: {
      name: 'Thing',
      label: 'Thing',
      fields,
      read: { incremental: true, deletes: 'feed', merges: false, lookupBy: ['id'] },
      write: { ops: ['create', 'update'], maxBatch: 100, idempotency: 'lookup' },
    },
    reads: true,
    writes: true,
    creates,
    timeZone,
    records: await lookAt(
      mapping,
      records.map((values, i) => ({ id: `r${i}`, fields: values })),
    ),
  };
}

const said = (findings: Awaited<ReturnType<typeof checkRecords>>) =>
  findings.map(({ kind, severity, count, of, example }) => [kind, severity, count, of, example]);

test('no records: nothing is said of them', async () => {
  const one = await sampled('  email: Email', [field('Email', 'email')], []);
  expect(await checkRecords(one)).toEqual([]);
  expect((await checkAcross(one, one)).findings).toEqual([]);
});

test('values that cannot be read are the mapping’s fault when there are many of them', async () => {
  const dates = (bad: number) => [
    ...Array.from({ length: 40 - bad }, () => ({ B: '2001-02-03' })),
    ...Array.from({ length: bad }, () => ({ B: 'soon' })),
    { B: null },
  ];
  const fields = [field('B')];
  const few = await checkRecords(await sampled('  birthDate: { field: B, in: [date] }', fields, dates(1)));
  const many = await checkRecords(await sampled('  birthDate: { field: B, in: [date] }', fields, dates(4)));
  expect(said(few)).toEqual([['unreadable', 'info', 1, 40, expect.stringMatching(/^r39: soon /)]]);
  expect(said(many)).toEqual([['unreadable', 'warning', 4, 40, expect.stringMatching(/^r36: soon /)]]);
});

test('picklist values that the mapping says nothing of, counted one by one', async () => {
  const [finding, ...others] = await checkRecords(
    await sampled(
      '  lifecycle: { field: S, values: { Won: customer } }',
      [field('S', 'option')],
      [{ S: 'Lost' }, { S: 'Won' }, { S: 'Lost' }, { S: 'Dead' }],
    ),
  );
  expect(others).toEqual([]);
  expect(finding).toMatchObject({
    kind: 'option-unmapped',
    count: 3,
    of: 4,
    attribute: 'lifecycle',
    field: 'S',
  });
  expect(finding!.message).toContain('"Lost" (2), "Dead" (1)');
});

test('in and out that do not undo each other, with an example; filling what is empty is none', async () => {
  const fields = [field('T'), field('F'), field('Id', 'text', { writable: false })];
  const scaled = await sampled(
    '  probability: { field: N, in: [{ number: { scale: 100 } }], out: [{ number: { decimals: 0 } }] }',
    [field('N', 'number')],
    [{ N: 0.25 }, { N: 0 }],
    { entity: 'deal' },
  );
  expect(said(await checkRecords(scaled))).toEqual([
    ['unstable', 'warning', 1, 2, 'r0: 0.25 would become 25'],
  ]);
  const filled = await sampled(
    '  title: { field: T, out: [{ firstOf: [fax] }, { default: none }] }\n  fax: F',
    fields,
    [{ T: null, F: '1' }, { T: 'Boss' }],
  );
  expect(await checkRecords(filled)).toEqual([]);
  const west = await sampled(
    '  closeDate: closedate',
    [field('closedate', 'datetime')],
    [{ closedate: '2026-03-02T00:00:00.000Z' }],
    { entity: 'deal', timeZone: 'America/Chicago' },
  );
  expect(await checkRecords(west)).toEqual([]);
});

test('times of day in a field that is kept as a day; midnight here or in UTC is none', async () => {
  const of = (...closedates: string[]) =>
    sampled(
      '  closeDate: closedate',
      [field('closedate', 'datetime')],
      closedates.map((closedate) => ({ closedate })),
      {
        entity: 'deal',
      },
    );
  expect(await checkRecords(await of('2026-03-02T00:00:00.000Z', '2026-03-02T15:00:00.000Z'))).toEqual([]);
  expect(said(await checkRecords(await of('2026-03-02T00:00:00.000Z', '2026-03-02T09:30:00.000Z')))).toEqual([
    ['lossy', 'warning', 1, 2, 'r1: 2026-03-02T09:30:00.000Z'],
  ]);
});

test('what one tool’s records meet in another: too long, cut, refused, rounded, empty', async () => {
  const from = await sampled(
    '  title: a\n  department: b\n  familyName: c\n  fax: d',
    [field('a'), field('b'), field('c'), field('d')],
    [
      { a: 'x'.repeat(31), b: 'y'.repeat(12), c: 'Sato', d: '12' },
      { a: 'short', b: 'short', c: null, d: 'none' },
    ],
    { connection: 'ma' },
  );
  const to = await sampled(
    '  title: A\n  department: { field: B, out: [{ truncate: 10 }] }\n  familyName: C\n  fax: D',
    [
      field('A', 'text', { length: 30 }),
      field('B', 'text', { length: 10 }),
      field('C', 'text', { required: true }),
      field('D', 'number'),
    ],
    [],
    { creates: true },
  );
  const { findings, weighed } = await checkAcross(from, to);
  expect(
    findings.map(({ kind, severity, attribute, count, of }) => [kind, severity, attribute, count, of]),
  ).toEqual([
    ['too-long', 'warning', 'title', 1, 2],
    ['cut', 'info', 'department', 1, 2],
    ['required-empty', 'warning', 'familyName', 1, 2],
    ['refused', 'warning', 'fax', 1, 2],
  ]);
  expect(findings[0]!.message).toContain('title of 1 of 2 records of ma Thing is longer (up to 31)');
  expect(findings[2]!.example).toBe('r1');
  expect(weighed.get('m too-long department')).toBe(2);
  const silent = await checkAcross(from, { ...to, creates: false });
  expect(silent.findings.map(({ kind }) => kind)).not.toContain('required-empty');
});

test('a number that the other tool rounds', async () => {
  const from = await sampled('  amount: a', [field('a', 'number')], [{ a: 12.5 }, { a: 12 }], {
    entity: 'deal',
  });
  const to = await sampled('  amount: A', [field('A', 'number', { decimals: 0 })], [], { entity: 'deal' });
  const { findings } = await checkAcross(from, to);
  expect(said(findings)).toEqual([['lossy', 'warning', 1, 2, expect.stringContaining('r0: 12.5')]]);
});

test('picklist values without a partner: those of the list, and those that records show', async () => {
  const from = await sampled(
    '  lifecycle: { field: s, values: { w: won, l: lost, d: dead } }\n  title: t',
    [field('s', 'option', options('w', 'l', 'd')), field('t')],
    [
      { s: 'l', t: 'Boss' },
      { s: 'l', t: 'Label A' },
      { s: 'w', t: 'A' },
    ],
  );
  const to = await sampled(
    '  lifecycle: { field: S, values: { Won: won } }\n  title: T',
    [field('S', 'option', options('Won', 'Lost')), field('T', 'option', options('A', 'B'))],
    [],
  );
  const { findings } = await checkAcross(from, to);
  expect(findings.map(({ kind, attribute, count, of }) => [kind, attribute, count, of])).toEqual([
    ['option-no-partner', 'lifecycle', 2, 3],
    ['option-no-partner', 'title', 1, 3],
  ]);
  expect(findings[0]!.message).toContain('"lost" (2), "dead" (0)');
  expect(findings[0]!.fix).toContain('Lost: lost');
  expect(findings[1]!.message).toContain('"Boss" (1)');
});

test('several chosen values where the other tool takes one', async () => {
  const from = await sampled(
    '  title: i',
    [field('i', 'options', options('a', 'b'))],
    [{ i: ['a', 'b'] }, { i: ['a'] }],
  );
  const to = await sampled('  title: I', [field('I', 'option', options('a', 'b'))], []);
  const { findings } = await checkAcross(from, to);
  expect(findings.map(({ kind, count }) => [kind, count])).toEqual([['option-no-partner', 1]]);
  expect(findings[0]!.message).toContain('"a; b" (1)');
});
