import { KANJI_VARIANTS } from './tables/kanji-variants.ts';

/** Variation selectors, zero-width characters, soft hyphens, direction marks: they show nothing and match nothing. */
const INVISIBLE =
  /\u034f|\p{Variation_Selector}|[\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]/gu;
const DASH = '‐‑‒–—―−﹣－ｰ─━ー-';
const DASH_AFTER_KANA = new RegExp(`(?<=[ァ-ヺーぁ-ゖｦ-ﾟ][${DASH}]*)[${DASH}]`, 'gu');
const DASH_ANY = /[‐‑‒–—―−﹣─━⁻₋]/gu;
const LONG_MARK_AFTER_DIGIT = /(?<=[0-9])ー(?=[0-9])/gu;

/** Text in which folding can only find spaces to even out: plain ASCII, kanji and kana without dashes. */
const PLAIN = /^[\x20-\x2c\x2e-\x7e\u3041-\u3096\u30a1-\u30fa\u4e00-\u9fff々]*$/u;
const PLAIN_ASCII = /^[\x20-\x7e]*$/u;

/**
 * One width, one kind of dash, no invisible characters, single spaces, trimmed. NFKC leaves several dashes and a
 * lone dakuten as they are (see shared facts on Japanese data), so they are handled before and after it.
 */
export function fold(text: string): string {
  if (PLAIN.test(text) || PLAIN_ASCII.test(text))
    return (text.includes('  ') ? text.replace(/ {2,}/gu, ' ') : text).trim();
  return text
    .replace(INVISIBLE, '')
    .replace(/(?<=[か-とは-ほカ-トハ-ホうウ])[゛]/gu, '\u3099')
    .replace(/(?<=[は-ほハ-ホ])[゜]/gu, '\u309a')
    .replace(DASH_AFTER_KANA, 'ー')
    .normalize('NFKC')
    .replace(LONG_MARK_AFTER_DIGIT, '-')
    .replace(DASH_ANY, '-')
    .replace(/\s+/gu, ' ')
    .trim();
}

/** Variant kanji to their common form. Expects folded text. */
export function foldKanji(text: string): string {
  if (PLAIN_ASCII.test(text)) return text;
  let out = '';
  for (const c of text) out += KANJI_VARIANTS.get(c) ?? c;
  return out;
}

/** ä → a, ø → o: what people type without the right keyboard. Kana keep their dakuten. */
export function stripAccents(text: string): string {
  if (PLAIN_ASCII.test(text)) return text;
  return text
    .normalize('NFD')
    .replace(/[\u0300-\u036f]/gu, '')
    .normalize('NFC')
    .replace(/[øØ]/gu, 'o')
    .replace(/ß/gu, 'ss')
    .replace(/[æÆ]/gu, 'ae')
    .replace(/[łŁ]/gu, 'l');
}

export type Script = 'han' | 'kana' | 'latin' | 'other';

/** The script that decides how a name is read: any kanji makes it 'han'. */
export function scriptOf(text: string): Script {
  if (/[\p{Script=Han}々〆]/u.test(text)) return 'han';
  if (/[ぁ-ゖァ-ヺ]/u.test(text)) return 'kana';
  if (/\p{Script=Latin}/u.test(text)) return 'latin';
  return 'other';
}

const DIGITS: Record<string, number> = {
  〇: 0,
  零: 0,
  一: 1,
  壱: 1,
  二: 2,
  弐: 2,
  三: 3,
  参: 3,
  四: 4,
  五: 5,
  六: 6,
  七: 7,
  八: 8,
  九: 9,
};

/** 二十三 → 23, 二〇二四 → 2024. undefined when it is no number. */
export function kanjiNumber(text: string): number | undefined {
  let total = 0;
  let current = 0;
  let positional = '';
  for (const c of text) {
    const unit = c === '十' ? 10 : c === '百' ? 100 : c === '千' ? 1000 : 0;
    if (unit > 0) {
      total += (current || 1) * unit;
      current = 0;
      positional = '';
      continue;
    }
    const digit = DIGITS[c];
    if (digit === undefined) return undefined;
    positional += digit;
    current = Number(positional);
  }
  return text === '' ? undefined : total + current;
}
