import { describe, expect, test } from 'vitest';
import { guard } from '../../../core/sync/guard.ts';
import type { Guards } from '../../../core/sync/ports.ts';

const halted = (maxChanged: number | undefined, changing: number, golden: number, first = false) =>
  guard({ maxChanged, maxDeleted: undefined }, { first, changing, golden, streams: [] }).length > 0;

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
    const [reason] = guard(
      { maxChanged: 0.25, maxDeleted: undefined },
      { first: false, changing: 40, golden: 101, streams: [] },
    );
    expect(reason).toMatchObject({ code: 'guard.maxChanged', count: 40 });
    expect(reason?.message).toMatch(/\b40 of 101\b.*\b25$/);
    expect(reason?.hint).toContain('--approve');
  });
});

const stream = {
  mapping: 'crm-contact',
  connection: 'crm',
  object: 'Contact',
  deleted: 0,
  of: 0,
  missing: 0,
  held: 0,
};
const codes = (
  guards: Partial<Guards>,
  facts: { deleted?: number; missing?: number; held: number; first?: boolean },
) =>
  guard(
    { maxChanged: undefined, maxDeleted: undefined, ...guards },
    {
      first: facts.first ?? false,
      changing: 0,
      golden: 0,
      streams: [{ ...stream, ...facts, of: facts.held }],
    },
  ).map(({ code, count }) => [code, count]);

describe('the guards of what is gone', () => {
  test.each<[string, Partial<Guards>, { deleted?: number; missing?: number; held: number }, string[]]>([
    ['a share of deletes: as many as it allows', { maxDeleted: 0.1 }, { deleted: 30, held: 300 }, []],
    ['a share of deletes: one more', { maxDeleted: 0.1 }, { deleted: 31, held: 300 }, ['guard.maxDeleted']],
    ['a count of deletes is exact', { maxDeleted: 2 }, { deleted: 3, held: 300 }, ['guard.maxDeleted']],
    ['maxDeleted: 0 is of what the hub would write', { maxDeleted: 0 }, { deleted: 99, held: 100 }, []],
    ['and leaves the default in force', { maxDeleted: 0 }, { deleted: 151, held: 300 }, ['guard.maxDeleted']],
    ['by default a hundred deletes pass', {}, { deleted: 100, held: 120 }, []],
    ['by default more than half does not', {}, { deleted: 501, held: 1000 }, ['guard.maxDeleted']],
    ['by default half may be missing', {}, { missing: 500, held: 1000 }, []],
    ['by default no more', {}, { missing: 501, held: 1000 }, ['guard.maxMissing']],
    ['ten of a dozen may be missing', {}, { missing: 10, held: 12 }, []],
    ['an empty answer: all, however few', {}, { missing: 3, held: 3 }, ['guard.maxMissing']],
    ['a share of missing', { maxMissing: 0.05 }, { missing: 51, held: 1000 }, ['guard.maxMissing']],
    ['none may be missing', { maxMissing: 0 }, { missing: 1, held: 1000 }, ['guard.maxMissing']],
    ['everything may be', { maxMissing: Number.MAX_SAFE_INTEGER }, { missing: 9, held: 9 }, []],
    [
      'both at once are both told',
      { maxDeleted: 1, maxMissing: 1 },
      { deleted: 2, missing: 2, held: 50 },
      ['guard.maxDeleted', 'guard.maxMissing'],
    ],
  ])('%s', (_, guards, facts, expected) => {
    expect(codes(guards, facts).map(([code]) => code)).toEqual(expected);
    expect(codes(guards, { ...facts, first: true })).toEqual([]);
  });
});
