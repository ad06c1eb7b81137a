import { type Pin, type Survivor, survive } from '../merge/survive.ts';
import type { Entity } from '../model/entity.ts';
import { sameValue, type Values } from '../model/value.ts';
import type { Decision } from '../store/decisions.ts';
import type { GoldenRow } from '../store/goldens.ts';
import type { MemberRecord } from '../store/records.ts';
import { referenceAttributes } from './inputs.ts';
import { leftovers } from './leftovers.ts';

/** Whose values a golden record is made of, beside the entity's rules. */
export interface Voices {
  members: readonly MemberRecord[];
  pins: Readonly<Record<string, Pin>>;
  /** Source key → golden id, of all that these records and pins point to. */
  goldenOf: ReadonlyMap<string, string>;
  /** The golden records that the members were part of until now, their own first. */
  before: readonly Pick<GoldenRow, 'values' | 'provenance'>[];
  /** What a person's act parts just now. */
  parted?: Parameters<typeof leftovers>[4];
}

/**
 * What a golden record says by an entity's rules: pins, what its records' people said, and what nobody speaks for any more. Called
 * for every cluster that a step merges, and by what-if under other rules. Pure.
 */
export function goldenValues(
  entity: Entity,
  { members, pins, goldenOf, before, parted }: Voices,
): Pick<Survivor, 'values' | 'provenance'> {
  const references = new Set(referenceAttributes(entity));
  const sources = members.map(({ key, entity, opinions, deleted }) => ({ key, entity, opinions, deleted }));
  const { values, provenance } = survive(entity, sources, pins, (attribute, value) =>
    references.has(attribute) ? goldenOf.get(String(value)) : value,
  );
  const keys = members.map(({ key }) => key);
  for (const [name, left] of Object.entries(leftovers(entity, before, keys, values, parted))) {
    values[name] = left.value;
    provenance[name] = left.provenance;
  }
  return { values, provenance };
}

/** The newest pin of each attribute. One of a reference names a source key (`b`), and means the golden record that has it now. */
export function pinsOf(
  decisions: readonly Decision[],
  members: readonly string[],
  goldenOf: ReadonlyMap<string, string>,
): Record<string, Pin> {
  const pins: Record<string, Pin> = {};
  for (const { kind, a, b, attribute, value, by, at } of decisions)
    if (kind === 'pin' && attribute && members.includes(a))
      pins[attribute] = { value: b === null ? value : (goldenOf.get(b) ?? null), by, at };
  return pins;
}

/** The source keys that pins on references name. */
export const pinnedTo = (decisions: readonly Decision[]): string[] =>
  decisions.flatMap(({ kind, b }) => (kind === 'pin' && b !== null ? [b] : []));

/** Attribute → what it was and what it is, where that is not the same. */
export function changesBetween(
  before: Values,
  after: Values,
): Record<string, { from: Values[string]; to: Values[string] }> {
  const changes: Record<string, { from: Values[string]; to: Values[string] }> = {};
  for (const name of new Set([...Object.keys(before), ...Object.keys(after)]))
    if (!sameValue(before[name], after[name]))
      changes[name] = { from: before[name] ?? null, to: after[name] ?? null };
  return changes;
}
