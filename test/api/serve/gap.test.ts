import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createGap } from '../../../api/serve/gap.ts';

const TEN_SECONDS = { name: 'ten-seconds', calls: 190, per: 10 };

/** Looks as soon as the gap allows, each of `cost` calls and taking `takes` milliseconds; returns when calls were made. */
function looks(cost: readonly number[], takes: number, pauses: readonly number[]): number[] {
  let now = 0;
  let calls = 0;
  const made: number[] = [];
  const gap = createGap(
    () => [TEN_SECONDS],
    () => calls,
    () => now,
  );
  for (const [i, n] of cost.entries()) {
    for (let k = 0; k < n; k++) made.push(now);
    calls += n;
    now += takes;
    now += Math.max(0, gap()) + (pauses[i] ?? 0);
  }
  return made;
}

const most = (made: readonly number[]) =>
  Math.max(...made.map((from, i) => made.slice(i).filter((at) => at < from + 10_000).length));

test('whatever looks cost and however they come, no window runs dry', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 300, maxLength: 600 }),
      fc.integer({ min: 0, max: 80 }),
      fc.array(fc.integer({ min: 0, max: 3_000 }), { maxLength: 40 }),
      (cost, takes, pauses) => {
        // One look of three calls may come in the moment before it waits.
        expect(most(looks(cost, takes, pauses))).toBeLessThanOrEqual(TEN_SECONDS.calls);
      },
    ),
    { numRuns: 40 },
  );
});

test('few looks never wait, and many use the budget to its end', () => {
  expect(looks(Array(2).fill(1), 0, []).at(-1)).toBe(0);
  expect(most(looks(Array(600).fill(1), 0, []))).toBeGreaterThan(TEN_SECONDS.calls * 0.9);
});

test('a budget of a day spreads nothing', () => {
  let calls = 0;
  const gap = createGap(
    () => [{ name: 'daily', calls: 100, per: 86_400 }],
    () => calls,
    () => 0,
  );
  calls = 90;
  expect(gap()).toBeLessThanOrEqual(0);
});
