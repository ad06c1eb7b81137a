import type { FieldType, Json } from '../contract.ts';

/** As HubSpot describes a property. */
export interface PropertyType {
  type: string;
  fieldType: string;
}

export const isMultiple = (property: PropertyType) =>
  property.type === 'enumeration' && property.fieldType === 'checkbox';

export function fieldType(name: string, { type, fieldType }: PropertyType): FieldType {
  switch (type) {
    case 'number':
      return 'number';
    case 'bool':
      return 'boolean';
    case 'date':
      return 'date';
    case 'datetime':
      return 'datetime';
    case 'enumeration':
      return fieldType === 'checkbox' ? 'options' : 'option';
    case 'phone_number':
      return 'phone';
    case 'json':
    case 'object_coordinates':
      return 'json';
    default:
      if (fieldType === 'phonenumber') return 'phone';
      return name === 'email' ? 'email' : name === 'website' ? 'url' : 'text';
  }
}

/**
 * The text HubSpot stores as a value: numbers as numbers, booleans, days as YYYY-MM-DD, times as ISO 8601 in UTC
 * with milliseconds, multi-selects as arrays in HubSpot's order; unset and '' are null. A property that is not
 * known stays text.
 */
export function fromWire(property: PropertyType | undefined, text: string | null | undefined): Json {
  if (text === null || text === undefined || text === '') return null;
  if (property === undefined) return text;
  if (isMultiple(property)) return text.split(';').filter((part) => part !== '');
  switch (property.type) {
    case 'number': {
      const value = Number(text);
      return Number.isFinite(value) && Math.abs(value) <= Number.MAX_SAFE_INTEGER ? value : text;
    }
    case 'bool':
      return text === 'true' ? true : text === 'false' ? false : text;
    case 'date':
      return toIso(text)?.slice(0, 10) ?? text;
    case 'datetime':
      return toIso(text) ?? text;
    default:
      return text;
  }
}

/** What to send for a value: `null` clears. What cannot be read is sent as it is: HubSpot then says what is wrong. */
export function toWire(property: PropertyType | undefined, value: Json): string {
  if (value === null) return '';
  if (Array.isArray(value)) return value.map(String).join(';');
  if (typeof value === 'object') return JSON.stringify(value);
  const text = String(value);
  if (property?.type === 'date') return toDay(text) ?? text;
  if (property?.type === 'datetime') return toIso(text) ?? text;
  // A leading ; would append to what is there.
  return property !== undefined && isMultiple(property) ? text.replace(/^;+/, '') : text;
}

/** The day as it is written; of milliseconds, the day in UTC. */
const toDay = (text: string) => (toIso(text) && /^\d{4}-/.test(text) ? text : toIso(text))?.slice(0, 10);

/** From milliseconds since 1970 or ISO 8601; a time without a zone is none we could place, and 30 February no day. */
function toIso(text: string): string | undefined {
  const digits = /^-?\d{5,}$/.test(text);
  if (!digits && !/^\d{4}-\d{2}-\d{2}(T.*(Z|[+-]\d{2}:?\d{2}))?$/.test(text)) return undefined;
  const time = new Date(digits ? Number(text) : text);
  if (Number.isNaN(time.getTime())) return undefined;
  const iso = time.toISOString();
  return text.length === 10 && !digits && !iso.startsWith(text) ? undefined : iso;
}
