import { z } from 'zod';
import type { Fields, FilterTest, Json, RecordFilter } from '../connectors/contract.ts';
import { parseNumber } from './canonical.ts';
import { isEmptyField } from './fields.ts';
import { sameText } from './sameText.ts';

const value = z.union([z.string().min(1), z.number(), z.boolean()], {
  error: 'a text, a number, true or false',
});
const values = z.union([value, z.array(value).min(1)], {
  error: 'a value, or a list of values',
});
const bound = z.union(
  [z.number(), z.string().regex(/^\d{4}-\d{2}-\d{2}/, 'a number, or a day such as 2024-01-31')],
  {
    error: 'a number, or a day such as 2024-01-31',
  },
);

/** `where` of a mapping: which records of the tool the hub sees. All conditions must hold. */
export const whereSchema = z
  .record(
    z.string().min(1),
    z.union(
      [
        value,
        z.array(value).min(1),
        z
          .strictObject({
            not: values.optional(),
            has: values.optional(),
            empty: z.boolean().optional(),
            atLeast: bound.optional(),
            atMost: bound.optional(),
          })
          .refine((tests) => Object.keys(tests).length > 0, {
            error: 'tests nothing',
            params: { fix: 'write at least one of not, has, empty, atLeast, atMost' },
          }),
      ],
      { error: 'a value, a list of values, or a map of not, has, empty, atLeast, atMost' },
    ),
    { error: 'a map such as { Status: [Open, Working], IsConverted: false }' },
  )
  .refine((where) => Object.keys(where).length > 0, 'at least one field, such as { IsConverted: false }');

/** The conditions as the connectors are handed them. */
export function filterOf(where: z.output<typeof whereSchema>): RecordFilter {
  const list = (given: z.output<typeof values>) => [given].flat();
  return Object.fromEntries(
    Object.entries(where).map(([field, form]): [string, FilterTest] => {
      if (typeof form !== 'object' || Array.isArray(form)) return [field, { in: [form].flat() }];
      const { not, has, ...rest } = form;
      return [
        field,
        {
          ...rest,
          ...(not === undefined ? {} : { notIn: list(not) }),
          ...(has === undefined ? {} : { has: list(has) }),
        },
      ];
    }),
  );
}

/** Does a record pass? Texts are compared without regard to case, as the tools' own filters do it; an empty field is only ever `empty`. */
export function admits(filter: RecordFilter, fields: Fields): boolean {
  return Object.entries(filter).every(([field, test]) => passes(test, fields[field] ?? null));
}

function passes(test: FilterTest, given: Json): boolean {
  const empty = isEmptyField(given);
  const same = (one: Json, other: Json) => sameText(one) === sameText(other);
  const parts = Array.isArray(given) ? given : String(given ?? '').split(';');
  return (
    // A checkbox that was never touched is not ticked.
    (test.in === undefined || (empty ? test.in.includes(false) : test.in.some((one) => same(one, given)))) &&
    (test.notIn === undefined || empty || !test.notIn.some((one) => same(one, given))) &&
    (test.has === undefined || test.has.some((one) => parts.some((part) => same(one, part)))) &&
    (test.empty === undefined || test.empty === empty) &&
    (test.atLeast === undefined || (!empty && order(given, test.atLeast) >= 0)) &&
    (test.atMost === undefined || (!empty && order(given, test.atMost) <= 0))
  );
}

/** Numbers as numbers, days and times as ISO texts: a bound without a time means the whole day. */
function order(given: Json, bound: string | number): number {
  if (typeof bound === 'number') {
    const number = typeof given === 'object' || given === null ? undefined : parseNumber(given);
    return number?.ok && typeof number.value === 'number' ? number.value - bound : Number.NaN;
  }
  const text = String(given).slice(0, bound.length);
  return text < bound ? -1 : text > bound ? 1 : 0;
}
