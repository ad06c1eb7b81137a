import { z } from 'zod';
import { nearest } from './nearest.ts';
import { type ConfigProblem, list, SECRET_KEY, show } from './problem.ts';
import type { Path, Source } from './source.ts';

type Issue = z.core.$ZodIssue;
type JsonSchema = z.core.JSONSchema.BaseSchema;

/**
 * Zod's issues as problems of a file. `base` is where the validated data stands in it; `schema` is what it was
 * validated with, asked for the keys that would have been right.
 */
export function schemaProblems(
  issues: readonly Issue[],
  source: Source,
  base: Path,
  schema: z.ZodType,
): ConfigProblem[] {
  const known = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  const problems = issues.flatMap((issue) => tell(issue, [], source, base, known));
  // A misspelt key is one slip, not two.
  const meant = new Set(problems.map(({ fix }) => /^did you mean (".*")\?$/.exec(fix ?? '')?.[1]));
  return problems.filter(({ message }) => !meant.has(/^(".*") is missing$/.exec(message)?.[1] ?? 'none'));
}

/** Keys of `data` that a schema does not know and would drop in silence, as paths. */
export function droppedKeys(data: unknown, schema: z.ZodType): { path: string[]; known: string[] }[] {
  const root = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
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

function tell(issue: Issue, inside: Path, source: Source, base: Path, known: JsonSchema): ConfigProblem[] {
  const path = [...inside, ...issue.path];
  const at = [...base, ...path];
  const name = path.length === 0 ? 'this file' : `"${String(path.at(-1))}"`;
  const value = look(source.data, at);
  const secret = (source.hidden?.(at) ?? false) || at.some((part) => SECRET_KEY.test(String(part)));
  const found = { found: secret && value.is !== undefined ? '(hidden)' : show(value.is) };
  const error = { severity: 'error' as const, place: source.place(at) };

  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => unknownKey(key, at, source, keysAt(known, path).keys));
  if (issue.code === 'invalid_union' && issue.errors.length > 0) {
    const fitting = bestBranch(issue.errors);
    if (fitting) return fitting.flatMap((inner) => tell(inner, path, source, base, known));
    const expected = [...new Set(issue.errors.flatMap((branch) => branch.map(expectation)))].join(', or ');
    const meant =
      typeof value.is === 'string' && !secret
        ? nearest(value.is, issue.errors.flat().flatMap(choices))
        : undefined;
    return [
      {
        ...error,
        message: `${name} has the wrong form`,
        ...found,
        expected,
        ...(meant === undefined ? {} : { fix: `did you mean "${meant}"?` }),
      },
    ];
  }
  if (issue.code === 'invalid_key')
    return [
      {
        ...error,
        place: source.place(at, 'key'),
        message: `${name} cannot be a name here`,
        expected: issue.issues.map(expectation).join(', '),
      },
    ];
  if (
    !value.there &&
    (issue.code === 'invalid_type' || issue.code === 'invalid_value' || issue.code === 'invalid_union')
  )
    return [
      {
        ...error,
        place: source.place(at.slice(0, -1), 'key'),
        message: `${name} is missing`,
        expected: expectation(issue),
        fix: `add ${String(path.at(-1))}`,
      },
    ];
  const options = choices(issue);
  const advice: unknown = issue.code === 'custom' ? issue.params?.fix : undefined;
  const guess = typeof value.is === 'string' && !secret ? nearest(value.is, options) : undefined;
  return [
    {
      ...error,
      message: issue.code === 'custom' ? named(name, issue.message) : `${name} has a wrong value`,
      ...(value.there ? found : {}),
      ...(issue.code === 'custom' ? {} : { expected: expectation(issue) }),
      ...(guess === undefined ? {} : { fix: `did you mean "${guess}"?` }),
      ...(typeof advice === 'string' ? { fix: advice } : {}),
    },
  ];
}

/** A schema's own words, as a sentence: `is missing` of what? */
const named = (name: string, message: string) =>
  /^(is|must|has) /.test(message) ? `${name} ${message}` : message;

/** A key nobody reads is an error: it is nearly always a slip. */
export function unknownKey(key: string, at: Path, source: Source, known: string[]): ConfigProblem {
  const guess = nearest(key, known);
  return {
    severity: 'error',
    place: source.place([...at, key], 'key'),
    message: `unknown key "${key}"`,
    ...(known.length === 0 ? {} : { expected: `one of ${list(known)}` }),
    fix: guess === undefined ? 'remove it' : `did you mean "${guess}"?`,
  };
}

/** Of a union's branches, the one whose own form the value has: it fails deeper than at its root. */
function bestBranch(branches: readonly (readonly Issue[])[]): readonly Issue[] | undefined {
  const deeper = branches.filter(
    (branch) => !branch.some((issue) => issue.path.length === 0 && rootMismatch(issue)),
  );
  return deeper.length === 1 ? deeper[0] : deeper.toSorted((a, b) => a.length - b.length)[0];
}

const rootMismatch = (issue: Issue) =>
  issue.code === 'invalid_type' || issue.code === 'invalid_value' || issue.code === 'invalid_union';

const TYPES: Record<string, string> = {
  string: 'text',
  object: 'a map',
  record: 'a map',
  array: 'a list',
  boolean: 'true or false',
  number: 'a number',
  int: 'a whole number',
  null: 'nothing',
};

/** Zod's own words; anything else was written by the schema's author and says it better. */
const STOCK = /^(Invalid|Too |Unrecognized|Expected)/;

function expectation(issue: Issue): string {
  if (!STOCK.test(issue.message)) return issue.message.replace(/^expected /, '');
  switch (issue.code) {
    case 'invalid_type':
      return TYPES[issue.expected] ?? issue.expected;
    case 'invalid_value':
      return issue.values.length === 1
        ? JSON.stringify(issue.values[0])
        : `one of ${list(issue.values.map((value) => String(value)))}`;
    case 'invalid_union': {
      const options = choices(issue);
      if (options.length > 0) return `one of ${list(options)}`;
      return [...new Set(issue.errors.flatMap((branch) => branch.map(expectation)))].join(', or ');
    }
    case 'too_small':
      if (issue.origin === 'string')
        return issue.minimum === 1 ? 'text that is not empty' : `at least ${issue.minimum} characters`;
      if (issue.origin === 'array') return `at least ${issue.minimum}`;
      return `${issue.inclusive ? 'at least' : 'more than'} ${issue.minimum}`;
    case 'too_big':
      return `${issue.inclusive ? 'at most' : 'less than'} ${issue.maximum}`;
    case 'invalid_format':
      if (issue.format === 'url') return 'an address such as https://example.com';
      return issue.message;
    default:
      return issue.message;
  }
}

function choices(issue: Issue): string[] {
  if (issue.code === 'invalid_value') return issue.values.map((value) => String(value));
  if (issue.code === 'invalid_union' && 'options' in issue && Array.isArray(issue.options))
    return issue.options.map((option) => String(option));
  if (issue.code === 'invalid_union') return issue.errors.flat().flatMap(choices);
  return [];
}

function look(data: unknown, path: Path): { is: unknown; there: boolean } {
  let value = data;
  for (const part of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part))
      return { is: undefined, there: false };
    value = (value as Record<PropertyKey, unknown>)[part];
  }
  return { is: value, there: true };
}

/** Keys that any branch of a JSON Schema allows at `path`. `open`: any key may stand there. */
function keysAt(root: JsonSchema, path: Path): { keys: string[]; open: boolean; closed: boolean } {
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
