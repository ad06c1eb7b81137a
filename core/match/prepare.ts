import type { Values } from '../model/value.ts';
import { parseCode } from '../values/code.ts';
import { corporateNumber } from '../values/corporate-number.ts';
import { isoDate } from '../values/date.ts';
import { companyDomain, registrable } from '../values/domain.ts';
import { type EmailParts, emailParts } from '../values/email.ts';
import { fold } from '../values/fold.ts';
import { isServiceNumber, phoneKey } from '../values/phone.ts';
import { all, type Fields, first, textOf } from './fields.ts';
import { lettersOf, spelledBy } from './mailbox.ts';
import { memo } from './memo.ts';
import { type KnownNames, personName } from './prepare-name.ts';
import { type KnownPlaces, orgName, type PlaceParts, place } from './prepare-org.ts';
import type { Prepared, PreparedMail, PreparedName, PreparedOrg, PreparedPlace } from './prepared.ts';
import type { MatchInput } from './types.ts';

/** Names and companies come again and again in one list. */
const KNOWN = 50_000;
/** Addresses do where rows of one company stand together. */
const KNOWN_PLACES = 1_000;

/**
 * What turns a record into its comparable form; values that cannot be read are as good as missing. It remembers parts
 * of the last records, so prepared records share them: they are never to be changed.
 */
export function preparer(fields: Fields): (input: MatchInput) => Prepared {
  const names: KnownNames = { texts: memo(KNOWN), words: memo(KNOWN) };
  const orgs = memo<PreparedOrg | null>(KNOWN);
  const places = placeMemo();
  const named = fields.family.length + fields.given.length + fields.full.length > 0;
  return ({ id, source, values }) => {
    const name = named ? personName(fields, values, names) : null;
    const mails = unique(each(values, fields.email, emailParts), (m) => m.key);
    const phones = unique(each(values, fields.phone, phoneKey), (p) => p.e164);
    const company = first(values, fields.company);
    const title = first(values, fields.title);
    const parts = placeParts(fields, values);
    return {
      id,
      source,
      name,
      org: company === undefined ? null : orgs(company, () => orgName(company)),
      companyId: first(values, fields.companyReference) ?? null,
      mails: mails.map((m) => prepareMail(m, name)),
      phones: phones.map((p) => ({ number: p.e164, mobile: p.mobile, service: isServiceNumber(p.e164) })),
      domains: domainsOf(each(values, fields.web, companyDomain), mails),
      place: parts === null ? null : places(parts),
      codes: each(values, fields.code, parseCode),
      corporateNumbers: unique(each(values, fields.corporateNumber, corporateNumber), (n) => n),
      birth: each(values, fields.birth, birthOf)[0] ?? null,
      title: title === undefined ? null : fold(title).toLowerCase(),
    };
  };
}

/** What these attributes hold, as far as it can be read. */
function each<T>(values: Values, names: readonly string[], parse: (text: string) => T | null): T[] {
  const found: T[] = [];
  for (const name of names) {
    const text = textOf(values[name]);
    const parsed = text === '' ? null : parse(text);
    if (parsed !== null) found.push(parsed);
  }
  return found;
}

/** Companies' own domains: of web addresses, and of mailboxes at none that is open to anyone. */
function domainsOf(web: string[], mails: readonly EmailParts[]): string[] {
  const domains = unique(web, (d) => d);
  for (const m of mails) {
    if (m.free || m.kind === 'placeholder') continue;
    const domain = registrable(m.domain);
    if (!domains.includes(domain)) domains.push(domain);
  }
  return domains;
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
function placeParts(fields: Fields, values: Values): PlaceParts | null {
  const parts: PlaceParts = [
    first(values, fields.postal) ?? '',
    first(values, fields.region) ?? '',
    first(values, fields.city) ?? '',
    all(values, fields.street).join(' '),
    first(values, fields.address) ?? '',
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
  let seen = local;
  if (seen.includes('1')) seen = seen.replaceAll('1', 'l');
  if (seen.includes('i')) seen = seen.replaceAll('i', 'l');
  if (seen.includes('|')) seen = seen.replaceAll('|', 'l');
  if (seen.includes('0')) seen = seen.replaceAll('0', 'o');
  if (seen.includes('rn')) seen = seen.replaceAll('rn', 'm');
  return seen.includes('vv') ? seen.replaceAll('vv', 'w') : seen;
}

function unique<T>(items: T[], key: (item: T) => string): T[] {
  if (items.length < 2) return items;
  const seen = new Set<string>();
  return items.filter((item) => !seen.has(key(item)) && seen.add(key(item)));
}

/** YYYYMMDD. An impossible day (31 February, month 19) still compares: typing errors keep most digits. */
function birthOf(s: string): string | null {
  const day = isoDate(s);
  if (day !== null) return day.replace(/-/gu, '');
  const digits = s.replace(/\D/gu, '');
  return digits.length === 8 && !/^0+$/u.test(digits) ? digits : null;
}
