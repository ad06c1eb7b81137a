import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Json } from '../../connectors/contract.ts';
import type { AttributeType } from '../../core/model/entity.ts';
import type { Value } from '../../core/model/value.ts';
import { canonical, corporateCheckDigit } from '../../mappings/canonical.ts';
import { dayOf, instantOf, wallAt } from '../../mappings/dates.ts';

const JAPAN = { region: 'JP', timeZone: 'Asia/Tokyo' };
const read = (type: AttributeType, raw: Json, locale = JAPAN) => canonical(type, raw, locale);

const TYPES: AttributeType[] = [
  'text',
  'given-name',
  'family-name',
  'full-name',
  'given-kana',
  'company-name',
  'email',
  'phone',
  'url',
  'domain',
  'postal-code',
  'region',
  'city',
  'street',
  'address',
  'corporate-number',
  'code',
  'date',
  'datetime',
  'number',
  'boolean',
  'option',
  'options',
];

describe('what cannot be read says why, and is not guessed', () => {
  const cases: [AttributeType, Json, string][] = [
    ['email', 'taro@', 'is not an e-mail address'],
    ['email', '不明', 'is not an e-mail address'],
    ['email', 'a b@example.com', 'is not an e-mail address'],
    ['email', 'taro@example', 'is not an e-mail address: its domain cannot exist'],
    ['phone', 'なし', 'is not a phone number'],
    [
      'phone',
      '03-123',
      'is not a phone number that can exist in JP; one of another country needs its code in front (+1 …)',
    ],
    [
      'phone',
      '000-0000-0000',
      'is not a phone number that can exist in JP; one of another country needs its code in front (+1 …)',
    ],
    [
      'phone',
      '(212) 555-0101',
      'is not a phone number that can exist in JP; one of another country needs its code in front (+1 …)',
    ],
    ['phone', '+1 23', 'is not a phone number that can exist'],
    ['url', 'see our page', 'is not a web address'],
    ['domain', 'localhost', 'is not a domain'],
    ['number', '12 or so', 'is not a number'],
    ['number', '1.234,56', 'is not a number'],
    ['number', '1e999', 'is not a finite number'],
    ['number', true, 'is not a number'],
    ['boolean', 'perhaps', 'is neither true nor false'],
    ['date', '2024-02-30', 'is a day that does not exist'],
    ['date', '平成31年13月1日', 'is a day that does not exist'],
    ['date', 'soon', 'is not a date that can be read'],
    ['datetime', '2024-01-02 25:00', 'is a time of day that does not exist'],
    ['corporate-number', '1234567890123', 'has a wrong check digit for a corporate number'],
    ['corporate-number', '12345', 'is not a corporate number of 13 digits'],
    ['text', { a: 1 }, 'is a structure, and one value was expected'],
    ['email', ['a@b.jp', 'c@d.jp'], 'is a list, and one value was expected'],
    ['options', { a: 1 }, 'is not a list of options'],
  ];
  for (const [type, raw, message] of cases)
    test(`${type} ${JSON.stringify(raw)}`, () => expect(read(type, raw)).toEqual({ ok: false, message }));
});

