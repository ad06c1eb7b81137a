import { z } from 'zod';
import type { Json } from '../../connectors/contract.ts';
import type { JsonSchema } from '../knownKeys.ts';
import { stepArgs } from '../steps.ts';
import type { Transform } from './define.ts';
import { TRANSFORMS } from './index.ts';

/** A transform as its users see it, from its own definition. */
export interface TransformDoc {
  name: string;
  doc: string;
  arguments: { name: string; takes: string; required: boolean; default: Json }[];
  /** The argument that may be written without its name; null: none. */
  short: string | null;
  /** What it does on in cannot be undone on out: an entry with it is read-only unless it says how to write. */
  oneWay: boolean;
  examples: TransformExample[];
}

export interface TransformExample {
  /** As it is written in a mapping: `trim`, `{ truncate: 80 }`. */
  step: string;
  direction: 'in' | 'out';
  input: Json;
  /** null where it fails, and where it gives nothing. */
  output: Json;
  /** Why it cannot be read. */
  fails: string | null;
}

/** Every transform, in the order of the list, or the one of that name: none, where there is no such. */
export function describeTransforms(name?: string): TransformDoc[] {
  return [...TRANSFORMS.values()].filter((one) => name === undefined || one.name === name).map(describe);
}

function describe(transform: Transform): TransformDoc {
  const examples = transform.examples.map(
    ({ args, direction = 'in', input, output = null, fails = null }): TransformExample => ({
      step: stepText(transform.name, args),
      direction,
      input,
      output,
      fails,
    }),
  );
  return {
    name: transform.name,
    doc: transform.doc,
    arguments: argumentsOf(transform),
    short: transform.short ?? null,
    oneWay: transform.examples.some(({ args }) => transform.oneWay?.(stepArgs(transform, args)) ?? false),
    examples,
  };
}

function argumentsOf({ args }: Transform): TransformDoc['arguments'] {
  const schema: JsonSchema = z.toJSONSchema(args, { io: 'input', unrepresentable: 'any' });
  const required = new Set(schema.required ?? []);
  const known = Object.entries(schema.properties ?? {}).map(([name, one]) => {
    const inner = one as JsonSchema;
    return {
      name,
      takes: takes(inner),
      required: required.has(name),
      default: (inner.default ?? null) as Json,
    };
  });
  if (known.length > 0 || typeof schema.additionalProperties !== 'object') return known;
  return [{ name: '…', takes: takes(schema.additionalProperties), required: true, default: null }];
}

const WORDS: Record<string, string> = {
  string: 'text',
  integer: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
  null: 'nothing',
};

function takes(schema: JsonSchema): string {
  if (schema.enum) return schema.enum.map((one) => JSON.stringify(one)).join(', ');
  if (schema.anyOf)
    return schema.anyOf.map((one) => (typeof one === 'object' ? takes(one) : 'anything')).join(', or ');
  if (schema.type === 'array')
    return `a list of ${typeof schema.items === 'object' && !Array.isArray(schema.items) ? takes(schema.items) : 'anything'}`;
  return WORDS[String(schema.type)] ?? 'anything';
}

/** A step as YAML in one line. */
function stepText(name: string, args: unknown): string {
  return args === undefined ? name : `{ ${name}: ${flow(args)} }`;
}

function flow(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(flow).join(', ')}]`;
  if (typeof value === 'object' && value !== null)
    return `{ ${Object.entries(value)
      .map(([key, inner]) => `${flow(key)}: ${flow(inner)}`)
      .join(', ')} }`;
  // Plain where YAML reads it back as the same text.
  if (
    typeof value === 'string' &&
    /^[\p{L}][\p{L}\d ]*$/u.test(value) &&
    !/^(true|false|null|yes|no|on|off|y|n)$/i.test(value)
  )
    return value;
  return JSON.stringify(value);
}
