import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  collectionCalls,
  jobCalls,
  jobFrom,
  LARGEST_JOB,
  learnPace,
  looksFor,
  paceOf,
  paysAsJob,
  USUAL_PACE,
  waitBefore,
} from '../../../connectors/salesforce/cost.ts';

describe('bulk or collections, by what they cost in calls', () => {
  test('collections of 200 for hundreds, a job for thousands', () => {
    expect([1, 200, 201, 1_000].map(collectionCalls)).toEqual([1, 1, 2, 5]);
    expect([200, 1_000].some((rows) => paysAsJob(rows, USUAL_PACE))).toBe(false);
    expect(paysAsJob(LARGEST_JOB, USUAL_PACE)).toBe(true);
    const from = jobFrom(USUAL_PACE)!;
    expect(jobCalls(from, USUAL_PACE)).toBeLessThan(collectionCalls(from));
    expect(jobCalls(from - 200, USUAL_PACE)).toBeGreaterThanOrEqual(collectionCalls(from - 200));
  });

  test('a job is looked at as often as its time takes, and is never called cheaper than it is', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 120_000 }), (ms) => {
        const looks = looksFor(ms);
        let passed = 0;
        for (let look = 0; look < looks; look++) passed += waitBefore(look);
        const before = passed - waitBefore(looks - 1);
        return passed >= ms && (looks === 1 || before < ms);
      }),
    );
  });

  test('an org whose jobs crawl is written to by collections', () => {
    const config = {};
    expect(paceOf(config)).toBe(USUAL_PACE);
    learnPace(config, 3_000, 180_000);
    expect(jobFrom(paceOf(config))).toBeUndefined();
    learnPace(config, 3_000, 400);
    expect(jobFrom(paceOf(config))!).toBeLessThan(jobFrom(USUAL_PACE)!);
  });
});
