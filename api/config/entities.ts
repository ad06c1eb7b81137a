import { BUILTIN_ENTITIES } from '../../core/model/builtin.ts';
import type { Attribute, AttributeType, Entity } from '../../core/model/entity.ts';
import type { Rule } from '../../core/model/survivorship.ts';
import { didYouMean } from '../../mappings/nearest.ts';
import { type ConfigProblem, list } from '../../mappings/problem.ts';
import type { Path, Source } from '../../mappings/source.ts';
import type { HubFile } from './schema.ts';

const NUMBERS: AttributeType[] = ['number'];
const ORDERED: AttributeType[] = ['number', 'date', 'datetime'];

/** What a rule can be applied to; a rule that is not named here suits every type. */
const SUITS: Record<string, readonly AttributeType[]> = {
  min: ORDERED,
  max: ORDERED,
  sum: NUMBERS,
  any: ['boolean'],
  all: ['boolean'],
  union: ['options'],
};

/** The built-in entities and the folder's own, which extend them. */
export function readEntities(
  file: HubFile,
  source: Source,
  connections: readonly string[],
): { entities: Record<string, Entity>; problems: ConfigProblem[] } {
  const problems: ConfigProblem[] = [];
  const entities: Record<string, Entity> = structuredClone(BUILTIN_ENTITIES);
  const names = [...new Set([...Object.keys(BUILTIN_ENTITIES), ...Object.keys(file.entities ?? {})])];
  for (const [name, own] of Object.entries(file.entities ?? {})) {
    const at = ['entities', name];
    // An entity called person without `extends` means more of person, not another one of that name.
    const parent = own.extends ?? (isBuiltin(name) ? name : undefined);
    const base = parent === undefined ? undefined : BUILTIN_ENTITIES[parent];
    const attributes: Record<string, Attribute> = { ...base?.attributes };
    for (const [attribute, form] of Object.entries(own.attributes ?? {})) {
      const read = readAttribute(form, source, [...at, 'attributes', attribute], names, problems);
      if (read) attributes[attribute] = read;
    }
    const survivorship: Record<string, Rule[]> = { ...base?.survivorship };
    for (const [attribute, form] of Object.entries(own.survivorship ?? {})) {
      const chain = Array.isArray(form) ? form : [form];
      const place = [...at, 'survivorship', attribute];
      const known = Object.hasOwn(attributes, attribute) ? attributes[attribute] : undefined;
      if (!known) {
        const fix = didYouMean(attribute, Object.keys(attributes));
        problems.push({
          severity: 'error',
          place: source.place(place, 'key'),
          message: `${name} has no attribute "${attribute}"`,
          expected: `one of ${list(Object.keys(attributes), 40)}`,
          fix: fix ?? `add it to attributes of ${name}`,
        });
      } else problems.push(...checkChain(chain, attribute, known.type, source, place, connections));
      survivorship[attribute] = chain;
    }
    entities[name] = { name, base: parent ?? 'none', attributes, survivorship };
  }
  return { entities, problems };
}

const isBuiltin = (name: string): name is keyof typeof BUILTIN_ENTITIES =>
  Object.hasOwn(BUILTIN_ENTITIES, name);

function readAttribute(
  form: AttributeType | { type: AttributeType; label?: string; entity?: string; group?: string },
  source: Source,
  at: Path,
  entities: string[],
  problems: ConfigProblem[],
): Attribute | undefined {
  const attribute: Attribute = typeof form === 'string' ? { type: form } : form;
  const name = String(at.at(-1));
  if (attribute.type === 'reference' && attribute.entity === undefined) {
    problems.push({
      severity: 'error',
      place: source.place(at, 'key'),
      message: `the reference "${name}" does not say where it points`,
      expected: `{ type: reference, entity: ${entities[0]} }`,
      fix: `add entity, one of ${list(entities)}`,
    });
    return undefined;
  }
  if (attribute.entity !== undefined && !entities.includes(attribute.entity)) {
    const fix = didYouMean(attribute.entity, entities);
    problems.push({
      severity: 'error',
      place: source.place([...at, 'entity']),
      message: `there is no entity "${attribute.entity}"`,
      expected: `one of ${list(entities)}`,
      ...(fix === undefined ? {} : { fix }),
    });
    return undefined;
  }
  return attribute;
}

function checkChain(
  chain: readonly Rule[],
  attribute: string,
  type: AttributeType,
  source: Source,
  at: Path,
  connections: readonly string[],
): ConfigProblem[] {
  const problems: ConfigProblem[] = [];
  chain.forEach((rule, i) => {
    const place = source.place([...at, i]);
    if (typeof rule === 'string') {
      const suits = SUITS[rule];
      if (suits && !suits.includes(type))
        problems.push({
          severity: 'error',
          place,
          message: `the rule "${rule}" does not suit "${attribute}", which is ${type}`,
          expected: `for ${rule}: an attribute of type ${list([...suits])}`,
          fix: 'choose another rule, such as latest',
        });
    } else if ('prefer' in rule)
      rule.prefer.forEach((connection, j) => {
        if (connections.includes(connection)) return;
        const fix = didYouMean(connection, connections);
        problems.push({
          severity: 'error',
          place: source.place(
            source.data && Array.isArray(read(source.data, at))
              ? [...at, i, 'prefer', j]
              : [...at, 'prefer', j],
          ),
          message: `there is no connection "${connection}"`,
          expected: `one of ${list([...connections])}`,
          ...(fix === undefined ? {} : { fix }),
        });
      });
  });
  return problems;
}

function read(data: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (value, part) =>
      typeof value === 'object' && value !== null ? (value as Record<PropertyKey, unknown>)[part] : undefined,
    data,
  );
}
