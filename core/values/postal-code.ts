import { fold } from './fold.ts';
import { isDigit, lengthOf, unitAt } from './units.ts';

/**
 * 'NNN-NNNN' for a Japanese code (one lost leading zero is given back), null when it cannot be one. Codes of other
 * countries come back upper-case without spaces, so that they can at least be compared.
 */
export function postalCode(text: string): string | null {
  const folded = fold(text)
    .replace(/^〒/u, '')
    .replace(/[\s\-ー]/gu, '')
    .toUpperCase();
  if (/^\d+$/u.test(folded)) {
    if (/^0+$/u.test(folded)) return null;
    if (folded.length === 7) return `${folded.slice(0, 3)}-${folded.slice(3)}`;
    if (folded.length === 6) return `0${folded.slice(0, 2)}-${folded.slice(2)}`;
    return null;
  }
  return /^[A-Z0-9]{3,10}$/u.test(folded) ? folded : null;
}

/** As `postalCode`, and also 4 and 5 digits (Australia, Europe, the United States): a key for comparing only. */
export function postalKey(text: string): string | null {
  if (isPlainKey(text)) return text;
  const japanese = postalCode(text);
  if (japanese !== null) return japanese;
  const digits = fold(text).replace(/[\s-]/gu, '');
  if (/^\d{9}$/u.test(digits)) return digits.slice(0, 5);
  return /^\d{4,5}$/u.test(digits) && !/^0+$/u.test(digits) ? digits : null;
}

/** 123-4567 or 12345, and not zeros throughout: a key as it stands. */
function isPlainKey(text: string): boolean {
  const length = lengthOf(text);
  if (length !== 8 && length !== 5) return false;
  let zeros = true;
  for (let at = 0; at < length; at++) {
    const unit = unitAt(text, at);
    if (length === 8 && at === 3 ? unit !== 0x2d : !isDigit(unit)) return false;
    if (unit > 0x30) zeros = false;
  }
  return !zeros;
}
