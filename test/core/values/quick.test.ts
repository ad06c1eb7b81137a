import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { initialsIn, scanned } from '../../../core/match/mailbox.ts';
import { addressWords, japaneseAddress } from '../../../core/values/address.ts';
import { emailParts } from '../../../core/values/email.ts';
import { fold, foldKanji } from '../../../core/values/fold.ts';
import { phoneKey } from '../../../core/values/phone.ts';
import { plainAddress } from '../../../core/values/plain-email.ts';
import { postalCode, postalKey } from '../../../core/values/postal-code.ts';
import { KANJI_VARIANTS } from '../../../core/values/tables/kanji-variants.ts';
import { areDigits, lastBut, lengthOf, unitAt } from '../../../core/values/units.ts';

/** Texts of these characters: dense enough that most rules are met. */
const textOf = (characters: string, maxLength: number) =>
  fc.string({ unit: fc.constantFrom(...characters), maxLength });

/** Every inner form that V8 has for a text: flat, cut out of another, joined. */
const anyForm = fc
  .tuple(
    fc.string({ unit: 'binary', maxLength: 30 }),
    fc.string({ unit: 'grapheme', maxLength: 30 }),
    fc.nat(20),
  )
  .chain(([a, b, from]) => fc.constantFrom(a, b, a + b, (a + b).slice(from)));

describe('a loop finds what the rule says that it stands for', () => {
  test('units of a text, in each of its inner forms', () => {
    fc.assert(
      fc.property(anyForm, (text) => {
        expect(lengthOf(text)).toBe(text.length);
        for (let at = 0; at < text.length; at++) expect(unitAt(text, at)).toBe(text.charCodeAt(at));
        expect(areDigits(text, 1)).toBe(/^[0-9]*$/.test(text.slice(1)));
        expect(lastBut(text, (unit) => unit > 0x60)).toBe(text.replace(/[^\0-\x60]+$/, '').length);
      }),
    );
  });

  test('plain mail addresses', () => {
    const rule = /^([a-z0-9._+-]+)@((?:[a-z0-9]+(?:-[a-z0-9]+)*\.)+[a-z][a-z0-9]*)$/u;
    fc.assert(
      fc.property(textOf('ab09.-+_@@.Aあ ', 14), (text) => {
        expect(plainAddress(text)).toBe(rule.exec(text)?.[1]?.length ?? -1);
      }),
      { numRuns: 20_000 },
    );
  });

  test('mailboxes of functions, with a number or without, and characters that only fill a field', () => {
    fc.assert(
      fc.property(textOf('aabinfo12-_.é😀', 8), (local) => {
        const parts = emailParts(`${local}@firm.example`);
        if (parts === null) return;
        const filler = /^(?:(.)\1+|\P{L})$/u.test(parts.local);
        if (filler) expect(parts.kind).toBe('placeholder');
        if (parts.local.replace(/[-_.]?\d+$/u, '') === 'info') expect(parts.kind).toBe('role');
      }),
      { numRuns: 5000 },
    );
    expect(
      ['info', 'info-2', 'info12', 'infos', 'aa', 'aab'].map((l) => emailParts(`${l}@firm.example`)?.kind),
    ).toEqual(['role', 'role', 'role', 'personal', 'placeholder', 'personal']);
  });

  test('initials of a mailbox, and what scanners mix up in it', () => {
    fc.assert(
      fc.property(textOf('abirnv01l.-_|', 12), (local) => {
        const parts = local.split(/[._-]/u).filter((part) => /^[a-z]\d*$/u.test(part));
        expect(initialsIn(local)).toBe(parts.map((part) => part[0]).join(''));
        expect(scanned(local)).toBe(
          local.replaceAll(/[1i|]/g, 'l').replaceAll('0', 'o').replaceAll('rn', 'm').replaceAll('vv', 'w'),
        );
      }),
      { numRuns: 5000 },
    );
  });

  test('Japanese numbers', () => {
    fc.assert(
      fc.property(textOf('0012345789', 10), (rest) => {
        const digits = `0${rest}`;
        const found = phoneKey(`+81${rest}`);
        const mobile = /^0[789]0[1-9]\d{7}$/u.test(digits);
        const other = /^(?:050\d{8}|0800\d{7}|0[1-9]\d{8})$/u.test(digits);
        // What only fills a field, and what no plan holds, is another rule's.
        if (found?.e164 === `+81${rest}`) expect([mobile || other, found.mobile]).toEqual([true, mobile]);
        else if (!/(\d)\1{4}|0{4}|1234567/.test(digits)) expect(mobile || other).toBe(false);
      }),
      { numRuns: 5000 },
    );
  });

  test('postal codes', () => {
    fc.assert(
      fc.property(textOf('0012-3', 9), (text) => {
        const digits = text.replace(/[\s-]/gu, '');
        const short = /^\d{4,5}$/u.test(digits) && !/^0+$/u.test(digits) ? digits : null;
        const nine = /^\d{9}$/u.test(digits) ? digits.slice(0, 5) : null;
        expect(postalKey(text)).toBe(postalCode(text) ?? nine ?? short);
      }),
      { numRuns: 5000 },
    );
  });

  test('words of an address', () => {
    fc.assert(
      fc.property(textOf('Aab12 ,.-#éあｱ', 16), (text) => {
        const words = fold(text)
          .toLowerCase()
          .replace(/[^\p{L}\p{N}]+/gu, ' ')
          .trim()
          .split(' ')
          .filter((word) => word !== '');
        expect(addressWords(text)).toEqual(words);
      }),
      { numRuns: 5000 },
    );
    expect(addressWords('12 Oak Street, Apartment 4')).toEqual(['12', 'oak', 'st', 'apt', '4']);
  });

  test('districts before a tricky name, of rare characters too, or with another one in them', () => {
    const cities = ['𩸽𩸽𩸽郡玉村町1-2', '郡山郡玉村町1-2', 'a𠂉bcd郡玉村町9', '佐波郡玉村町9'].map(
      (text) => japaneseAddress(text).city,
    );
    expect(cities).toEqual(['𩸽𩸽𩸽郡玉村町', '郡山郡玉村町', 'a𠂉bcd郡玉村町', '佐波郡玉村町']);
  });

  test('variant kanji', () => {
    const some = [...KANJI_VARIANTS.keys()].slice(0, 40).join('');
    fc.assert(
      fc.property(textOf(`${some}山田a高`, 10), (text) => {
        expect(foldKanji(text)).toBe([...text].map((c) => KANJI_VARIANTS.get(c) ?? c).join(''));
      }),
    );
  });
});
