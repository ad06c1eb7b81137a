import { foldWidth } from './text.ts';

/** YYYY, MM or M, DD or D, and anything that is not a Latin letter between them. */
export type Pattern = string;

const TOKEN = /YYYY|MM?|DD?/g;

/** A day written by the pattern, as YYYY-MM-DD; undefined where it is not so written or does not exist. */
export function readDate(text: string, pattern: Pattern): string | undefined {
  const tokens = pattern.match(TOKEN) ?? [];
  const literal = (part: string) => part.replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&');
  const parts = pattern.split(TOKEN).map((part) => literal(foldWidth(part)));
  const source = parts.reduce((all, part, i) => {
    const token = tokens[i - 1];
    return all + (token === 'YYYY' ? '(\\d{4})' : compact(pattern) ? '(\\d{2})' : '(\\d{1,2})') + part;
  });
  const found = new RegExp(`^${source}$`).exec(foldWidth(text).trim());
  if (!found) return undefined;
  const value = (letter: string) => Number(found[tokens.findIndex((token) => token.startsWith(letter)) + 1]);
  const [year, month, day] = [value('Y'), value('M'), value('D')];
  const date = new Date(Date.UTC(year, month - 1, day));
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return undefined;
  return `${String(year).padStart(4, '0')}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`;
}

/** No separators: every part must then have its full width. */
const compact = (pattern: Pattern) => /^[YMD]+$/.test(pattern);

export function formatDate(isoDay: string, pattern: Pattern): string {
  const [year = '', month = '', day = ''] = isoDay.split('-');
  return pattern.replace(TOKEN, (token) => {
    if (token === 'YYYY') return year;
    const value = token.startsWith('M') ? month : day;
    return token.length === 2 ? value : String(Number(value));
  });
}
