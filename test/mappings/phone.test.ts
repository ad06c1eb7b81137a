import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parsePhone, plainPhone } from '../../mappings/phone.ts';

const digits = (count: number) =>
  fc.string({ unit: fc.constantFrom(...'0123456789'), minLength: count, maxLength: count });

test('the quick reading of a phone number never differs from the thorough one (property)', () => {
  const number = fc.oneof(
    digits(9).map((rest) => `0${rest}`),
    digits(10).map((rest) => `0${rest}`),
    fc
      .tuple(fc.constantFrom('70', '80', '90', '50', '03', '06', '45'), digits(8))
      .map(([head, rest]) => `0${head}${rest}`),
    fc.tuple(digits(2), digits(4), digits(4)).map((parts) => `0${parts.join('-')}`),
    digits(10).map((rest) => `+1${rest}`),
    fc.tuple(digits(3), digits(3), digits(4)).map((parts) => `+1 ${parts.join('-')}`),
    fc.constantFrom('0000000000', '+12222222222', '0333333333', '09099999999', '010-1234-5678'),
  );
  let quick = 0;
  fc.assert(
    fc.property(number, fc.constantFrom('JP', 'US'), (text, region) => {
      const plain = plainPhone(text, region);
      if (plain === undefined) return;
      quick++;
      expect(parsePhone(text, region)).toMatchObject({ canonical: plain });
    }),
    { numRuns: 3000 },
  );
  expect(quick).toBeGreaterThan(500);
});
