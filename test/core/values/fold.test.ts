import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fold, foldKanji, stripAccents } from '../../../core/values/fold.ts';

const letter = fc.constantFrom(
  ...'aZ09 -_.@\'"()~',
  ...'ーァアヴヶゕゞあんぁ々〆一二鿿高髙﨑',
  '　',
  ' ',
  'ｱ',
  'ﾞ',
  '゛',
  'は',
  'ウ',
  '−',
  '－',
  '㈱',
  'é',
  '１',
  '\t',
  '\u0301',
);
const text = fc.array(letter, { maxLength: 12 }).map((letters) => letters.join(''));

test('text that needs little folding takes a short way to the same answer', () => {
  fc.assert(
    fc.property(text, (s) => {
      // An invisible character is dropped first of all, and its presence forces the long way.
      expect(fold(s)).toBe(fold(`\u200b${s}`));
    }),
    { numRuns: 3000 },
  );
});

test('folding is done once: a second time changes nothing', () => {
  // A voicing mark that voices nothing has no right form.
  const sensible = text.map((s) => s.replace(/゛|ﾞ|\u0301/gu, ''));
  fc.assert(
    fc.property(sensible, (s) => {
      expect(fold(fold(s))).toBe(fold(s));
    }),
    { numRuns: 2000 },
  );
});

test('ASCII has no accents and no variant kanji', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme-ascii' }), (s) => {
      expect(stripAccents(s)).toBe(s);
      expect(foldKanji(s)).toBe(s);
    }),
  );
});

test('variant kanji are evened out one by one', () => {
  fc.assert(
    fc.property(text, (s) => {
      expect(foldKanji(s)).toBe([...s].map(foldKanji).join(''));
    }),
    { numRuns: 2000 },
  );
});
