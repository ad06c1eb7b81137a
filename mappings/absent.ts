/** What a mapping names, and the object does not have. */
import type { Field } from '../connectors/contract.ts';
import type { Member } from '../core/sync/ports.ts';
import { ready } from './pipeline.ts';
import { list } from './problem.ts';
import type { FieldSpec, MappingSpec } from './spec.ts';

/** Fields that an expression or a transform of a line reads beside its own. */
export const readsBeside = (line: FieldSpec): string[] => ready(line.in).reads;

/**
 * What a mapping reads or writes, by a person's own lines, that the object does not have. Lines of a preset are for accounts of many
 * kinds, and left out in silence.
 */
export function absentFields(
  { fields }: MappingSpec,
  there: readonly Field[],
): NonNullable<Member['absent']> {
  const known = new Set(there.map(({ name }) => name));
  return Object.entries(fields).flatMap(([attribute, line]) => {
    if (line.fromPreset) return [];
    const own = line.field === undefined ? [] : [{ attribute, field: line.field, way: line.direction }];
    const beside = line.direction === 'out' ? [] : readsBeside(line).filter((name) => name !== line.field);
    return [...own, ...beside.map((field) => ({ attribute, field, way: 'in' as const }))].filter(
      ({ field }) => !known.has(field),
    );
  });
}

/**
 * Does a mapping name fields, and none of its lines is left? A line goes with its own field, one without with all that it reads. A preset
 * may bring lines that one file has no columns for; without any, a sync would read each record and know nothing of it.
 */
export function mapsNothing({ fields }: MappingSpec, there: readonly Field[]): boolean {
  const known = new Set(there.map(({ name }) => name));
  const lines = Object.values(fields).map((line) =>
    line.field === undefined ? readsBeside(line) : [line.field],
  );
  return (
    lines.length > 0 && lines.every((names) => names.length > 0 && !names.some((name) => known.has(name)))
  );
}

/** What the object does have, for a message. */
export const fieldsThere = (fields: readonly Field[]): string =>
  fields.length === 0 ? 'none at all' : list(fields.map(({ name }) => `"${name}"`));
