import fc from 'fast-check';
import { parsePhoneNumberFromString } from 'libphonenumber-js/min';
import { expect, test } from 'vitest';
import { parsePhone } from '../../../core/values/phone.ts';

test('numbers of the American plan are what the library says of them, islands included (property)', () => {
  const number = fc
    .tuple(
      fc.constantFrom(...'23456789'),
      fc.string({ unit: fc.constantFrom(...'0123456789'), minLength: 9, maxLength: 9 }),
    )
    .map(([first, rest]) => `+1${first}${rest}`);
  fc.assert(
    fc.property(number, (text) => {
      const found = parsePhone(text, 'US');
      // A placeholder is none, whatever the library says.
      if (found === null) return expect(text.slice(2)).toMatch(/^(\d)\1+$|0{6}|(\d)\2{6}|^1?23456789/);
      const known = parsePhoneNumberFromString(text)!;
      expect(found).toEqual({ e164: known.number, mobile: known.getType() === 'MOBILE' });
    }),
    { numRuns: 5000 },
  );
});

const international = fc
  .tuple(
    fc.constantFrom('+81', '+810', '+1', '+44', '+'),
    fc.array(fc.constantFrom(...'0123456789', '0000', '99')),
  )
  .map(([country, digits]) => country + digits.join(''));

test('a number with nothing but digits behind its plus takes a short way to the same answer (property)', () => {
  fc.assert(
    fc.property(international, fc.constantFrom('JP', 'US'), (s, region) => {
      // The space has to be looked for and dropped.
      expect(parsePhone(s, region)).toEqual(parsePhone(` ${s}`, region));
    }),
    { numRuns: 5000 },
  );
});
