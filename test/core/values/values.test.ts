import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { addressText, japaneseAddress } from '../../../core/values/address.ts';
import { parseCode } from '../../../core/values/code.ts';
import { companiesMayBeSame, companyName } from '../../../core/values/company-name.ts';
import { corporateNumber } from '../../../core/values/corporate-number.ts';
import { isoDate } from '../../../core/values/date.ts';
import { companyDomain } from '../../../core/values/domain.ts';
import { emailAddress, emailKey, emailParts } from '../../../core/values/email.ts';
import { fold } from '../../../core/values/fold.ts';
import { kanaDisplay, readingKey } from '../../../core/values/kana.ts';
import {
  maidenName,
  nameKey,
  nameKind,
  namesMayBeSame,
  splitFullName,
} from '../../../core/values/person-name.ts';
import { parsePhone, phoneKey, phoneText } from '../../../core/values/phone.ts';
import { postalCode, postalKey } from '../../../core/values/postal-code.ts';
import { guessReadings } from '../../../core/values/readings.ts';

/** Runs a table of input → expected. */
function table<T>(name: string, run: (input: string) => T, rows: [string, T][]): void {
  describe(name, () => {
    test.each(rows)('%j → %j', (input, expected) => {
      expect(run(input)).toEqual(expected);
    });
  });
}

describe('nothing throws, whatever is typed', () => {
  const every: [string, (s: string) => unknown][] = Object.entries({
    fold,
    addressText,
    parseCode,
    companyName,
    corporateNumber,
    isoDate,
    companyDomain,
    emailParts,
    kanaDisplay,
    readingKey,
    maidenName,
    nameKey,
    nameKind,
    splitFullName,
    parsePhone,
    phoneKey,
    postalCode,
    postalKey,
    guessReadings,
  });
  const nasty = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.string({
      unit: fc.constantFrom(
        ...'株会社()（）㈱ー-−〜々@.,;+0８一二丁目番地号ヶヴッ゛ﾞ年月日令和元　 様<>"/\\%',
      ),
    }),
  );
  test.each(every)('%s', (_name, run) => {
    fc.assert(
      fc.property(nasty, (s) => {
        run(s);
      }),
      { numRuns: 200 },
    );
  });
});

describe('canonical forms are stable: reading one again changes nothing', () => {
  test('names', () => {
    const name = fc.string({
      unit: fc.constantFrom(...'髙高﨑崎渡邊斎齋佐藤田中一郎花子 　様サトウtaro\u{e0100}'),
    });
    fc.assert(
      fc.property(name, (s) => {
        expect(nameKey(nameKey(s))).toBe(nameKey(s));
      }),
    );
  });
  test('phones', () => {
    const digits = fc.string({ unit: fc.constantFrom(...'0123456789-() +'), minLength: 8, maxLength: 16 });
    fc.assert(
      fc.property(digits, (s) => {
        const once = phoneText(s);
        if (once !== null) expect(phoneText(once)).toBe(once);
      }),
      { numRuns: 2000, examples: [['+4900000005'], ['+390612345678']] },
    );
  });
  test('days', () => {
    const day = fc.date({ min: new Date('1900-01-01'), max: new Date('2100-01-01'), noInvalidDate: true });
    fc.assert(
      fc.property(day, (d) => {
        const iso = d.toISOString().slice(0, 10);
        expect(isoDate(iso)).toBe(iso);
        expect(isoDate(iso.replace(/-/gu, '/'))).toBe(iso);
        const [y, m, dd] = iso.split('-').map(Number) as [number, number, number];
        expect(isoDate(`${y}年${m}月${dd}日`)).toBe(iso);
        if (y > 2019) expect(isoDate(`R${y - 2018}.${m}.${dd}`)).toBe(iso);
      }),
    );
  });
  test('a 法人番号 has exactly one right check digit', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[0-9]{11}[1-9]$/u), (base) => {
        const right = [...'0123456789'].filter((d) => corporateNumber(d + base) !== null);
        expect(right).toHaveLength(1);
        expect(corporateNumber(base)).toBe(right[0]! + base);
      }),
    );
  });
});

