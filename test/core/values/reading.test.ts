import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readingKey } from '../../../core/values/kana.ts';

/** What `readingKey` does to letters, each rule whether its letters are there or not. */
const RULES: [RegExp, string][] = [
  [/tch/g, 'ch'],
  [/sy(?=[auo])/g, 'sh'],
  [/ty(?=[auo])/g, 'ch'],
  [/[zjd]y(?=[auo])/g, 'j'],
  [/si/g, 'shi'],
  [/ti/g, 'chi'],
  [/tu/g, 'tsu'],
  [/zi|di/g, 'ji'],
  [/du|dzu/g, 'zu'],
  [/(?<![sc])hu/g, 'fu'],
  [/wo/g, 'o'],
  [/v/g, 'b'],
  [/l/g, 'r'],
  [/(sh|ch|j)iy(?=[auo])/g, '$1'],
  [/([kgnhbpmr])iy(?=[auo])/g, '$1y'],
  [/m(?=[bpm])/g, 'n'],
  [/oh(?![aiueo])/g, 'o'],
  [/uh(?![aiueo])/g, 'u'],
  [/o[uo]+/g, 'o'],
  [/u{2,}/g, 'u'],
  [/([^aiueo])\1+/g, '$1'],
  [/([aie])\1+/g, '$1'],
];

const romaji = fc
  .array(fc.constantFrom(...'aiueoaiueoksthnmyrwgzdbpjfvlc', 'sh', 'ch', 'ts', 'hu', 'iy'), { maxLength: 12 })
  .map((letters) => letters.join(''));

test('a reading in letters is every rule in its turn (property)', () => {
  fc.assert(
    fc.property(romaji, (s) => {
      expect(readingKey(s)).toBe(RULES.reduce((text, [from, to]) => text.replace(from, to), s));
    }),
    { numRuns: 5000 },
  );
});

test('letters take a short way to what they are beside other characters (property)', () => {
  fc.assert(
    fc.property(romaji, (s) => {
      expect(readingKey(`${s.toUpperCase()}・`)).toBe(readingKey(s));
    }),
    { numRuns: 1000 },
  );
});
