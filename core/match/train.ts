import { BASES } from './bases.ts';
import { type Agreed, countValues, ENOUGH, withoutMatches } from './frequencies.ts';
import type { Level, Model } from './model.ts';
import { type Blocks, eachPair } from './pairs.ts';
import type { Prepared } from './prepared.ts';
import { scorer } from './score.ts';

const ITERATIONS = 6;
/** Weight of the model that training starts from, in pairs: a few strange records must not overturn it. */
const FAITH_M = 60;
const FAITH_U = 1000;
/** Bits below which a candidate counts as two, to the last part of it. */
const HOPELESS = -8;
const STRANGERS = 60_000;
/** Pairs less probable than this are strangers where values are counted. */
const PROBABLE = 0.01;

/** What a person has said of two records: they are one, or two. */
export interface Decided {
  a: string;
  b: string;
  one: boolean;
}

/**
 * Learns m, u, the frequencies and the prior from unlabelled records, by expectation–maximisation (Winkler 1988; Dempster, Laird and
 * Rubin 1977): each candidate pair counts as a match with the probability that the model of the round before gives it, as a pair
 * of strangers with the rest; pairs that are no candidates are strangers, and an even draw stands for them. Frequencies and the
 * discounts for correlated fields take part in that probability. What people have decided of a pair is certain, whatever the model
 * says. Deterministic.
 */
export function train(
  model: Model,
  records: readonly Prepared[],
  blocks: Blocks,
  decided: readonly Decided[] = [],
): Model {
  const spec = BASES[model.base];
  const possible = Math.max(1, (records.length * (records.length - 1)) / 2);
  // The frequencies of a short list are those of one of ENOUGH records; so must be the prior.
  const among = Math.max(1, (records.length * (Math.max(records.length, ENOUGH) - 1)) / 2);
  const counted = countValues(model.base, records);
  const known = byPair(records, decided);
  const sample = sampleOutside(model, records, blocks);
  let current = model;
  let pairs = 0;
  for (let round = 0; round < ITERATIONS; round++) {
    const score = scorer(spec, current);
    const agreed = spec.comparisons.map((c) => new Float64Array(c.levels.length));
    const parted = spec.comparisons.map((c) => new Float64Array(c.levels.length));
    const same: Agreed = new Map();
    let matches = 0;
    const unseen = new Map(known);
    const count = (i: number, j: number) => {
      const weight = score.weigh(records[i]!, records[j]!);
      const probability =
        unseen.get(i * records.length + j) ??
        (score.s.contradiction !== undefined || weight < HOPELESS ? 0 : 1 / (1 + 2 ** -weight));
      unseen.delete(i * records.length + j);
      matches += probability;
      for (let c = 0; c < agreed.length; c++) {
        const level = score.s.level[c]!;
        if (level < 0) continue;
        agreed[c]![level]! += probability;
        parted[c]![level]! += 1 - probability;
        if (probability > PROBABLE) add(same, score.s.kind[c]!, score.s.key[c]!, probability);
      }
    };
    pairs = eachPair(blocks, count);
    // Two that people have joined though nothing in them is alike.
    for (const pair of [...unseen.keys()]) count(Math.floor(pair / records.length), pair % records.length);
    const each = sample.drawn === 0 ? 0 : Math.max(0, possible - pairs) / sample.drawn;
    const faith = FAITH_U * Math.max(each, 1);
    const comparisons: Model['comparisons'] = {};
    for (const [c, { name, levels }] of spec.comparisons.entries()) {
      const strangers = levels.map((_, l) => parted[c]![l]! + each * sample.seen[c]![l]!);
      const [ms, us] = [total(agreed[c]!) + FAITH_M, total(strangers) + faith];
      const shipped = model.comparisons[name]!;
      const learnt: Record<string, Level> = {};
      for (const [l, level] of levels.entries()) {
        const { m, u } = shipped[level]!;
        learnt[level] = { m: (agreed[c]![l]! + FAITH_M * m) / ms, u: (strangers[l]! + faith * u) / us };
      }
      comparisons[name] = learnt;
    }
    current = {
      ...current,
      comparisons,
      frequencies: withoutMatches(model, counted, same),
      prior: Math.log2(Math.max(matches, 1) / among),
    };
  }
  return { ...current, trained: { records: records.length, pairs, iterations: ITERATIONS } };
}

/** Position of a pair (i * n + j, i < j) → 1 where people say it is one, 0 where two; of records in the list. */
function byPair(records: readonly Prepared[], decided: readonly Decided[]): Map<number, number> {
  if (decided.length === 0) return new Map();
  const index = new Map(records.map(({ id }, i) => [id, i]));
  const known = new Map<number, number>();
  for (const { a, b, one } of decided) {
    const [i, j] = [index.get(a), index.get(b)];
    if (i !== undefined && j !== undefined && i !== j)
      known.set(Math.min(i, j) * records.length + Math.max(i, j), one ? 1 : 0);
  }
  return known;
}

/** Adds to the sum of a value; '' is the kind of what has no frequency. */
function add(sums: Agreed, kind: string, key: string, probability: number): void {
  if (kind === '') return;
  const values = sums.get(kind) ?? new Map<string, number>();
  values.set(key, (values.get(key) ?? 0) + probability);
  sums.set(kind, values);
}

const total = (xs: Iterable<number>) => {
  let sum = 0;
  for (const x of xs) sum += x;
  return sum;
};

/**
 * Levels of pairs drawn evenly that are no candidates, and how many were drawn. In a list with many duplicates an even draw of all
 * pairs takes the duplicates' agreement for that of strangers; here candidates are counted in full, and only the rest is drawn.
 */
function sampleOutside(model: Model, records: readonly Prepared[], blocks: Blocks) {
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
  let drawn = 0;
  for (let k = 0; k < wanted; k++) {
    const [i, j] = [next(), next()];
    if (i === j || shareBlock(blocks.of[i]!, blocks.of[j]!)) continue;
    drawn++;
    score.weigh(records[i]!, records[j]!);
    for (let c = 0; c < seen.length; c++) {
      const level = score.s.level[c]!;
      if (level >= 0) seen[c]![level]!++;
    }
  }
  return { seen, drawn };
}

/** Both ascending: block numbers are given in the order of blocks. */
function shareBlock(a: Int32Array, b: Int32Array): boolean {
  for (let x = 0, y = 0; x < a.length && y < b.length; )
    if (a[x] === b[y]) return true;
    else if (a[x]! < b[y]!) x++;
    else y++;
  return false;
}
