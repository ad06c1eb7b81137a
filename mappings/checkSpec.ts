import type { Entity } from '../core/model/entity.ts';
import { didYouMean } from './nearest.ts';
import { ready } from './pipeline.ts';
import { type ConfigProblem, list } from './problem.ts';
import type { FieldSpec, MappingSpec } from './spec.ts';

/** A mapping against the entity it brings: attributes that do not exist, references that point elsewhere. */
export function checkSpec(spec: MappingSpec, entity: Entity, entities: readonly string[]): ConfigProblem[] {
  return Object.entries(spec.fields).flatMap(([attribute, entry]) => {
    const known = Object.hasOwn(entity.attributes, attribute) ? entity.attributes[attribute] : undefined;
    const at = { severity: 'error' as const, place: entry.place };
    if (!known)
      return [
        { ...at, ...unknown(attribute, entity), message: `${entity.name} has no attribute "${attribute}"` },
      ];
    const problems: ConfigProblem[] = outReads(entry)
      .filter((name) => !Object.hasOwn(entity.attributes, name))
      .map((name) => ({
        ...at,
        ...unknown(name, entity),
        message: `out of "${attribute}" names "${name}", which ${entity.name} does not have`,
      }));
    if (entry.reference !== undefined && known.type !== 'reference')
      problems.push({
        ...at,
        message: `"${attribute}" is ${known.type}, not a reference`,
        found: `reference: ${entry.reference}`,
        fix: 'remove reference, or map an attribute of type reference',
      });
    else if (entry.reference !== undefined && entry.reference !== known.entity)
      problems.push({
        ...at,
        message: `"${attribute}" of ${entity.name} points to ${known.entity}, not to "${entry.reference}"`,
        found: `reference: ${entry.reference}`,
        expected: known.entity ?? `one of ${list([...entities])}`,
        fix: `write reference: ${known.entity ?? '…'}`,
      });
    return problems;
  });
}

function unknown(name: string, entity: Entity) {
  const names = Object.keys(entity.attributes);
  return {
    expected: `one of ${list(names, 40)}`,
    fix: didYouMean(name, names) ?? `add it to attributes of ${entity.name} in hub.yaml`,
  };
}

function outReads(entry: FieldSpec): string[] {
  return entry.direction === 'in' ? [] : ready(entry.out).reads;
}
