import { didYouMean } from '../../mappings/nearest.ts';
import { type ConfigProblem, list, show } from '../../mappings/problem.ts';
import type { Source } from '../../mappings/source.ts';

/**
 * One file laid over another: maps are merged key by key, null removes, everything else replaces. Each value
 * keeps the place where it was written.
 */
export function overlay(base: Source, over: Source): { source: Source; problems: ConfigProblem[] } {
  if (over.data !== null && !isMap(over.data))
    return {
      source: base,
      problems: [
        {
          severity: 'error',
          place: over.place([]),
          message: `${over.file} has the wrong form`,
          found: show(over.data),
          expected: `a map of what differs from ${base.file}`,
        },
      ],
    };
  const problems = strangers(base, over);
  const gone = new Set(problems.map(({ path }) => path.join('.')));
  const data = Object.fromEntries(
    Object.entries(over.data ?? {}).map(([section, entries]) => [
      section,
      isMap(entries)
        ? Object.fromEntries(Object.entries(entries).filter(([name]) => !gone.has(`${section}.${name}`)))
        : entries,
    ]),
  );
  const source: Source = {
    file: base.file,
    data: merge(base.data, data),
    place(path, at) {
      return holds(over.data, path) ? over.place(path, at) : base.place(path, at);
    },
  };
  return { source, problems: problems.map(({ problem }) => problem) };
}

/** What an entry needs to stand by itself; one without it is meant to change an entry of the base, so that must exist. */
const NEEDS: Record<string, string> = { connections: 'type', syncs: 'entity', alerts: 'entity' };

/** Entries that change something which the base does not have: nearly always a slip in the name. */
function strangers(base: Source, over: Source): { path: string[]; problem: ConfigProblem }[] {
  const part = (data: unknown, key: string): Map => {
    const inner = isMap(data) ? data[key] : undefined;
    return isMap(inner) ? inner : {};
  };
  return Object.entries(NEEDS).flatMap(([section, need]) => {
    const names = Object.keys(part(base.data, section));
    return Object.entries(part(over.data, section))
      .filter(
        ([name, entry]) => !names.includes(name) && (entry === null || (isMap(entry) && !(need in entry))),
      )
      .map(([name]) => ({
        path: [section, name],
        problem: {
          severity: 'error' as const,
          place: over.place([section, name], 'key'),
          message: `${base.file} has no "${name}" under ${section} that this could change`,
          expected: names.length === 0 ? `an entry with its ${need}` : `one of ${list(names)}`,
          fix: didYouMean(name, names) ?? `add ${need}, if it is meant to be a new one`,
        },
      }));
  });
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
