import { schemaProblems } from './issues.ts';
import { type ConfigProblem, list, show } from './problem.ts';
import type { Path, Source } from './source.ts';
import { type Step, type Transform, unknownTransform } from './transforms/define.ts';
import { TRANSFORMS } from './transforms/index.ts';

/** `[trim, { phone: { region: JP } }, { truncate: 80 }]` as steps whose arguments are known to be right. */
export function resolveSteps(
  forms: readonly unknown[],
  source: Source,
  at: Path,
  problems: ConfigProblem[],
): Step[] {
  const steps: Step[] = [];
  forms.forEach((form, i) => {
    const path = [...at, i];
    const entries = typeof form === 'string' ? [[form, undefined] as const] : Object.entries(form as object);
    const [entry] = entries;
    if (entry === undefined || entries.length !== 1) {
      problems.push({
        severity: 'error',
        place: source.place(path),
        message: 'a step is one transform',
        found: show(form),
        expected: 'trim, or { truncate: 80 }',
        fix: 'write one list item for each transform',
      });
      return;
    }
    const [name, value] = entry;
    const transform = TRANSFORMS.get(name);
    if (!transform) {
      const { message, fix } = unknownTransform(name, TRANSFORMS);
      problems.push({
        severity: 'error',
        place: source.place([...path, name], 'key'),
        message,
        expected: `one of ${list([...TRANSFORMS.keys()], 60)}`,
        ...(fix === undefined ? {} : { fix }),
      });
      return;
    }
    const args = stepArgs(transform, value);
    const parsed = transform.args.safeParse(args, { reportInput: true });
    if (parsed.success) {
      steps.push({ transform: name, args });
      return;
    }
    // The problems are told of the arguments as they would be written out; a short form stands in the step itself.
    const here = [...path, name];
    const written: Source = {
      ...source,
      data: argsIn(source.data, here, args),
      place: (inner, which) =>
        args !== value && inner.length > here.length && inner[here.length] === transform.short
          ? source.place(value === undefined ? path : [...here, ...inner.slice(here.length + 1)])
          : source.place(inner, which),
    };
    for (const problem of schemaProblems(
      parsed.error.issues,
      written,
      here,
      transform.args,
      `the argument of ${name}`,
    ))
      problems.push({ ...problem, message: `${name}: ${problem.message}` });
  });
  return steps;
}

/** A step's arguments written out: `{ truncate: 80 }` is `{ truncate: { length: 80 } }`. */
export function stepArgs(transform: Transform, value: unknown): unknown {
  const bare = typeof value !== 'object' || Array.isArray(value);
  return transform.short !== undefined && bare && value !== undefined
    ? { [transform.short]: value }
    : (value ?? {});
}

/** The data with `args` standing at `path`, so that a short form is looked up like a long one. */
function argsIn(data: unknown, path: Path, args: unknown): unknown {
  const [head, ...rest] = path;
  if (head === undefined) return args;
  const inner =
    typeof data === 'object' && data !== null ? (data as Record<PropertyKey, unknown>)[head] : undefined;
  return { ...(typeof data === 'object' ? data : {}), [head]: argsIn(inner, rest, args) };
}
