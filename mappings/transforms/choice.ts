import { z } from 'zod';
import type { Json } from '../../connectors/contract.ts';
import { define, done, fail, overText } from './define.ts';

const scalar = z.union([z.string().min(1), z.number(), z.boolean()], {
  error: 'a text, a number, true or false',
});
const empty = (value: Json | undefined) =>
  value === null || value === undefined || value === '' || (Array.isArray(value) && value.length === 0);

export const fallback = define({
  name: 'default',
  doc: 'Takes the place of an empty value. A default written on out is read as empty when it comes back in.',
  args: z.strictObject({ value: scalar }),
  short: 'value',
  examples: [
    { args: 'unknown', input: null, output: 'unknown' },
    { args: 'unknown', input: 'x', output: 'x' },
  ],
  apply: (value, args) => done(empty(value) ? args.value : value),
});

export const firstOf = define({
  name: 'firstOf',
  doc: 'Where the value is empty, the first of these fields (on in) or attributes (on out) that is not.',
  args: z.strictObject({ names: z.array(z.string().min(1)).min(1) }),
  short: 'names',
  examples: [
    { args: ['fullName'], input: null, record: { fullName: '金子 誠' }, output: '金子 誠' },
    { args: ['fullName'], input: '金子', record: { fullName: '金子 誠' }, output: '金子' },
    { args: ['fullName'], input: null, output: null },
  ],
  apply: (value, { names }, { record }) =>
    done(empty(value) ? (names.map((name) => record[name]).find((other) => !empty(other)) ?? null) : value),
  oneWay: () => true,
  reads: ({ names }) => names,
});

export const map = define({
  name: 'map',
  doc: 'Replaces whole values: { map: { M: male, F: female } }. "*" stands for every other value. One way: see `values` for both.',
  args: z
    .record(z.string(), z.union([scalar, z.null()]), { error: 'a map such as { M: male, F: female }' })
    .refine((entries) => Object.keys(entries).length > 0, 'at least one entry, such as { M: male }'),
  examples: [
    { args: { M: 'male', F: 'female' }, input: 'M', output: 'male' },
    { args: { M: 'male', '*': 'other' }, input: 'X', output: 'other' },
    { args: { M: 'male' }, input: 'X', fails: 'is not in the map; add it, or "*" for every other value' },
  ],
  apply: (value, entries) =>
    overText(value, (text) => {
      const key = [text, text.trim(), '*'].find((candidate) => Object.hasOwn(entries, candidate));
      return key === undefined
        ? fail('is not in the map; add it, or "*" for every other value')
        : done(entries[key] ?? null);
    }),
  oneWay: () => true,
});
