import { z } from 'zod';
import { mappingSchema } from '../../mappings/spec.ts';
import type { Transform } from '../../mappings/transforms/define.ts';
import { TRANSFORMS } from '../../mappings/transforms/index.ts';
import { budgetKeys } from './budgets.ts';
import type { ConnectorSchemas } from './connections.ts';
import { hubSchema } from './schema.ts';

type Json = z.core.JSONSchema.BaseSchema;

const OPTIONS = { io: 'input', unrepresentable: 'any' } as const;
const BUDGET = z.toJSONSchema(budgetKeys, OPTIONS).properties;

/** JSON Schemas (draft 2020-12) of hub.yaml and of mapping files, for completion and checking in editors. */
export function jsonSchemas(connectors: ConnectorSchemas): { hub: Json; mapping: Json } {
  const mapping = z.toJSONSchema(mappingSchema(stepSchema()), OPTIONS);
  const hub = z.toJSONSchema(hubSchema(z.unknown()), OPTIONS);
  const connections = hub.properties?.connections;
  if (typeof connections === 'object')
    connections.additionalProperties = {
      oneOf: Object.entries(connectors).map(([type, { config }]) => connectionSchema(type, config)),
    };
  return {
    hub: { title: 'Nayose hub.yaml', ...hub },
    mapping: { title: 'Nayose mapping', ...mapping },
  };
}

/** Every transform, bare or with its arguments, with its documentation. */
function stepSchema(): z.ZodType {
  const bare = [...TRANSFORMS.values()].filter((transform) => transform.args.safeParse({}).success);
  const withArgs = [...TRANSFORMS.values()].map((transform) =>
    z.strictObject({ [transform.name]: argsSchema(transform) }).meta({ description: transform.doc }),
  );
  return z.union([z.enum(bare.map(({ name }) => name)), ...withArgs]);
}

function argsSchema({ args, short }: Transform): z.ZodType {
  if (short === undefined || !(args instanceof z.ZodObject)) return args;
  const shape: Record<string, z.ZodType> = args.shape as Record<string, z.ZodType>;
  return z.union([shape[short]!, args]);
}

function connectionSchema(type: string, config: z.ZodType): Json {
  const { $schema: _, ...schema } = z.toJSONSchema(config, OPTIONS);
  return { description: `A connection of type ${type}`, ...withType(orVariable(schema), type) };
}

/** The keys that are the hub's own, in every branch of a connector's schema. */
function withType(schema: Json, type: string): Json {
  const branches = (list: Json['oneOf']) =>
    list?.map((branch) => (typeof branch === 'object' ? withType(branch, type) : branch));
  if (schema.anyOf || schema.oneOf)
    return {
      ...schema,
      ...(schema.anyOf ? { anyOf: branches(schema.anyOf)! } : {}),
      ...(schema.oneOf ? { oneOf: branches(schema.oneOf)! } : {}),
    };
  return {
    ...schema,
    properties: { hookKey: { type: 'string' }, ...BUDGET, ...schema.properties, type: { const: type } },
    required: ['type', ...(schema.required ?? []).filter((key) => key !== 'type')],
  };
}

/** A text that must have some form may also be `${NAME}`, whose value the editor cannot know. */
function orVariable(schema: Json): Json {
  const inner: Json = { ...schema };
  if (inner.properties)
    inner.properties = Object.fromEntries(
      Object.entries(inner.properties).map(([key, value]) => [
        key,
        typeof value === 'object' ? orVariable(value) : value,
      ]),
    );
  for (const key of ['anyOf', 'oneOf', 'allOf'] as const)
    if (inner[key])
      inner[key] = inner[key].map((part) => (typeof part === 'object' ? orVariable(part) : part));
  if (inner.type !== 'string' || !(inner.format ?? inner.pattern ?? inner.enum ?? inner.minLength))
    return inner;
  return { anyOf: [inner, { type: 'string', pattern: '\\$\\{' }] };
}
