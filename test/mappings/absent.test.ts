import { expect, test } from 'vitest';
import { BUILTIN_ENTITIES } from '../../core/model/builtin.ts';
import { absentFields, mapsNothing } from '../../mappings/absent.ts';
import { compileMapping } from '../../mappings/compile.ts';
import { parseMapping } from '../../mappings/spec.ts';
import { field } from './schemas.ts';

const THERE = [field('foo', 'text')];
const HEAD = 'connection: list\nobject: people\nentity: person\nfields:\n';

function read(lines: string) {
  const { spec, problems } = parseMapping('m.yaml', HEAD + lines);
  expect(problems).toEqual([]);
  return spec!;
}

test.each([
  ['a field that is there', '  title: foo', false],
  ['a field that is not', '  title: bar', true],
  ['an expression over a field that is there', '  title: { in: "$uppercase(foo)" }', false],
  ['an expression over one that is not', '  title: { in: "$uppercase(bar)" }', true],
  [
    'a line without its own field, whatever else it reads',
    '  title: { field: bar, in: [ { firstOf: [foo] } ] }',
    true,
  ],
  ['the same with an expression', '  title: { field: bar, in: "foo" }', true],
  ['one of two lines', '  title: bar\n  fax: foo', false],
])('%s: nothing is mapped exactly where nothing would be read', (_, lines, nothing) => {
  const spec = read(lines);
  const locale = { region: 'JP', timeZone: 'Asia/Tokyo' };
  const entity = BUILTIN_ENTITIES.person!;
  const { readFields } = compileMapping(spec, {
    entity,
    schema: THERE,
    objectOf: () => undefined,
    ...locale,
  });
  expect(readFields.length === 0).toBe(nothing);
  expect(mapsNothing(spec, THERE)).toBe(nothing);
});

test('a line that reads no field at all is no line that is lost', () => {
  expect(mapsNothing(read(`  title: { in: "'部長'" }`), THERE)).toBe(false);
});

test('what a person’s own lines name is absent, whichever way they go: lines of a preset are not', () => {
  const lines = [
    '  title: bar',
    '  fax: { field: baz, direction: in }',
    '  region: { field: qux, direction: out }',
    '  city: foo',
    '  street: { field: foo, in: "foo & quux" }',
  ].join('\n');
  expect(absentFields(read(lines), THERE)).toEqual([
    { attribute: 'title', field: 'bar', way: 'both' },
    { attribute: 'fax', field: 'baz', way: 'in' },
    { attribute: 'region', field: 'qux', way: 'out' },
    { attribute: 'street', field: 'quux', way: 'in' },
  ]);
  const { spec } = parseMapping('m.yaml', 'preset: csv/person\nconnection: list\n');
  expect(absentFields(spec!, THERE)).toEqual([]);
});
