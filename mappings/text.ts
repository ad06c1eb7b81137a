import { lengthOf, unitAt } from '../core/values/units.ts';

/** Cleaning that loses nothing a person meant: width, spaces and invisible characters. */

/** Zero-width joiners stay: Persian, Indic scripts and emoji are spelt with them. */
const INVISIBLE = /[\u200b\u2060\ufeff\u00ad]/g;
const CONTROL = /(?![\n\t])\p{Cc}/gu;

/** ASCII, kana and kanji: nothing in it can be cleaned or folded but its ends. A loop takes a third of a regular expression's time. */
function isPlain(text: string): boolean {
  const length = lengthOf(text);
  for (let i = 0; i < length; i++) {
    const c = unitAt(text, i);
    if (
      !(
        (c >= 0x20 && c <= 0x7e) ||
        (c >= 0x4e00 && c <= 0x9fff) ||
        (c >= 0x3041 && c <= 0x3096) ||
        (c >= 0x30a1 && c <= 0x30fa)
      )
    )
      return false;
  }
  return true;
}

/** Trims every kind of space, and drops what cannot be seen. Line breaks become \n. */
export function clean(text: string): string {
  if (isPlain(text)) return text.trim();
  return text.replace(/\r\n?/g, '\n').replace(INVISIBLE, '').replace(CONTROL, '').trim();
}

/** Compatibility ideographs: NFC would silently turn them into another, more common kanji. */
const COMPOSABLE = /[^\uf900-\ufaff\u{2f800}-\u{2fa1f}]+/gu;

/**
 * Full-width Latin becomes half-width, half-width kana full-width, and split marks are joined (カ゛ → ガ).
 * Kanji stay exactly as typed: 髙, 﨑 and 神 are how people write their own names.
 */
export function foldWidth(text: string): string {
  if (isPlain(text)) return text;
  return text
    .replace(/[\u3040-\u30ff]?[\uff61-\uff9f]+|[\uff01-\uff5e\uffe0-\uffe6\u3000]+/g, (run) =>
      run.normalize('NFKC'),
    )
    .replace(/(?<=[\u3040-\u30ff]) ?[\u309b\u3099]/g, '\u3099')
    .replace(/(?<=[\u3040-\u30ff]) ?[\u309c\u309a]/g, '\u309a')
    .replace(COMPOSABLE, (run) => run.normalize('NFC'));
}

/** One line with single spaces: for names. */
export function oneLine(text: string): string {
  if (isPlain(text)) return (text.includes('  ') ? text.replace(/ +/g, ' ') : text).trim();
  const folded = clean(foldWidth(text));
  return /\s/.test(folded) ? folded.replace(/\s+/g, ' ') : folded;
}

/** Every dash people type between digits, as '-'. */
export function foldDashes(text: string): string {
  return text.replace(/[\u2010-\u2015\u2212\u2500\u30fc\uff0d\uff70\ufe63]/g, '-');
}

/** Digits of any width, and 〇一二…十百, as a number's digits where the text is one. */
export function kanjiNumber(text: string): number | undefined {
  if (/^\d+$/.test(text)) return Number(text);
  if (text === '元') return 1;
  const digit = (c: string) => '〇一二三四五六七八九'.indexOf(c);
  if (/^[〇一二三四五六七八九]+$/.test(text)) return Number([...text].map(digit).join(''));
  const parts = /^(?:([二三四五六七八九])?(百))?(?:([二三四五六七八九])?(十))?([一二三四五六七八九])?$/.exec(
    text,
  );
  if (!parts || text === '') return undefined;
  const [, hundreds, hundred, tens, ten, ones] = parts;
  return (
    (hundred ? 100 * (hundreds ? digit(hundreds) : 1) : 0) +
    (ten ? 10 * (tens ? digit(tens) : 1) : 0) +
    (ones ? digit(ones) : 0)
  );
}
