import { unitAt } from '../values/units.ts';
import type { Base } from './model.ts';
import type { Prepared, PreparedPlace, PreparedWord } from './prepared.ts';

/** Takes a key in its parts: the kind, and what stands behind it, with spaces between. */
export type KeySink = (kind: string, first: string, second?: string, third?: string) => void;

/** At most this many readings of one name part make keys. */
const READINGS = 4;

const NOTHING: readonly string[] = [];

function forms(word: PreparedWord | null): readonly string[] {
  if (word === null) return NOTHING;
  if (word.readings.length === 0) return [word.key];
  return word.readings.length <= READINGS ? word.readings : word.readings.slice(0, READINGS);
}

/** Both in one list, without what stands in it twice. */
function together(one: readonly string[], other: readonly string[]): readonly string[] {
  if (one.length === 0 || other.length === 0) return one.length > 0 ? one : other;
  return one.concat(
    other.some((name) => one.includes(name)) ? other.filter((name) => !one.includes(name)) : other,
  );
}

function personKeys(p: Prepared, add: KeySink): void {
  if (p.name?.kind === 'role') {
    for (const m of p.mails) if (m.kind !== 'placeholder') add('role', m.key);
    return;
  }
  for (const m of p.mails) if (m.kind === 'personal') add('mail', m.key);
  for (const n of p.phones) if (!n.service) add('phone', n.number);
  const family = p.name?.family ?? null;
  const given = p.name?.given ?? null;
  const [families, givens] = [forms(family), forms(given)];
  const names = together(families, givens);
  // Kana and Latin letters have one reading: `read:` holds all that the name itself would.
  if (p.name !== null && p.name.whole !== '' && (family!.script === 'han' || given!.script === 'han'))
    add('name', p.name.whole);
  for (const f of families)
    for (const g of givens)
      if (f < g) add('read', f, g);
      else add('read', g, f);
  workKeys(p, families, givens, add);
  if (p.birth !== null) {
    add('birth', p.birth);
    for (const name of names) add('birthname', p.birth.slice(0, 4), name);
    for (const name of names) add('daymonth', p.birth.slice(4), name);
  }
  for (const c of p.codes) {
    add('code', c.number);
    for (const name of names) add('codename', c.number, name);
  }
  if (p.place !== null) placeKeys(p.place, names, add);
  for (const m of p.mails)
    if (m.kind === 'personal' && m.local.length > 3) {
      add('local', m.local);
      if (!m.free) add('box', m.domain, m.local.slice(0, 4));
    }
}

/**
 * Colleagues of one name. Whichever tells the company best (its golden record, its name, its domain) goes with either
 * half of a name; the others, which the other record may have to do with, with the family name alone.
 */
function workKeys(p: Prepared, families: readonly string[], givens: readonly string[], add: KeySink): void {
  let best = true;
  const work = (employer: string) => {
    for (const name of families) add('work', employer, name);
    if (best) for (const name of givens) add('work', employer, name);
    best = false;
  };
  if (p.companyId !== null) work(p.companyId);
  if (p.org !== null) work(p.org.key);
  for (const domain of p.domains) work(domain);
}

/** Where a person lives or works: the finest that is known. Towns and cities of one name are in many regions. */
function placeKeys(place: PreparedPlace, names: readonly string[], add: KeySink): void {
  if (place.number !== '')
    if (place.town !== '') add('place', place.region, place.town, place.number);
    else if (place.postal !== '') add('lot', place.postal, place.number);
  for (const name of names)
    if (place.postal !== '') add('postalname', place.postal, name);
    else if (place.city !== '') add('cityname', place.region, place.city, name);
}

function companyKeys(p: Prepared, add: KeySink): void {
  for (const n of p.corporateNumbers) add('number', n);
  for (const d of p.domains) add('domain', d);
  for (const n of p.phones) add('phone', n.number);
  for (const c of p.codes) add('code', c.number);
  if (p.place !== null) {
    const { number, town, postal, city } = p.place;
    if (number !== '' && town !== '') add('place', town, number);
    if (number !== '' && postal !== '') add('lot', postal, number);
    for (const name of p.org === null ? [] : [p.org.key.slice(0, 3), ...p.org.words]) {
      if (postal !== '') add('postalname', postal, name);
      if (city !== '') add('cityname', city, name);
    }
  }
  if (p.org === null) return;
  add('org', p.org.key);
  for (const d of p.domains) add('orgdomain', p.org.key, d);
  for (const n of p.phones) add('orgphone', p.org.key, n.number);
  const { words } = p.org;
  for (let i = 0; i < words.length; i++)
    for (let j = i + 1; j < words.length; j++) add('words', words[i]!, words[j]!);
}

function dealKeys(p: Prepared, add: KeySink): void {
  if (p.title !== null) add('title', p.title);
  for (const c of p.codes) add('code', `${c.department}${c.number}`);
  if (p.companyId !== null) add('company', p.companyId);
  if (p.org !== null) add('org', p.org.key);
}

/** The store keeps every key of every record. */
const LONGEST = 32;

/** The kind, and a 60-bit hash in place of the rest: a chance meeting of two values costs one comparison, no more. */
export function shortened(key: string): string {
  // FNV-1a (Fowler, Noll and Vo) over UTF-16 code units, twice with different seeds.
  let [x, y] = [0x811c9dc5, 0x01000193];
  for (let i = 0; i < key.length; i++) {
    const c = unitAt(key, i);
    x = Math.imul(x ^ c, 0x01000193);
    y = Math.imul(y ^ c, 0x85ebca6b);
  }
  return `${key.slice(0, key.indexOf(':') + 1)}#${(x >>> 2).toString(36)}${(y >>> 2).toString(36)}`;
}

/** Records that share a key by the dozen share a switchboard or a placeholder, not an identity. */
export const MAX_BLOCK = 60;

/**
 * So many records of one name, or fewer, are compared for their name alone. Two of n namesakes are one with odds of about 1 to n, before
 * anything else is known of them: with more of them not even a review is due, and whatever else they agree on has a key of its own.
 */
export const MAX_NAMESAKES = 8;

/** Kinds of keys of a person's name, with nothing beside it. */
export const isBareKind = (kind: string): boolean => kind === 'read' || kind === 'name';

/** Is this the key of a person's name, with nothing beside it? */
export const isBareName = (key: string): boolean => key.startsWith('read:') || key.startsWith('name:');

/** How many records may share a key before it is a hub value. */
export const blockLimit = (key: string): number => (isBareName(key) ? MAX_NAMESAKES : MAX_BLOCK);

const MAKERS: Record<Base, (p: Prepared, add: KeySink) => void> = {
  person: personKeys,
  company: companyKeys,
  deal: dealKeys,
};

/**
 * Blocking keys, each with its kind in front. Several per record, so that one damaged value never hides a
 * duplicate; none from a role or placeholder value, which would chain strangers together. One may come twice.
 */
export const eachKey = (base: Base, p: Prepared, add: KeySink): void => MAKERS[base](p, add);

/** The text of a key, as the store knows it. */
export function keyOf(kind: string, first: string, second?: string, third?: string): string {
  const rest = third !== undefined ? ` ${second} ${third}` : second !== undefined ? ` ${second}` : '';
  const key = `${kind}:${first}${rest}`;
  return key.length > LONGEST ? shortened(key) : key;
}

/** The texts of a record's keys, each once. */
export function blockingKeys(base: Base, p: Prepared): string[] {
  const keys = new Set<string>();
  eachKey(base, p, (kind, first, second, third) => keys.add(keyOf(kind, first, second, third)));
  return [...keys];
}
