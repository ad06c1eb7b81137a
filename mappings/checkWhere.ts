import type { Field, FilterTest, RecordFilter, Stream } from '../connectors/contract.ts';
import { quote } from './fields.ts';
import { admits } from './filter.ts';
import type { Finding } from './finding.ts';
import { missingField } from './missingField.ts';
import { didYouMean } from './nearest.ts';
import { list } from './problem.ts';
import { sameText } from './sameText.ts';
import { countOf, type Sampled, valueCounts } from './sampled.ts';
import type { MappingSpec } from './spec.ts';

type Constant = string | number | boolean;

/** The fields and values of `where` against the live schema: a field that nobody shows stops the sync, a value that no record can have lets nothing through. */
export function checkWhere(spec: MappingSpec, stream: Stream, known: ReadonlyMap<string, Field>): Finding[] {
  return Object.entries(spec.where ?? {}).flatMap(([name, test]): Finding[] => {
    const place = spec.places.where?.fields[name];
    const field = known.get(name);
    const found = field
      ? [...options(field, test), ...kinds(field, test)]
      : stream.open
        ? []
        : [missingField(name, known, stream.file)];
    return found.map((finding) => ({ ...finding, field: name, ...(place ? { place } : {}) }));
  });
}

const wordsOf = ({ in: any = [], notIn = [], has = [] }: FilterTest): Constant[] => [
  ...any,
  ...notIn,
  ...has,
];

/** Words that are no option of a picklist. The tool shows values, so a label is none. */
function options({ name, type, options = [] }: Field, test: FilterTest): Finding[] {
  if (options.length === 0 || type === 'boolean') return [];
  const same = (one: Constant) => options.some(({ value }) => sameText(value) === sameText(one));
  return wordsOf(test)
    .filter((word) => !same(word))
    .map((word) => {
      const labelled = options.find(({ label }) => sameText(label) === sameText(word))?.value;
      const values = options.map(({ value }) => value);
      return {
        kind: 'option-unknown',
        severity: 'warning',
        message: `where compares ${name} with ${quote(word)}, which is no option of it`,
        fix:
          labelled === undefined
            ? (didYouMean(String(word), values) ?? `write one of ${list(values)}`)
            : `did you mean "${labelled}"?`,
      };
    });
}

/** Values of another kind than the field's, which none of its records can have. */
function kinds(field: Field, test: FilterTest): Finding[] {
  const told = (value: Constant, fix: string): Finding => ({
    kind: 'type',
    severity: 'warning',
    message: `where compares ${field.name} with ${quote(value)}, and it is ${field.type}: no record has such a value`,
    fix,
  });
  const words = wordsOf(test);
  const bounds = [test.atLeast, test.atMost].filter((bound) => bound !== undefined);
  switch (field.type) {
    case 'boolean':
      return [
        ...words
          .filter((word) => !['true', 'false'].includes(sameText(word)))
          .map((word) => told(word, 'write true or false')),
        ...bounds.map((bound) => told(bound, 'write true or false')),
      ];
    case 'number':
      return [...words, ...bounds]
        .filter(
          (value) => typeof value === 'boolean' || sameText(value) === '' || Number.isNaN(Number(value)),
        )
        .map((value) => told(value, 'write a number'));
    case 'date':
      return [...words, ...bounds]
        .filter((value) => !/^\d{4}-\d{2}-\d{2}$/.test(String(value)))
        .map((value) => told(value, 'write a day, such as 2024-01-31'));
    case 'datetime':
      return [
        // A time is compared as a whole: a day is none, but has a first and a last moment.
        ...words
          .filter((word) => !/^\d{4}-\d{2}-\d{2}T/.test(String(word)))
          .map((word) =>
            told(word, `write { atLeast: ${word}, atMost: ${word} }, with a day such as 2024-01-31`),
          ),
        ...bounds
          .filter((bound) => typeof bound === 'number')
          .map((bound) => told(bound, 'write a day, such as 2024-01-31')),
      ];
    default:
      return [];
  }
}

/** Can samples show whether a record passes? Fields that take a call of their own are left out of them, and unknown ones of every read. */
export function isJudged({ where = {} }: MappingSpec, { fields, open }: Stream): boolean {
  const known = new Map(fields.map((field) => [field.name, field]));
  return Object.keys(where).every((name) => known.get(name)?.separate !== true && (open || known.has(name)));
}

/** How many of the records that were read pass `where`; and, where none does, which of its conditions none passes. */
export function checkAdmitted(
  { spec, stream }: Pick<Sampled, 'spec' | 'stream'>,
  records: readonly { fields: Sampled['records'][number]['fields'] }[],
): Finding[] {
  const { where } = spec;
  if (!where || records.length === 0 || !isJudged(spec, stream)) return [];
  const passing = (filter: RecordFilter) => records.filter(({ fields }) => admits(filter, fields)).length;
  const count = passing(where);
  const place = spec.places.where?.all;
  const about = { kind: 'where' as const, count, of: records.length, ...(place ? { place } : {}) };
  if (count > 0)
    return [
      {
        ...about,
        severity: 'info',
        message: `where lets ${countOf(count, records.length, { spec })} through`,
      },
    ];
  const culprits = Object.entries(where).filter(([field, test]) => passing({ [field]: test }) === 0);
  const shown = culprits.map(([field]) => {
    const values = new Map<string, number>();
    for (const { fields } of records) {
      const value = quote(fields[field] ?? '');
      values.set(value, (values.get(value) ?? 0) + 1);
    }
    return `${field} is ${valueCounts(values)}`;
  });
  return [
    {
      ...about,
      severity: 'warning',
      message: `where lets none of ${records.length} records of ${spec.connection} ${spec.object} through${shown.length > 0 ? `: ${shown.join('; ')}` : ', since no record meets all of its conditions'}`,
      fix: `correct ${culprits.length > 0 ? list(culprits.map(([field]) => field)) : 'the conditions'} in where, or leave where out to sync every record`,
    },
  ];
}
