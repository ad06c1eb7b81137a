import type { Entity } from '../model/entity.ts';
import { BASES } from './bases.ts';
import { crowded } from './crowd.ts';
import { calibrate, ENOUGH } from './frequencies.ts';
import { createMatcher } from './matcher.ts';
import { DEFAULT_MODEL, type Level, type Model } from './model.ts';
import { buildBlocks, eachPair } from './pairs.ts';
import type { Prepared } from './prepared.ts';
import { type Scorer, scorer } from './score.ts';
import { type Decided, train } from './train.ts';

/** How the pairs of a sample fall, by one model. */
export interface Verdicts {
  link: number;
  review: number;
  apart: number;
}

export interface Retrained {
  model: Model;
  pairs: number;
  before: Verdicts;
  after: Verdicts;
  /** Pairs that the new weights decide otherwise. */
  changed: number;
  /** Every level's weight in bits, before and after. */
  weights: { comparison: string; level: string; before: number; after: number }[];
  prior: { before: number; after: number };
}

/**
 * Learns weights from these records and what people have decided of them, starting from the shipped ones (never from learnt ones: learning again and again from
 * oneself drifts), and compares them with those in use. `stored`: how many records there are in all. Pure and deterministic. Throws for an entity that is never matched.
 */
export function retrain(
  entity: Entity,
  inUse: Model | undefined,
  records: readonly Prepared[],
  decided: readonly Decided[] = [],
  stored = records.length,
): Retrained {
  const { base } = entity;
  if (base === 'none')
    throw new Error(`entity ${entity.name} is never matched: let it extend person, company or deal`);
  const matcher = createMatcher(entity);
  const blocks = buildBlocks(records.map(matcher.keys), matcher.limit);
  const old = inUse ?? DEFAULT_MODEL[base];
  // Of an even draw as few pairs are one as of all: the prior is that of all.
  const among = Math.max(stored, ENOUGH);
  const model = { ...train(calibrate(DEFAULT_MODEL[base], records), records, blocks, decided), among };
  const [left, right] = [old, model].map((one) => scorer(BASES[base], crowded(one, stored))) as [
    Scorer,
    Scorer,
  ];
  const before: Verdicts = { link: 0, review: 0, apart: 0 };
  const after: Verdicts = { link: 0, review: 0, apart: 0 };
  let changed = 0;
  const pairs = eachPair(blocks, (i, j) => {
    const [a, b] = [records[i]!, records[j]!];
    const was = left.decide(a, b, left.weigh(a, b));
    const is = right.decide(a, b, right.weigh(a, b));
    before[was]++;
    after[is]++;
    if (was !== is) changed++;
  });
  // A model learnt before a level was added gives it no weight.
  const bits = (level: Level | undefined) => (level === undefined ? 0 : Math.log2(level.m / level.u));
  return {
    model,
    pairs,
    before,
    after,
    changed,
    weights: BASES[base].comparisons.flatMap(({ name, levels }) =>
      levels.map((level) => ({
        comparison: name,
        level,
        before: bits(old.comparisons[name]?.[level]),
        after: bits(model.comparisons[name]![level]),
      })),
    ),
    prior: { before: old.prior, after: model.prior },
  };
}
