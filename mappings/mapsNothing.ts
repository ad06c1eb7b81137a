import type { Field } from '../connectors/contract.ts';
import { expressionReads } from './expression.ts';
import { list } from './problem.ts';
import type { MappingSpec } from './spec.ts';

/**
 * Does a mapping name fields, and the object has none of them? A preset may bring lines that one file has no columns for; without
 * any, a sync would read each record and know nothing of it.
 */
export function mapsNothing({ fields }: MappingSpec, there: readonly Field[]): boolean {
  const known = new Set(there.map(({ name }) => name));
  const named = Object.values(fields).flatMap((entry) => [
    ...(entry.field === undefined ? [] : [entry.field]),
    ...(entry.in && 'expression' in entry.in ? expressionReads(entry.in.expression) : []),
  ]);
  return named.length > 0 && !named.some((name) => known.has(name));
}

/** What the object does have, for a message. */
export const fieldsThere = (fields: readonly Field[]): string =>
  fields.length === 0 ? 'none at all' : list(fields.map(({ name }) => `"${name}"`));
