import type { Fields, Stream } from '../connectors/contract.ts';
import type { Values } from '../core/model/value.ts';
import type { Finding } from './finding.ts';
import type { MappingSpec } from './spec.ts';
import type { CompiledMapping, Problem } from './types.ts';

/** A mapping beside the live schema of its object and some of its records, as the report looks at it. */
export interface Sampled {
  spec: MappingSpec;
  mapping: CompiledMapping;
  stream: Stream;
  reads: boolean;
  writes: boolean;
  creates: boolean;
  /** Of the hub: of times that name none. */
  timeZone: string;
  /** Empty: none was asked for, or there is none. */
  records: Looked[];
}

/** A record of the sample, read once. */
export interface Looked {
  id: string;
  fields: Fields;
  values: Values;
  problems: Problem[];
}

/** Reads the sampled records through their mapping. */
export async function lookAt(
  mapping: CompiledMapping,
  records: readonly { id: string; fields: Fields }[],
): Promise<Looked[]> {
  const looked: Looked[] = [];
  for (const { id, fields } of records) looked.push({ id, fields, ...(await mapping.in(fields)) });
  return looked;
}

/** How the report names a mapping's records: `crm Contact`. */
export const nameOf = ({ spec }: Pick<Sampled, 'spec'>): string => `${spec.connection} ${spec.object}`;

/** `3 of 200 records of crm Contact`. */
export const countOf = (count: number, of: number, sampled: Pick<Sampled, 'spec'>): string =>
  `${count} of ${of} records of ${nameOf(sampled)}`;

/** Records that one finding is about, as they are found one by one. */
export interface Tally {
  count: number;
  /** By the value that is in the way, for lists of options. */
  values: Map<string, number>;
  example: string;
  longest: number;
}

/** Counts a record under a key; the first one is the example. */
export function tally<K>(tallies: Map<K, Tally>, key: K, example: () => string): Tally {
  let one = tallies.get(key);
  if (!one) {
    one = { count: 0, values: new Map(), example: example(), longest: 0 };
    tallies.set(key, one);
  }
  one.count++;
  return one;
}

/** `"Banking" (12), "Retail" (3)`, the most frequent first. */
export function valueCounts(values: ReadonlyMap<string, number>, most = 8): string {
  const sorted = [...values].sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1));
  const shown = sorted.slice(0, most).map(([value, count]) => `"${value}" (${count})`);
  return sorted.length > most ? `${shown.join(', ')}, … (${sorted.length} values in all)` : shown.join(', ');
}

/** A finding at the line of an attribute. */
export function at(
  { spec }: Pick<Sampled, 'spec'>,
  attribute: string,
  finding: Omit<Finding, 'attribute' | 'field' | 'place'>,
): Finding {
  const entry = spec.fields[attribute]!;
  return {
    ...finding,
    attribute,
    ...(entry.field === undefined ? {} : { field: entry.field }),
    place: entry.place,
  };
}
