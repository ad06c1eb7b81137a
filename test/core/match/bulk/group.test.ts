import fc from 'fast-check';
import { expect, test } from 'vitest';
import { assembled } from '../../../../core/match/bulk/blocks.ts';
import { BUCKETS, blocksOf, repeats, tallies } from '../../../../core/match/bulk/group.ts';
import { eachPairOf } from '../../../../core/match/bulk/pairs.ts';
import { hashInto } from '../../../../core/match/hash.ts';
import { buildBlocks, eachPair } from '../../../../core/match/pairs.ts';

const MAX = 4;
const NAMES = 2;
const isName = (key: string) => key.endsWith('1');
const hashed = { high: 0, low: 0 };
const hashesOf = (records: string[][]) => {
  const [high, low, ends] = [[], [], []] as [number[], number[], number[]];
  for (const keys of records) {
    for (const key of keys) {
      hashInto(hashed, key, 0);
      high.push(hashed.high);
      low.push(((hashed.low & ~1) | (isName(key) ? 1 : 0)) >>> 0);
    }
    ends.push(high.length);
  }
  return { high: Uint32Array.from(high), low: Uint32Array.from(low), ends: Int32Array.from(ends) };
};
/** Some of them twice: a key of a record counts once. */
const keys = fc.array(
  fc.integer({ min: 0, max: 12 }).map((n) => `key:${n}`),
  { maxLength: 6 },
);

test('blocks by hash, in portions and shares, give the pairs that blocks by key give (property)', () => {
  fc.assert(
    fc.property(
      fc.array(keys, { maxLength: 30 }),
      fc.nat(30),
      fc.integer({ min: 1, max: 5 }),
      (records, cut, hands) => {
        const lists = [hashesOf(records.slice(0, cut)), hashesOf(records.slice(cut))];
        const bounds = Array.from({ length: hands + 1 }, (_, i) => Math.round((BUCKETS * i) / hands));
        const parts = bounds
          .slice(1)
          .map((to, i) => blocksOf(lists, bounds[i]!, to, { key: MAX, bareName: NAMES }));
        const blocks = assembled(parts, records.length, MAX);
        const seen = new Int32Array(records.length).fill(-1);
        const found: string[] = [];
        const { length } = blocks.order;
        const middle = length >> 1;
        for (const [from, to] of [
          [0, middle],
          [middle, length],
        ] as const)
          eachPairOf(blocks, from, to, seen, (i, j) => found.push(`${i} ${j}`));
        const known: string[] = [];
        const plain = buildBlocks(
          records.map((one) => [...new Set(one)]),
          (key) => (isName(key) ? NAMES : MAX),
        );
        eachPair(plain, (i, j) => known.push(`${i} ${j}`));
        expect(found.sort()).toEqual(known.sort());
        expect(parts.reduce((sum, { hubs }) => sum + hubs, 0)).toBe(plain.hubs);
      },
    ),
    { numRuns: 300 },
  );
});

test('bearers are counted, and the second bearer of what should be unique is told with the first', () => {
  const lists = [hashesOf([['a', 'b'], ['a']]), hashesOf([['c'], ['a', 'c']])];
  const found = tallies(lists, 0, BUCKETS, 3);
  expect([found.record, found.bearers]).toEqual([[0], [3]]);
  expect(repeats(lists, 0, BUCKETS).sort()).toEqual([
    [0, 1],
    [0, 3],
    [2, 3],
  ]);
});
