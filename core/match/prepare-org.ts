import { addressWords, japaneseAddress } from '../values/address.ts';
import { companyKey, companyName } from '../values/company-name.ts';
import { fold, foldKanji, scriptOf, stripAccents } from '../values/fold.ts';
import { postalKey } from '../values/postal-code.ts';
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

/** An address in its parts, from one line or from its fields. */
export function place([code, region, city, street, line]: PlaceParts): PreparedPlace | null {
  const postal = postalKey(code) ?? '';
  const joined = line !== '' ? line : `${region}${city}${street}`;
  if (joined === '' && postal === '') return null;
  if (/[\p{Script=Han}ぁ-ゖァ-ヺ]/u.test(joined)) {
    const a = japaneseAddress(joined);
    const inLine = /〒?\s*([0-9０-９]{3}[^0-9０-９]?[0-9０-９]{4})(?![0-9０-９])/u.exec(joined);
    return {
      postal: postal || (inLine === null ? '' : (postalKey(inLine[1]!) ?? '')),
      region: a.prefecture,
      city: a.city,
      town: a.town,
      number: a.number,
      building: a.building,
    };
  }
  const words = addressWords(street !== '' ? street : line);
  const numbers = words.filter((w) => /^\d/u.test(w) && !/^\d+(st|nd|rd|th)$/u.test(w));
  return {
    postal,
    region: key(region),
    city: key(city),
    town: words.filter((w) => !numbers.includes(w)).join(' '),
    number: numbers[0] ?? '',
    building: '',
  };
}

const key = (s: string) =>
  foldKanji(stripAccents(fold(s)))
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]/gu, '');
