import type { Json } from '../connectors/contract.ts';
import type { AttributeType } from '../core/model/entity.ts';
import type { Scalar } from '../core/model/value.ts';
import { plainAddress } from '../core/values/plain-email.ts';
import { dayOf, instantOf, isoDay, parseWall } from './dates.ts';
import { parsePhone, plainPhone } from './phone.ts';
import { clean, foldDashes, foldWidth, oneLine } from './text.ts';
import type { Parsed } from './types.ts';

/** Where numbers without a country and times without a zone are from. */
export interface Locale {
  region: string;
  timeZone: string;
}

const EMPTY: Parsed = { ok: true, value: null };
const bad = (message: string): Parsed => ({ ok: false, message });
const some = (value: string): Parsed => ({ ok: true, value: value === '' ? null : value });

/**
 * A tool's value as the hub keeps it, the same for every tool, or why it cannot be read. Keeps what people
 * typed wherever tools need not agree: kanji variants, case, abbreviations. Text is never ''.
 */
export function canonical(type: AttributeType, raw: Json | undefined, locale: Locale): Parsed {
  if (raw === null || raw === undefined || raw === '') return EMPTY;
  if (type === 'options') return options(raw);
  if (Array.isArray(raw)) {
    const parts = raw.filter((part) => part !== null && part !== '');
    if (parts.length === 0) return EMPTY;
    if (parts.length === 1) return canonical(type, parts[0], locale);
    if (type !== 'text' || !parts.every(isScalar)) return bad('is a list, and one value was expected');
    return some(clean(parts.map(String).join('; ')));
  }
  if (!isScalar(raw)) return bad('is a structure, and one value was expected');
  if (type === 'boolean') return parseBoolean(raw);
  if (type === 'number') return parseNumber(raw);
  if (type === 'phone' && typeof raw === 'number' && !Number.isInteger(raw))
    return bad('is not a phone number');
  if (type === 'datetime' || type === 'date') return parseTime(type, raw, locale);
  const text = clean(String(raw));
  return text === '' ? EMPTY : READERS[type](text, locale);
}

const isScalar = (value: Json): value is Scalar =>
  typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';

type TextType = Exclude<AttributeType, 'options' | 'boolean' | 'number' | 'date' | 'datetime'>;

const asTyped = (text: string) => some(text);
const name = (text: string) => some(oneLine(text));

/** Japanese and American codes as they are written. */
const PLAIN_CODE = /^(?:\d{3}-\d{4}|\d{5})$/;

const READERS: Record<TextType, (text: string, locale: Locale) => Parsed> = {
  text: asTyped,
  region: name,
  city: name,
  street: asTyped,
  address: asTyped,
  code: (text) => some(oneLine(text)),
  option: asTyped,
  reference: asTyped,
  'given-name': name,
  'family-name': name,
  'full-name': name,
  'given-kana': name,
  'family-kana': name,
  'full-kana': name,
  'company-name': name,
  email: parseEmail,
  phone: (text, { region }) => {
    const plain = plainPhone(text, region);
    if (plain !== undefined) return some(plain);
    const phone = parsePhone(text, region);
    return 'message' in phone ? bad(phone.message) : some(phone.canonical);
  },
  url: parseUrl,
  domain: parseDomain,
  'postal-code': (text, { region }) => {
    if (PLAIN_CODE.test(text)) return some(text);
    const code = foldDashes(oneLine(text)).replace(/^〒\s*/, '');
    const digits = code.replace(/[\s-]/g, '');
    if (region === 'JP' && /^\d{7}$/.test(digits)) return some(`${digits.slice(0, 3)}-${digits.slice(3)}`);
    return some(code.toUpperCase().normalize('NFC'));
  },
  'corporate-number': (text) => {
    const bare = foldDashes(foldWidth(text))
      .replace(/^(法人番号|登録番号|T)\s*[:.]?\s*T?/i, '')
      .replace(/[\s-]/g, '');
    // The registry's own number has 12 digits; the corporate number puts the check digit before it.
    const digits = /^\d{12}$/.test(bare) ? `${corporateCheckDigit(bare)}${bare}` : bare;
    if (!/^\d{13}$/.test(digits)) return bad('is not a corporate number of 13 digits');
    return corporateCheckDigit(digits.slice(1)) === Number(digits[0])
      ? some(digits)
      : bad('has a wrong check digit for a corporate number');
  },
};

/** 法人番号: 9 − (Σ Pn·Qn mod 9), Pn the n-th digit from the right, Qn 1 for odd n and 2 for even n. */
export function corporateCheckDigit(twelve: string): number {
  const sum = [...twelve]
    .reverse()
    .reduce((total, digit, i) => total + Number(digit) * (i % 2 === 0 ? 1 : 2), 0);
  return 9 - (sum % 9);
}

/**
 * The address as mail is sent to it, in lower case. Dots that RFC 5321 forbids stay: Japanese carriers issued
 * such addresses until 2009. A comma typed for a dot in the domain, where none can be, becomes a dot. Of several
 * addresses the first counts.
 */
