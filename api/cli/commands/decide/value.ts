import type { Entity } from '../../../../core/model/entity.ts';
import type { Value } from '../../../../core/model/value.ts';
import { DecisionError } from '../../../../core/sync/decisionError.ts';
import { canonical, type Locale } from '../../../../mappings/canonical.ts';
import { didYouMean } from '../../../../mappings/nearest.ts';

/** The attribute as the entity spells it, or a DecisionError that names the nearest one. */
export function attributeOf(entity: Entity, attribute: string): string {
  if (Object.hasOwn(entity.attributes, attribute)) return attribute;
  const names = Object.keys(entity.attributes);
  throw new DecisionError('unknown', `${entity.name} has no attribute "${attribute}"`, {
    hint: didYouMean(attribute, names) ?? `It has ${names.join(', ')}.`,
  });
}

/** What somebody typed or sent as the value of an attribute, as the hub keeps it; null: pinned to be empty. */
export function readValue(
  entity: Entity,
  attribute: string,
  given: Value,
  locale: Locale,
): { attribute: string; value: Value } {
  const name = attributeOf(entity, attribute);
  const { type } = entity.attributes[name]!;
  const read = canonical(type, given, locale);
  if (!read.ok)
    throw new DecisionError('invalid', `the value ${read.message}`, {
      hint: `${name} is of the type ${type}.`,
    });
  return { attribute: name, value: read.value };
}
