import type { z } from 'zod';
import { advice, choices, custom, expectation, type Issue } from './issueWords.ts';
import { type JsonSchema, keysAt, schemaOf } from './knownKeys.ts';
import { nearest } from './nearest.ts';
import { type ConfigProblem, list, SECRET_KEY, show } from './problem.ts';
import type { Path, Source } from './source.ts';

/**
 * Zod's issues as problems of a file. `base` is where the validated data stands in it; `schema` is what it was
 * validated with, asked for the keys that would have been right. `root`: what the data as a whole is called.
 */
export function schemaProblems(
  issues: readonly Issue[],
  source: Source,
  base: Path,
  schema: z.ZodType,
  root = 'this file',
): ConfigProblem[] {
  const known = schemaOf(schema);
  const problems = issues.flatMap((issue) => tell(issue, [], { source, base, known, root }));
  // A misspelt key is one slip, not two.
  const meant = new Set(problems.map(({ fix }) => /^did you mean (".*")\?$/.exec(fix ?? '')?.[1]));
  return problems.filter(({ message }) => !meant.has(/^(".*") is missing$/.exec(message)?.[1] ?? 'none'));
}

interface Telling {
  source: Source;
  base: Path;
  known: JsonSchema;
  root: string;
}

function tell(issue: Issue, inside: Path, telling: Telling): ConfigProblem[] {
  const { source, known } = telling;
  const path = [...inside, ...issue.path];
  const at = [...telling.base, ...path];
  const name = nameOf(path, telling);
  const value = look(source.data, at);
  const secret = isSecret(at, source);
  const found = { found: secret && value.is !== undefined ? HIDDEN : show(veiled(value.is, at, source)) };
  const error = { severity: 'error' as const, place: source.place(at) };
  const { keys } = keysAt(known, path);

  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => unknownKey(key, at, source, keys));
  if (issue.code === 'invalid_key') {
    const written = String(path.at(-1));
    const better = written.trim().replace(/[\s.]+/g, '-');
    return [
      {
        ...error,
        place: source.place(at, 'key'),
        message: `${name} cannot be a name here`,
        found: show(written),
        expected: issue.issues.map((inner) => expectation(inner)).join(', '),
        ...(better !== written && /^[A-Za-z][\w-]*$/.test(better) ? { fix: `write ${better}` } : {}),
      },
    ];
  }
  if (
    !value.there &&
    (issue.code === 'invalid_type' || issue.code === 'invalid_value' || issue.code === 'invalid_union')
  )
    return [
      {
        ...error,
        place: source.place(at.slice(0, -1), 'key'),
        message: `${name} is missing`,
        expected: expectation(issue, keys),
        fix: `add ${String(path.at(-1))}`,
      },
    ];
  const options = choices(issue);
  const guess = typeof value.is === 'string' && !secret ? nearest(value.is, options) : undefined;
  const fix =
    guess === undefined ? (secret ? undefined : advice(issue, value.is)) : `did you mean "${guess}"?`;
  if (issue.code === 'invalid_union' && issue.errors.length > 0) {
    const fitting = bestBranch(issue.errors);
    if (fitting) return fitting.flatMap((inner) => tell(inner, path, telling));
    return [
      {
        ...error,
        message: `${name} has the wrong form`,
        ...found,
        expected: expectation(issue, keys),
        ...(fix === undefined ? {} : { fix }),
      },
    ];
  }
  const own: unknown = issue.code === 'custom' ? issue.params?.fix : undefined;
  const words = issue.code === 'custom' ? custom(name, issue.message) : undefined;
  return [
    {
      ...error,
      ...(words ?? { message: `${name} has a wrong value`, expected: expectation(issue, keys) }),
      ...(value.there ? found : {}),
      ...(fix === undefined ? {} : { fix }),
      ...(typeof own === 'string' ? { fix: own } : {}),
    },
  ];
}

/** What stands at a path, as a sentence begins with it. */
function nameOf(path: Path, { root }: Telling): string {
  const last = path.at(-1);
  if (last === undefined) return root;
  if (typeof last !== 'number') return `"${String(last)}"`;
  const of = path.at(-2);
  return `entry ${last + 1} of ${of === undefined ? root : `"${String(of)}"`}`;
}

const isSecret = (at: Path, source: Source) =>
  (source.hidden?.(at) ?? false) || at.some((part) => SECRET_KEY.test(String(part)));

/** The value without what must not be shown, at any depth. */
function veiled(value: unknown, at: Path, source: Source): unknown {
  if (value !== undefined && value !== null && isSecret(at, source)) return HIDDEN;
  if (Array.isArray(value)) return value.map((item, i) => veiled(item, [...at, i], source));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, veiled(inner, [...at, key], source)]),
  );
}

const HIDDEN = '(hidden)';

/** A key nobody reads is an error: it is nearly always a slip. */
export function unknownKey(key: string, at: Path, source: Source, known: string[]): ConfigProblem {
  const guess = nearest(key, known);
  return {
    severity: 'error',
    place: source.place([...at, key], 'key'),
    message: `unknown key "${key}"`,
    ...(known.length === 0 ? {} : { expected: `one of ${list(known, 30)}` }),
    fix: guess === undefined ? 'remove it' : `did you mean "${guess}"?`,
  };
}

/** Of a union's branches, the one whose own form the value has: it fails deeper than at its root. */
function bestBranch(branches: readonly (readonly Issue[])[]): readonly Issue[] | undefined {
  const deeper = branches
    .flatMap(unfold)
    .filter((branch) => !branch.some((issue) => issue.path.length === 0 && rootMismatch(issue)));
  return deeper.length === 1 ? deeper[0] : deeper.toSorted((a, b) => a.length - b.length)[0];
}

/** A union inside a union: its branches are branches of the outer one. */
function unfold(branch: readonly Issue[]): (readonly Issue[])[] {
  const [only] = branch;
  return branch.length === 1 && only?.code === 'invalid_union' && only.path.length === 0
    ? only.errors.flatMap(unfold)
    : [branch];
}

const rootMismatch = (issue: Issue) =>
  issue.code === 'invalid_type' || issue.code === 'invalid_value' || issue.code === 'invalid_union';

function look(data: unknown, path: Path): { is: unknown; there: boolean } {
  let value = data;
  for (const part of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part))
      return { is: undefined, there: false };
    value = (value as Record<PropertyKey, unknown>)[part];
  }
  return { is: value, there: true };
}
