/** The parts of a JSON schema that the page shows. */
export interface Schema {
  $ref?: string;
  type?: string | string[];
  format?: string;
  description?: string;
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  enum?: unknown[];
  const?: unknown;
  default?: unknown;
  anyOf?: Schema[];
  oneOf?: Schema[];
  allOf?: Schema[];
  additionalProperties?: boolean | Schema;
}

export type Schemas = Record<string, Schema>;

/** The schema itself, or the one that it names. */
export function resolved(schema: Schema, schemas: Schemas): Schema {
  const name = schema.$ref?.split('/').at(-1);
  return name === undefined ? schema : (schemas[name] ?? {});
}

const DEEPEST = 6;

/** An example of what fits: for people, so optional parts are shown too. */
export function sample(given: Schema, schemas: Schemas, depth = 0): unknown {
  const schema = resolved(given, schemas);
  const of = (one: Schema) => sample(one, schemas, depth + 1);
  if (schema.default !== undefined) return schema.default;
  if (schema.const !== undefined) return schema.const;
  if (schema.enum) return schema.enum[0];
  const choice = schema.anyOf ?? schema.oneOf;
  if (choice) return of(choice.find(({ type }) => type !== 'null') ?? {});
  if (schema.allOf) return Object.assign({}, ...schema.allOf.map(of));
  if (depth > DEEPEST) return '…';
  const type = Array.isArray(schema.type) ? schema.type.find((one) => one !== 'null') : schema.type;
  if (type === 'object') {
    const named = Object.entries(schema.properties ?? {}).map(([name, one]) => [name, of(one)]);
    const rest = schema.additionalProperties;
    return Object.fromEntries(typeof rest === 'object' ? [...named, ['…', of(rest)]] : named);
  }
  if (type === 'array') return [of(schema.items ?? {})];
  if (type === 'integer' || type === 'number') return 1;
  if (type === 'boolean') return true;
  if (type === 'string') return schema.format === 'date-time' ? '2026-01-02T03:04:05Z' : '…';
  return '…';
}

/** What a value is, in a few words. */
export function typeText(given: Schema, schemas: Schemas): string {
  const schema = resolved(given, schemas);
  if (schema.enum) return schema.enum.map((one) => JSON.stringify(one)).join(' | ');
  const choice = schema.anyOf ?? schema.oneOf;
  if (choice) return [...new Set(choice.map((one) => typeText(one, schemas)))].join(' | ');
  if (schema.type === 'array') return `list of ${typeText(schema.items ?? {}, schemas)}`;
  return [schema.type ?? 'anything'].flat().join(' or ');
}
