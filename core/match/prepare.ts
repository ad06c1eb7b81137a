import { isEmpty, type Value } from '../model/value.ts';
import { addressWords, japaneseAddress } from '../values/address.ts';
import { parseCode } from '../values/code.ts';
import { companyKey, companyName } from '../values/company-name.ts';
import { corporateNumber } from '../values/corporate-number.ts';
import { isoDate } from '../values/date.ts';
import { companyDomain, registrable } from '../values/domain.ts';
import { type EmailParts, emailParts } from '../values/email.ts';
import { fold, foldKanji, scriptOf, stripAccents } from '../values/fold.ts';
import { readingKey } from '../values/kana.ts';
import {
  holdsWholeName,
  maidenName,
  nameKind,
  namePart,
  readingsOf,
  splitFullName,
} from '../values/person-name.ts';
import { isServiceNumber, phoneKey } from '../values/phone.ts';
import { postalKey } from '../values/postal-code.ts';
import type { Fields } from './fields.ts';
import { generationOf, spelledBy } from './mailbox.ts';
import type {
  Prepared,
  PreparedMail,
  PreparedName,
  PreparedOrg,
  PreparedPlace,
  PreparedWord,
} from './prepared.ts';
import type { MatchInput } from './types.ts';

type Read = (names: string[]) => string[];

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

/** Turns a record into its comparable form. Values that cannot be read are as good as missing. */
export function prepareRecord(fields: Fields, input: MatchInput): Prepared {
  const read: Read = (names) => names.map((n) => text(input.values[n])).filter((s) => s !== '');
  const mails = unique(
    read(fields.email).flatMap((s) => emailParts(s) ?? []),
    (m) => m.key,
  );
  const domains = new Set(read(fields.web).flatMap((s) => companyDomain(s) ?? []));
  for (const m of mails) if (!m.free && m.kind !== 'placeholder') domains.add(registrable(m.domain));
  const title = read(fields.title)[0];
  const name =
    fields.family.length + fields.given.length + fields.full.length > 0 ? personName(fields, read) : null;
  return {
    id: input.id,
    source: input.source,
    name,
    org: orgName(read(fields.company)[0]),
    companyId: read(fields.companyReference)[0] ?? null,
    mails: mails.map((m) => prepareMail(m, name)),
    phones: unique(
      read(fields.phone).flatMap((s) => phoneKey(s) ?? []),
      (p) => p.e164,
    ).map((p) => ({ number: p.e164, mobile: p.mobile, service: isServiceNumber(p.e164) })),
    domains: [...domains],
    place: place(fields, read),
    codes: read(fields.code).flatMap((s) => parseCode(s) ?? []),
    corporateNumbers: [...new Set(read(fields.corporateNumber).flatMap((s) => corporateNumber(s) ?? []))],
    birth: read(fields.birth).flatMap((s) => isoDate(s)?.replace(/-/gu, '') ?? eightDigits(s))[0] ?? null,
    title: title === undefined ? null : fold(title).toLowerCase(),
  };
}

function prepareMail(m: EmailParts, name: PreparedName | null): PreparedMail {
  const initials = m.local.split(/[._-]/u).filter((part) => /^[a-z]\d*$/u.test(part));
  return {
    key: m.key,
    local: m.local,
    domain: m.domain,
    scan: m.local.replace(/0/gu, 'o').replace(/[1i|]/gu, 'l').replace(/rn/gu, 'm').replace(/vv/gu, 'w'),
    letters: m.local.replace(/[^a-z]/gu, ''),
    plain: m.local.replace(/\d+$/u, ''),
    initials: initials.map((part) => part[0]).join(''),
    spells: m.kind === 'personal' ? spelledBy(m.local, name) : 0,
    free: m.free,
    kind: m.kind,
  };
}

function text(value: Value | undefined): string {
  if (isEmpty(value)) return '';
  return Array.isArray(value) ? value.join(' ') : String(value).trim();
}

function unique<T>(items: T[], key: (item: T) => string): T[] {
  const seen = new Set<string>();
  return items.filter((item) => !seen.has(key(item)) && seen.add(key(item)));
}

/** An impossible day (31 February, month 19) still compares: typing errors keep most digits. */
function eightDigits(s: string): string[] {
  const digits = s.replace(/\D/gu, '');
  return digits.length === 8 && !/^0+$/u.test(digits) ? [digits] : [];
}

function word(value: string, kana: string | undefined): PreparedWord | null {
  const part = namePart(value);
  if (part === null) return null;
  const reading = kana === undefined ? '' : readingKey(kana);
  // What is written in kana is sure; a romaji spelling beside it may be anyone's idea of it.
  const readings =
    reading === ''
      ? readingsOf(part)
      : part.script === 'han'
        ? [reading]
        : [...new Set([reading, ...readingsOf(part)])];
  return { key: part.key, script: part.script, readings, sure: part.script !== 'han' || reading !== '' };
}

function personName(fields: Fields, read: Read): PreparedName | null {
  const [familyText, givenText, fullText] = [
    read(fields.family)[0],
    read(fields.given)[0],
    read(fields.full)[0],
  ];
  const texts = [familyText, givenText, fullText].filter((t) => t !== undefined);
  if (texts.length === 0) return null;
  const kinds = texts.map(nameKind);
  if (kinds.includes('role'))
    return {
      family: null,
      given: null,
      maiden: null,
      whole: '',
      guessed: false,
      generation: '',
      kind: 'role',
    };
  if (kinds.every((k) => k === 'placeholder')) return null;
  let [family, given, guessed] = [familyText ?? '', givenText ?? '', false];
  const maiden = texts.map(maidenName).find((m) => m !== null) ?? null;
  // One field holding everything: the other left empty, or only a full name.
  const single = family !== '' && given !== '' ? undefined : (family || given || fullText)!;
  const lonely = single !== undefined && (family === '') !== (given === '') && fullText === undefined;
  if (single !== undefined && (!lonely || /\S\s+\S/u.test(single) || holdsWholeName(single))) {
    const split = splitFullName(fullText ?? single);
    if (split !== null) [family, given, guessed] = [split.family, split.given, split.guessed];
  }
  const kana = kanaParts(fields, read);
  const f = family === '' ? null : word(family, kana[0]);
  const g = given === '' ? null : word(given, kana[1]);
  if (f === null && g === null) return null;
  const whole = f === null || g === null ? '' : [f.key, g.key].sort().join('');
  return { family: f, given: g, maiden, whole, guessed, generation: generationOf(texts), kind: 'person' };
}

function kanaParts(fields: Fields, read: Read): [string | undefined, string | undefined] {
  const family = read(fields.familyKana)[0];
  const given = read(fields.givenKana)[0];
  if (family !== undefined || given !== undefined) return [family, given];
  const full = read(fields.fullKana)[0];
  if (full === undefined) return [undefined, undefined];
  const parts = fold(full).split(/[\s・,]+/u);
  return parts.length === 2 ? [parts[0], parts[1]] : [undefined, undefined];
}

export function orgName(value: string | undefined): PreparedOrg | null {
  if (value === undefined || NOTHING.test(fold(value))) return null;
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

function place(fields: Fields, read: Read): PreparedPlace | null {
  const postal = read(fields.postal).flatMap((s) => postalKey(s) ?? [])[0] ?? '';
  const region = read(fields.region)[0] ?? '';
  const city = read(fields.city)[0] ?? '';
  const street = read(fields.street).join(' ');
  const line = read(fields.address)[0] ?? '';
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
