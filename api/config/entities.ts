import { BUILTIN_ENTITIES } from '../../core/model/builtin.ts';
import type { Attribute, AttributeType, Entity } from '../../core/model/entity.ts';
import type { Rule } from '../../core/model/survivorship.ts';
import { didYouMean } from '../../mappings/nearest.ts';
import { type ConfigProblem, list, type Place } from '../../mappings/problem.ts';
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
      attributes[attribute] = typeof form === 'string' ? { type: form } : form;
      problems.push(
        ...checkAttribute(attributes[attribute], source, [...at, 'attributes', attribute], names),
      );
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
      } else
        problems.push(
          ...checkChain(chain, attribute, known.type, connections, (rule, ...path) =>
            source.place([...place, ...(Array.isArray(form) ? [rule] : []), ...path]),
          ),
        );
      survivorship[attribute] = chain;
    }
    entities[name] = { name, base: parent ?? 'none', attributes, survivorship };
  }
  return { entities, problems };
}

const isBuiltin = (name: string): name is keyof typeof BUILTIN_ENTITIES =>
  Object.hasOwn(BUILTIN_ENTITIES, name);

function checkAttribute(
  { type, entity }: Attribute,
  source: Source,
  at: Path,
  entities: string[],
): ConfigProblem[] {
  if (type === 'reference' && entity === undefined)
    return [
      {
        severity: 'error',
        place: source.place(at, 'key'),
        message: `the reference "${String(at.at(-1))}" does not say where it points`,
        expected: `{ type: reference, entity: ${entities[0]} }`,
        fix: `add entity, one of ${list(entities)}`,
      },
    ];
  if (entity === undefined || entities.includes(entity)) return [];
  const fix = didYouMean(entity, entities);
  return [
    {
      severity: 'error',
      place: source.place([...at, 'entity']),
      message: `there is no entity "${entity}"`,
      expected: `one of ${list(entities)}`,
      ...(fix === undefined ? {} : { fix }),
    },
  ];
}

/** `place` of a rule by its number in the chain, or of a part of it. */
function checkChain(
  chain: readonly Rule[],
  attribute: string,
  type: AttributeType,
  connections: readonly string[],
  place: (rule: number, ...path: PropertyKey[]) => Place,
): ConfigProblem[] {
  return chain.flatMap((rule, i): ConfigProblem[] => {
    if (typeof rule === 'string') {
      const suits = SUITS[rule];
      if (!suits || suits.includes(type)) return [];
      return [
        {
          severity: 'error',
          place: place(i),
          message: `the rule "${rule}" does not suit "${attribute}", which is ${type}`,
          expected: `for ${rule}: an attribute of type ${list([...suits])}`,
          fix: 'choose another rule, such as latest',
        },
      ];
    }
    if (!('prefer' in rule)) return [];
    return rule.prefer.flatMap((connection, j): ConfigProblem[] => {
      if (connections.includes(connection)) return [];
      const fix = didYouMean(connection, connections);
      return [
        {
          severity: 'error',
          place: place(i, 'prefer', j),
          message: `there is no connection "${connection}"`,
          expected: `one of ${list([...connections])}`,
          ...(fix === undefined ? {} : { fix }),
        },
      ];
    });
  });
}
