import { z } from 'zod';
import { isFreeMail } from '../../core/values/email.ts';
import { canonical } from '../canonical.ts';
import { readCountry, writeCountry } from '../countries.ts';
import { plainText as stripped } from '../html.ts';
import { sameText } from '../sameText.ts';
import { define, done, fail, overText } from './define.ts';
import { compiles } from './text.ts';

export const country = define({
  name: 'country',
  doc: 'Kept as the two letters of ISO 3166, from a code or a name in English or Japanese. `as`: how the tool writes it, code (default), name (Japan) or ja (日本).',
  args: z.strictObject({ as: z.enum(['code', 'name', 'ja']).default('code') }),
  short: 'as',
  examples: [
    { input: '日本', output: 'JP' },
    { input: 'United States of America', output: 'US' },
    { args: 'name', direction: 'out', input: 'JP', output: 'Japan' },
    { args: 'ja', direction: 'out', input: 'DE', output: 'ドイツ' },
    { input: 'Atlantis', fails: 'is not a country' },
  ],
  apply: (value, { as }, { direction }) =>
    overText(value, (text) => {
      const code = readCountry(text);
      if (code === undefined) return fail('is not a country');
      return done(direction === 'in' ? code : writeCountry(code, as));
    }),
  inverse: ({ as }) => (as === 'code' ? [] : [{ transform: 'country', args: { as } }]),
});

export const domain = define({
  name: 'domain',
  doc: 'The domain of a web or e-mail address. That of a free mailer (gmail.com) says nothing of a company, and is left out unless `free: true`.',
  args: z.strictObject({ free: z.boolean().default(false) }),
  examples: [
    { input: 'https://www.example.co.jp/about', output: 'example.co.jp' },
    { input: 'taro@sales.example.com', output: 'sales.example.com' },
    { input: 'taro@gmail.com', output: null },
    { args: { free: true }, input: 'taro@gmail.com', output: 'gmail.com' },
    { input: 'none', fails: 'is not a domain' },
  ],
  apply: (value, { free }, context) =>
    overText(value, (text) => {
      const found = canonical('domain', text, context);
      return found.ok && typeof found.value === 'string' && !free && isFreeMail(found.value)
        ? done(null)
        : found;
    }),
  oneWay: () => true,
});

export const prefix = define({
  name: 'prefix',
  doc: 'What the tool writes before each value: taken off on in, put on on out.',
  args: z.strictObject({ text: z.string().min(1) }),
  short: 'text',
  examples: [
    { args: 'C-', input: 'C-0012', output: '0012' },
    { args: 'C-', input: '0012', output: '0012' },
    { args: 'C-', direction: 'out', input: '0012', output: 'C-0012' },
  ],
  apply: (value, args, { direction }) =>
    overText(value, (text) => {
      const bare = text.startsWith(args.text) ? text.slice(args.text.length) : text;
      return done(direction === 'in' ? bare : args.text + bare);
    }),
  inverse: (args) => [{ transform: 'prefix', args }],
});

export const suffix = define({
  name: 'suffix',
  doc: 'What the tool writes behind each value: taken off on in, put on on out.',
  args: z.strictObject({ text: z.string().min(1) }),
  short: 'text',
  examples: [
    { args: ' employees', input: '50 employees', output: '50' },
    { args: '名', direction: 'out', input: '50', output: '50名' },
  ],
  apply: (value, args, { direction }) =>
    overText(value, (text) => {
      const bare = text.endsWith(args.text) ? text.slice(0, -args.text.length) : text;
      return done(direction === 'in' ? bare : bare + args.text);
    }),
  inverse: (args) => [{ transform: 'suffix', args }],
});

export const pad = define({
  name: 'pad',
  doc: 'Fills a text up to a length from the left: gives back the zeros that a spreadsheet ate.',
  args: z.strictObject({ length: z.int().min(1).max(255), with: z.string().length(1).default('0') }),
  short: 'length',
  examples: [
    { args: 6, input: '123', output: '000123' },
    { args: 6, input: 1234567, output: '1234567' },
    { args: { length: 4, with: ' ' }, direction: 'out', input: 'A1', output: '  A1' },
  ],
  apply: (value, args) => overText(value, (text) => done(text.padStart(args.length, args.with))),
});

export const extract = define({
  name: 'extract',
  doc: 'The part of a text that a regular expression finds, or its first group; nothing where it finds nothing.',
  args: z.strictObject({
    find: z
      .string()
      .min(1)
      .refine(compiles, {
        error: 'is not a valid regular expression',
        params: { fix: 'put a backslash before each ( [ * + ? that means itself' },
      }),
  }),
  short: 'find',
  examples: [
    { args: '\\d+', input: 'No. 42/A', output: '42' },
    { args: '^([^@]+)@', input: 'taro@example.com', output: 'taro' },
    { args: '\\d+', input: 'none', output: null },
  ],
  apply: (value, { find }) =>
    overText(value, (text) => {
      const found = new RegExp(find, 'u').exec(text);
      return done(found === null ? null : (found[1] ?? found[0]));
    }),
  oneWay: () => true,
});

export const blank = define({
  name: 'blank',
  doc: 'Values that say nothing, in any case: they are read as empty. On out nothing changes.',
  args: z.strictObject({ values: z.array(z.string().min(1)).min(1) }),
  short: 'values',
  examples: [
    { args: ['n/a', 'Unknown', '不明', '-'], input: 'unknown', output: null },
    { args: ['n/a', 'Unknown', '不明', '-'], input: 'Tokyo', output: 'Tokyo' },
  ],
  apply: (value, { values }, { direction }) =>
    overText(value, (text) =>
      done(direction === 'in' && values.some((one) => sameText(one) === sameText(text)) ? null : text),
    ),
});

export const plainText = define({
  name: 'plainText',
  doc: 'Text without its HTML: tags go, paragraphs become lines, &amp; becomes &.',
  args: z.strictObject({}),
  examples: [
    { input: '<p>Fish &amp; Chips</p><p>second<br>third</p>', output: 'Fish & Chips\nsecond\nthird' },
    { input: '3 < 5', output: '3 < 5' },
  ],
  apply: (value) => overText(value, (text) => done(stripped(text))),
  oneWay: () => true,
});
