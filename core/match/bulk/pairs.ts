import type { Prepared } from '../prepared.ts';
import type { Scorer } from '../score.ts';
import type { AllBlocks } from './blocks.ts';
import { growing } from './growing.ts';

/** Pairs at or above the review threshold. */
export interface Edges {
  a: Int32Array;
  b: Int32Array;
  weight: Float64Array;
  /** 1: decided 'link'. */
  link: Uint8Array;
}

/** Every pair that shares a block and whose earlier record stands in this part of the order, once. Returns how many. */
export function eachPairOf(
  { members, starts, of, ofStarts, order }: AllBlocks,
  from: number,
  to: number,
  seen: Int32Array,
  visit: (i: number, j: number) => void,
): number {
  let pairs = 0;
  for (let at = from; at < to; at++) {
    const i = order[at]!;
    for (let o = ofStarts[i]!; o < ofStarts[i + 1]!; o++) {
      const b = of[o]!;
      for (let m = starts[b]!; m < starts[b + 1]!; m++) {
        const j = members[m]!;
        if (j <= i || seen[j] === i) continue;
        seen[j] = i;
        pairs++;
        visit(i, j);
      }
    }
  }
  return pairs;
}

/** Scores the pairs of this part of the order with the engine's own scorer. `seen`: one number a record, −1 at first, kept between calls. */
export function scoredPairs(
  blocks: AllBlocks,
  score: Scorer,
  record: (i: number) => Prepared,
  seen: Int32Array,
  from: number,
  to: number,
): Edges & { pairs: number } {
  const a = growing(Int32Array);
  const b = growing(Int32Array);
  const weights = growing(Float64Array);
  const link = growing(Uint8Array);
  const pairs = eachPairOf(blocks, from, to, seen, (i, j) => {
    const [x, y] = [record(i), record(j)];
    const weight = score.weigh(x, y);
    const decision = score.decide(x, y, weight);
    if (decision === 'apart') return;
    a.push(i);
    b.push(j);
    weights.push(weight);
    link.push(decision === 'link' ? 1 : 0);
  });
  return { a: a.end(), b: b.end(), weight: weights.end(), link: link.end(), pairs };
}
