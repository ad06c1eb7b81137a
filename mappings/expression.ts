import jsonata from 'jsonata';
import type { Json } from '../connectors/contract.ts';

/** A JSONata expression that is a pure function of a record and a value. */
export interface Expression {
  text: string;
  /** Names it reads at the top of the record. */
  reads: string[];
  /**
   * `record` without its empty values: in JSONata nothing & 'x' is 'x', but null & 'x' is 'nullx'. `variables`: what stands
   * behind `$name`, beside `$value`.
   */
  evaluate(
    record: Record<string, Json>,
    value: Json,
    variables?: Record<string, Json | undefined>,
  ): Promise<{ ok: true; value: Json } | { ok: false; message: string }>;
}

/** What would make a mapping give another answer tomorrow, or escape the checks below. */
const FORBIDDEN: Record<string, string> = {
  now: 'reads the clock',
  millis: 'reads the clock',
  random: 'rolls dice',
  shuffle: 'rolls dice',
  eval: 'runs text as code',
};

/** Bounds of one evaluation: milliseconds, nested calls, items of one list. */
const LIMITS = { timeout: 1000, stack: 200, sequence: 10_000 };

export type ExpressionResult = { expression: Expression } | { message: string; position?: number };

/** Compiles an expression, or says what is wrong with it (`position`: characters from its start). */
export function parseExpression(text: string): ExpressionResult {
  let compiled: jsonata.Expression;
  try {
    compiled = jsonata(text, LIMITS);
  } catch (error) {
    const { message, position } = faultOf(error);
    return {
      message: `not a JSONata expression: ${message}`,
      ...(position === undefined ? {} : { position }),
    };
  }
  const reads = new Set<string>();
  const faults: string[] = [];
  walk(compiled.ast() as unknown as Node, true, reads, faults);
  if (faults[0] !== undefined) return { message: faults[0] };
  return {
    expression: {
      text,
      reads: [...reads],
      async evaluate(record, value, variables = {}) {
        try {
          const result: unknown = await compiled.evaluate(record, {
            ...variables,
            value: value ?? undefined,
          });
          return { ok: true, value: plain(result) };
        } catch (error) {
          return { ok: false, message: `the expression failed: ${faultOf(error).message}` };
        }
      },
    },
  };
}

/** JSONata throws plain objects. */
function faultOf(error: unknown): { message: string; position?: number } {
  if (typeof error !== 'object' || error === null) return { message: String(error) };
  const { message, position } = error as { message?: unknown; position?: unknown };
  return {
    message: typeof message === 'string' ? message : 'it cannot be run',
    ...(typeof position === 'number' ? { position } : {}),
  };
}

/** JSONata's sequences and functions, as JSON. */
function plain(value: unknown): Json {
  if (value === undefined || value === null || typeof value === 'function') return null;
  if (typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value === 'object')
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plain(inner)]));
  return String(value);
}

interface Node {
  type?: string;
  value?: unknown;
  steps?: Node[];
  [part: string]: unknown;
}

/** Collects the names read at the top. `top`: names here mean fields of the record, not of a value inside it. */
function walk(node: Node, top: boolean, reads: Set<string>, faults: string[]): void {
  if (node.type === 'variable' && typeof node.value === 'string' && Object.hasOwn(FORBIDDEN, node.value))
    faults.push(`$${node.value} is not allowed in a mapping: it ${FORBIDDEN[node.value]}`);
  if (top && (node.type === 'wildcard' || node.type === 'descendant' || node.type === 'parent'))
    faults.push(
      'an expression must name the fields it reads, so that they can be asked for: * and ** cannot',
    );
  if (node.type === 'name' && top) reads.add(String(node.value));
  if (node.type === 'path' && node.steps) {
    const [first, ...rest] = node.steps;
    // `$.Name` and `$$.Name` start at the record too.
    const root = first?.type === 'variable' && (first.value === '' || first.value === '$');
    if (first) walk(first, top, reads, faults);
    rest.forEach((step, i) => {
      walk(step, top && root && i === 0, reads, faults);
    });
    for (const [part, inner] of Object.entries(node)) if (part !== 'steps') each(inner, false, reads, faults);
    return;
  }
  for (const [part, inner] of Object.entries(node))
    each(inner, top && part !== 'predicate' && part !== 'stages', reads, faults);
}

function each(value: unknown, top: boolean, reads: Set<string>, faults: string[]): void {
  if (Array.isArray(value)) for (const item of value) each(item, top, reads, faults);
  else if (typeof value === 'object' && value !== null && !(value instanceof RegExp))
    walk(value as Node, top, reads, faults);
}
