import { describe, expect, test } from 'vitest';
import { overlapping } from '../../../api/demo/world/index.ts';
import { createMatcher } from '../../../core/match/matcher.ts';
import { BUILTIN_ENTITIES } from '../../../core/model/builtin.ts';
import { pairwise } from '../../bench/match/measure.ts';
import { resolveAll, type WorldList, worldLists } from './worldList.ts';

/** Worlds that nobody looked at while rules and weights were chosen; keep it so: judge by them, tune by others. */
const SEEDS = [11, 29, 47];
const SIZE = { ...overlapping(2000, 700), companies: 200 };
const matchers = {
  people: createMatcher(BUILTIN_ENTITIES.person),
  companies: createMatcher(BUILTIN_ENTITIES.company),
};

/** Owners whose records are in two clusters, and clusters that hold two owners. */
function mistakes(list: WorldList, clusters: readonly string[][]) {
  const homes = new Map<string, Set<number>>();
  const mixed: string[][] = [];
  for (const [i, members] of clusters.entries()) {
    const owners = new Set(members.map((id) => list.truth.get(id)!));
    if (owners.size > 1) mixed.push(members);
    for (const owner of owners) homes.set(owner, (homes.get(owner) ?? new Set()).add(i));
  }
  return { mixed, scattered: [...homes].filter(([, set]) => set.size > 1).map(([owner]) => owner) };
}

describe.each(SEEDS)('a world of seed %i', (seed) => {
  test('clean: every person and every company together, and no two', async () => {
    const lists = await worldLists({ seed, ...SIZE, messiness: 0 });
    for (const kind of ['people', 'companies'] as const) {
      const { clusters } = resolveAll(matchers[kind], lists[kind].inputs);
      expect(mistakes(lists[kind], clusters)).toEqual({ mixed: [], scattered: [] });
      expect(clusters).toHaveLength(new Set(lists[kind].truth.values()).size);
    }
  });

  test('messy: what is linked without a review is right', async () => {
    const lists = await worldLists({ seed, ...SIZE, messiness: 0.5 });
    for (const [kind, floor] of [
      ['people', 0.85],
      ['companies', 0.75],
    ] as const) {
      const { clusters } = resolveAll(matchers[kind], lists[kind].inputs);
      const { precision, recall } = pairwise(lists[kind].truth, clusters);
      console.log(
        `messy ${kind}, seed ${seed}: precision ${precision.toFixed(4)}, recall ${recall.toFixed(4)} without review`,
      );
      expect(precision).toBeGreaterThanOrEqual(0.995);
      expect(recall).toBeGreaterThanOrEqual(floor);
    }
  });
});
