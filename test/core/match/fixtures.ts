import { createMatcher } from '../../../core/match/matcher.ts';
import type { Comparison, MatchInput } from '../../../core/match/types.ts';
import { BUILTIN_ENTITIES } from '../../../core/model/builtin.ts';
import type { Value } from '../../../core/model/value.ts';

export const { person, company, deal } = BUILTIN_ENTITIES;

export const record = (id: string, values: Record<string, Value>): MatchInput => ({
  id,
  source: 'list',
  values,
});

export function compare(
  entity: typeof person,
  a: Record<string, Value>,
  b: Record<string, Value>,
): Comparison & { sharedKeys: string[] } {
  const matcher = createMatcher(entity);
  const [x, y] = [matcher.prepare(record('a', a)), matcher.prepare(record('b', b))];
  const keys = new Set(matcher.keys(y));
  return { ...matcher.compare(x, y), sharedKeys: matcher.keys(x).filter((k) => keys.has(k)) };
}