export function parseEmail(input: string): Parsed {
  if (plainAddress(input) >= 0) return some(input);
  const text = foldWidth(input).replace(/^mailto:/i, '');
  const inner = /<([^<>]+)>\s*$/.exec(text)?.[1] ?? text;
  const first = inner.split(/[;,、]\s*(?=\S+@)|(?<=@\S+)\s+(?=\S+@)/)[0]!.trim();
  const m = /^("?)([^\s"@<>:;,、()[\]\\]+)\1\s*@\s*([^\s@<>]+)$/.exec(first);
  if (!m) return bad('is not an e-mail address');
  const domain = host(m[3]!.replace(/[.,;]+$/, '').replace(/[,、]/g, '.'));
  if (domain === undefined) return bad('is not an e-mail address: its domain cannot exist');
  return some(`${m[2]!.toLowerCase().normalize('NFC')}@${domain}`);
}

/** Letters and digits in labels, none of them punycode, the last no number: a URL parser leaves it as it is. */
const PLAIN_HOST = /^(?:[a-z0-9]+(?:-[a-z0-9]+)*\.)+[a-z][a-z0-9]*$/;

/** A host name in lower case and ASCII (punycode), or undefined where it cannot be one. */
function host(text: string): string | undefined {
  if (PLAIN_HOST.test(text)) return text;
  if (!/^[^\s/:?#@]+\.[^\s/:?#@.]+$/.test(text) || !URL.canParse(`http://${text}/`)) return undefined;
  const name = new URL(`http://${text}/`).hostname;
  return /^[a-z0-9_-]+(\.[a-z0-9_-]+)+$/.test(name) ? name : undefined;
}

function parseUrl(input: string): Parsed {
  const text = foldWidth(input);
  const scheme = /^[a-z][a-z0-9+.-]*:\/\//i.test(text);
  const full = scheme ? text : `http://${text}`;
  if (/\s/.test(text) || !URL.canParse(full)) return bad('is not a web address');
  const url = new URL(full);
  if (host(url.hostname) === undefined) return bad('is not a web address');
  const start = scheme ? text.indexOf('://') + 3 : 0;
  const length = text.slice(start).search(/[/?#]/);
  const rest = length === -1 ? '' : text.slice(start + length);
  const credentials = url.username === '' ? '' : `${url.username}${url.password ? `:${url.password}` : ''}@`;
  return some(`${scheme ? `${url.protocol}//` : ''}${credentials}${url.host}${rest === '/' ? '' : rest}`);
}

function parseDomain(input: string): Parsed {
  const text = foldWidth(input)
    .replace(/^.*@/, '')
    .replace(/^[a-z][a-z0-9+.-]*:\/\//i, '');
  const name = host(text.replace(/[/?#:].*$/, '').replace(/^(www\.)+(?=[^.]+\.)/i, ''));
  return name === undefined ? bad('is not a domain') : some(name);
}

export function parseNumber(raw: Scalar): Parsed {
  if (typeof raw === 'boolean') return bad('is not a number');
  const text = foldDashes(foldWidth(clean(String(raw))))
    .replace(/^[¥$€£]\s*|\s*(円|%)$/g, '')
    .replace(/^([-+])[¥$€£]/, '$1');
  if (text === '') return typeof raw === 'string' && clean(raw) === '' ? EMPTY : bad('is not a number');
  if (!/^[-+]?(\d{1,3}(,\d{3})+|\d+)?(\.\d+)?(e[-+]?\d+)?$/i.test(text) || !/\d/.test(text))
    return bad('is not a number');
  const value = Number(text.replaceAll(',', ''));
  return Number.isFinite(value)
    ? { ok: true, value: value === 0 ? 0 : value }
    : bad('is not a finite number');
}

const TRUE = new Set(['true', '1', 'yes', 'y', 'on', 't', 'はい', '有', 'あり', '○', '〇', '✓']);
const FALSE = new Set(['false', '0', 'no', 'n', 'off', 'f', 'いいえ', '無', 'なし', '×']);

export function parseBoolean(raw: Scalar): Parsed {
  const text = foldWidth(clean(String(raw))).toLowerCase();
  if (text === '') return EMPTY;
  if (TRUE.has(text)) return { ok: true, value: true };
  if (FALSE.has(text)) return { ok: true, value: false };
  return bad('is neither true nor false');
}

/** Numbers, and texts of 12 or 13 digits, are milliseconds since 1970. */
export function parseTime(type: 'date' | 'datetime', raw: Scalar, { timeZone }: Locale): Parsed {
  if (typeof raw === 'boolean') return bad('is not a date');
  const text = clean(String(raw));
  if (text === '') return EMPTY;
  let instant: number;
  if (typeof raw === 'number' || /^-?\d{12,13}$/.test(text)) instant = Number(text);
  else {
    const wall = parseWall(text);
    if ('message' in wall) return bad(wall.message);
    if (type === 'date' && wall.offset === undefined) return some(isoDay(wall));
    instant = instantOf(wall, timeZone);
  }
  if (!Number.isFinite(instant) || Math.abs(instant) > 8.64e15) return bad('is not a date');
  const shown = type === 'date' ? dayOf(instant, timeZone) : new Date(instant).toISOString();
  return /^\d{4}-/.test(shown) ? some(shown) : bad('is not a date of the years 1 to 9999');
}

function options(raw: Json): Parsed {
  const parts = Array.isArray(raw) ? raw : isScalar(raw) ? String(raw).split(';') : undefined;
  if (!parts?.every((part) => part === null || isScalar(part))) return bad('is not a list of options');
  const values = [...new Set(parts.map((part) => (part === null ? '' : clean(String(part)))))].filter(
    Boolean,
  );
  return values.length === 0 ? EMPTY : { ok: true, value: values };
}
