import { isDigit, isLetter, lengthOf, unitAt } from './units.ts';

const [PLUS, DASH, DOT, AT, UNDERSCORE] = [0x2b, 0x2d, 0x2e, 0x40, 0x5f];

/**
 * Where the @ of an address stands that is what it says: lower-case letters, digits and ._+- at a host of at least two labels of letters and digits,
 * single dashes within them, the last beginning with a letter. -1 for any other text. A loop, as nearly every address is one
 * of these; it stands for `^[a-z0-9._+-]+@(?:[a-z0-9]+(?:-[a-z0-9]+)*\.)+[a-z][a-z0-9]*$`.
 */
export function plainAddress(text: string): number {
  const length = lengthOf(text);
  let at = 0;
  for (; at < length; at++) {
    const unit = unitAt(text, at);
    if (isAlphanumeric(unit) || unit === DOT || unit === DASH || unit === PLUS || unit === UNDERSCORE)
      continue;
    if (unit !== AT || at === 0) return -1;
    return isPlainHost(text, at + 1, length) ? at : -1;
  }
  return -1;
}

function isPlainHost(text: string, from: number, to: number): boolean {
  let label = from;
  let dashed = false;
  for (let at = from; at < to; at++) {
    const unit = unitAt(text, at);
    if (isAlphanumeric(unit)) continue;
    if (unit !== DOT && unit !== DASH) return false;
    // Nothing stands before it, or another dash or dot.
    if (at === label || !isAlphanumeric(unitAt(text, at - 1))) return false;
    if (unit === DASH) dashed = true;
    else {
      label = at + 1;
      dashed = false;
    }
  }
  return label > from && label < to && !dashed && !isDigit(unitAt(text, label));
}

const isAlphanumeric = (unit: number) => isLetter(unit) || isDigit(unit);
