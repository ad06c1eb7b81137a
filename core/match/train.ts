import { BASES } from './bases.ts';
import type { Level, Model } from './model.ts';
import { type Blocks, eachPair } from './pairs.ts';
import type { Prepared } from './prepared.ts';
import { scorer } from './score.ts';

const ITERATIONS = 6;
/** Weight of the model that training starts from, in pairs: a few strange records must not overturn it. */
const FAITH_M = 60;
const FAITH_U = 4000;
const STRANGERS = 60_000;

/**
 * Learns m, u and the prior from unlabelled records. u comes from pairs of strangers drawn evenly from the list; m
 * and the prior by expectation–maximisation over the candidate pairs (Winkler 1988; Dempster, Laird and Rubin
 * 1977), each pair weighted by the probability that the model of the round before gives it. Frequencies and the
 * discounts for correlated fields take part in that probability. Deterministic.
 */
export function train(model: Model, records: readonly Prepared[], blocks: Blocks): Model {
  const spec = BASES[model.base];
  let current: Model = { ...model, comparisons: withStrangers(model, records) };
  const possible = Math.max(1, (records.length * (records.length - 1)) / 2);
  let pairs = 0;
  for (let round = 0; round < ITERATIONS; round++) {
    const score = scorer(spec, current);
    const agreed = spec.comparisons.map((c) => new Float64Array(c.levels.length));
    let matches = 0;
    pairs = eachPair(blocks, (i, j) => {
      const weight = score.weigh(records[i]!, records[j]!);
      if (score.s.contradiction !== undefined || weight < -8) return;
      const probability = 1 / (1 + 2 ** -weight);
      matches += probability;
      for (let c = 0; c < agreed.length; c++) {
        const level = score.s.level[c]!;
        if (level >= 0) agreed[c]![level]! += probability;
      }
    });
    const comparisons: Model['comparisons'] = {};
    for (const [c, { name, levels }] of spec.comparisons.entries()) {
      const total = agreed[c]!.reduce((x, y) => x + y, 0);
      comparisons[name] = {};
      for (const [l, level] of levels.entries()) {
        const before = current.comparisons[name]![level]!;
        const start = model.comparisons[name]![level]!.m;
        comparisons[name]![level] = {
          m: (agreed[c]![l]! + FAITH_M * start) / (total + FAITH_M),
          u: before.u,
        };
      }
    }
    current = { ...current, comparisons, prior: Math.log2(Math.max(matches, 1) / possible) };
  }
  return { ...current, trained: { records: records.length, pairs, iterations: ITERATIONS } };
}

/** u of every level, from pairs drawn evenly: strangers, all but a few. */
function withStrangers(model: Model, records: readonly Prepared[]): Model['comparisons'] {
  const spec = BASES[model.base];
  const score = scorer(spec, model);
  const seen = spec.comparisons.map((c) => new Float64Array(c.levels.length));
  const n = records.length;
  const wanted = n < 2 ? 0 : Math.min(STRANGERS, n * (n - 1));
  let state = 12345;
  const next = () => {
    // A fixed linear congruential sequence (Numerical Recipes): even, and the same every time.
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * n);
  };
  for (let k = 0; k < wanted; k++) {
    const [i, j] = [next(), next()];
    if (i === j) continue;
    score.weigh(records[i]!, records[j]!);
    for (let c = 0; c < seen.length; c++) {
      const level = score.s.level[c]!;
      if (level >= 0) seen[c]![level]!++;
    }
  }
  const comparisons: Record<string, Record<string, Level>> = {};
  for (const [c, { name, levels }] of spec.comparisons.entries()) {
    const total = seen[c]!.reduce((x, y) => x + y, 0);
    comparisons[name] = {};
    for (const [l, level] of levels.entries()) {
      const { m, u } = model.comparisons[name]![level]!;
      comparisons[name]![level] = { m, u: (seen[c]![l]! + FAITH_U * u) / (total + FAITH_U) };
    }
  }
  return comparisons;
}
