import jsonata from 'jsonata';
import type { Json } from '../connectors/contract.ts';
import { nearest } from './nearest.ts';
import type { ConfigProblem, Place } from './problem.ts';

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

/** JSONata's own functions that are left. */
export const FUNCTIONS: readonly string[] = (
  'abs append assert average base64decode base64encode boolean ceil contains count decodeUrl decodeUrlComponent distinct each ' +
  'encodeUrl encodeUrlComponent error exists filter floor formatBase formatInteger formatNumber fromMillis join keys length lookup ' +
  'lowercase map match max merge min not number pad parseInteger power reduce replace reverse round sift single sort split spread ' +
  'sqrt string substring substringAfter substringBefore sum toMillis trim type uppercase zip'
).split(' ');

/** Bounds of one evaluation: milliseconds, nested calls, items of one list. */
const LIMITS = { timeout: 1000, stack: 200, sequence: 10_000 };

export interface ExpressionFault {
  message: string;
  /** Characters from its start to the end of what is wrong. */
  position?: number;
  fix?: string;
}

export type ExpressionResult = { expression: Expression } | ExpressionFault;

/** Compiles an expression, or says what is wrong with it. `variables`: the names that `evaluate` is given values for. */
export function parseExpression(text: string, variables: readonly string[] = ['value']): ExpressionResult {
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
  const faults: ExpressionFault[] = [];
  const tree = compiled.ast() as unknown as Node;
  walk(tree, true, reads, faults);
  faults.push(...unknownNames(tree, variables));
  if (faults[0] !== undefined) return faults[0];
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
function walk(node: Node, top: boolean, reads: Set<string>, faults: ExpressionFault[]): void {
  if (node.type === 'variable' && typeof node.value === 'string' && Object.hasOwn(FORBIDDEN, node.value))
    faults.push({
      message: `$${node.value} is not allowed in a mapping: it ${FORBIDDEN[node.value]}`,
      ...positionOf(node),
      fix:
        node.value === 'eval'
          ? 'write the expression itself'
          : 'the same record must give the same value tomorrow: take it from a field of the tool',
    });
  if (top && (node.type === 'wildcard' || node.type === 'descendant' || node.type === 'parent'))
    faults.push({
      message: 'an expression must name the fields it reads, so that they can be asked for: * and ** cannot',
      ...positionOf(node),
      fix: 'write the names of the fields',
    });
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

function each(value: unknown, top: boolean, reads: Set<string>, faults: ExpressionFault[]): void {
  if (Array.isArray(value)) for (const item of value) each(item, top, reads, faults);
  else if (typeof value === 'object' && value !== null && !(value instanceof RegExp))
    walk(value as Node, top, reads, faults);
}

const positionOf = ({ position }: Node) => (typeof position === 'number' ? { position } : {});

/** `$names` that nothing gives a meaning: JSONata takes such a variable for nothing, and fails on such a function for every record. */
function unknownNames(tree: Node, variables: readonly string[]): ExpressionFault[] {
  const bound = new Set([...variables, ...FUNCTIONS, ...Object.keys(FORBIDDEN), '', '$']);
  const used: Node[] = [];
  const visit = (value: unknown): void => {
    if (Array.isArray(value)) for (const item of value) visit(item);
    if (typeof value !== 'object' || value === null || Array.isArray(value) || value instanceof RegExp)
      return;
    const node = value as Node;
    if (node.type === 'variable') used.push(node);
    // A `:=`, the arguments of a function, and the `@` and `#` of a step give names.
    if (node.type === 'bind') bind(node.lhs);
    if (node.type === 'lambda' && Array.isArray(node.arguments)) node.arguments.forEach(bind);
    for (const name of [node.focus, node.index]) if (typeof name === 'string') bound.add(name);
    for (const stage of Array.isArray(node.stages) ? node.stages : []) bind({ ...stage, type: 'variable' });
    for (const part of Object.values(node)) visit(part);
  };
  const bind = (node: unknown) => {
    const { type, value } = (node ?? {}) as Node;
    if (type === 'variable' && typeof value === 'string') bound.add(value);
  };
  visit(tree);
  return used
    .filter(({ value }) => typeof value === 'string' && !bound.has(value))
    .map((node): ExpressionFault => {
      const guess = nearest(
        String(node.value),
        [...bound].filter((name) => !Object.hasOwn(FORBIDDEN, name)),
      );
      return {
        message: `there is no $${node.value}`,
        ...positionOf(node),
        fix:
          guess === undefined
            ? 'the functions are listed at https://docs.jsonata.org; a field is written without $'
            : `did you mean "$${guess}"?`,
      };
    });
}

/** What is wrong with an expression as a problem of the file. Written in one line, its very place is shown. */
export function expressionProblem(fault: ExpressionFault, text: string, place: Place): ConfigProblem {
  const quote = /^["']/.test(place.text.slice(place.column - 1)) ? 1 : 0;
  const here = place.text.slice(place.column - 1 + quote).startsWith(text);
  const { position } = fault;
  return {
    severity: 'error',
    place:
      position === undefined || !here
        ? place
        : { ...place, column: place.column + quote + Math.max(0, position - 1) },
    message: fault.message,
    found:
      position === undefined || here
        ? JSON.stringify(text)
        : `… near character ${position} of ${JSON.stringify(text)}`,
    expected: 'a list of transforms, or one JSONata expression',
    fix:
      fault.fix ??
      (/^[a-z]+$/i.test(text) ? `for the transform write [${text}]` : 'see https://docs.jsonata.org'),
  };
}
