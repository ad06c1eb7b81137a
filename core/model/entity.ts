import type { Rule } from './survivorship.ts';

/**
 * What an attribute means, which decides how mappings check it and how matching compares it. The storage
 * type follows from it: see `storage`.
 */
export type AttributeType =
  | 'text'
  | 'given-name'
  | 'family-name'
  | 'full-name'
  | 'given-kana'
  | 'family-kana'
  | 'full-kana'
  | 'company-name'
  | 'email'
  | 'phone'
  | 'url'
  | 'domain'
  | 'postal-code'
  | 'region'
  | 'city'
  | 'street'
  | 'address'
  | 'corporate-number'
  | 'code'
  | 'date'
  | 'datetime'
  | 'number'
  | 'boolean'
  | 'option'
  | 'options'
  | 'reference';

export interface Attribute {
  type: AttributeType;
  label?: string;
  /** For `reference`: the entity it points to. */
  entity?: string;
  /** Attributes of one group travel together: their winner is one source record (an address is never mixed). */
  group?: string;
}

export interface Entity {
  name: string;
  /** The built-in entity it extends, which decides how its records are matched; `none`: never matched. */
  base: 'person' | 'company' | 'deal' | 'none';
  attributes: Record<string, Attribute>;
  /** The chain of rules of each attribute; `latest` where none is given. */
  survivorship: Record<string, Rule[]>;
}

export function storage(type: AttributeType): 'string' | 'number' | 'boolean' | 'list' {
  if (type === 'number') return 'number';
  if (type === 'boolean') return 'boolean';
  if (type === 'options') return 'list';
  return 'string';
}
