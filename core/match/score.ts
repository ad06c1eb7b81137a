import type { BaseSpec } from './bases.ts';
import type { Model } from './model.ts';
import type { Prepared } from './prepared.ts';
import { reset, type Scratch, scratch } from './scratch.ts';
import type { Comparison, LevelHit } from './types.ts';

/** No single value is worth more than this many bits: even a unique one may have been copied. */
const MOST_BITS = 18;

/** Bits of net evidence below which two records exclude each other, whatever third record ties them together. */
const EXCLUDE = -12;

/** What scoring a pair needs, prepared once per model. */
export interface Scorer {
  s: Scratch;
  /** Fills `s`, and returns the pair's weight in bits. */
  weigh(a: Prepared, b: Prepared): number;
  /** The decision on the pair last weighed. */
  decide(a: Prepared, b: Prepared, weight: number): 'link' | 'review' | 'apart';
  /** As `weigh` and `decide`, with every part named. */
  explain(a: Prepared, b: Prepared): Comparison;
}

/** A value's share of records. It is asked for two or three times a pair, and pairs of one block agree on the same: the last answer is kept. */
function shareTable(rare: number, shares: Record<string, number>): (value: string) => number {
  const known = new Map(Object.entries(shares));
  let last = '';
  let share = known.get(last) ?? rare;
  return (value) => {
    if (value !== last) {
      last = value;
      share = known.get(value) ?? rare;
    }
    return share;
  };
}

export function scorer(spec: BaseSpec, model: Model): Scorer {
  const ms = spec.comparisons.map(({ name, levels }) =>
    levels.map((l) => model.comparisons[name]?.[l]?.m ?? 1),
  );
  const weights = spec.comparisons.map(({ name, levels }) =>
    levels.map((l) => {
      const level = model.comparisons[name]?.[l];
      return level === undefined ? 0 : Math.log2(level.m / level.u);
    }),
  );
  const tables = new Map(
    Object.entries(model.frequencies).map(([kind, { rare, shares }]) => [kind, shareTable(rare, shares)]),
  );
  const shareOf = (kind: string, value: string) => tables.get(kind)?.(value);

  const s = scratch(spec.comparisons.length, shareOf);

  /** Term frequency: agreeing on a value has the chance of that value, not of the average one (Winkler 1989). */
  const weigher = (i: number): number => {
    const level = s.level[i]!;
    if (level < 0) return 0;
    let weight = weights[i]![level]!;
    const kind = s.kind[i]!;
    if (kind !== '') {
      const share = shareOf(kind, s.key[i]!);
      if (share !== undefined) {
        weight = Math.min(MOST_BITS, Math.log2(ms[i]![level]! / share));
        if (weight < 0) weight = 0;
      }
    }
    return weight > 0 ? weight * s.share[i]! : weight;
  };

  /** The weights of the pair last weighed. */
  const parts = new Float64Array(spec.comparisons.length);

  const weigh = (a: Prepared, b: Prepared): number => {
    reset(s);
    // One order for every pair, so that compare(a, b) and compare(b, a) can never differ.
    if (a.id <= b.id) spec.fill(a, b, s);
    else spec.fill(b, a, s);
    let weight = model.prior;
    for (let i = 0; i < parts.length; i++) {
      parts[i] = weigher(i);
      weight += parts[i]!;
    }
    if (s.contradiction === undefined && weight - model.prior < EXCLUDE)
      s.contradiction = 'too much disagrees for one and the same';
    return weight;
  };

  const decide = (a: Prepared, b: Prepared, weight: number) => {
    if (s.contradiction !== undefined) return 'apart';
    if (spec.rule(a, b, s) !== undefined) return 'link';
    return byWeight(a, b, weight);
  };

  const byWeight = (a: Prepared, b: Prepared, weight: number) => {
    if (weight >= model.link && spec.supported(a, b, s)) return 'link';
    return weight >= model.review ? 'review' : 'apart';
  };

  const explain = (a: Prepared, b: Prepared): Comparison => {
    const weight = weigh(a, b);
    const levels: LevelHit[] = [];
    for (let i = 0; i < parts.length; i++) {
      const level = s.level[i]!;
      if (level < 0) continue;
      const { name, levels: names } = spec.comparisons[i]!;
      levels.push({ comparison: name, level: names[level]!, weight: parts[i]! });
    }
    const rule = s.contradiction === undefined ? spec.rule(a, b, s) : undefined;
    const comparison: Comparison = {
      weight,
      probability: 1 / (1 + 2 ** -weight),
      decision:
        s.contradiction !== undefined ? 'apart' : rule !== undefined ? 'link' : byWeight(a, b, weight),
      levels,
    };
    if (s.contradiction !== undefined) comparison.contradiction = s.contradiction;
    if (rule !== undefined) comparison.rule = rule;
    return comparison;
  };

  return { s, weigh, decide, explain };
}
