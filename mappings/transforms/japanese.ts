import { z } from 'zod';
import { japaneseAddress } from '../../core/values/address.ts';
import { companyName } from '../../core/values/company-name.ts';
import { corporateNumber as parseCorporateNumber } from '../../core/values/corporate-number.ts';
import { postalCode as parsePostalCode } from '../../core/values/postal-code.ts';
import { parseTime } from '../canonical.ts';
import { formatEra } from '../era.ts';
import { type KanaScript, toKana } from '../kana.ts';
import { PREFECTURES, readPrefecture } from '../prefectures.ts';
import { clean, oneLine } from '../text.ts';
import { define, done, fail, overText } from './define.ts';

const KANA: [KanaScript, ...KanaScript[]] = ['katakana', 'hiragana', 'half'];

export const kana = define({
  name: 'kana',
  doc: 'Writes kana in one script: katakana (default), hiragana, or half (half-width, as banks want it). Kanji and Latin letters stay.',
  args: z.strictObject({ to: z.enum(KANA).default('katakana') }),
  short: 'to',
  examples: [
    { input: 'さとう ﾀﾛｳ', output: 'サトウ タロウ' },
    { args: 'hiragana', input: 'サトウ　タロー', output: 'さとう　たろー' },
    { args: 'half', direction: 'out', input: 'ガ・パーク', output: 'ｶﾞ･ﾊﾟｰｸ' },
  ],
  apply: (value, { to }) => overText(value, (text) => done(toKana(text, to))),
});

export const era = define({
  name: 'era',
  doc: '和暦: the tool writes days in Japanese eras. Read from any spelling, kept as YYYY-MM-DD, written as `style` says: kanji (令和6年1月2日, default) or short (R6.1.2).',
  args: z.strictObject({ style: z.enum(['kanji', 'short']).default('kanji') }),
  short: 'style',
  examples: [
    { input: '平成元年1月8日', output: '1989-01-08' },
    { input: 'S50.12.1', output: '1975-12-01' },
    { direction: 'out', input: '2019-05-01', output: '令和元年5月1日' },
    { direction: 'out', input: '2019-04-30', output: '平成31年4月30日' },
    { args: 'short', direction: 'out', input: '2024-01-02', output: 'R6.1.2' },
    { direction: 'out', input: '1850-01-01', fails: 'is before 1873, where Japan took up this calendar' },
  ],
  apply: (value, { style }, context) =>
    overText(value, (text) => {
      const day = parseTime('date', text, context);
      if (!day.ok || context.direction === 'in' || typeof day.value !== 'string') return day;
      const written = formatEra(day.value, style);
      return written === undefined
        ? fail('is before 1873, where Japan took up this calendar')
        : done(written);
    }),
  inverse: (args) => [{ transform: 'era', args }],
});

const SHORT_FORM: Record<string, string> = {
  株式会社: '㈱',
  有限会社: '㈲',
  合同会社: '(同)',
  合資会社: '(資)',
  合名会社: '(名)',
};

export const legalForm = define({
  name: 'legalForm',
  doc: '法人格: the legal form alone of a company name, in full (default) or short. A name without one gives nothing. To take it off a name: company.',
  args: z.strictObject({ as: z.enum(['full', 'short']).default('full') }),
  short: 'as',
  examples: [
    { input: '㈱アシスト', output: '株式会社' },
    { input: 'ｶ)ｱｼｽﾄ', output: '株式会社' },
    { args: 'short', input: 'アシスト有限会社', output: '㈲' },
    { input: 'アシスト', output: null },
  ],
  apply: (value, { as }) =>
    overText(value, (text) => {
      const { form } = companyName(text);
      return done(as === 'short' ? (SHORT_FORM[form] ?? form) : form);
    }),
  oneWay: () => true,
});

export const honorific = define({
  name: 'honorific',
  doc: '敬称: the tool keeps names with a title behind them, such as 様 or 御中. Taken off on in, put on on out.',
  args: z.strictObject({ title: z.string().min(1).default('様'), space: z.boolean().default(true) }),
  short: 'title',
  examples: [
    { input: '山田 太郎 様', output: '山田 太郎' },
    { direction: 'out', input: '山田 太郎', output: '山田 太郎 様' },
    {
      args: { title: '御中', space: false },
      direction: 'out',
      input: 'アシスト㈱',
      output: 'アシスト㈱御中',
    },
  ],
  apply: (value, { title, space }, { direction }) =>
    overText(value, (text) => {
      const full = clean(text);
      const bare = full.endsWith(title) ? full.slice(0, -title.length).trim() : full;
      // A title alone is nobody's name.
      if (bare === '') return done(full);
      return done(direction === 'in' ? bare : `${bare}${space ? ' ' : ''}${title}`);
    }),
  inverse: (args) => [{ transform: 'honorific', args }],
});

