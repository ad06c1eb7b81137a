import type { AttributeType, Entity } from '../model/entity.ts';
import { isEmpty, type Value, type Values } from '../model/value.ts';

/**
 * Which attributes of an entity play which part in matching. Found by type (and group), so that an entity of a
 * user's own, with other names or more phones, is matched as well as the built-in ones.
 */
export interface Fields {
  family: string[];
  given: string[];
  full: string[];
  familyKana: string[];
  givenKana: string[];
  fullKana: string[];
  company: string[];
  companyReference: string[];
  email: string[];
  phone: string[];
  web: string[];
  postal: string[];
  region: string[];
  city: string[];
  street: string[];
  address: string[];
  corporateNumber: string[];
  code: string[];
  birth: string[];
  /** The name of a record that is neither a person nor a company. */
  title: string[];
}

export function fieldsOf(entity: Entity): Fields {
  const attributes = Object.entries(entity.attributes);
  const of = (...types: AttributeType[]) =>
    attributes.filter(([, a]) => types.includes(a.type)).map(([name]) => name);
  return {
    family: of('family-name'),
    given: of('given-name'),
    full: of('full-name'),
    familyKana: of('family-kana'),
    givenKana: of('given-kana'),
    fullKana: of('full-kana'),
    company: of('company-name'),
    companyReference: attributes
      .filter(([, a]) => a.type === 'reference' && a.entity === 'company')
      .map(([name]) => name),
    email: of('email'),
    phone: of('phone'),
    web: of('url', 'domain'),
    postal: of('postal-code'),
    region: of('region'),
    city: of('city'),
    street: of('street'),
    address: of('address'),
    corporateNumber: of('corporate-number'),
    code: of('code'),
    // Other dates (last visit, contract) say when, not who.
    birth: attributes
      .filter(
        ([name, a]) => a.type === 'date' && /birth|dob|生年月日|誕生/iu.test(`${name} ${a.label ?? ''}`),
      )
      .map(([name]) => name),
    // People and companies are not told apart by a job title: an edit of one need not be matched again.
    title: attributes
      .filter(
        ([name, a]) =>
          entity.base === 'deal' &&
          a.type === 'text' &&
          (name === 'name' || name === 'title' || /名/u.test(a.label ?? '')),
      )
      .map(([name]) => name)
      .slice(0, 1),
  };
}

/** The filled values of these attributes, trimmed. */
export function all(values: Values, names: readonly string[]): string[] {
  const found: string[] = [];
  for (const name of names) {
    const text = textOf(values[name]);
    if (text !== '') found.push(text);
  }
  return found;
}

/** The first of them. */
export function first(values: Values, names: readonly string[]): string | undefined {
  for (const name of names) {
    const text = textOf(values[name]);
    if (text !== '') return text;
  }
  return undefined;
}

/** A value as a trimmed text; '' for none. */
export function textOf(value: Value | undefined): string {
  if (typeof value === 'string') return value.trim();
  if (isEmpty(value)) return '';
  return Array.isArray(value) ? value.join(' ') : String(value).trim();
}