table('nameKey', nameKey, [
  ['渡邊　一郎 様', '渡辺一郎'],
  ['ﾔﾏﾀﾞ ﾀﾛｳ', 'ヤマダタロウ'],
  ['Dr. José Álvarez', 'josealvarez'],
  ['中山 恵子（旧姓 大木）', '中山恵子'],
]);
table(
  'splitFullName',
  (s) => {
    const n = splitFullName(s);
    return n === null ? null : `${n.family}|${n.given}`;
  },
  [
    ['長 原　健 一', '長原|健一'],
    ['長谷川誠', '長谷川|誠'],
    ['林さくら', '林|さくら'],
    ['SATO Taro', 'sato|taro'],
    ['Taro Sato', 'sato|taro'],
    ['Sato, Taro', 'sato|taro'],
    ['', null],
  ],
);
table('nameKind', nameKind, [
  ['ご担当者様', 'role'],
  ['総務部', 'role'],
  ['テスト', 'placeholder'],
  ['不明', 'placeholder'],
  ['総田 務', 'person'],
]);
table('readingKey: one key for every style of writing', readingKey, [
  ['サトウ', 'sato'],
  ['さとう', 'sato'],
  ['Satoh', 'sato'],
  ['SATOU', 'sato'],
  ['Satō', 'sato'],
  ['シヨウタ', 'shota'],
  ['Syouta', 'shota'],
  ['しょうた', 'shota'],
  ['Jun’ichi', 'junichi'],
  ['ジュンイチ', 'junichi'],
  ['Tuda', 'tsuda'],
  ['ツダ', 'tsuda'],
]);
test('readings of kanji are guessed from names first, then character by character with voicing', () => {
  expect(guessReadings('服部')).toEqual([readingKey('ハットリ')]);
  expect(guessReadings('山崎')).toEqual(['yamazaki', 'yamasaki']);
  expect(guessReadings('谷川')).toContain('tanigawa');
  expect(guessReadings('佐々木')).toEqual(['sasaki']);
  expect(guessReadings('龘')).toEqual([]);
});
test('names that may be one', () => {
  expect(namesMayBeSame('Ohta Yuko', 'オオタ ユウコ')).toBe(true);
  expect(namesMayBeSame('斎藤 誠', '斉藤 誠')).toBe(true);
  expect(namesMayBeSame('佐藤 健一', '佐藤 花子')).toBe(false);
});
table(
  'companyName',
  (s) => {
    const { core, form } = companyName(s);
    return `${core}|${form}`;
  },
  [
    ['㈲　青葉・商会', '青葉商会|有限会社'],
    ['ｱｵﾊﾞ(ｶ', 'アオバ|株式会社'],
    ['Aoba Trading Co., Ltd.', 'aobatrading|株式会社'],
    ['青葉工業株式会社 御中', '青葉工業|株式会社'],
    ['青葉工業㈱ 名古屋営業所 第二営業課', '青葉工業|株式会社'],
    ['株式会社', '株式会社|'],
    ['', '|'],
  ],
);
test('companies that may be one', () => {
  expect(companiesMayBeSame('㈱エービーシー商事', 'ABC商事株式会社')).toBe(true);
  expect(companiesMayBeSame('ヴイーナス', 'ビーナス')).toBe(true);
  expect(companiesMayBeSame('青葉システム', '青葉システム販売')).toBe(false);
});
table('emailAddress', emailAddress, [
  ['MAILTO:Hanako＠Aoba-EX.co.jp', 'hanako@aoba-ex.co.jp'],
  ['花子 <hanako@aoba-ex.co.jp>', 'hanako@aoba-ex.co.jp'],
  ['h..anako.@docomo.ne.jp', 'h..anako.@docomo.ne.jp'],
  ['hanako', null],
  ['@aoba-ex.co.jp', null],
  ['a@b@c.jp', null],
  ['なし', null],
]);
table('emailKey', emailKey, [
  ['h.ana.ko+seminar@gmail.com', 'hanako@gmail.com'],
  ['hanako+seminar@aoba-ex.co.jp', 'hanako@aoba-ex.co.jp'],
  ['sales@aoba-ex.co.jp', null],
  ['info2@aoba-ex.co.jp', null],
  ['nomail@nomail.com', null],
  ['test@test.com', null],
]);
table('companyDomain', companyDomain, [
  ['HTTPS://WWW.Sales.Aoba-EX.co.jp/a?b', 'aoba-ex.co.jp'],
  ['aoba-ex.com', 'aoba-ex.com'],
  ['https://www.facebook.com/aoba', null],
  ['gmail.com', null],
  ['http://192.168.0.1/', null],
  ['なし', null],
]);
table('phoneText', (s) => phoneText(s), [
  ['(090)1234-5678', '+819012345678'],
  ['03-1111-2345(代)', '+81311112345'],
  ['+81 (0)3 1111 2345', '+81311112345'],
  ['+1 650 253 0000', '+16502530000'],
  ['090-0000-0000', null],
  ['+81 10-0000-0000', null],
  ['+81311112345;ext=12', '+81311112345;ext=12'],
  ['1234', null],
  ['', null],
]);
table('postalCode', postalCode, [
  ['〒１００ー０００５', '100-0005'],
  ['0000000', null],
  ['12345', null],
  ['SW1A 1AA', 'SW1A1AA'],
]);
table('isoDate', isoDate, [
  ['2024-02-30', null],
  ['昭和64年1月7日', '1989-01-07'],
  ['19840229', '1984-02-29'],
  ['5 March 2020', '2020-03-05'],
  ['2024-01-01T20:00:00Z', '2024-01-02'],
  ['31/12/1990', '1990-12-31'],
  ['いつか', null],
]);
table('parseCode', parseCode, [
  ['Ｅ－０００１２３', { department: 'e', number: '123' }],
  ['123', { department: '', number: '123' }],
  ['なし', null],
  ['000', null],
]);
table('japaneseAddress', addressText, [
  ['〒150-0043 渋谷区道玄坂二丁目三番四号 青葉ビル三階', '東京都|渋谷区|道玄坂|2-3-4|青葉ビル3F'],
  ['四日市市諏訪栄町1-2', '三重県|四日市市|諏訪栄町|1-2|'],
  ['福島県郡山市駅前5-36-4', '福島県|郡山市|駅前|5-36-4|'],
  ['', '||||'],
]);
test('an address without numbers is all town', () => {
  expect(japaneseAddress('東京都港区虎ノ門')).toMatchObject({
    prefecture: '東京都',
    city: '港区',
    town: '虎の門',
    number: '',
  });
});
