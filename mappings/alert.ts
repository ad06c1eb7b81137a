import jsonata from 'jsonata';
import type { Json } from '../connectors/contract.ts';
import type { Held } from '../core/messages/rule.ts';
import type { Values } from '../core/model/value.ts';
import { parseExpression } from './expression.ts';
import { didYouMean } from './nearest.ts';

/** An alert's `when`, compiled. */
export interface Condition {
  holds(values: Values, previous: Values | undefined): Promise<Held>;
}

export type ConditionResult = { condition: Condition } | { message: string; position?: number; fix?: string };

/**
 * Compiles a JSONata expression over golden values, in which `$previous` is what they were before the change (nothing, for a new
 * record). Empty values are absent from both. Names that the entity does not have are told at once: JSONata would pass over them. `variables`: none where nothing has changed.
 */
export function parseCondition(
  text: string,
  attributes: readonly string[] | undefined,
  variables: readonly string[] = ['previous'],
): ConditionResult {
  const parsed = parseExpression(text, variables);
  if ('message' in parsed) return parsed;
  const previous = namesOf(jsonata(text).ast() as unknown as Node);
  for (const name of attributes === undefined ? [] : [...parsed.expression.reads, ...previous])
    if (!attributes!.includes(name)) {
      const fix = didYouMean(name, attributes!);
      return { message: `the entity has no attribute "${name}"`, ...(fix === undefined ? {} : { fix }) };
    }
  return {
    condition: {
      async holds(values, previous) {
        const result = await parsed.expression.evaluate(present(values), null, {
          previous: previous && present(previous),
        });
        if (!result.ok) return result;
        // JSONata leaves out what it cannot find: a comparison with nothing is nothing, and not true.
        if (result.value === null || result.value === false) return { ok: true, value: false };
        if (result.value === true) return { ok: true, value: true };
        const kind = Array.isArray(result.value) ? 'a list' : `a ${typeof result.value}`;
        return { ok: false, message: `the condition gives ${kind}, and must give true or false` };
      },
    },
  };
}

/** In JSONata a comparison with null is an error; with nothing it is nothing. */
function present(values: Values): Record<string, Json> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== null && value !== ''));
}

interface Node {
  type?: string;
  value?: unknown;
  steps?: Node[];
  [part: string]: unknown;
}

/** The names that an expression reads of `$previous`. */
function namesOf(root: Node): Set<string> {
  const found = new Set<string>();
  const visit = (value: unknown) => {
    if (Array.isArray(value)) for (const item of value) visit(item);
    if (typeof value !== 'object' || value === null || Array.isArray(value) || value instanceof RegExp)
      return;
    const node = value as Node;
    const [first, second] = node.type === 'path' ? (node.steps ?? []) : [];
    if (first?.type === 'variable' && first.value === 'previous' && second?.type === 'name')
      found.add(String(second.value));
    for (const part of Object.values(node)) visit(part);
  };
  visit(root);
  return found;
}