export const postalCode = define({
  name: 'postalCode',
  doc: '郵便番号: kept as 100-0005, from any spelling; a zero that a spreadsheet ate comes back. `as`: how the tool writes it, hyphen (default), digits, or mark (〒100-0005).',
  args: z.strictObject({ as: z.enum(['hyphen', 'digits', 'mark']).default('hyphen') }),
  short: 'as',
  examples: [
    { input: '〒１００−０００５', output: '100-0005' },
    { input: '600042', output: '060-0042' },
    { args: 'digits', direction: 'out', input: '100-0005', output: '1000005' },
    { args: 'mark', direction: 'out', input: '100-0005', output: '〒100-0005' },
    { input: '1234', fails: 'is not a postal code' },
  ],
  apply: (value, { as }, { direction }) =>
    overText(value, (text) => {
      const code = parsePostalCode(text);
      if (code === null) return fail('is not a postal code');
      if (direction === 'in' || as === 'hyphen' || !/^\d{3}-\d{4}$/.test(code)) return done(code);
      return done(as === 'digits' ? code.replace('-', '') : `〒${code}`);
    }),
  inverse: ({ as }) => (as === 'hyphen' ? [] : [{ transform: 'postalCode', args: { as } }]),
});

export const prefecture = define({
  name: 'prefecture',
  doc: '都道府県: kept as 東京都, from 東京, Tokyo, 13 or JP-13. `as`: how the tool writes it, name (default), short, romaji, code (13) or iso (JP-13).',
  args: z.strictObject({ as: z.enum(['name', 'short', 'romaji', 'code', 'iso']).default('name') }),
  short: 'as',
  examples: [
    { input: '東京', output: '東京都' },
    { input: 'JP-01', output: '北海道' },
    { input: 'Kyoto-fu', output: '京都府' },
    { args: 'romaji', direction: 'out', input: '大阪府', output: 'Osaka' },
    { args: 'code', direction: 'out', input: '青森県', output: '02' },
    { input: 'Texas', fails: 'is not one of the 47 prefectures' },
  ],
  apply: (value, { as }, { direction }) =>
    overText(value, (text) => {
      const found = readPrefecture(text);
      if (found === undefined) return fail('is not one of the 47 prefectures');
      return done(PREFECTURES[found]![direction === 'in' ? 'name' : as]);
    }),
  inverse: ({ as }) => (as === 'name' ? [] : [{ transform: 'prefecture', args: { as } }]),
});

export const address = define({
  name: 'address',
  doc: 'One part of a Japanese address that stands in one line: prefecture, city, town, number, building, or street (the last three together). Variant kanji come in their common form.',
  args: z.strictObject({
    part: z.enum(['prefecture', 'city', 'town', 'number', 'building', 'street']),
  }),
  short: 'part',
  examples: [
    { args: 'city', input: '大阪市北区梅田５丁目１６番３０号　丸の内パークビル１２Ｆ', output: '大阪市北区' },
    { args: 'prefecture', input: '大阪市北区梅田５丁目１６番３０号', output: '大阪府' },
    {
      args: 'street',
      input: '東京都千代田区霞が関一丁目２番３号　中央ビル５階',
      output: '霞ヶ関1-2-3 中央ビル5F',
    },
    { args: 'building', input: '東京都町田市森野2-2-22', output: null },
  ],
  apply: (value, { part }) =>
    overText(value, (text) => {
      const found = japaneseAddress(text);
      if (part !== 'street') return done(found[part]);
      return done(`${found.town}${found.number} ${found.building}`.trim());
    }),
  oneWay: () => true,
});

export const corporateNumber = define({
  name: 'corporateNumber',
  doc: '法人番号: kept as 13 digits whose check digit is right. `as`: how the tool writes it, digits (default) or invoice (T and 13 digits).',
  args: z.strictObject({ as: z.enum(['digits', 'invoice']).default('digits') }),
  short: 'as',
  examples: [
    { input: 'Ｔ５０１０００１００８８４６', output: '5010001008846' },
    { args: 'invoice', direction: 'out', input: '5010001008846', output: 'T5010001008846' },
    { input: '6700102001234', fails: 'is not a corporate number with a right check digit' },
  ],
  apply: (value, { as }, { direction }) =>
    overText(value, (text) => {
      const digits = parseCorporateNumber(oneLine(text));
      if (digits === null) return fail('is not a corporate number with a right check digit');
      return done(direction === 'out' && as === 'invoice' ? `T${digits}` : digits);
    }),
  inverse: ({ as }) => (as === 'digits' ? [] : [{ transform: 'corporateNumber', args: { as } }]),
});
