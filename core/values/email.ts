import { fold, stripAccents } from './fold.ts';
import { plainAddress } from './plain-email.ts';
import {
  DOMAIN_SLIPS,
  FREE_MAIL,
  PLACEHOLDER_DOMAINS,
  PLACEHOLDER_LOCALS,
  ROLE_LOCALS,
} from './tables/email-domains.ts';
import { isDigit, lastBut, lengthOf, unitAt } from './units.ts';

/** Letters and digits in labels, none of them punycode, the last no number: a URL parser leaves it as it is. */
const PLAIN_HOST = /^(?:[a-z0-9]+(?:-[a-z0-9]+)*\.)+[a-z][a-z0-9]*$/u;

/** The host in its ASCII form (xn--…), lower case; null when it is no host name. */
export function asciiHost(host: string): string | null {
  const bare = host.replace(/^\.+|\.+$/gu, '').toLowerCase();
  if (bare === '' || /[\s/@:?#\\%]/u.test(bare)) return null;
  if (PLAIN_HOST.test(bare)) return bare;
  try {
    return new URL(`http://${bare}`).hostname;
  } catch (error) {
    if (error instanceof TypeError) return null;
    throw error;
  }
}

/**
 * The address as it would be sent to, or null. Carrier addresses with '..' or '.@' from before 2009 are real and
 * stay; display names, mailto:, quotes and trailing dots go.
 */
export function emailAddress(text: string): string | null {
  const lower = text.toLowerCase();
  return plainAddress(lower) >= 0 ? lower : oddAddress(text);
}

function oddAddress(text: string): string | null {
  let s = fold(text)
    .replace(/^mailto:/iu, '')
    .replace(/\?.*$/u, '');
  const angle = /<([^<>]+)>/u.exec(s);
  if (angle !== null) s = angle[1]!;
  s = s
    .replace(/\s*@\s*/gu, '@')
    .replace(/\s*\(at\)\s*|\s*\[at\]\s*/giu, '@')
    .trim();
  const quoted = /^"(.+)"@(.+)$/u.exec(s);
  if (quoted !== null) s = `${quoted[1]}@${quoted[2]}`;
  s = s.replace(/["'\s]/gu, '').replace(/^[;,]+|[;,.]+$/gu, '');
  if (/[;]/u.test(s)) s = s.split(';')[0]!;
  const at = s.lastIndexOf('@');
  if (at <= 0 || s.indexOf('@') !== at) return null;
  const local = s.slice(0, at).toLowerCase();
  const domain = asciiHost(
    s
      .slice(at + 1)
      .replace(/,/gu, '.')
      .replace(/\.+/gu, '.'),
  );
  if (domain === null || !domain.includes('.') || !/^[^\s,:;<>()[\]\\]+$/u.test(local)) return null;
  return `${local}@${domain}`;
}

/** 'role': a function's mailbox; 'placeholder': typed to get past a form. Neither may tie two people together. */
export type EmailKind = 'personal' | 'role' | 'placeholder';

export interface EmailParts {
  /** The mailbox for comparing: slips mended, tags and (where the provider ignores them) dots dropped. */
  key: string;
  local: string;
  domain: string;
  kind: EmailKind;
  /** A provider's or carrier's domain: says nothing about the company. */
  free: boolean;
}

/** Second-level labels under .jp; a name that ends in one without its dot (cojp) lost it. */
const LOST_DOT = /\.(co|ne|or|ac|go|ed|gr|lg)jp$/u;

export function isFreeMail(domain: string): boolean {
  for (let d = domain; d.includes('.'); d = d.slice(d.indexOf('.') + 1)) if (FREE_MAIL.has(d)) return true;
  return false;
}

/** Without the digits at its end, and without the one sign that parts them from it. */
function withoutNumber(local: string): string {
  const end = lastBut(local, isDigit);
  if (end === lengthOf(local)) return local;
  const sign = end > 0 && '-_.'.includes(local[end - 1]!) ? 1 : 0;
  return local.slice(0, end - sign);
}

/** One character over and over, or one that is no letter. */
function isFiller(local: string): boolean {
  // Only where it begins so, or with a character that may be two units, is it worth a closer look.
  const first = unitAt(local, 0);
  const looks = lengthOf(local) === 1 || first > 0x7f || unitAt(local, 1) === first;
  return looks && /^(?:(.)\1+|\P{L})$/u.test(local);
}

/** Digits and separators behind or before a role do not make it a person: info2, sales-tokyo stays a guess: no. */
function kindOf(local: string, domain: string): EmailKind {
  if (PLACEHOLDER_DOMAINS.has(domain) || PLACEHOLDER_LOCALS.has(local) || isFiller(local))
    return 'placeholder';
  if (ROLE_LOCALS.has(withoutNumber(local))) return 'role';
  return 'personal';
}

/** Takes an address apart for comparing, or null when it is none. */
export function emailParts(text: string): EmailParts | null {
  const address = emailAddress(text);
  if (address === null) return null;
  const at = address.indexOf('@');
  let domain = address.slice(at + 1);
  if (domain.endsWith('jp') && !domain.endsWith('.jp')) domain = domain.replace(LOST_DOT, '.$1.jp');
  domain = DOMAIN_SLIPS.get(domain) ?? domain;
  let local = stripAccents(address.slice(0, at));
  if (local.includes('+')) local = local.replace(/(?<=.)\+.*$/u, '');
  if (domain === 'gmail.com' && local.includes('.')) local = local.replaceAll('.', '');
  if (local === '') return null;
  return { key: `${local}@${domain}`, local, domain, kind: kindOf(local, domain), free: isFreeMail(domain) };
}

/** Why an address ties no two people together, for people; undefined: it may. */
export function untelling(text: string): string | undefined {
  const parts = emailParts(text);
  if (parts === null || parts.kind === 'personal') return undefined;
  if (parts.kind === 'role') return `${parts.local}@ is the mailbox of a function`;
  return PLACEHOLDER_DOMAINS.has(parts.domain)
    ? `${parts.domain} is taken for a placeholder`
    : `${parts.local}@ is taken for a placeholder`;
}

/** The key that may tie two people together, or null for role and placeholder addresses. */
export function emailKey(text: string): string | null {
  const parts = emailParts(text);
  return parts === null || parts.kind !== 'personal' ? null : parts.key;
}
