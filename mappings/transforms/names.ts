import { z } from 'zod';
import { oneLine } from '../text.ts';
import { define, done, overText } from './define.ts';

/** Titles before and behind a name. 君 and 氏 only behind a space: they also end names. */
const BEHIND = /(?:\s*(?:様方|様|さま|サマ|殿|御中|先生|さん)|\s+(?:君|氏|宛))+$/;
const BEFORE = /^(?:(?:mr|mrs|ms|miss|dr|prof)\.?\s+)+(?=\S)/i;
const EAST_ASIAN = /[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\uac00-\ud7af]/;

/** A personal name without titles; a title alone is nobody's name. */
function person(text: string): string {
  const bare = oneLine(text).replace(BEFORE, '');
  const without = bare.replace(BEHIND, '');
  return without === '' ? bare : without;
}

export const name = define({
  name: 'name',
  doc: 'A personal name: width, spaces, titles (様, 先生, Mr.) removed; kanji and case stay. `part: family | given` takes one part of a full name that has a space: the family name stands first in East Asian script, last in others.',
  args: z.strictObject({ part: z.enum(['family', 'given']).optional() }),
  examples: [
    { input: '髙橋　一郎 様', output: '髙橋 一郎' },
    { input: 'Mr. Taro  Yamada', output: 'Taro Yamada' },
    { args: { part: 'family' }, input: '髙橋　一郎', output: '髙橋' },
    { args: { part: 'given' }, input: 'Anna Maria Smith', output: 'Anna Maria' },
    { args: { part: 'given' }, input: '髙橋一郎', output: null },
  ],
  apply: (value, { part }) =>
    overText(value, (text) => {
      const full = person(text);
      if (part === undefined) return done(full);
      const words = full.split(' ');
      if (words.length < 2) return done(null);
      const familyFirst = EAST_ASIAN.test(full);
      const family = familyFirst ? words[0]! : words.at(-1)!;
      const given = (familyFirst ? words.slice(1) : words.slice(0, -1)).join(' ');
      return done(part === 'family' ? family : given);
    }),
  oneWay: ({ part }) => part !== undefined,
});

const FORMS: [RegExp, string][] = [
  [/㈱|[(（]株[)）]/g, '株式会社'],
  [/㈲|[(（]有[)）]/g, '有限会社'],
  [/㈳|[(（]社[)）]/g, '社団法人'],
  [/㈶|[(（]財[)）]/g, '財団法人'],
  [/[(（]同[)）]/g, '合同会社'],
  [/[(（]医[)）]/g, '医療法人'],
  [/[(（]学[)）]/g, '学校法人'],
];
const LEGAL =
  /^(株式会社|有限会社|合同会社|合資会社|合名会社|一般社団法人|一般財団法人|公益社団法人|公益財団法人|社団法人|財団法人|医療法人|学校法人)\s*|\s*(株式会社|有限会社|合同会社|合資会社|合名会社)$|,?\s+(co\.,?\s*ltd\.?|inc\.?|corp\.?|corporation|ltd\.?|llc|k\.?k\.?|gmbh|plc)$/gi;

export const company = define({
  name: 'company',
  doc: 'A company name: width, spaces, 御中 removed. `legalForm`: keep (default), expand (㈱ → 株式会社), remove.',
  args: z.strictObject({ legalForm: z.enum(['keep', 'expand', 'remove']).default('keep') }),
  examples: [
    { input: '㈱　アシスト 御中', output: '㈱ アシスト' },
    { args: { legalForm: 'expand' }, input: '（株）アシスト', output: '株式会社アシスト' },
    { args: { legalForm: 'remove' }, input: 'アシスト㈱', output: 'アシスト' },
    { args: { legalForm: 'remove' }, input: 'Acme Co., Ltd.', output: 'Acme' },
  ],
  apply: (value, { legalForm }) =>
    overText(value, (text) => {
      const bare = oneLine(text).replace(/(?<=\S)(\s*御中)+$/, '');
      if (legalForm === 'keep') return done(bare);
      const expanded = FORMS.reduce((all, [short, long]) => all.replace(short, long), bare);
      if (legalForm === 'expand') return done(expanded);
      return done(expanded.replace(LEGAL, '').trim() || bare);
    }),
});
