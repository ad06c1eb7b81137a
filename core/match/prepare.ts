import { isEmpty, type Value } from '../model/value.ts';
import { parseCode } from '../values/code.ts';
import { corporateNumber } from '../values/corporate-number.ts';
import { isoDate } from '../values/date.ts';
import { companyDomain, registrable } from '../values/domain.ts';
import { type EmailParts, emailParts } from '../values/email.ts';
import { fold } from '../values/fold.ts';
import { isServiceNumber, phoneKey } from '../values/phone.ts';
import type { Fields } from './fields.ts';
import { lettersOf, spelledBy } from './mailbox.ts';
import { memo } from './memo.ts';
import { type KnownNames, personName, type Read } from './prepare-name.ts';
import { type KnownPlaces, orgName, type PlaceParts, place } from './prepare-org.ts';
import type { Prepared, PreparedMail, PreparedName, PreparedOrg, PreparedPlace } from './prepared.ts';
import type { MatchInput } from './types.ts';

/** Names and companies come again and again in one list. */
const KNOWN = 50_000;
/** Addresses do where rows of one company stand together. */
const KNOWN_PLACES = 1_000;

const NONE: string[] = [];

/**
 * What turns a record into its comparable form; values that cannot be read are as good as missing. It remembers parts
 * of the last records, so prepared records share them: they are never to be changed.
 */
export function preparer(fields: Fields): (input: MatchInput) => Prepared {
  const names: KnownNames = { texts: memo(KNOWN), words: memo(KNOWN) };
  const orgs = memo<PreparedOrg | null>(KNOWN);
  const places = placeMemo();
  const named = fields.family.length + fields.given.length + fields.full.length > 0;
  return (input) => {
    const read: Read = (names) => {
      if (names.length === 0) return NONE;
      const found: string[] = [];
      for (const name of names) {
        const value = text(input.values[name]);
        if (value !== '') found.push(value);
      }
      return found;
    };
    const mails = unique(
      read(fields.email).flatMap((s) => emailParts(s) ?? []),
      (m) => m.key,
    );
    const domains = new Set(read(fields.web).flatMap((s) => companyDomain(s) ?? []));
    for (const m of mails) if (!m.free && m.kind !== 'placeholder') domains.add(registrable(m.domain));
    const title = read(fields.title)[0];
    const name = named ? personName(fields, read, names) : null;
    const company = read(fields.company)[0];
    const parts = placeParts(fields, read);
    return {
      id: input.id,
      source: input.source,
      name,
      org: company === undefined ? null : orgs(company, () => orgName(company)),
      companyId: read(fields.companyReference)[0] ?? null,
      mails: mails.map((m) => prepareMail(m, name)),
      phones: unique(
        read(fields.phone).flatMap((s) => phoneKey(s) ?? []),
        (p) => p.e164,
      ).map((p) => ({ number: p.e164, mobile: p.mobile, service: isServiceNumber(p.e164) })),
      domains: [...domains],
      place: parts === null ? null : places(parts),
      codes: read(fields.code).flatMap((s) => parseCode(s) ?? []),
      corporateNumbers: [...new Set(read(fields.corporateNumber).flatMap((s) => corporateNumber(s) ?? []))],
      birth: read(fields.birth).flatMap((s) => isoDate(s)?.replace(/-/gu, '') ?? eightDigits(s))[0] ?? null,
      title: title === undefined ? null : fold(title).toLowerCase(),
    };
  };
}

/** `place`, remembered by the part that tells addresses apart best. */
function placeMemo(): (parts: PlaceParts) => PreparedPlace | null {
  const known: KnownPlaces = { postals: memo(KNOWN), regions: memo(KNOWN) };
  let last = new Map<string, { parts: PlaceParts; place: PreparedPlace | null }>();
  return (parts) => {
    const [, , , street, line] = parts;
    const key = street === '' ? line : street;
    const found = last.get(key);
    if (found?.parts.every((part, i) => part === parts[i])) return found.place;
    if (last.size >= KNOWN_PLACES) last = new Map();
    const made = place(parts, known);
    last.set(key, { parts, place: made });
    return made;
  };
}

/** Postal code, region, city, street and the whole line, as written; null when all are empty. */
function placeParts(fields: Fields, read: Read): PlaceParts | null {
  const parts: PlaceParts = [
    read(fields.postal)[0] ?? '',
    read(fields.region)[0] ?? '',
    read(fields.city)[0] ?? '',
    read(fields.street).join(' '),
    read(fields.address)[0] ?? '',
  ];
  return parts.every((part) => part === '') ? null : parts;
}

function prepareMail(m: EmailParts, name: PreparedName | null): PreparedMail {
  const initials = /(?:^|[._-])[a-z]\d*(?:$|[._-])/u.test(m.local)
    ? m.local.split(/[._-]/u).filter((part) => /^[a-z]\d*$/u.test(part))
    : [];
  return {
    key: m.key,
    local: m.local,
    domain: m.domain,
    scan: scanned(m.local),
    letters: lettersOf(m.local),
    plain: withoutNumber(m.local),
    initials: initials.map((part) => part[0]).join(''),
    spells: m.kind === 'personal' ? spelledBy(m.local, name) : 0,
    free: m.free,
    kind: m.kind,
  };
}

/** Without the digits at its end. */
function withoutNumber(local: string): string {
  let end = local.length;
  while (end > 0 && isDigit(local.charCodeAt(end - 1))) end--;
  return local.slice(0, end);
}

const isDigit = (unit: number) => unit >= 0x30 && unit <= 0x39;

function scanned(local: string): string {
  let seen = local.replace(/[1i|]/gu, 'l');
  if (seen.includes('0')) seen = seen.replaceAll('0', 'o');
  if (seen.includes('rn')) seen = seen.replaceAll('rn', 'm');
  return seen.includes('vv') ? seen.replaceAll('vv', 'w') : seen;
}

function text(value: Value | undefined): string {
  if (typeof value === 'string') return value.trim();
  if (isEmpty(value)) return '';
  return Array.isArray(value) ? value.join(' ') : String(value).trim();
}

function unique<T>(items: T[], key: (item: T) => string): T[] {
  if (items.length < 2) return items;
  const seen = new Set<string>();
  return items.filter((item) => !seen.has(key(item)) && seen.add(key(item)));
}

/** An impossible day (31 February, month 19) still compares: typing errors keep most digits. */
function eightDigits(s: string): string[] {
  const digits = s.replace(/\D/gu, '');
  return digits.length === 8 && !/^0+$/u.test(digits) ? [digits] : [];
}