describe('what can be read is the same for every tool', () => {
  const cases: [AttributeType, Json, Value][] = [
    ['text', ' a\r\nb\u200b ', 'a\nb'],
    ['text', 12, '12'],
    ['text', ['a', 'b'], 'a; b'],
    ['full-name', 'ﾅｶﾞｻﾞﾜ　　ｹﾝｲﾁ ', 'ナガザワ ケンイチ'],
    ['family-name', '髙橋', '髙橋'],
    ['family-name', '\ufa19', '\ufa19'],
    ['given-name', 'e\u0301ric', 'éric'],
    ['given-kana', 'カ\u309b', 'ガ'],
    ['company-name', '㈱　ＡＢＣ', '㈱ ABC'],
    ['email', '佐藤 <Taro＠Example.CO.JP>', 'taro@example.co.jp'],
    ['email', 'taro..sato@docomo.ne.jp', 'taro..sato@docomo.ne.jp'],
    ['email', '"taro..sato"@docomo.ne.jp', 'taro..sato@docomo.ne.jp'],
    ['email', 'taro@例え.jp', 'taro@xn--r8jz45g.jp'],
    ['email', 'a@b.jp; c@d.jp', 'a@b.jp'],
    ['email', 'a@b.jp, c@d.jp', 'a@b.jp'],
    ['email', 'taro@example.co,jp', 'taro@example.co.jp'],
    ['phone', '０３（６１４１）４０２５', '+81361414025'],
    ['phone', '03-1234-5678（内）123', '+81312345678;ext=123'],
    ['phone', '090―1234―5678', '+819012345678'],
    ['phone', '0081-3-1234-5678', '+81312345678'],
    ['phone', '03-1234-5678/03-1234-5679', '+81312345678'],
    ['phone', '9012345678', '+819012345678'],
    ['phone', '+1 (415) 555-2671', '+14155552671'],
    ['url', 'https://Example.com/', 'https://example.com'],
    ['url', 'WWW.Example.com/Path?q=1', 'www.example.com/Path?q=1'],
    ['domain', 'https://www.Example.co.jp/x', 'example.co.jp'],
    ['domain', 'taro@example.co.jp', 'example.co.jp'],
    ['postal-code', '〒７００－０９０１', '700-0901'],
    ['postal-code', '7000901', '700-0901'],
    ['postal-code', 'sw1a 1aa', 'SW1A 1AA'],
    ['corporate-number', 'T5700102001234', '5700102001234'],
    ['corporate-number', '4000-03-000111', '3400003000111'],
    ['number', '¥１,２３４', 1234],
    ['number', '-0', 0],
    ['boolean', 'はい', true],
    ['boolean', 0, false],
    ['date', '令和6年1月2日', '2024-01-02'],
    ['date', '令和元年5月1日', '2019-05-01'],
    ['date', '令和六年一月二日', '2024-01-02'],
    ['date', 'R06/01/02', '2024-01-02'],
    ['date', 'H31.4.30', '2019-04-30'],
    ['date', '2024年１月２日（火）', '2024-01-02'],
    ['date', '20240102', '2024-01-02'],
    ['date', '2 Jan 2024', '2024-01-02'],
    ['date', '2024/1/2 23:59', '2024-01-02'],
    ['date', '2024-01-01T15:00:00Z', '2024-01-02'],
    ['date', '2024-01-02T00:00:00.000Z', '2024-01-02'],
    ['date', 1704153600000, '2024-01-02'],
    ['date', '1704153600000', '2024-01-02'],
    ['datetime', '2021/8/23 21:00', '2021-08-23T12:00:00.000Z'],
    ['datetime', '2024-01-02T03:04:05+0000', '2024-01-02T03:04:05.000Z'],
    ['options', 'b; a;;b', ['b', 'a']],
    ['options', [], null],
    ['street', '　', null],
  ];
  for (const [type, raw, value] of cases)
    test(`${type} ${JSON.stringify(raw)}`, () => expect(read(type, raw)).toEqual({ ok: true, value }));
});

describe('laws', () => {
  test('what is canonical stays as it is, and text is never empty', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...TYPES),
        fc.oneof(
          fc.string({ unit: 'grapheme' }),
          fc.integer(),
          fc.double({ noNaN: true }),
          fc.boolean(),
          fc.emailAddress(),
          fc.webUrl(),
        ),
        (type, raw) => {
          const once = read(type, raw);
          if (!once.ok) return;
          expect(once.value).not.toBe('');
          expect(read(type, once.value)).toEqual(once);
        },
      ),
      { numRuns: 3000 },
    );
  });

  test('nothing throws, whatever a tool sends', () => {
    fc.assert(
      fc.property(fc.constantFrom(...TYPES), fc.jsonValue(), (type, raw) => {
        expect(typeof read(type, raw as Json).ok).toBe('boolean');
      }),
      { numRuns: 2000 },
    );
  });

  test('a corporate number with its check digit is read, with any other it is not', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^\d{12}$/), fc.integer({ min: 1, max: 8 }), (twelve, off) => {
        const digit = corporateCheckDigit(twelve);
        expect(read('corporate-number', `${digit}${twelve}`)).toEqual({
          ok: true,
          value: `${digit}${twelve}`,
        });
        expect(read('corporate-number', `${((digit - 1 + off) % 9) + 1}${twelve}`).ok).toBe(false);
      }),
    );
  });

  test('a wall-clock time goes to its instant and back, in zones with and without summer time', () => {
    fc.assert(
      fc.property(
        fc.date({
          min: new Date('1970-01-02T00:00:00Z'),
          max: new Date('2099-12-30T00:00:00Z'),
          noInvalidDate: true,
        }),
        fc.constantFrom('Asia/Tokyo', 'America/New_York', 'Europe/Berlin', 'Asia/Kolkata', 'UTC'),
        (date, zone) => {
          const wall = wallAt(date.getTime(), zone);
          const again = instantOf(wall, zone);
          // An hour that the clocks go through twice has two instants; both show the same wall.
          expect(wallAt(again, zone)).toEqual(wall);
        },
      ),
    );
  });

  test('midnight UTC is a bare day in every zone', () => {
    expect(dayOf(Date.UTC(2024, 0, 2), 'America/New_York')).toBe('2024-01-02');
    expect(dayOf(Date.UTC(2024, 0, 2, 1), 'America/New_York')).toBe('2024-01-01');
  });
});
