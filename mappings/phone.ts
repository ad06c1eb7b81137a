import { getCountries, type PhoneNumber, parsePhoneNumberFromString } from 'libphonenumber-js/min';
import { isAmerican } from '../core/values/phone.ts';
import { areDigits, lengthOf, unitAt } from '../core/values/units.ts';
import { clean, foldDashes, foldWidth } from './text.ts';

/** `canonical`: E.164, with `;ext=` for an extension. */
export type Phone = { canonical: string; number: PhoneNumber } | { message: string };

type Region = NonNullable<PhoneNumber['country']>;

/** ISO 3166 codes that have a numbering plan. */
export const REGIONS: readonly string[] = getCountries();

const isRegion = (region: string): region is Region => REGIONS.includes(region);

const EXTENSION =
  /\s*(?:[(（]?\s*(?:内線|内|ext(?:ension|n)?\.?|x)\s*[)）]?)\s*[:：.]?\s*(\d{1,7})\s*[)）]?\s*$/i;

/** Behind the zero, which spreadsheets lose: ten digits are a mobile's, an IP phone's or a free call's. The library looks at their number alone. */
const NOT_JAPANESE = /^(?![2-9]0)\d{10}$/;

/** Japanese numbers as they are dialled, without dashes: 0[1-9]… of ten digits, 0[5789]0… of eleven; 010 is the way abroad. */
function isJapanese(text: string): boolean {
  const length = lengthOf(text);
  if (length < 10 || length > 11 || text.startsWith('010') || unitAt(text, 0) !== 0x30 || !areDigits(text, 1))
    return false;
  const second = unitAt(text, 1);
  if (length === 10) return second > 0x30;
  return unitAt(text, 2) === 0x30 && (second === 0x35 || second >= 0x37);
}

/** Is one unit there nine times in a row? */
function isMonotonous(text: string): boolean {
  const length = lengthOf(text);
  let times = 1;
  for (let at = 1; at < length && times < 9; at++)
    times = unitAt(text, at) === unitAt(text, at - 1) ? times + 1 : 1;
  return times >= 9;
}

/** The canonical form of the commonest writings, as `parsePhone` gives it, at a tenth of its cost; undefined for all others. */
export function plainPhone(text: string, region: string): string | undefined {
  const bare = text.includes('-') || text.includes(' ') ? text.replace(/(?<=\d)[ -](?=\d)/g, '') : text;
  const plain = isAmerican(bare)
    ? bare
    : region === 'JP' && isJapanese(bare)
      ? `+81${bare.slice(1)}`
      : undefined;
  // One digit over and over is typed to fill a field: `parsePhone` knows.
  return plain === undefined || isMonotonous(bare) ? undefined : plain;
}

/** Reads a phone number as people type it: any width, （代）, 内線, a range or two numbers (the first counts). */
export function parsePhone(input: string, region: string): Phone {
  let text = foldDashes(foldWidth(clean(input)))
    .replace(/^(tel|phone|電話|fax|携帯)\s*[:.：]?\s*/i, '')
    .replace(/[(（]\s*(代表?|直通?|携帯|自宅)\s*[)）]/g, '');
  text = text.split(/\/|、|〜|~|;(?!ext=)|\bor\b/i)[0]!.replace(/;ext=/i, ' ext. ');
  const extension = EXTENSION.exec(text);
  if (extension) text = text.slice(0, extension.index);
  text = text.trim();
  // An international prefix as dialled from Japan or most of Europe.
  if (/^(010|00)[1-9]/.test(text.replace(/[^\d]/g, '')) && /^(010|00)\D?[1-9]/.test(text) && region === 'JP')
    text = `+${text.replace(/^(010|00)/, '')}`;
  if (!/^[+\d\s().-]+$/.test(text)) return { message: 'is not a phone number' };
  const number = parsePhoneNumberFromString(text, isRegion(region) ? region : undefined);
  const abroad = text.startsWith('+');
  if (
    !number?.isPossible() ||
    (!abroad && region === 'JP' && NOT_JAPANESE.test(number.nationalNumber)) ||
    /^(\d)\1+$/.test(number.nationalNumber)
  )
    return {
      message: abroad
        ? 'is not a phone number that can exist'
        : `is not a phone number that can exist in ${region}; one of another country needs its code in front (+1 …)`,
    };
  if (extension) number.setExt(extension[1]!);
  return { canonical: number.number + (number.ext ? `;ext=${number.ext}` : ''), number };
}

export type PhoneFormat = 'e164' | 'national' | 'international';

/** National numbers are only written so for the home region: elsewhere the country code must not get lost. */
export function formatPhone(phone: PhoneNumber, format: PhoneFormat, region: string): string {
  const extension = phone.ext ? ` ext. ${phone.ext}` : '';
  if (format === 'e164') return phone.number + (phone.ext ? `;ext=${phone.ext}` : '');
  const bare = parsePhoneNumberFromString(phone.number)!;
  const home =
    phone.country === region ||
    (phone.country === undefined && isRegion(region) && bare.getPossibleCountries().includes(region));
  return (format === 'national' && home ? bare.formatNational() : bare.formatInternational()) + extension;
}
