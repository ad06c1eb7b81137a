import type { Entity } from '../../model/entity.ts';
import type { GoldenRow } from '../../store/goldens.ts';
import { fold } from '../../values/fold.ts';
import type { StoredRecord } from '../observe.ts';
import { textsOf } from './marks.ts';

/** Shorter values than this say too little to be looked for in other texts. */
const LEAST = 5;

const loose = (text: string) =>
  fold(text)
    .toLowerCase()
    .replace(/[\s\p{P}\p{S}]+/gu, '');

/** All that is known of somebody, whoever said or wrote it: canonical values by attribute, and what tools show in their own fields. */
function* saidOf(golden: GoldenRow, records: readonly StoredRecord[]): Generator<[string, unknown]> {
  yield* Object.entries(golden.values);
  for (const { seen, opinions, written } of records) {
    yield* Object.entries(seen);
    for (const [name, { value }] of Object.entries(opinions)) yield [name, value];
    for (const [name, { sent, made }] of Object.entries(written)) {
      yield [name, sent];
      yield [name, made];
    }
  }
}

/**
 * The texts by which somebody may stand in what tools and people say of others: mail addresses, phone numbers and whole names, in every
 * way they are written; and ids that are personal themselves.
 */
export function tellingWords(entity: Entity, golden: GoldenRow, records: readonly StoredRecord[]): string[] {
  const words = new Set<string>();
  const telling = new Set<string>();
  const put = (text: string) => {
    if (text.length >= LEAST) words.add(text);
  };
  for (const [name, value] of saidOf(golden, records)) {
    const type = entity.attributes[name]?.type;
    for (const text of textsOf(value as never)) {
      if (type === 'email' || type === 'phone') {
        put(text);
        telling.add(loose(text));
      }
      if (type === 'full-name') put(text);
    }
  }
  for (const { native, seen, opinions } of records) {
    for (const value of Object.values(native))
      if (typeof value === 'string' && (value.includes('@') || telling.has(loose(value)))) put(value);
    for (const [family, given] of [
      [seen.familyName, seen.givenName],
      [opinions.familyName?.value, opinions.givenName?.value],
    ])
      if (typeof family === 'string' && typeof given === 'string')
        for (const between of ['', ' ', '　'])
          for (const name of [`${family}${between}${given}`, `${given}${between}${family}`]) put(name);
  }
  for (const { extId } of records) if (isPersonal(extId, golden, records)) put(extId);
  return [...words].sort((a, b) => b.length - a.length);
}

/** Does an id say who somebody is? A list may be keyed by mail address. */
export function isPersonal(extId: string, golden: GoldenRow, records: readonly StoredRecord[]): boolean {
  if (extId.includes('@')) return true;
  const id = loose(extId);
  for (const [, value] of saidOf(golden, records))
    for (const text of textsOf(value as never)) {
      const said = loose(text);
      if (said.length >= LEAST - 1 && id.includes(said)) return true;
    }
  return false;
}
