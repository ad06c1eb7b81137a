import type { Entity } from '../core/model/entity.ts';
import { didYouMean } from './nearest.ts';
import { ready } from './pipeline.ts';
import { type ConfigProblem, list } from './problem.ts';
import type { FieldSpec, MappingSpec } from './spec.ts';

/** A mapping against the entity it brings: attributes that do not exist, references that point elsewhere. */
export function checkSpec(spec: MappingSpec, entity: Entity, entities: readonly string[]): ConfigProblem[] {
  const known = Object.entries(spec.fields).filter(([attribute]) =>
    Object.hasOwn(entity.attributes, attribute),
  );
  return [...attributeProblems(spec, entity, entities), ...sharedFields(Object.fromEntries(known))];
}

function attributeProblems(spec: MappingSpec, entity: Entity, entities: readonly string[]): ConfigProblem[] {
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

/** Two attributes that write one field would undo each other on every sync. */
function sharedFields(fields: Record<string, FieldSpec>): ConfigProblem[] {
  const writer = new Map<string, string>();
  const problems: ConfigProblem[] = [];
  for (const [attribute, { field, direction, place }] of Object.entries(fields)) {
    if (field === undefined || direction === 'in') continue;
    const other = writer.get(field);
    if (other === undefined) writer.set(field, attribute);
    else
      problems.push({
        severity: 'error',
        place,
        message: `"${other}" and "${attribute}" both write the field ${field}`,
        expected: 'one attribute for each field that is written',
        fix: `write direction: in for one of the two`,
      });
  }
  return problems;
}
