import { z } from 'zod';
import { clean, foldWidth } from '../text.ts';
import { define, done, fail, overText } from './define.ts';

const none = z.strictObject({});

export const trim = define({
  name: 'trim',
  doc: 'Removes spaces of every kind at both ends, and characters that cannot be seen.',
  args: none,
  examples: [
    { input: '　東京 ', output: '東京' },
    { input: ' ', output: null },
  ],
  apply: (value) => overText(value, (text) => done(clean(text))),
});

export const nfkc = define({
  name: 'nfkc',
  doc: 'Unicode NFKC: full-width Latin to half-width, half-width kana to full-width, ㈱ to (株).',
  args: none,
  examples: [{ input: 'ＡＢＣ㈱ｶﾞ', output: 'ABC(株)ガ' }],
  apply: (value) => overText(value, (text) => done(text.normalize('NFKC'))),
});

export const lower = define({
  name: 'lower',
  doc: 'Lower case.',
  args: none,
  examples: [{ input: 'ABC Äé', output: 'abc äé' }],
  apply: (value) => overText(value, (text) => done(text.toLowerCase())),
});

export const upper = define({
  name: 'upper',
  doc: 'Upper case.',
  args: none,
  examples: [{ input: 'jp-13', output: 'JP-13' }],
  apply: (value) => overText(value, (text) => done(text.toUpperCase())),
});

export const title = define({
  name: 'title',
  doc: 'Capitalises each word of a text written in one case; mixed case (McDonald, iPhone) stays as it is.',
  args: none,
  examples: [
    { input: 'TARO YAMADA', output: 'Taro Yamada' },
    { input: "anne-marie o'neil", output: "Anne-Marie O'Neil" },
    { input: 'Ronald McDonald', output: 'Ronald McDonald' },
  ],
  apply: (value) =>
    overText(value, (text) => {
      if (text !== text.toUpperCase() && text !== text.toLowerCase()) return done(text);
      return done(
        text
          .toLowerCase()
          .replace(/(?<![\p{L}\p{M}\p{N}])\p{L}|(?<=\b\p{L}['’])\p{L}(?=\p{L})/gu, (c) => c.toUpperCase()),
      );
    }),
});

export const width = define({
  name: 'width',
  doc: 'Full-width Latin to half-width and half-width kana to full-width; unlike nfkc, kanji and ㈱ stay.',
  args: none,
  examples: [{ input: 'ＡＢＣ㈱ｶﾞ髙', output: 'ABC㈱ガ髙' }],
  apply: (value) => overText(value, (text) => done(foldWidth(text))),
});

export const truncate = define({
  name: 'truncate',
  doc: 'Cuts text to a length in UTF-16 units, which is how tools count; never through a character.',
  args: z.strictObject({ length: z.int().min(1) }),
  short: 'length',
  examples: [
    { args: 3, input: 'abcdef', output: 'abc' },
    { args: 2, input: 'a😀', output: 'a' },
  ],
  apply: (value, { length }) =>
    overText(value, (text) => {
      if (text.length <= length) return done(text);
      const cut = text.slice(0, length);
      return done((/[\ud800-\udbff]$/.test(cut) ? cut.slice(0, -1) : cut).trimEnd());
    }),
});

export const replace = define({
  name: 'replace',
  doc: 'Replaces every `find` with `with`. `regex: true` reads `find` as a regular expression.',
  args: z
    .strictObject({ find: z.string().min(1), with: z.string(), regex: z.boolean().default(false) })
    .refine((args) => !args.regex || compiles(args.find), {
      message: 'is not a valid regular expression',
      path: ['find'],
      params: { fix: 'write regex: false, or a backslash before each ( [ * + ? that means itself' },
    }),
  examples: [
    { args: { find: '-', with: '' }, input: 'E-000-1', output: 'E0001' },
    { args: { find: '^0+', with: '', regex: true }, input: '000123', output: '123' },
  ],
  apply: (value, args) =>
    overText(value, (text) =>
      // A function as the replacement: `$&` in a plain one would mean something.
      done(
        args.regex
          ? text.replace(new RegExp(args.find, 'gu'), args.with)
          : text.replaceAll(args.find, () => args.with),
      ),
    ),
  oneWay: () => true,
});

/** Is this a regular expression? */
export function compiles(pattern: string): boolean {
  try {
    new RegExp(pattern, 'gu');
    return true;
  } catch {
    return false;
  }
}

export const split = define({
  name: 'split',
  doc: 'Makes a list of a text; with `part` (0 is the first, -1 the last) takes one part. On out: join.',
  args: z.strictObject({ by: z.string().min(1), part: z.int().optional() }),
  short: 'by',
  examples: [
    { args: ';', input: 'a; b;;c', output: ['a', 'b', 'c'] },
    { args: { by: ' ', part: 0 }, input: '山田 太郎', output: '山田' },
    { args: { by: ' ', part: 5 }, input: '山田 太郎', output: null },
  ],
  apply(value, { by, part }) {
    if (value === null || value === '') return done(null);
    if (Array.isArray(value)) return done(value);
    if (typeof value === 'object') return fail('is a structure, and text was expected');
    const parts = String(value).split(by).map(clean).filter(Boolean);
    if (part === undefined) return done(parts.length === 0 ? null : parts);
    return done(parts.at(part) ?? null);
  },
  inverse: ({ by, part }) => (part === undefined ? [{ transform: 'join', args: { by } }] : []),
  oneWay: ({ part }) => part !== undefined,
});

export const join = define({
  name: 'join',
  doc: 'Makes one text of a list. On out: split.',
  args: z.strictObject({ by: z.string() }),
  short: 'by',
  examples: [
    { args: ', ', input: ['a', 'b'], output: 'a, b' },
    { args: ';', input: 'a', output: 'a' },
  ],
  apply(value, { by }) {
    if (!Array.isArray(value)) return done(value);
    const parts = value.filter((part) => part !== null && part !== '');
    if (parts.some((part) => typeof part === 'object'))
      return fail('holds structures, and texts were expected');
    return done(parts.map(String).join(by));
  },
  inverse: ({ by }) => (by === '' ? [] : [{ transform: 'split', args: { by } }]),
});
