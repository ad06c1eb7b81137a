import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { edits, jaroWinkler, withinOneEdit } from '../../../core/match/similarity.ts';

const word = fc.string({ unit: fc.constantFrom('a', 'b', 'c', '田'), maxLength: 7 });

/** By trying every single change of `a`. */
function reachable(a: string, b: string): boolean {
  if (a === b) return true;
  for (let i = 0; i <= a.length; i++) {
    if (a.slice(0, i) + a.slice(i + 1) === b) return true;
    if (i + 1 < a.length && a.slice(0, i) + a[i + 1] + a[i] + a.slice(i + 2) === b) return true;
    for (const c of new Set(b)) {
      if (a.slice(0, i) + c + a.slice(i) === b) return true;
      if (i < a.length && a.slice(0, i) + c + a.slice(i + 1) === b) return true;
    }
  }
  return false;
}

describe('similarity', () => {
  test.each([
    ['', '', true],
    ['', 'a', true],
    ['', 'ab', false],
    ['wolf', 'owlf', true],
    ['wolf', 'lowf', false],
    ['harris', 'harrison', false],
    ['ab', 'ba', true],
    ['aab', 'ab', true],
  ])('within one edit: %s, %s', (a, b, expected) => {
    expect(withinOneEdit(a, b)).toBe(expected);
  });

  test('within one edit is what one change can reach, either way', () => {
    fc.assert(
      fc.property(word, word, (a, b) => {
        expect(withinOneEdit(a, b)).toBe(reachable(a, b));
        expect(withinOneEdit(b, a)).toBe(withinOneEdit(a, b));
      }),
      { numRuns: 3000 },
    );
  });

  test('edits and Jaro–Winkler are symmetric, and perfect only for equals', () => {
    fc.assert(
      fc.property(word, word, (a, b) => {
        expect(edits(a, b, 9)).toBe(edits(b, a, 9));
        expect(edits(a, b, 9) === 0).toBe(a === b);
        expect(jaroWinkler(a, b)).toBeLessThanOrEqual(1);
        expect(jaroWinkler(a, b) === 1).toBe(a === b);
      }),
    );
  });

  test('Jaro–Winkler as published: MARTHA and MARHTA', () => {
    expect(jaroWinkler('martha', 'marhta')).toBeCloseTo(0.9611, 4);
    expect(jaroWinkler('dixon', 'dicksonx')).toBeCloseTo(0.8133, 4);
  });
});
