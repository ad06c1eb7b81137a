/**
 * The code units of a text, for loops that nearly every value passes through. V8 holds texts in a dozen inner forms (flat, cut out of
 * another, joined; a byte or two a unit; interned or not). A place in the code that has met more than four of them looks `charCodeAt`
 * and `length` up anew each time, 8 ns a unit; the method itself, called on a text, needs no looking up.
 */
const { charCodeAt } = String.prototype;

/** As `text.charCodeAt(at)`. `at` lies within the text: a loop that asks beyond its end takes twice as long. */
export function unitAt(text: string, at: number): number {
  return charCodeAt.call(text, at);
}

/** As `text.length`. */
export function lengthOf(text: string): number {
  return `${text}`.length;
}

/** Are there only the digits 0 to 9 from here on? */
export function areDigits(text: string, from: number): boolean {
  const length = lengthOf(text);
  for (let at = from; at < length; at++) if (!isDigit(unitAt(text, at))) return false;
  return true;
}

export const isDigit = (unit: number): boolean => unit >= 0x30 && unit <= 0x39;
/** a to z. */
export const isLetter = (unit: number): boolean => unit >= 0x61 && unit <= 0x7a;

/** Where the units of this kind begin with which a text ends; its length where there are none. */
export function lastBut(text: string, isKind: (unit: number) => boolean): number {
  let end = lengthOf(text);
  while (end > 0 && isKind(unitAt(text, end - 1))) end--;
  return end;
}
