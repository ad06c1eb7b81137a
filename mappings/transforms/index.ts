import { fallback, firstOf, map } from './choice.ts';
import { email, phone } from './contact.ts';
import type { Transform } from './define.ts';
import {
  address,
  corporateNumber,
  era,
  honorific,
  kana,
  legalForm,
  postalCode,
  prefecture,
} from './japanese.ts';
import { company, name } from './names.ts';
import { boolean, date, datetime, number } from './scalars.ts';
import { blank, country, domain, extract, pad, plainText, prefix, suffix } from './shape.ts';
import { join, lower, nfkc, replace, split, title, trim, truncate, upper, width } from './text.ts';

const ALL = [
  trim,
  nfkc,
  width,
  lower,
  upper,
  title,
  truncate,
  replace,
  split,
  join,
  email,
  phone,
  name,
  company,
  date,
  datetime,
  number,
  boolean,
  map,
  fallback,
  firstOf,
  blank,
  prefix,
  suffix,
  pad,
  extract,
  plainText,
  domain,
  country,
  kana,
  honorific,
  legalForm,
  era,
  postalCode,
  prefecture,
  address,
  corporateNumber,
];

/** Every transform by the name that mappings use. A new one is a `define` and a word in this list. */
export const TRANSFORMS: ReadonlyMap<string, Transform> = new Map(
  ALL.map((transform) => [transform.name, transform]),
);
