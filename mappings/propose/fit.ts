import type { Field, Fields, FieldType, Json } from '../../connectors/contract.ts';
import type { AttributeType } from '../../core/model/entity.ts';
import { canonical, type Locale } from '../canonical.ts';
import { holds } from '../checkField.ts';
import { isEmptyField } from '../fields.ts';

/** Of the sampled values, so many must be what the attribute is. */
const MOST = 0.95;
/** So many values speak for themselves, whatever their field is called. */
const TELLING = 5;

const KANA: ReadonlySet<AttributeType> = new Set(['given-kana', 'family-kana', 'full-kana']);
const KANA_ONLY = /^[\p{sc=Katakana}\p{sc=Hiragana}ー・\s]+$/u;
/** Types whose values nothing else looks like: a check digit. */
const PROVEN: ReadonlySet<AttributeType> = new Set(['corporate-number']);

/** What a field holds where an attribute of its own is made for it. undefined: nothing that two tools would share. */
const TYPE_OF: Partial<Record<FieldType, AttributeType>> = {
  text: 'text',
  email: 'email',
  phone: 'phone',
  url: 'url',
  number: 'number',
  boolean: 'boolean',
  date: 'date',
  datetime: 'datetime',
};

export const shown = (field: Field, records: readonly { fields: Fields }[]): Json[] =>
  records.map(({ fields }) => fields[field.name] ?? null).filter((value) => !isEmptyField(value));

/** Can the attribute be kept in this field, and are the values that it has now of that kind? */
export function fits(type: AttributeType, field: Field, values: readonly Json[], locale: Locale): boolean {
  if (!holds(field.type, type)) return false;
  if (values.length === 0) return true;
  const right = values.filter((value) => {
    const read = canonical(type, value, locale);
    return read.ok && (!KANA.has(type) || KANA_ONLY.test(String(value).normalize('NFKC')));
  });
  return right.length >= values.length * MOST;
}

/** Do the values alone tell that the field is this attribute? */
export const isProven = (
  type: AttributeType,
  field: Field,
  values: readonly Json[],
  locale: Locale,
): boolean => PROVEN.has(type) && values.length >= TELLING && fits(type, field, values, locale);

/** The type of an attribute that both fields can hold, going by their own types and by their values. */
export function sharedType(
  a: { field: Field; values: readonly Json[] },
  b: { field: Field; values: readonly Json[] },
  locale: Locale,
): AttributeType | undefined {
  const [first, second] = [TYPE_OF[a.field.type], TYPE_OF[b.field.type]];
  if (first === undefined || second === undefined) return undefined;
  return [first, second].find((type) =>
    [a, b].every(({ field, values }) => fits(type, field, values, locale)),
  );
}
