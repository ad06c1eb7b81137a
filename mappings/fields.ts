import type { Field, Json } from '../connectors/contract.ts';
import type { Value } from '../core/model/value.ts';
import { unitAt } from '../core/values/units.ts';
import { type Locale, parseBoolean, parseNumber, parseTime } from './canonical.ts';
import { nearest } from './nearest.ts';
import { clean } from './text.ts';
import type { Misfit, Result } from './transforms/define.ts';

export const isEmptyField = (value: Json | undefined): boolean =>
  value === null ||
  value === undefined ||
  (Array.isArray(value) && value.length === 0) ||
  (typeof value === 'string' && isBlank(value));

/** Text that begins with a visible ASCII character, as most does, needs no cleaning to be seen. */
function isBlank(text: string): boolean {
  if (text === '') return true;
  const first = unitAt(text, 0);
  return !(first > 0x20 && first < 0x7f) && clean(text) === '';
}

const bad = (message: string, misfit?: Misfit): Result => ({
  ok: false,
  message,
  ...(misfit === undefined ? {} : { misfit }),
});
const good = (value: Json): Result => ({ ok: true, value });

/**
 * A value in the form that a field takes, or why the tool would refuse it. Lists become `a;b`, which is how
 * Salesforce and HubSpot both write several options. Without a schema the value goes as it is.
 */
export function toField(value: Json, field: Field | undefined, locale: Locale): Result {
  if (isEmptyField(value))
    return field?.required
      ? bad(`is empty, and ${field.name} must have a value; add out: [{ default: … }]`, 'empty')
      : good(null);
  if (!field)
    return good(
      Array.isArray(value) && value.every((part) => typeof part !== 'object') ? value.join(';') : value,
    );
  if (field.type === 'json') return good(value);
  const single = Array.isArray(value) ? value.map(String).join(';') : value;
  if (typeof single === 'object' && single !== null)
    return bad(`is a structure, and ${field.name} takes one value`);
  switch (field.type) {
    case 'number':
      return typeof single === 'boolean' ? good(single ? 1 : 0) : parseNumber(single!);
    case 'boolean':
      return parseBoolean(single!);
    case 'date':
      return parseTime('date', single!, locale);
    case 'datetime': {
      const text = String(single);
      return /^\d{4}-\d{2}-\d{2}$/.test(text)
        ? good(`${text}T00:00:00.000Z`)
        : parseTime('datetime', single!, locale);
    }
    case 'option':
    case 'reference':
      return option(String(single), field);
    case 'options': {
      const chosen: string[] = [];
      for (const part of String(single).split(';').map(clean).filter(Boolean)) {
        const found = option(part, field);
        if (!found.ok) return found;
        chosen.push(String(found.value));
      }
      return good(chosen.join(';'));
    }
    default: {
      const text = String(single);
      if (field.length !== undefined && text.length > field.length)
        return bad(
          `has ${text.length} characters, and ${field.name} takes ${field.length}; add out: [{ truncate: ${field.length} }]`,
          'too-long',
        );
      return good(text);
    }
  }
}

/** The option's value, also by its label or in another case. A field without a list takes anything. */
function option(text: string, field: Field): Result {
  if (!field.options || field.options.length === 0) return good(text);
  const same = text.toLowerCase();
  const found =
    field.options.find(({ value }) => value === text) ??
    field.options.find(({ value }) => value.toLowerCase() === same) ??
    field.options.find(({ label }) => label.toLowerCase() === same) ??
    // Salesforce shows an id of 18 characters by its first 15 too.
    field.options.find(({ value }) => field.type === 'reference' && value.slice(0, 15) === text);
  if (found) return good(found.value);
  const guess = nearest(
    text,
    field.options.map(({ value, label }) => (field.type === 'reference' ? label : value)),
  );
  return bad(
    `is not an option of ${field.name}${guess === undefined ? '' : ` (is "${guess}" meant?)`}; add it to values`,
    'not-an-option',
  );
}

/** Would the tool show the two as one? By the field's type alone: a mapping may know more (see compile). */
export function sameRaw(
  field: Field | undefined,
  a: Json | undefined,
  b: Json | undefined,
  locale: Locale,
): boolean {
  // A checkbox that was never touched is not ticked.
  const shown = (value: Json | undefined) =>
    field?.type === 'boolean' && isEmptyField(value) ? false : value;
  const [left, right] = [shown(a), shown(b)];
  if (isEmptyField(left) || isEmptyField(right)) return isEmptyField(left) && isEmptyField(right);
  return comparable(field, left!, locale) === comparable(field, right!, locale);
}

/** A text that is equal for values the tool shows as one. */
function comparable(field: Field | undefined, value: Json, locale: Locale): string {
  if (field?.type === 'options' || Array.isArray(value)) {
    const parts = Array.isArray(value)
      ? value.map((part) => JSON.stringify(part).replace(/^"|"$/g, ''))
      : String(value).split(';');
    return parts
      .map((part) => part.trim())
      .filter(Boolean)
      .sort()
      .join(';');
  }
  if (typeof value === 'object' && value !== null) return JSON.stringify(sorted(value));
  const text = clean(String(value));
  switch (field?.type) {
    case 'number':
      return textOr(parseNumber(text), text);
    case 'boolean':
      return textOr(parseBoolean(text), text);
    case 'date':
      return textOr(parseTime('date', value as string | number, locale), text);
    case 'datetime': {
      const time = parseTime('datetime', value as string | number, locale);
      // Tools round to seconds. A bare day is written as midnight UTC.
      if (/^\d{4}-\d{2}-\d{2}$/.test(text)) return `${text}T00:00:00`;
      return time.ok ? String(time.value).slice(0, 19) : text;
    }
    case 'email':
      return text.toLowerCase();
    default:
      return text;
  }
}

const textOr = (result: { ok: boolean; value?: unknown }, text: string) =>
  result.ok ? String(result.value) : text;

function sorted(value: Json): Json {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, sorted(inner)]),
  );
}

/** How a problem quotes a value. */
export function quote(value: Json | Value | undefined): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
  return text.length <= 80 ? text : `${text.slice(0, 79)}…`;
}
