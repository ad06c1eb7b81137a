import type { PropertyDef } from './definitions.ts';
import type { Refusal } from './errors.ts';

const EMAIL = /^[^\s@,;()<>]+@[a-z0-9-]+(\.[a-z0-9-]+)*\.[a-z]{2,}$/i;
const LONGEST = 65_536;

/** What HubSpot stores for a value that is written, or why it refuses it. '' clears; `before` is what it held. */
export function normalise(
  def: PropertyDef,
  raw: unknown,
  before: string | undefined,
): { value: string } | Refusal {
  if (raw === null || raw === undefined || raw === '') return { value: '' };
  const refuse = (code: string, message: string): Refusal => ({ code, message, name: def.name });
  if (typeof raw === 'object') return refuse('INVALID_TYPE', `${def.name} must be a string`);
  const text = String(raw);
  switch (def.type) {
    case 'number': {
      const value = Number(text.trim());
      return Number.isFinite(value) && text.trim() !== ''
        ? { value: String(value) }
        : refuse('INVALID_NUMBER', `${text} was not a valid number.`);
    }
    case 'bool': {
      const value = text.toLowerCase();
      return value === 'true' || value === 'false'
        ? { value }
        : refuse('INVALID_OPTION', `${text} was not one of the allowed options: [true, false]`);
    }
    case 'date':
      return day(text) ?? refuse('INVALID_DATE', `${text} is not a date at midnight UTC`);
    case 'datetime': {
      const time = moment(text);
      return time === undefined
        ? refuse('INVALID_LONG', `${text} was not a valid long.`)
        : { value: new Date(time).toISOString() };
    }
    case 'enumeration':
      return option(def, text, before) ?? refuse('INVALID_OPTION', optionMessage(def, text));
    case 'string': {
      if (text.length > LONGEST) return refuse('PROPERTY_VALUE_TOO_LONG', `${def.name} is too long`);
      if (def.name !== 'email') return { value: text };
      const email = text.trim().toLowerCase();
      return EMAIL.test(email)
        ? { value: email }
        : refuse('INVALID_EMAIL', `Email address ${text} is invalid`);
    }
  }
}

function day(text: string): { value: string } | undefined {
  const iso = /^\d{4}-\d{2}-\d{2}$/.test(text);
  const time = iso ? Date.parse(`${text}T00:00:00Z`) : moment(text);
  if (time === undefined || Number.isNaN(time) || time % 86_400_000 !== 0) return undefined;
  const value = new Date(time).toISOString().slice(0, 10);
  return iso && value !== text ? undefined : { value };
}

/** Milliseconds of an ISO time with a zone, or of digits. */
export function moment(text: string): number | undefined {
  if (/^-?\d+$/.test(text)) return Number(text);
  if (!/^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2}))?$/.test(text)) return undefined;
  const time = Date.parse(text);
  return Number.isNaN(time) ? undefined : time;
}

function option(def: PropertyDef, text: string, before: string | undefined) {
  const order = (def.options ?? []).map(({ value }) => value);
  if (def.fieldType !== 'checkbox') return order.includes(text) ? { value: text } : undefined;
  const appended = text.startsWith(';') && before ? before.split(';') : [];
  const chosen = [...appended, ...text.split(';').filter((part) => part !== '')];
  if (chosen.some((value) => !order.includes(value))) return undefined;
  return { value: order.filter((value) => chosen.includes(value)).join(';') };
}

const optionMessage = (def: PropertyDef, text: string) =>
  `${text} was not one of the allowed options: [${(def.options ?? []).map(({ value, label }) => `label: "${label}" value: "${value}"`).join(', ')}]`;
