import { z } from 'zod';
import type { Path } from './source.ts';

export type JsonSchema = z.core.JSONSchema.BaseSchema;

/** Asked for what would have been right: see `keysAt`. */
export const schemaOf = (schema: z.ZodType): JsonSchema =>
  z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });

/** Keys of `data` that a schema does not know and would drop in silence, as paths. */
export function droppedKeys(data: unknown, schema: z.ZodType): { path: string[]; known: string[] }[] {
  const root = schemaOf(schema);
  const dropped: { path: string[]; known: string[] }[] = [];
  const visit = (value: unknown, path: string[]) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return;
    const { keys, open, closed } = keysAt(root, path);
    for (const [key, inner] of Object.entries(value)) {
      if (keys.includes(key)) visit(inner, [...path, key]);
      else if (closed && !open) dropped.push({ path: [...path, key], known: keys });
    }
  };
  visit(data, []);
  return dropped;
}

/** Keys that any branch of a JSON Schema allows at `path`. `open`: any key may stand there. */
export function keysAt(root: JsonSchema, path: Path): { keys: string[]; open: boolean; closed: boolean } {
  let at = branches(root, root);
  for (const part of path)
    at = at.flatMap((schema) => {
      const next =
        typeof part === 'number'
          ? schema.items
          : (schema.properties?.[String(part)] ?? schema.additionalProperties);
      return typeof next === 'object' && !Array.isArray(next) ? branches(next, root) : [];
    });
  const objects = at.filter((schema) => schema.properties !== undefined);
  return {
    keys: [...new Set(objects.flatMap((schema) => Object.keys(schema.properties ?? {})))],
    open: at.some((schema) => typeof schema.additionalProperties === 'object' || schema.type === undefined),
    closed: objects.length > 0,
  };
}

function branches(schema: JsonSchema, root: JsonSchema, depth = 0): JsonSchema[] {
  if (depth > 20) return [];
  const reference = schema.$ref?.match(/^#\/\$defs\/(.+)$/)?.[1];
  const target = reference === undefined ? undefined : root.$defs?.[reference];
  if (target) return branches(target, root, depth + 1);
  const inner = [...(schema.anyOf ?? []), ...(schema.oneOf ?? []), ...(schema.allOf ?? [])];
  if (inner.length === 0) return [schema];
  return inner.flatMap((branch) => (typeof branch === 'object' ? branches(branch, root, depth + 1) : []));
}
