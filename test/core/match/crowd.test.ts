import { describe, expect, test } from 'vitest';
import { crowd, crowded } from '../../../core/match/crowd.ts';
import { dedupe } from '../../../core/match/dedupe.ts';
import { createMatcher } from '../../../core/match/matcher.ts';
import { DEFAULT_MODEL } from '../../../core/match/model.ts';
import { retrain } from '../../../core/match/retrain.ts';
import { person, record } from './fixtures.ts';

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
    const { review } = DEFAULT_MODEL.person;
    expect(crowded(DEFAULT_MODEL.person, records)).toEqual({
      ...DEFAULT_MODEL.person,
      review: review + bits,
    });
  });

  test('weights that were learnt are for as many as there were; of a version that did not tell, for any number', () => {
    expect(crowd({ among: 5000 }, 10_000)).toBe(1);
    expect(crowd({}, 10 ** 9)).toBe(0);
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
  const list = [...namesakes, ...others];

  test('a list’s prior is for its own number: nothing more is taken', () => {
    const size = 2 ** 14;
    const many = Array.from({ length: size }, (_, n) => record(`x${n}`, { email: `x${n}@else.example` }));
    const { model } = dedupe(person, many);
    expect(model.prior).toBe(-14);
    expect(crowd(model, size)).toBe(0);
    expect(crowd(dedupe(person, list, { train: true }).model, list.length)).toBe(0);
  });

  test('what is learnt from a sample is for all that are stored, and counts the doubts among them', () => {
    const records = list.map(createMatcher(person).prepare);
    const all = retrain(person, undefined, records, [], 2 ** 20);
    const own = retrain(person, undefined, records);
    expect(all.model).toEqual({ ...own.model, among: 2 ** 20 });
    expect(own.before.review).toBe(1);
    expect(all.before.review).toBe(0);
  });
});
