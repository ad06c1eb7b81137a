import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { backoff } from '../../../core/sync/backoff.ts';

describe('backoff', () => {
  test.each([
    [0, 0, 250],
    [1, 0, 250],
    [1, 1, 500],
    [2, 0, 500],
    [3, 0.5, 1500],
    [7, 1, 32_000],
    [8, 1, 60_000],
    [1000, 1, 60_000],
    [1000, 0, 30_000],
  ])('after %i tries, with jitter %f: %i ms', (attempts, random, wait) => {
    expect(backoff(attempts, random)).toBe(wait);
  });

  test.each([
    [1, 30, 30_000],
    [1, 0, 250],
    [1, 3600, 3_600_000],
    [9, 1, 30_000],
  ])('after %i tries, told to wait %i s: %i ms', (attempts, seconds, wait) => {
    expect(backoff(attempts, 0, seconds)).toBe(wait);
  });

  test('it grows with the tries, stays within half a second’s half and a minute, and never falls short of what the tool said', () => {
    const random = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(fc.nat(2000), random, fc.nat(600), (attempts, jitter, told) => {
        const wait = backoff(attempts, jitter);
        expect(wait).toBeGreaterThanOrEqual(250);
        expect(wait).toBeLessThanOrEqual(60_000);
        expect(backoff(attempts + 1, jitter)).toBeGreaterThanOrEqual(wait);
        expect(backoff(attempts, jitter, told)).toBe(Math.max(wait, told * 1000));
      }),
    );
  });
});
