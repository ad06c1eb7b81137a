import fc from 'fast-check';
import { expect, test } from 'vitest';
import { registrable } from '../../core/values/domain.ts';
import { canonical, parseEmail } from '../../mappings/canonical.ts';
import { clean, foldWidth, oneLine } from '../../mappings/text.ts';

/** The commonest writings take a short way; what is beside them here changes nothing but forces the long one. */
const text = fc
  .array(
    fc.constantFrom(
      ...'aZ09 -_.@',
      'ー',
      'ァ',
      'が',
      'か',
      '゛',
      '髙',
      '一',
      '々',
      '　',
      '\t',
      '１',
      'ｱ',
      '  ',
    ),
    {
      maxLength: 10,
    },
  )
  .map((letters) => letters.join(''));

test('plain text is cleaned and folded as any other (property)', () => {
  fc.assert(
    fc.property(text, (s) => {
      expect(clean(s)).toBe(clean(`\u200b${s}`));
      expect(foldWidth(s)).toBe(foldWidth(`\u200b${s}`).slice(1));
      expect(oneLine(s)).toBe(oneLine(`\u200b${s}`));
    }),
    { numRuns: 3000 },
  );
});

test('a plain address is read as one in angle brackets (property)', () => {
  const address = fc
    .tuple(
      fc.array(fc.constantFrom(...'az09._+-', 'A'), { minLength: 1, maxLength: 8 }),
      fc.array(fc.constantFrom(...'az09.-', 'B', '.com', '.jp'), { minLength: 1, maxLength: 8 }),
    )
    .map(([local, host]) => `${local.join('')}@${host.join('')}`);
  fc.assert(
    fc.property(address, (s) => {
      expect(parseEmail(s)).toEqual(parseEmail(`<${s}>`));
    }),
    { numRuns: 5000 },
  );
});

test('a plain postal code is read as one with its sign (property)', () => {
  const code = fc
    .array(fc.constantFrom(...'0123456789-'), { minLength: 1, maxLength: 9 })
    .map((parts) => parts.join(''));
  fc.assert(
    fc.property(code, fc.constantFrom('JP', 'US'), (s, region) => {
      const read = (raw: string) => canonical('postal-code', raw, { region, timeZone: 'Asia/Tokyo' });
      expect(read(s)).toEqual(read(`〒${s}`));
    }),
    { numRuns: 5000 },
  );
});

test('the registrable part of a host is its last labels (property)', () => {
  const host = fc
    .array(fc.constantFrom('www', 'aoba', 'co', 'jp', 'com', 'uk', ''), { minLength: 1, maxLength: 5 })
    .map((labels) => labels.join('.'));
  fc.assert(
    fc.property(host, (s) => {
      const labels = s.split('.');
      const two = labels.slice(-2).join('.');
      expect(registrable(s)).toBe(labels.slice(['co.jp', 'co.uk'].includes(two) ? -3 : -2).join('.'));
    }),
    { numRuns: 2000 },
  );
});
