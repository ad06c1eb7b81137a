/** A written value as Salesforce keeps it, or why it refuses it. */
import type { Json } from '../../contract.ts';
import { isId, to18 } from '../ids.ts';
import { type RowError, refuse, rowError } from './errors.ts';
import type { FieldSpec } from './schema.ts';

export type Kept = { value: Json } | { error: RowError };
export type EmailCheck = 'standard' | 'strict';

/** Datetimes as the API shows them: UTC, whole seconds. They sort as text. */
export function stamp(time: Date | number): string {
  const whole = Math.floor(Number(time) / 1000) * 1000;
  return new Date(whole).toISOString().replace('Z', '+0000');
}

/**
 * Throws a Refusal of the whole call (JSON_PARSER_ERROR) for a value that is not of the field's type at all.
 */
export function keep(spec: FieldSpec, given: Json, emails: EmailCheck): Kept {
  if (given === null || given === '') return { value: spec.type === 'boolean' ? false : null };
  switch (spec.type) {
    case 'boolean':
      if (given === true || given === 'true') return { value: true };
      if (given === false || given === 'false') return { value: false };
      throw unreadable(spec, given);
    case 'int':
    case 'double':
    case 'currency':
    case 'percent': {
      const number = typeof given === 'boolean' ? Number.NaN : Number(given);
      if (!Number.isFinite(number)) throw unreadable(spec, given);
      return { value: round(number, spec.scale ?? 0) };
    }
    case 'date': {
      const text = String(given).trim();
      if (!/^\d{4}-\d{2}-\d{2}$/.test(text) || Number.isNaN(Date.parse(`${text}T00:00:00Z`)))
        throw unreadable(spec, given);
      return { value: text };
    }
    case 'datetime': {
      const time = /^\d{4}-\d{2}-\d{2}T/.test(String(given)) ? Date.parse(String(given)) : Number.NaN;
      if (Number.isNaN(time)) throw unreadable(spec, given);
      return { value: stamp(time) };
    }
    case 'id':
    case 'reference':
      if (typeof given !== 'string' || !isId(given))
        return {
          error: rowError('MALFORMED_ID', `${spec.label}: id value of incorrect type: ${given}`, [spec.name]),
        };
      return { value: to18(given) };
    default:
      return keepText(spec, given, emails);
  }
}

function keepText(spec: FieldSpec, given: Json, emails: EmailCheck): Kept {
  if (typeof given === 'object') throw unreadable(spec, given);
  const text = String(given).trim();
  if (text === '') return { value: null };
  const { name, label } = spec;
  if (spec.length !== undefined && text.length > spec.length)
    return {
      error: rowError(
        'STRING_TOO_LONG',
        `${label}: data value too large: ${text} (max length=${spec.length})`,
        [name],
      ),
    };
  if (spec.type === 'email' && !isEmail(text, emails))
    return {
      error: rowError('INVALID_EMAIL_ADDRESS', `${label}: invalid email address: ${text}`, [name]),
    };
  if (spec.type === 'multipicklist') return { value: inOrder(text.split(';'), spec.options ?? []).join(';') };
  if (spec.type === 'picklist' && spec.restricted === true && !spec.options?.includes(text))
    return {
      error: rowError(
        'INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST',
        `${label}: bad value for restricted picklist field: ${text}`,
        [name],
      ),
    };
  return { value: text };
}

function inOrder(chosen: string[], options: string[]): string[] {
  const rank = (value: string) => (options.includes(value) ? options.indexOf(value) : options.length);
  return [...new Set(chosen)].sort((a, b) => rank(a) - rank(b));
}

function isEmail(text: string, emails: EmailCheck): boolean {
  if (!/^[\w!#$%&'*+/=?^`{|}~.-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$/.test(text)) return false;
  return emails === 'standard' || !/\.\.|\.@|^\./.test(text);
}

function round(number: number, scale: number): number {
  const factor = 10 ** scale;
  return (Math.round((Math.abs(number) + Number.EPSILON) * factor) / factor) * Math.sign(number);
}

function unreadable(spec: FieldSpec, given: Json) {
  const from =
    typeof given === 'string' ? 'VALUE_STRING' : typeof given === 'object' ? 'START_OBJECT' : 'VALUE';
  const shown = typeof given === 'object' ? '' : ` value ${given}`;
  return refuse(
    400,
    'JSON_PARSER_ERROR',
    `Cannot deserialize instance of ${spec.type} from ${from}${shown} or request may be missing a required field`,
  );
}
