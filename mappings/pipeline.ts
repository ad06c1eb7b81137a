import type { Json } from '../connectors/contract.ts';
import type { Scalar } from '../core/model/value.ts';
import { type Expression, parseExpression } from './expression.ts';
import { sameText } from './sameText.ts';
import type { FieldSpec, Pipeline } from './spec.ts';
import type { Result, Step, TransformContext } from './transforms/define.ts';
import { TRANSFORMS } from './transforms/index.ts';

/** A pipeline made ready: its steps run at once, an expression needs to be awaited. */
export type Ready = ReadySteps | { expression: Expression; reads: string[] };

export interface ReadySteps {
  steps: (value: Json, context: TransformContext) => Result;
  reads: string[];
}

export function ready(pipeline: Pipeline | undefined): Ready {
  if (pipeline && 'expression' in pipeline) {
    const parsed = parseExpression(pipeline.expression);
    if ('message' in parsed) throw new Error(`${parsed.message}: ${pipeline.expression}`);
    return { expression: parsed.expression, reads: parsed.expression.reads };
  }
  const steps = pipeline?.steps ?? [];
  const run = steps.map(({ transform, args }) => known(transform).prepare(args));
  return {
    reads: steps.flatMap(({ transform, args }) => known(transform).reads?.(args) ?? []),
    steps(value, context) {
      let result: Result = { ok: true, value };
      for (const step of run) {
        if (!result.ok) return result;
        result = step(result.value, context);
      }
      return result;
    },
  };
}

function known(name: string) {
  const transform = TRANSFORMS.get(name);
  if (!transform) throw new Error(`there is no transform "${name}"`);
  return transform;
}

/** What is done on out: as written, or the inverse of what is done on in, in reverse order. */
export function outgoing(spec: FieldSpec): Pipeline | undefined {
  if (spec.out !== undefined || spec.in === undefined || 'expression' in spec.in) return spec.out;
  return {
    steps: spec.in.steps
      .toReversed()
      .flatMap(({ transform, args }): Step[] => known(transform).inverse?.(args) ?? []),
  };
}

/** Values that `default` writes into a field. They say 'nothing is known' and never come back in. */
export function placeholders(pipeline: Pipeline | undefined): string[] {
  if (!pipeline || 'expression' in pipeline) return [];
  return pipeline.steps
    .filter(({ transform }) => transform === 'default')
    .map(({ args }) => sameText((args as { value: Scalar }).value));
}

const NOT_LISTED = 'is not in values; add it, or "*" for every other value';

/** Tool value → canonical. Exact first, then in another case; '*' takes the rest. */
export function valueIn(values: Record<string, Scalar | null>, value: Json): Result {
  if (Array.isArray(value)) return over(value, (item) => valueIn(values, item));
  if (value === null || value === '') return { ok: true, value: null };
  const text = String(value).trim();
  if (text !== '*' && Object.hasOwn(values, text)) return { ok: true, value: values[text] ?? null };
  const other = Object.keys(values).find((key) => key !== '*' && sameText(key) === sameText(text));
  const found = other ?? (Object.hasOwn(values, '*') ? '*' : undefined);
  return found === undefined
    ? { ok: false, message: NOT_LISTED, misfit: 'not-in-values' }
    : { ok: true, value: values[found] ?? null };
}

/** Canonical → tool: of several tool values with one meaning, the first that is written down. */
export function valueOut(values: Record<string, Scalar | null>, value: Json): Result {
  if (Array.isArray(value)) return over(value, (item) => valueOut(values, item));
  if (value === null || value === '') return { ok: true, value: null };
  const found = Object.entries(values).find(
    ([key, canonical]) => key !== '*' && canonical !== null && String(canonical) === String(value),
  );
  return found
    ? { ok: true, value: found[0] }
    : {
        ok: false,
        message: 'is not among the canonical values of values; add a line for it',
        misfit: 'not-in-values',
      };
}

function over(list: Json[], each: (item: Json) => Result): Result {
  const items: Json[] = [];
  for (const item of list) {
    const result = each(item);
    if (!result.ok) return result;
    items.push(result.value);
  }
  return { ok: true, value: items };
}
