import type { Values } from '../model/value.ts';
import { parseCode } from '../values/code.ts';
import { corporateNumber } from '../values/corporate-number.ts';
import { isoDate } from '../values/date.ts';
import { companyDomain, registrable } from '../values/domain.ts';
import { type EmailParts, emailParts } from '../values/email.ts';
import { fold } from '../values/fold.ts';
import { isServiceNumber, phoneKey } from '../values/phone.ts';
import { isDigit, lastBut } from '../values/units.ts';
import { all, type Fields, first, textOf } from './fields.ts';
import { initialsIn, lettersOf, scanned, spelledBy } from './mailbox.ts';
import { memo } from './memo.ts';
import { type KnownNames, personName } from './prepare-name.ts';
import { type KnownPlaces, orgName, type PlaceParts, place } from './prepare-org.ts';
import type { Prepared, PreparedMail, PreparedName, PreparedOrg, PreparedPlace } from './prepared.ts';
import type { MatchInput } from './types.ts';

/** Names and companies come again and again in one list. */
const KNOWN = 50_000;

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
  let found: T[] | undefined;
  for (const name of names) {
    const text = textOf(values[name]);
    const parsed = text === '' ? null : parse(text);
    if (parsed === null) continue;
    // One is all that most have, and a list of one takes less room than one that grows.
    if (found === undefined) found = [parsed];
    else found.push(parsed);
  }
  return found ?? [];
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

/** `place`, and again what it gave last: rows of one company often stand together. */
function placeMemo(): (parts: PlaceParts) => PreparedPlace | null {
  const known: KnownPlaces = memo(KNOWN);
  let last: { parts: PlaceParts; place: PreparedPlace | null } | undefined;
  return (parts) => {
    if (last?.parts.every((part, i) => part === parts[i])) return last.place;
    last = { parts, place: place(parts, known) };
    return last.place;
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
  return {
    key: m.key,
    local: m.local,
    domain: m.domain,
    scan: scanned(m.local),
    letters: lettersOf(m.local),
    plain: m.local.slice(0, lastBut(m.local, isDigit)),
    initials: initialsIn(m.local),
    spells: m.kind === 'personal' ? spelledBy(m.local, name) : 0,
    free: m.free,
    kind: m.kind,
  };
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
