import type { Entity } from '../../model/entity.ts';
import { isEmpty, type Value, type Values } from '../../model/value.ts';
import { emailParts } from '../../values/email.ts';
import { fold, stripAccents } from '../../values/fold.ts';
import { isServiceNumber, phoneKey } from '../../values/phone.ts';

/** What somebody is known by, as a text. Its keyed hash blocks whoever has the same. */
export interface Mark {
  kind: 'record' | 'email' | 'phone';
  text: string;
}

/** A record of a tool is known by its id. */
export const recordMark = (key: string): Mark => ({ kind: 'record', text: `record\n${key}` });

/**
 * What these values say of who a person is: a mailbox of their own; a shared mailbox (info@) or a phone number only together with the
 * name, since colleagues and families share both. Other entities than persons are known by their records alone.
 */
export function personMarks(entity: Entity, values: Values): Mark[] {
  if (entity.base !== 'person') return [];
  const marks: Mark[] = [];
  const name = nameOf(values);
  for (const [attribute, { type }] of Object.entries(entity.attributes))
    for (const text of textsOf(values[attribute]))
      if (type === 'email') {
        const parts = emailParts(text);
        if (parts?.kind === 'personal') marks.push({ kind: 'email', text: `email\n${parts.key}` });
        else if (parts?.kind === 'role' && name !== '')
          marks.push({ kind: 'email', text: `email\n${parts.key}\n${name}` });
      } else if (type === 'phone') {
        const phone = phoneKey(text);
        if (phone && !isServiceNumber(phone.e164) && name !== '')
          marks.push({ kind: 'phone', text: `phone\n${phone.e164}\n${name}` });
      }
  return marks;
}

export const textsOf = (value: Value | undefined): string[] =>
  isEmpty(value) || typeof value === 'boolean' ? [] : Array.isArray(value) ? value : [String(value)];

/** The letters of the whole name, in one order for every way of filling the fields; '' where there is no whole name. */
function nameOf(values: Values): string {
  const text = (attribute: string) => textsOf(values[attribute])[0] ?? '';
  const [family, given] = [text('familyName'), text('givenName')];
  const whole = family !== '' && given !== '' ? `${family} ${given}` : text('fullName');
  return [
    ...stripAccents(fold(whole))
      .toLowerCase()
      .replace(/[\s\p{P}]+/gu, ''),
  ]
    .sort()
    .join('');
}
