import { type CountryCode, parsePhoneNumberFromString } from 'libphonenumber-js/min';
import { fold } from './fold.ts';

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

/** Japanese numbers, the common case, without a trip through the library. `digits` begin with 0. */
function japanese(digits: string): { e164: string; mobile: boolean } | null {
  const mobile = /^0[789]0[1-9]\d{7}$/u.test(digits);
  if (mobile || /^(?:050\d{8}|0800\d{7}|0[1-9]\d{8})$/u.test(digits))
    return { e164: `+81${digits.slice(1)}`, mobile };
  return null;
}

/** As tools and mappings write numbers: nothing but digits behind the plus, so that nothing has to be looked for between them. */
const INTERNATIONAL = /^\+\d{6,15}$/u;

/**
 * A phone number, or null when the text holds none or a placeholder. Of several, the first. `region` is the country
 * of numbers written without one.
 */
export function parsePhone(text: string, region = 'JP'): Phone | null {
  if (INTERNATIONAL.test(text)) return parseDigits(text.slice(1), true, region, undefined);
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

/** Of the American plan: +1, an area, and seven digits. Only the islands' areas have mobile numbers of their own. */
const AMERICAN = /^\+1([2-9]\d\d)\d{7}$/u;
const ISLANDS = new Set(
  '242 246 264 268 284 340 345 441 473 649 658 664 670 671 684 721 758 767 784 787 809 829 849 868 869 876 939'.split(
    ' ',
  ),
);

function parseForeign(text: string, region: string, extension: string | undefined): Phone | null {
  const area = AMERICAN.exec(text)?.[1];
  if (area !== undefined && !ISLANDS.has(area))
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
  return /^\+81(120|800\d{7}$|570|990)/u.test(e164) || /^\+1(800|888|877|866|855)/u.test(e164);
}

/** For comparing: E.164, or the bare digits of a number whose country or area is not known; null when hopeless. */
export function phoneKey(text: string, region = 'JP'): Phone | null {
  const parsed = parsePhone(text, region);
  if (parsed !== null) return parsed;
  const digits = fold(text).replace(/\D/gu, '');
  if (digits.length < 7 || digits.length > 15 || isPlaceholder(digits)) return null;
  return { e164: digits, mobile: false };
}
