import { fold, kanjiNumber } from './fold.ts';

/** First year of each era, minus one. Lenient: 平成31年5月 is read although 令和 had begun. */
const ERAS: Record<string, number> = {
  令和: 2018,
  平成: 1988,
  昭和: 1925,
  大正: 1911,
  明治: 1867,
  r: 2018,
  h: 1988,
  s: 1925,
  t: 1911,
  m: 1867,
};
const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];

function iso(year: number, month: number, day: number): string | null {
  if (year < 1850 || year > 2200 || month < 1 || month > 12 || day < 1) return null;
  const days = new Date(Date.UTC(year, month, 0)).getUTCDate();
  if (day > days) return null;
  return `${year}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`;
}

const number = (text: string): number =>
  /^\d+$/u.test(text) ? Number(text) : (kanjiNumber(text) ?? Number.NaN);

/**
 * A day as 'YYYY-MM-DD', from ISO, slashes, dots, 8 digits, 和暦 (令和6年1月2日, R6.1.2) or English; null when it is
 * none. A time behind the day is ignored unless it names its zone: then the day is the one in Asia/Tokyo.
 */
export function isoDate(text: string): string | null {
  const folded = fold(text).toLowerCase();
  const zoned = /^\d{4}-\d{2}-\d{2}t\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(z|[+-]\d{2}:?\d{2})$/u.exec(folded);
  if (zoned !== null) {
    const time = Date.parse(folded.toUpperCase());
    return Number.isNaN(time) ? null : new Date(time + 9 * 3600_000).toISOString().slice(0, 10);
  }
  const s = folded.replace(/[(（].*?[)）]/gu, '').trim();
  const era =
    /^(令和|平成|昭和|大正|明治|[rhstm])\s*\.?\s*(元|[0-9一二三四五六七八九十〇]+)\s*[年./-]\s*([0-9一二三四五六七八九十]+)\s*[月./-]\s*([0-9一二三四五六七八九十]+)日?/u.exec(
      s,
    );
  if (era !== null) {
    const year = era[2] === '元' ? 1 : number(era[2]!);
    return iso(ERAS[era[1]!]! + year, number(era[3]!), number(era[4]!));
  }
  const ymd =
    /^([0-9]{4}|[〇一二三四五六七八九]{4})\s*[年./-]\s*([0-9]{1,2}|[一二三四五六七八九十]+)\s*[月./-]\s*([0-9]{1,2}|[一二三四五六七八九十]+)(?!\d)/u.exec(
      s,
    );
  if (ymd !== null) return iso(number(ymd[1]!), number(ymd[2]!), number(ymd[3]!));
  const plain = /^(\d{4})(\d{2})(\d{2})(?!\d)/u.exec(s);
  if (plain !== null) return iso(Number(plain[1]), Number(plain[2]), Number(plain[3]));
  const english =
    /^(?:(\d{1,2})\s+([a-z]{3})[a-z]*|([a-z]{3})[a-z]*\.?\s+(\d{1,2}))(?:st|nd|rd|th)?,?\s+(\d{4})$/u.exec(s);
  if (english !== null) {
    const month = MONTHS.indexOf(english[2] ?? english[3]!) + 1;
    return iso(Number(english[5]), month, Number(english[1] ?? english[4]));
  }
  const slashes = /^(\d{1,2})[/.](\d{1,2})[/.](\d{4})$/u.exec(s);
  if (slashes !== null) {
    // 31/12/1990 can only be day first; where both readings are possible the American one is taken.
    const [first, second] = [Number(slashes[1]), Number(slashes[2])];
    return first > 12 ? iso(Number(slashes[3]), second, first) : iso(Number(slashes[3]), first, second);
  }
  return null;
}
