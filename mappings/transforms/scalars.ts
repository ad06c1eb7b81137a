import { z } from 'zod';
import type { Json } from '../../connectors/contract.ts';
import { parseBoolean, parseNumber, parseTime } from '../canonical.ts';
import { formatDate, type Pattern, readDate } from '../datePattern.ts';
import { checkTimeZone } from '../places.ts';
import { define, done, fail, type Result } from './define.ts';

type Scalar = string | number | boolean;
const scalar = (value: Json): value is Scalar => value !== null && typeof value !== 'object';

function overScalar(value: Json, each: (value: Scalar) => Result): Result {
  if (value === null || value === '') return done(null);
  return scalar(value) ? each(value) : fail('is a list or a structure, and one value was expected');
}

const pattern = z
  .string()
  .regex(
    /^(?=.*YYYY)(?=.*M)(?=.*D)(YYYY|MM?|DD?|[^A-Za-z]+)+$/,
    'a pattern of YYYY, MM or M, DD or D, such as YYYY/MM/DD',
  );

export const date = define({
  name: 'date',
  doc: 'A day, kept as YYYY-MM-DD; reads ISO, 2024/1/2, 令和6年1月2日, R6.1.2, Jan 2, 2024. `format` (YYYY MM M DD D) is how the tool writes it, both ways.',
  args: z.strictObject({ format: pattern.optional() }),
  short: 'format',
  examples: [
    { input: '令和6年1月2日', output: '2024-01-02' },
    { args: 'DD/MM/YYYY', input: '02/01/2024', output: '2024-01-02' },
    { args: 'YYYY年M月D日', direction: 'out', input: '2024-01-02', output: '2024年1月2日' },
    {
      input: '1/2/2024',
      fails: 'may be day first or month first; say which with { date: { format: DD/MM/YYYY } }',
    },
  ],
  apply: (value, { format }, context) =>
    overScalar(value, (given) => {
      if (context.direction === 'in' && format !== undefined && typeof given === 'string') {
        const day = readDate(given, format as Pattern);
        if (day !== undefined) return done(day);
      }
      const day = parseTime('date', given, context);
      if (!day.ok || context.direction === 'in' || format === undefined || typeof day.value !== 'string')
        return day;
      return done(formatDate(day.value, format as Pattern));
    }),
  inverse: (args) => [{ transform: 'date', args }],
});

export const datetime = define({
  name: 'datetime',
  doc: 'An instant, kept in UTC. `timeZone`: the zone of times without one (default: the hub’s).',
  args: z.strictObject({
    timeZone: z.string().superRefine(checkTimeZone).optional(),
  }),
  short: 'timeZone',
  examples: [
    { args: 'Asia/Tokyo', input: '2024/1/2 9:30', output: '2024-01-02T00:30:00.000Z' },
    { input: 1704155400000, output: '2024-01-02T00:30:00.000Z' },
  ],
  apply: (value, { timeZone }, context) =>
    overScalar(value, (given) =>
      parseTime('datetime', given, { ...context, timeZone: timeZone ?? context.timeZone }),
    ),
});

export const number = define({
  name: 'number',
  doc: 'A number: 1,234 · １２３ · ¥500. `scale` multiplies on in and divides on out (0.2 ↔ 20: scale 100); `decimals` rounds; `decimal: ","` reads and writes 1.234,50.',
  args: z.strictObject({
    scale: z
      .number()
      .refine((scale) => scale !== 0, 'a number that is not 0')
      .default(1),
    decimals: z.int().min(0).max(12).optional(),
    decimal: z.enum(['.', ',']).default('.'),
  }),
  short: 'decimals',
  examples: [
    { input: '¥１,２３４', output: 1234 },
    { args: { scale: 100 }, input: '0.2', output: 20 },
    { args: { scale: 100 }, direction: 'out', input: 29, output: 0.29 },
    { args: 1, input: 2.25, output: 2.3 },
    { args: { decimal: ',' }, input: '1.234,50', output: 1234.5 },
    { args: { decimal: ',' }, direction: 'out', input: 1234.5, output: '1234,5' },
    { input: 'twelve', fails: 'is not a number' },
  ],
  apply: (value, { scale, decimals, decimal }, { direction }) =>
    overScalar(value, (given) => {
      const foreign = decimal === ',' && direction === 'in' && typeof given === 'string';
      const parsed = parseNumber(foreign ? given.replaceAll('.', '').replace(',', '.') : given);
      if (!parsed.ok || typeof parsed.value !== 'number') return parsed;
      const scaled = direction === 'in' ? parsed.value * scale : parsed.value / scale;
      // 15 digits is what a double holds for certain: it takes away what the multiplication added.
      const exact = Number(scaled.toPrecision(15));
      const result = decimals === undefined ? exact : round(exact, decimals);
      return done(decimal === ',' && direction === 'out' ? String(result).replace('.', ',') : result);
    }),
  inverse: ({ scale, decimal }) =>
    scale === 1 && decimal === '.' ? [] : [{ transform: 'number', args: { scale, decimal } }],
});

/** Half away from zero, in decimal. */
function round(value: number, decimals: number): number {
  const shifted = Number(`${Math.abs(value)}e${decimals}`);
  if (!Number.isFinite(shifted)) return value;
  const rounded = Number(`${Math.round(shifted)}e-${decimals}`);
  return value < 0 && rounded !== 0 ? -rounded : rounded;
}

const word = z.union([z.string().min(1), z.number()]);

export const boolean = define({
  name: 'boolean',
  doc: 'true or false: true 1 yes y on はい 有 …. `true` and `false` are the tool’s own words, both ways.',
  args: z.strictObject({ true: word.optional(), false: word.optional() }),
  examples: [
    { input: 'はい', output: true },
    { args: { true: 'J', false: 'N' }, input: 'J', output: true },
    { args: { true: 'J', false: 'N' }, direction: 'out', input: false, output: 'N' },
    { input: 'perhaps', fails: 'is neither true nor false' },
  ],
  apply: (value, words, { direction }) =>
    overScalar(value, (given) => {
      if (direction === 'in') {
        const text = String(given).trim().toLowerCase();
        if (words.true !== undefined && text === String(words.true).toLowerCase()) return done(true);
        if (words.false !== undefined && text === String(words.false).toLowerCase()) return done(false);
      }
      const parsed = parseBoolean(given);
      if (!parsed.ok || direction === 'in') return parsed;
      return done((parsed.value ? words.true : words.false) ?? parsed.value);
    }),
  inverse: (args) =>
    args.true === undefined && args.false === undefined ? [] : [{ transform: 'boolean', args }],
});
