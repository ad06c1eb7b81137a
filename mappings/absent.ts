import type { Field } from '../connectors/contract.ts';
import type { MappingSpec } from './spec.ts';

/**
 * What a mapping writes, by a person's own lines, to fields that the object does not have. Lines of a preset are for accounts of many
 * kinds, and left out in silence.
 */
export function absentFields(
  { fields }: MappingSpec,
  there: readonly Field[],
): { attribute: string; field: string }[] {
  const known = new Set(there.map(({ name }) => name));
  return Object.entries(fields).flatMap(([attribute, { field, fromPreset, direction }]) =>
    field === undefined || fromPreset || direction === 'in' || known.has(field) ? [] : [{ attribute, field }],
  );
}
