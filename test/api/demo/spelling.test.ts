import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { phoneKey } from '../../../api/demo/world/evidence.ts';
import { bigKana, halfKana, hiragana, ROMAJI_STYLES, romaji } from '../../../api/demo/world/kana.ts';
import { corporateNumber } from '../../../api/demo/world/numbers.ts';
import { GIVEN_FEMALE, GIVEN_MALE, SURNAMES } from '../../../api/demo/world/pools/japanese-names.ts';
import {
  fullWidth,
  kanjiNumber,
  oldKanji,
  umlautsSpelt,
  VARIANT_PAIRS,
} from '../../../api/demo/world/text.ts';

const NAMES = [...SURNAMES, ...GIVEN_MALE, ...GIVEN_FEMALE];

describe('romaji', () => {
  test('refuses what is no reading', () => {
    expect(() => romaji('佐藤', 'hepburn')).toThrow('no romaji for 佐');
  });

  test.each([
    ['サトウ', 'hepburn', 'sato'],
    ['サトウ', 'wapuro', 'satou'],
    ['サトウ', 'oh', 'satoh'],
    ['サトウ', 'macron', 'satō'],
    ['オオノ', 'hepburn', 'ono'],
    ['オオノ', 'oh', 'ohno'],
    ['オオノ', 'wapuro', 'oono'],
    ['イノ/ウエ', 'hepburn', 'inoue'],
    ['イノ/ウエ', 'oh', 'inoue'],
    ['マツ/ウラ', 'macron', 'matsuura'],
    ['ツチダ', 'kunrei', 'tutida'],
    ['シンタロウ', 'kunrei', 'sintaro'],
    ['ジュンイチ', 'hepburn', "jun'ichi"],
    ['ハットリ', 'hepburn', 'hattori'],
    ['イッチ', 'hepburn', 'itchi'],
    ['フジイ', 'hepburn', 'fujii'],
    ['ヨウコ', 'macron', 'yōko'],
  ] as const)('%s in %s is %s', (reading, style, expected) => {
    expect(romaji(reading, style)).toBe(expected);
  });

  test('every name of the pools has one in every style', () => {
    for (const { reading } of NAMES)
      for (const style of ROMAJI_STYLES) expect(romaji(reading, style)).toMatch(/^[a-zāīūēō']+$/);
  });
});

describe('the other kana', () => {
  test('half-width kana fold back under NFKC', () => {
    for (const { reading } of NAMES) {
      const plain = reading.replaceAll('/', '');
      const half = halfKana(plain);
      expect(half).toMatch(/^[\uff66-\uff9f]+$/);
      expect(half.normalize('NFKC')).toBe(plain);
    }
  });
  test('hiragana and large kana', () => {
    expect(hiragana('ショウコ')).toBe('しょうこ');
    expect(bigKana('ショウコ')).toBe('シヨウコ');
  });
  test('names are in the order of their frequency, without repeats', () => {
    expect(SURNAMES.length).toBeGreaterThan(230);
    expect(new Set(SURNAMES.map(({ kanji }) => kanji)).size).toBe(SURNAMES.length);
    expect(SURNAMES[0]!.kanji).toBe('佐藤');
  });
});

describe('text', () => {
  test('full width folds back under NFKC', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'abcXYZ0189@.-_+ ') }), (text) => {
        expect(fullWidth(text).normalize('NFKC')).toBe(text);
      }),
    );
  });
  test('old kanji replace one character by one of its variants', () => {
    expect(oldKanji('高橋', 0)).toBe('髙橋');
    expect(new Set([oldKanji('渡辺', 0), oldKanji('渡辺', 1)])).toEqual(new Set(['渡邊', '渡邉']));
    expect(oldKanji('鈴木', 0)).toBe('鈴木');
    for (const [, old] of VARIANT_PAIRS) expect([...old]).toHaveLength(1);
  });
  test('numbers in kanji', () => {
    expect([1, 10, 11, 20, 38].map(kanjiNumber)).toEqual(['一', '十', '十一', '二十', '三十八']);
  });
  test('umlauts', () => {
    expect(umlautsSpelt('Müller Weiß')).toBe('Mueller Weiss');
  });
});

describe('numbers', () => {
  test('corporate numbers have the check digit of the National Tax Agency', () => {
    // The agency's own, and two more of the shared golden cases.
    for (const number of ['7000012050002', '5010001008846', '3400003000111'])
      expect(corporateNumber(number.slice(1))).toBe(number);
  });
  test.each([
    '03-1234-5678',
    '0312345678',
    '+81312345678',
    '+81-3-1234-5678',
    '+81 (0)3-1234-5678',
    '０３−１２３４−５６７８',
    '03(1234)5678 内線123',
    '03-1234-5678(代)',
    '0081-3-1234-5678',
  ])('%s is one number', (written) => {
    expect(phoneKey(written)).toBe('0312345678');
  });
  test.each(['000-0000-0000', 'なし', '', '-', '03-0000-0000', '12345'])('%s is none', (written) => {
    expect(phoneKey(written)).toBe('');
  });
  test('American numbers with and without the country code', () => {
    expect(phoneKey('(212) 555-0123')).toBe(phoneKey('+1 212.555.0123'));
    expect(phoneKey('212-555-0123')).not.toBe(phoneKey('213-555-0123'));
  });
});
