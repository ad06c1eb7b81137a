import type { Rule } from '../model/survivorship.ts';
import { isEmpty, type Value } from '../model/value.ts';
import { type Candidate, newestFirst } from './candidates.ts';

export interface Choice {
  value: Value;
  /** The candidate the value comes from; for computed values (sum, union) the newest that contributed. */
  winner: Candidate;
  rule: string;
}

export function ruleName(rule: Rule): string {
  if (typeof rule === 'string') return rule;
  return 'prefer' in rule ? `prefer ${rule.prefer.join(', ')}` : `rank ${rule.rank.join(' < ')}`;
}

const best = (list: Candidate[], score: (c: Candidate) => number): Candidate[] => {
  const top = Math.max(...list.map(score));
  return list.filter((c) => score(c) === top);
};

const order = (a: Value, b: Value): number =>
  typeof a === 'number' && typeof b === 'number'
    ? a - b
    : String(a) < String(b)
      ? -1
      : String(a) > String(b)
        ? 1
        : 0;

/** A rule narrows the candidates (an array), or settles the value itself (`Choice`). `list` is never empty. */
function apply(rule: Rule, list: Candidate[]): Candidate[] | Choice {
  const name = ruleName(rule);
  if (rule === 'latest') return list.filter((c) => c.at === list[0]!.at);
  if (typeof rule === 'object' && 'prefer' in rule) {
    for (const connection of rule.prefer) {
      const own = list.filter((c) => c.connection === connection);
      if (own.length > 0) return own;
    }
    return list;
  }
  const filled = list.filter((c) => !isEmpty(c.value));
  if (filled.length === 0) return list;
  if (typeof rule === 'object') return best(filled, (c) => rule.rank.indexOf(String(c.value)));
  switch (rule) {
    case 'complete':
      return best(filled, (c) => c.filled);
    case 'longest':
      return best(filled, (c) => String(c.value).length);
    case 'any':
    case 'all': {
      const wanted = rule === 'any';
      return best(filled, (c) => (c.value === wanted ? 1 : 0));
    }
    case 'min':
    case 'max': {
      const sorted = [...filled].sort((a, b) => order(a.value, b.value));
      const edge = rule === 'min' ? sorted[0]! : sorted.at(-1)!;
      return filled.filter((c) => order(c.value, edge.value) === 0);
    }
    case 'sum': {
      const numbers = filled.filter((c) => typeof c.value === 'number');
      if (numbers.length === 0) return filled;
      return {
        value: numbers.reduce((sum, c) => sum + (c.value as number), 0),
        winner: numbers[0]!,
        rule: name,
      };
    }
    case 'union': {
      const items = filled.flatMap((c) => (Array.isArray(c.value) ? c.value : [String(c.value)]));
      return { value: [...new Set(items)].sort(), winner: filled[0]!, rule: name };
    }
  }
}

/**
 * Runs a chain of rules. Each narrows what the one before left; the rule named is the last that decided. What is
 * still tied goes to the newest, then to the smallest source key. `list` must not be empty.
 */
export function choose(chain: readonly Rule[], list: Candidate[]): Choice {
  let left = [...list].sort(newestFirst);
  let decided = left.length === 1 ? 'only value' : undefined;
  for (const rule of chain) {
    const result = apply(rule, left);
    if (!Array.isArray(result)) return result;
    if (result.length < left.length) decided = ruleName(rule);
    left = result;
  }
  const winner = left[0]!;
  return { value: winner.value, winner, rule: decided ?? ruleName(chain[0] ?? 'latest') };
}
