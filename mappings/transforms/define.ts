import type { ZodType } from 'zod';
import type { Json } from '../../connectors/contract.ts';
import { didYouMean } from '../nearest.ts';

/** Why a value cannot be brought over, where a program wants to know. */
export type Misfit = 'too-long' | 'not-an-option' | 'not-in-values' | 'empty';

export type Result = { ok: true; value: Json } | { ok: false; message: string; misfit?: Misfit };

/** What a transform may know beside its value. */
export interface TransformContext {
  direction: 'in' | 'out';
  /** ISO 3166 code of numbers that name no country. */
  region: string;
  /** IANA name of the zone of times that name none. */
  timeZone: string;
  /** The whole record: the tool's fields on `in`, canonical attributes on `out`. */
  record: Record<string, Json>;
}

export interface Step {
  transform: string;
  args: unknown;
}

/** Shown in the documentation and run as a test. `input → output`; `fails` in place of output: the message. */
export interface Example {
  args?: unknown;
  direction?: 'in' | 'out';
  record?: Record<string, Json>;
  input: Json;
  output?: Json;
  fails?: string;
}

export interface Transform {
  name: string;
  doc: string;
  args: ZodType;
  /** `{ truncate: 80 }` means `{ truncate: { [short]: 80 } }`. */
  short?: string;
  examples: Example[];
  /** Checks the arguments once and gives the function that is run for each value. */
  prepare(args: unknown): (value: Json, context: TransformContext) => Result;
  /** The steps that undo it on `out`, where a mapping names none; nothing: the value is written as it is. */
  inverse?(args: unknown): Step[];
  /** On in it loses what writing would need: an entry that uses it is read-only unless it says how to write. */
  oneWay?(args: unknown): boolean;
  /** Other fields (in) or attributes (out) that it looks at. */
  reads?(args: unknown): string[];
}

/** A transform with its arguments typed: they are parsed once, at the edge. */
export function define<A>(spec: {
  name: string;
  doc: string;
  args: ZodType<A>;
  short?: string;
  examples: Example[];
  apply(value: Json, args: A, context: TransformContext): Result;
  inverse?(args: A): Step[];
  oneWay?(args: A): boolean;
  reads?(args: A): string[];
}): Transform {
  const { apply, inverse, oneWay, reads, ...rest } = spec;
  return {
    ...rest,
    prepare(raw) {
      const args = spec.args.parse(raw);
      return (value, context) => apply(value, args, context);
    },
    ...(inverse ? { inverse: (raw: unknown) => inverse(spec.args.parse(raw)) } : {}),
    ...(oneWay ? { oneWay: (raw: unknown) => oneWay(spec.args.parse(raw)) } : {}),
    ...(reads ? { reads: (raw: unknown) => reads(spec.args.parse(raw)) } : {}),
  };
}

export const done = (value: Json): Result => ({ ok: true, value: value === '' ? null : value });
export const fail = (message: string): Result => ({ ok: false, message });

/** Lifts a function of text: empty stays empty, lists are done item by item, numbers are read as text. */
export function overText(value: Json, each: (text: string) => Result): Result {
  if (value === null || value === '') return done(null);
  if (Array.isArray(value)) {
    const items: Json[] = [];
    for (const item of value) {
      const result = overText(item, each);
      if (!result.ok) return result;
      if (result.value !== null) items.push(result.value);
    }
    return done(items.length === 0 ? null : items);
  }
  if (typeof value === 'object') return fail('is a structure, and text was expected');
  return each(String(value));
}

/** Says why a name is not a transform's. */
export function unknownTransform(
  name: string,
  known: ReadonlyMap<string, Transform>,
): { message: string; fix?: string } {
  // "truncate: 80" and truncate(80): the argument is part of the name.
  const [, bare = '', argument = ''] = /^(\w+)\s*[:(=]\s*(.*?)\)?$/.exec(name) ?? [];
  const guess = known.has(bare) ? `write { ${bare}: ${argument} }` : didYouMean(name, known.keys());
  return { message: `there is no transform "${name}"`, ...(guess ? { fix: guess } : {}) };
}
