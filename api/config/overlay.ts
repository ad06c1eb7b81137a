import type { Source } from '../../mappings/source.ts';

/**
 * One file laid over another: maps are merged key by key, null removes, everything else replaces. Each value
 * keeps the place where it was written.
 */
export function overlay(base: Source, over: Source): Source {
  return {
    file: base.file,
    data: merge(base.data, over.data),
    place(path, at) {
      return holds(over.data, path) ? over.place(path, at) : base.place(path, at);
    },
  };
}

type Map = Record<string, unknown>;
const isMap = (value: unknown): value is Map =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function merge(base: unknown, over: unknown): unknown {
  if (!isMap(base) || !isMap(over)) return over === undefined ? base : over;
  const merged: Map = { ...base };
  for (const [key, value] of Object.entries(over)) {
    if (value === null) delete merged[key];
    else merged[key] = merge(Object.hasOwn(merged, key) ? merged[key] : undefined, value);
  }
  return merged;
}

function holds(data: unknown, path: readonly PropertyKey[]): boolean {
  let value = data;
  for (const part of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) return false;
    value = (value as Record<PropertyKey, unknown>)[part];
  }
  return path.length > 0;
}
