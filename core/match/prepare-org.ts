import { addressWords, japaneseAddress } from '../values/address.ts';
import { companyKey, companyName } from '../values/company-name.ts';
import { fold, foldKanji, isPlainAscii, scriptOf, stripAccents } from '../values/fold.ts';
import { postalKey } from '../values/postal-code.ts';
import { isDigit, lengthOf, unitAt } from '../values/units.ts';
import type { Memo } from './memo.ts';
import type { PreparedOrg, PreparedPlace } from './prepared.ts';

const NOTHING = /^(不明|なし|無し|未定|未入力|n\/?a|none|null|unknown|test|テスト|個人|-+|tbd)$/iu;
const LITTLE_WORDS = new Set([
  'the',
  'of',
  'and',
  'a',
  'an',
  'for',
  'at',
  'in',
  'de',
  'la',
  'le',
  'und',
  'der',
  'die',
]);

/** A company's name taken apart; null for none, and for what was typed only to fill the field. */
export function orgName(value: string): PreparedOrg | null {
  if (NOTHING.test(fold(value))) return null;
  const { core, form, style } = companyName(value);
  if (core === '') return null;
  const script = scriptOf(core);
  const words =
    script === 'latin'
      ? stripAccents(fold(value))
          .toLowerCase()
          .replace(/['’]/gu, '')
          .replace(/[^\p{L}\p{N}]+/gu, ' ')
          .trim()
          .split(' ')
          .filter(
            (w) =>
              w !== '' &&
              !LITTLE_WORDS.has(w) &&
              !/^(inc|llc|ltd|co|corp|corporation|company|limited)$/u.test(w),
          )
      : [];
  return {
    core,
    key: companyKey(core),
    form,
    script,
    rendering: style === 'latin' || style === 'kana',
    words: [...new Set(words)].sort(),
  };
}

/** Postal code, region, city, street and the whole address in one line, as written; '' for what is not there. */
export type PlaceParts = [postal: string, region: string, city: string, street: string, line: string];

/** What is remembered of the names of regions and cities, which many addresses share. */
export type KnownPlaces = Memo<string>;

/** An address in its parts, from one line or from its fields. */
export function place(
  [code, region, city, street, line]: PlaceParts,
  known: KnownPlaces,
): PreparedPlace | null {
  const postal = code === '' ? '' : (postalKey(code) ?? '');
  const joined = line !== '' ? line : `${region}${city}${street}`;
  if (joined === '' && postal === '') return null;
  if (!isPlainAscii(joined) && /[\p{Script=Han}ぁ-ゖァ-ヺ]/u.test(joined)) {
    const a = japaneseAddress(joined);
    return {
      postal: postal || postalIn(joined),
      region: a.prefecture,
      city: a.city,
      town: a.town,
      number: a.number,
      building: a.building,
    };
  }
  const words = addressWords(street !== '' ? street : line);
  const numbers = words.filter(isHouseNumber);
  return {
    postal,
    region: region === '' ? '' : known(region, key),
    city: city === '' ? '' : known(city, key),
    town: (numbers.length === 0 ? words : words.filter((w) => !numbers.includes(w))).join(' '),
    number: numbers[0] ?? '',
    building: '',
  };
}

/** A postal code within an address in one line. */
function postalIn(line: string): string {
  const found = /〒?\s*([0-9０-９]{3}[^0-9０-９]?[0-9０-９]{4})(?![0-9０-９])/u.exec(line);
  return found === null ? '' : (postalKey(found[1]!) ?? '');
}

/** 12 and 12b, but not 5th. */
function isHouseNumber(word: string): boolean {
  if (!isDigit(unitAt(word, 0))) return false;
  return isDigit(unitAt(word, lengthOf(word) - 1)) || !/^\d+(st|nd|rd|th)$/u.test(word);
}

const key = (s: string) =>
  foldKanji(stripAccents(fold(s)))
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]/gu, '');
