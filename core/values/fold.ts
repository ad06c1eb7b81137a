import { KANJI_VARIANTS } from './tables/kanji-variants.ts';
import { lengthOf, unitAt } from './units.ts';

/** Variation selectors, zero-width characters, soft hyphens, direction marks: they show nothing and match nothing. */
const INVISIBLE =
  /\u034f|\p{Variation_Selector}|[\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]/gu;
const DASH = '‐‑‒–—―−﹣－ｰ─━ー-';
const DASH_AFTER_KANA = new RegExp(`(?<=[ァ-ヺーぁ-ゖｦ-ﾟ][${DASH}]*)[${DASH}]`, 'gu');
const DASH_ANY = /[‐‑‒–—―−﹣─━⁻₋]/gu;
const LONG_MARK_AFTER_DIGIT = /(?<=[0-9])ー(?=[0-9])/gu;

/**
 * Text in which folding can only find spaces to even out: plain ASCII, kanji and kana, but no dash behind kana. A loop: nearly every
 * value comes by here several times, and a regular expression takes three times as long.
 */
function isPlain(text: string): boolean {
  const length = lengthOf(text);
  let kana = false;
  for (let i = 0; i < length; i++) {
    const c = unitAt(text, i);
    if (c < 0x7f) {
      if (c < 0x20 || (c === 0x2d && kana)) return false;
      kana = false;
    } else if ((c >= 0x4e00 && c <= 0x9fff) || c === 0x3005) kana = false;
    else if ((c >= 0x3041 && c <= 0x3096) || (c >= 0x30a1 && c <= 0x30fa)) kana = true;
    else return false;
  }
  return true;
}

export function isPlainAscii(text: string): boolean {
  const length = lengthOf(text);
  for (let i = 0; i < length; i++) {
    const c = unitAt(text, i);
    if (c < 0x20 || c > 0x7e) return false;
  }
  return true;
}

/**
 * One width, one kind of dash, no invisible characters, single spaces, trimmed. NFKC leaves several dashes and a
 * lone dakuten as they are (see shared facts on Japanese data), so they are handled before and after it.
 */
export function fold(text: string): string {
  if (isPlain(text)) return (text.includes('  ') ? text.replace(/ {2,}/gu, ' ') : text).trim();
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

const VARIANTS = new RegExp(`[${[...KANJI_VARIANTS.keys()].join('')}]`, 'gu');

/** A bit for each unit that a variant begins with: a regular expression asks a function for every character of such a class. */
const VARIANT_UNITS = new Uint32Array(0x10000 / 32);
for (const [variant] of KANJI_VARIANTS) {
  const unit = variant.charCodeAt(0);
  VARIANT_UNITS[unit >> 5]! |= 1 << (unit & 31);
}

function mayHoldVariant(text: string): boolean {
  const length = lengthOf(text);
  for (let i = 0; i < length; i++) {
    const unit = unitAt(text, i);
    if ((VARIANT_UNITS[unit >> 5]! & (1 << (unit & 31))) !== 0) return true;
  }
  return false;
}

/** Variant kanji to their common form. Expects folded text. */
export function foldKanji(text: string): string {
  return mayHoldVariant(text) ? text.replace(VARIANTS, (c) => KANJI_VARIANTS.get(c)!) : text;
}

/** ä → a, ø → o: what people type without the right keyboard. Kana keep their dakuten. */
export function stripAccents(text: string): string {
  if (isPlainAscii(text)) return text;
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
