import { describe, expect, test } from 'vitest';
import { crowd, crowded } from '../../../core/match/crowd.ts';
import { dedupe } from '../../../core/match/dedupe.ts';
import { createMatcher } from '../../../core/match/matcher.ts';
import { DEFAULT_MODEL } from '../../../core/match/model.ts';
import { retrain } from '../../../core/match/retrain.ts';
import { compare, person, record } from './fixtures.ts';

describe('among more records than the weights are made for', () => {
  test.each([
    [0, 0],
    [1, 0],
    [8191, 0],
    [16_383, 0],
    [16_384, 1],
    [1_000_000, 6],
    [2 ** 20, 7],
  ])('a doubt about two of %i people loses %i bits', (records, bits) => {
    expect(crowd(DEFAULT_MODEL.person, records)).toBe(bits);
    const { review, join, link } = DEFAULT_MODEL.person;
    expect(crowded(DEFAULT_MODEL.person, records)).toMatchObject({
      review: review + bits,
      join: Math.max(join, review + bits),
      link,
    });
  });

  test('weights that were learnt are for as many as there were', () => {
    const trained = { records: 100, pairs: 1, iterations: 6 };
    expect(crowd({ among: 5000, trained }, 10_000)).toBe(1);
    // By a version that did not tell.
    expect(crowd({ trained }, 400)).toBe(2);
  });

  const namesakes = ['0', '1'].map((n) =>
    record(n, {
      familyName: '勅使河原',
      givenName: '健',
      email: `k${n}@mail${n}.example`,
      phone: `+8190123456${n}8`,
    }),
  );
  const others = Array.from({ length: 62 }, (_, n) => record(`x${n}`, { email: `x${n}@else.example` }));
  const [left, right] = namesakes;

  test('a list joins no pair that so many records leave to chance, and links all the same what needs no review', () => {
    const model = { ...DEFAULT_MODEL.person, frequencies: {} };
    const { weight, decision } = compare(person, left!.values, right!.values);
    expect(decision).toBe('review');
    expect(weight).toBeGreaterThan(0);
    const list = [...namesakes, ...others];
    const joined = (among: number, rows = list) =>
      dedupe(person, rows, { model: { ...model, among } }).clusters.some((ids) => ids.length === 2);
    expect(joined(64)).toBe(true);
    expect(joined(1)).toBe(false);
    const twice = list.map((row, i) => (i === 1 ? { ...left!, id: '1' } : row));
    expect(joined(1, twice)).toBe(true);
  });

  test('what is learnt from a sample is for all that are stored, and counts the doubts among them', () => {
    const records = [...namesakes, ...others].map(createMatcher(person).prepare);
    const all = retrain(person, undefined, records, [], 2 ** 20);
    const own = retrain(person, undefined, records);
    expect(all.model).toEqual({ ...own.model, among: 2 ** 20 });
    expect(own.before.review).toBe(1);
    expect(all.before.review).toBe(0);
  });
});
