import { describe, expect, test } from 'vitest';
import { guard } from '../../../core/sync/guard.ts';

const halted = (maxChanged: number | undefined, changing: number, golden: number, first = false) =>
  guard({ maxChanged, maxDeleted: undefined }, { first, changing, golden }) !== undefined;

describe('the guard maxChanged', () => {
  test.each<[string, number | undefined, number, number, boolean]>([
    ['nothing changes', 0.1, 0, 0, false],
    ['a share: just as many as it allows', 0.2, 200, 1000, false],
    ['a share: one more', 0.2, 201, 1000, true],
    ['a share of few records: ten are never a flood', 0.2, 10, 12, false],
    ['a share of few records: eleven of twelve are', 0.2, 11, 12, true],
    ['none: nothing to write', 0, 0, 1000, false],
    ['none: a single record is one too many', 0, 1, 1000, true],
    ['a count: just as many', 5, 5, 1000, false],
    ['a count: one more, however few', 5, 6, 1000, true],
    ['one is a count, not the whole', 1, 2, 1000, true],
    ['by default a thousand pass of any number', undefined, 1000, 1000, false],
    ['by default half passes', undefined, 50_000, 100_000, false],
    ['by default more than half does not', undefined, 50_001, 100_000, true],
    ['by default more than a thousand of a small hub does not', undefined, 1001, 1100, true],
  ])('%s', (_, maxChanged, changing, golden, stops) => {
    expect(halted(maxChanged, changing, golden)).toBe(stops);
  });

  test('a first sync is never stopped', () => {
    expect(halted(1, 1_000_000, 1_000_000, true)).toBe(false);
    expect(halted(undefined, 1_000_000, 1_000_000, true)).toBe(false);
  });

  test('it says how many, of how many, the limit, and what to do', () => {
    const reason = guard(
      { maxChanged: 0.25, maxDeleted: undefined },
      { first: false, changing: 40, golden: 101 },
    );
    expect(reason).toMatchObject({ code: 'guard.maxChanged', count: 40 });
    expect(reason?.message).toMatch(/\b40 of 101\b.*\b25$/);
    expect(reason?.hint).toContain('--approve');
  });
});
