import { clean, foldDashes, foldWidth, kanjiNumber } from './text.ts';

/** A wall-clock time; `offset` (minutes east of UTC) where the text said so, `time: false` for a bare day. */
export interface WallTime {
  year: number;
  month: number;
  day: number;
  ms: number;
  time: boolean;
  offset?: number;
}

/** First year of each era, minus one. Written dates outlive their era (平成31年5月), so ends are not checked. */
const ERAS: Record<string, number> = { 令和: 2018, 平成: 1988, 昭和: 1925, 大正: 1911, 明治: 1867 };
const ERA_LETTERS: Record<string, string> = { R: '令和', H: '平成', S: '昭和', T: '大正', M: '明治' };
const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const N = '([0-9]+|[〇一二三四五六七八九十百]+|元)';
const JAPANESE = new RegExp(`^(?:(令和|平成|昭和|大正|明治)\\s*)?${N}\\s*年\\s*${N}\\s*月\\s*${N}\\s*日`);
const ERA_SHORT = /^([RHSTM])\s*(\d{1,2}|元)[./年-](\d{1,2})[./月-](\d{1,2})日?/i;
const YEAR_FIRST = /^(\d{4})([-/.])(\d{1,2})\2(\d{1,2})/;
const COMPACT = /^(\d{4})(\d{2})(\d{2})(?=$|T)/;
const DAY_MONTH = /^(\d{1,2})(?:st|nd|rd|th)?[\s-]+([a-z]{3,9})\.?,?[\s-]+(\d{4})/i;
const MONTH_DAY = /^([a-z]{3,9})\.?\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+(\d{4})/i;
const TIME =
  /^[T\s]\s*(\d{1,2})(?::|時)(\d{2})(?:分)?(?::?(\d{2})(?:[.,](\d{1,9}))?秒?)?\s*(Z|UTC|GMT|[+-]\d{2}:?\d{2})?$/i;

export type WallResult = WallTime | { message: string };

/** Reads a date or a time as people and tools write them, era names included. */
export function parseWall(input: string): WallResult {
  const text = foldDashes(foldWidth(clean(input))).trim();
  const day = dayPart(text);
  if ('message' in day) return day;
  const { year, month, day: date } = day;
  const check = new Date(Date.UTC(year, month - 1, date));
  if (year < 1 || check.getUTCMonth() !== month - 1 || check.getUTCDate() !== date)
    return { message: 'is a day that does not exist' };
  const rest = text
    .slice(day.length)
    .replace(/^\s*[(（]?[月火水木金土日](曜日?)?[)）]?(?=\s|$)/, '')
    .trimEnd();
  if (rest === '') return { year, month, day: date, ms: 0, time: false };
  const time = TIME.exec(rest);
  if (!time) return { message: 'is not a date or time that can be read' };
  const [, hour, minute, second = '0', fraction = '0', zone] = time;
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 60)
    return { message: 'is a time of day that does not exist' };
  const ms =
    ((Number(hour) * 60 + Number(minute)) * 60 + Number(second)) * 1000 +
    Math.floor(Number(`0.${fraction}`) * 1000);
  return { year, month, day: date, ms, time: true, ...(zone ? { offset: offsetOf(zone) } : {}) };
}

type DayPart = { year: number; month: number; day: number; length: number } | { message: string };

function dayPart(text: string): DayPart {
  let m = YEAR_FIRST.exec(text);
  if (m) return { year: Number(m[1]), month: Number(m[3]), day: Number(m[4]), length: m[0].length };
  m = COMPACT.exec(text);
  if (m) return { year: Number(m[1]), month: Number(m[2]), day: Number(m[3]), length: m[0].length };
  m = JAPANESE.exec(text);
  if (m) {
    const [year, month, day] = [kanjiNumber(m[2]!), kanjiNumber(m[3]!), kanjiNumber(m[4]!)];
    if (year !== undefined && month !== undefined && day !== undefined)
      return { year: year + (m[1] ? ERAS[m[1]]! : 0), month, day, length: m[0].length };
  }
  m = ERA_SHORT.exec(text);
  if (m) {
    const era = ERAS[ERA_LETTERS[m[1]!.toUpperCase()]!]!;
    return { year: era + kanjiNumber(m[2]!)!, month: Number(m[3]), day: Number(m[4]), length: m[0].length };
  }
  m = DAY_MONTH.exec(text);
  if (m && monthOf(m[2]!))
    return { year: Number(m[3]), month: monthOf(m[2]!), day: Number(m[1]), length: m[0].length };
  m = MONTH_DAY.exec(text);
  if (m && monthOf(m[1]!))
    return { year: Number(m[3]), month: monthOf(m[1]!), day: Number(m[2]), length: m[0].length };
  if (/^\d{1,2}[-/.]\d{1,2}[-/.]\d{4}/.test(text))
    return { message: 'may be day first or month first; say which with { date: { format: DD/MM/YYYY } }' };
  return { message: 'is not a date that can be read' };
}

const monthOf = (name: string) => MONTHS.indexOf(name.slice(0, 3).toLowerCase()) + 1;

function offsetOf(zone: string): number {
  const m = /^([+-])(\d{2}):?(\d{2})$/.exec(zone);
  if (!m) return 0;
  return (m[1] === '-' ? -1 : 1) * (Number(m[2]) * 60 + Number(m[3]));
}

const pad = (n: number, width = 2) => String(n).padStart(width, '0');

export const isoDay = (at: { year: number; month: number; day: number }) =>
  `${pad(at.year, 4)}-${pad(at.month)}-${pad(at.day)}`;

const formats = new Map<string, Intl.DateTimeFormat>();
function zoneFormat(timeZone: string): Intl.DateTimeFormat {
  let format = formats.get(timeZone);
  if (!format) {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
    formats.set(timeZone, format);
  }
  return format;
}

/** What a clock on the wall of that zone shows at an instant (milliseconds since 1970). */
export function wallAt(instant: number, timeZone: string): WallTime {
  const parts: Record<string, number> = {};
  for (const { type, value } of zoneFormat(timeZone).formatToParts(instant)) parts[type] = Number(value);
  const { year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0 } = parts;
  const milli = ((instant % 1000) + 1000) % 1000;
  return { year, month, day, ms: ((hour * 60 + minute) * 60 + second) * 1000 + milli, time: true };
}

const asUtc = (wall: WallTime) => {
  // Date.UTC reads years under 100 as 19xx.
  const date = new Date(0);
  date.setUTCFullYear(wall.year, wall.month - 1, wall.day);
  return date.getTime() + wall.ms;
};

/** The instant of a wall-clock time; `timeZone` counts where the text named no offset. */
export function instantOf(wall: WallTime, timeZone: string): number {
  const utc = asUtc(wall);
  if (wall.offset !== undefined) return utc - wall.offset * 60_000;
  // The zone's offset depends on the instant sought: two steps settle it, save in an hour that a clock change skips.
  let instant = utc;
  for (let i = 0; i < 2; i++) instant = utc - (asUtc(wallAt(instant, timeZone)) - instant);
  return instant;
}

const DAY_MS = 86_400_000;

/** The day of an instant. Exactly midnight UTC is how tools store a bare day, so it is that day everywhere. */
export function dayOf(instant: number, timeZone: string): string {
  if (instant % DAY_MS === 0) return new Date(instant).toISOString().slice(0, 10);
  return isoDay(wallAt(instant, timeZone));
}
