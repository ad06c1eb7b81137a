import { type CountryCode, parsePhoneNumberFromString } from 'libphonenumber-js/min';
import { fold } from './fold.ts';
import { areDigits, lengthOf, unitAt } from './units.ts';

export interface Phone {
  e164: string;
  extension?: string;
  mobile: boolean;
}

const EXTENSION = /\(?\s*(?:内線?|内|ext(?:ension)?\.?|x|#)\s*\)?\s*[:：]?\s*\(?\s*(\d{1,6})\s*\)?/iu;
/** Every digit the same, or nothing but zeros behind an area code: typed to fill a field. */
const PLACEHOLDER = /^(\d)\1+$|^0\d{1,3}0{6,}$|^0\d{1,3}(\d)\2{6,}$/u;

/** Of these too. */
const IN_A_ROW = /^(1234567890|123456789|9876543210?)$/u;

/** With or without the leading zero that +81 swallows: both writings of a number get one answer. */
function isPlaceholder(national: string): boolean {
  const bare = national.startsWith('0') ? national.slice(1) : national;
  // Each of those ends in one digit twice, or is a row of digits up or down.
  if (bare.length > 1 && bare.at(-1) !== bare.at(-2)) return IN_A_ROW.test(bare);
  return [bare, `0${bare}`].some((digits) => PLACEHOLDER.test(digits)) || IN_A_ROW.test(bare);
}

const [ZERO, FIVE, SEVEN, EIGHT] = [0x30, 0x35, 0x37, 0x38];

/** Japanese numbers, the common case, without a trip through the library: 0[789]0[1-9]… of eleven digits are mobile, 050… and 0800… of eleven and 0[1-9]… of ten are not. */
function japanese(digits: string): { e164: string; mobile: boolean } | null {
  const length = lengthOf(digits);
  if (length < 10 || length > 11 || unitAt(digits, 0) !== ZERO) return null;
  const [second, third, fourth] = [unitAt(digits, 1), unitAt(digits, 2), unitAt(digits, 3)];
  if (length === 10) return second === ZERO ? null : { e164: `+81${digits.slice(1)}`, mobile: false };
  if (third !== ZERO) return null;
  const mobile = second >= SEVEN && fourth !== ZERO;
  const other = second === FIVE || (second === EIGHT && fourth === ZERO);
  return mobile || other ? { e164: `+81${digits.slice(1)}`, mobile } : null;
}

/** As tools and mappings write numbers: six to fifteen digits behind a plus, so that nothing has to be looked for between them. */
function isInternational(text: string): boolean {
  const length = lengthOf(text);
  return length > 6 && length < 17 && unitAt(text, 0) === 0x2b && areDigits(text, 1);
}

/**
 * A phone number, or null when the text holds none or a placeholder. Of several, the first. `region` is the country
 * of numbers written without one.
 */
export function parsePhone(text: string, region = 'JP'): Phone | null {
  if (isInternational(text)) return parseDigits(text.slice(1), true, region, undefined);
  let s = fold(text)
    .replace(/〜/gu, '-')
    .replace(/;\s*ext=/iu, ' ext ');
  const first = s.split(/[/;、,]|\s(?:or|または)\s/iu).find((part) => /\d{4,}|\d[\d\s()-]{5,}/u.test(part));
  if (first === undefined) return null;
  s = first.replace(/\((?:代表?|直通?|携帯)\)|代表|直通/gu, '');
  let extension: string | undefined;
  const ext = EXTENSION.exec(s);
  if (ext !== null && ext.index > 4) {
    extension = ext[1];
    s = s.slice(0, ext.index);
  }
  s = s.replace(/\(0\)/u, '').trim();
  return parseDigits(s.replace(/\D/gu, ''), /^[^\d]*\+/u.test(s), region, extension);
}

/** `plus`: the country is in front. */
function parseDigits(
  typed: string,
  plus: boolean,
  region: string,
  extension: string | undefined,
): Phone | null {
  let digits = typed;
  if (!plus && digits.startsWith('0081')) digits = `0${digits.slice(4)}`;
  else if (plus && digits.startsWith('810')) digits = digits.slice(2);
  else if (plus && digits.startsWith('81')) digits = `0${digits.slice(2)}`;
  else if (!plus && region === 'JP' && /^81[1-9]\d{8,9}$/u.test(digits)) digits = `0${digits.slice(2)}`;
  else if (plus) return parseForeign(`+${digits}`, region, extension);
  if (isPlaceholder(digits)) return null;
  if (region === 'JP' || plus) {
    const found = japanese(digits) ?? (/^[789]0\d{8}$/u.test(digits) ? japanese(`0${digits}`) : null);
    return found === null ? null : withExtension(found, extension);
  }
  return parseForeign(digits, region, extension);
}

/** Of the American plan: +1, an area, and seven digits. */
export const isAmerican = (text: string): boolean =>
  lengthOf(text) === 12 && text.startsWith('+1') && unitAt(text, 2) >= 0x32 && areDigits(text, 2);
/** Only the islands' areas have mobile numbers of their own. */
const ISLANDS = new Set(
  '242 246 264 268 284 340 345 441 473 649 658 664 670 671 684 721 758 767 784 787 809 829 849 868 869 876 939'.split(
    ' ',
  ),
);

function parseForeign(text: string, region: string, extension: string | undefined): Phone | null {
  if (isAmerican(text) && !ISLANDS.has(text.slice(2, 5)))
    return isPlaceholder(text.slice(2)) ? null : withExtension({ e164: text, mobile: false }, extension);
  const parsed = parsePhoneNumberFromString(text, region as CountryCode);
  if (parsed === undefined || !parsed.isPossible() || isPlaceholder(parsed.nationalNumber)) return null;
  // Of several zeros before a number the library takes one each time it reads it. Italy's single one belongs to the number.
  if (
    parsed.nationalNumber.startsWith('0') &&
    parsePhoneNumberFromString(parsed.number)?.number !== parsed.number
  )
    return null;
  return withExtension({ e164: parsed.number, mobile: parsed.getType() === 'MOBILE' }, extension);
}

function withExtension(phone: { e164: string; mobile: boolean }, extension: string | undefined): Phone {
  return extension === undefined ? phone : { ...phone, extension };
}

/** '+81312345678', with ';ext=123' where there is one; null when there is no number. */
export function phoneText(text: string, region = 'JP'): string | null {
  const phone = parsePhone(text, region);
  if (phone === null) return null;
  return phone.extension === undefined ? phone.e164 : `${phone.e164};ext=${phone.extension}`;
}

/** Free-dial and shared-cost numbers: a company's, never a person's. */
export function isServiceNumber(e164: string): boolean {
  return e164.startsWith('+81')
    ? /^\+81(120|800\d{7}$|570|990)/u.test(e164)
    : e164.startsWith('+18') && /^\+1(800|888|877|866|855)/u.test(e164);
}

/** For comparing: E.164, or the bare digits of a number whose country or area is not known; null when hopeless. */
export function phoneKey(text: string, region = 'JP'): Phone | null {
  const parsed = parsePhone(text, region);
  if (parsed !== null) return parsed;
  const digits = fold(text).replace(/\D/gu, '');
  if (digits.length < 7 || digits.length > 15 || isPlaceholder(digits)) return null;
  return { e164: digits, mobile: false };
}
