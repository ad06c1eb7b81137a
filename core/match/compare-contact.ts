import { unitAt } from '../values/units.ts';
import type { Prepared, PreparedMail, PreparedOrg, PreparedPlace } from './prepared.ts';
import { agree, type Scratch } from './scratch.ts';
import { edits, intersects, jaroWinkler, withinOneEdit } from './similarity.ts';

export const EMAIL_LEVELS = ['same', 'similar', 'local', 'colleague', 'different'] as const;
export const PHONE_LEVELS = ['mobile', 'landline', 'different'] as const;
export const COMPANY_LEVELS = ['same', 'similar', 'unread', 'different'] as const;
export const PLACE_LEVELS = ['same', 'near', 'area', 'city', 'different'] as const;
export const BIRTH_LEVELS = ['same', 'near', 'different'] as const;
export const CODE_LEVELS = ['same', 'number', 'near', 'different'] as const;

/**
 * One mailbox with a typing or scanning error? tanaka and tanaka2, tanaka-k and tanaka-y are two mailboxes, given
 * out on purpose so that namesakes are told apart: a difference in digits or in an initial is no error. Nor is one
 * between two mailboxes that are each made of their own record's name (victoria.harris, victoria.harrison).
 */
function sameMailboxMistyped(a: PreparedMail, b: PreparedMail): boolean {
  if (a.scan === b.scan) return true;
  if (a.spells > 0 && b.spells > 0) return false;
  const shorter = Math.min(a.letters.length, b.letters.length);
  if (shorter < 4 || a.initials !== b.initials) return false;
  // kumaga.isakura for kumagai.sakura, where only one of the two is how the name is spelt.
  if (a.letters === b.letters)
    return a.spells !== b.spells && a.local.length === b.local.length && withinOneEdit(a.local, b.local);
  if (withinOneEdit(a.local, b.local)) return true;
  return shorter >= 7 && edits(a.local, b.local, 2) <= 2;
}

/** kojima@ and kojima2@ of one company: the digit was given because there are two of that name. */
export function numberedApart(a: Prepared, b: Prepared): boolean {
  for (const x of a.mails)
    for (const y of b.mails) {
      if (x.key === y.key) return false;
      if (x.free || x.kind !== 'personal' || y.kind !== 'personal' || x.domain !== y.domain) continue;
      if (x.local !== y.local && x.scan !== y.scan && x.plain === y.plain) return true;
    }
  return false;
}

/** kojima2@ of a company: there is another Kojima. Longer numbers are years and chance, at a provider all are. */
export function secondOfName(p: Prepared): boolean {
  if (p.org === null && p.companyId === null) return false;
  for (const m of p.mails)
    if (
      m.spells > 0 &&
      !m.free &&
      m.local.length === m.plain.length + 1 &&
      unitAt(m.local, m.plain.length) > 49
    )
      return true;
  return false;
}

/** Does each record have a mailbox of its own that spells out its own form of this part of the name? */
export function eachSpelled(a: Prepared, b: Prepared, part: number): boolean {
  for (const x of a.mails)
    if ((x.spells & part) !== 0)
      for (const y of b.mails) if ((y.spells & part) !== 0 && x.key !== y.key) return true;
  return false;
}

/** Mailboxes of functions and placeholders say nothing of a person; their domain still speaks for the company. */
export function compareMails(a: Prepared, b: Prepared, s: Scratch, at: number): void {
  let best = -1;
  for (const x of a.mails) {
    if (x.kind !== 'personal') continue;
    for (const y of b.mails) {
      if (y.kind !== 'personal') continue;
      if (x.key === y.key) {
        agree(s, at, 0, 'email', x.key);
        return;
      }
      let level = 4;
      if (x.domain === y.domain) {
        if (sameMailboxMistyped(x, y)) level = 1;
        else level = x.free ? 4 : 3;
      } else if (x.local === y.local && x.local.length > 4) level = withinOneEdit(x.domain, y.domain) ? 1 : 2;
      if (best === -1 || level < best) best = level;
    }
  }
  s.level[at] = best;
}

/** A mobile and a landline cannot disagree: people have both. Service numbers are nobody's. */
export function comparePhones(a: Prepared, b: Prepared, s: Scratch, at: number, service: boolean): void {
  let comparable = false;
  for (const x of a.phones) {
    if (x.service && !service) continue;
    for (const y of b.phones) {
      if (x.number === y.number) {
        agree(s, at, x.mobile ? 0 : 1, 'phone', x.number);
        if (x.mobile) return;
      } else if (x.mobile === y.mobile) comparable = true;
    }
  }
  if (s.level[at] === -1 && comparable) s.level[at] = 2;
}

export function orgLevel(a: PreparedOrg, b: PreparedOrg): number {
  if (a.key === b.key) return 0;
  if (Math.abs(a.key.length - b.key.length) <= 1 && jaroWinkler(a.key, b.key) >= 0.94) return 1;
  // 東京システム開発 and Tokyo System Development, アサヒジュシ and 旭樹脂: nobody can tell without a dictionary.
  return a.script !== b.script && (a.rendering || b.rendering) ? 2 : 3;
}

/** The company a person belongs to: by golden record, name, or domain. */
export function compareEmployer(a: Prepared, b: Prepared, s: Scratch, at: number): void {
  if (a.companyId !== null && a.companyId === b.companyId) {
    agree(s, at, 0, 'companyId', a.companyId);
    return;
  }
  const level = a.org !== null && b.org !== null ? orgLevel(a.org, b.org) : -1;
  const rival = a.domains.length > 0 && b.domains.length > 0 && !intersects(a.domains, b.domains);
  if (level === 0) {
    // Two companies of one name, going by their domains or legal forms.
    const forms = a.org!.form !== '' && b.org!.form !== '' && a.org!.form !== b.org!.form;
    if (rival || (forms && !intersects(a.domains, b.domains))) s.level[at] = 2;
    else agree(s, at, 0, 'org', a.org!.key);
    return;
  }
  for (const d of a.domains)
    if (b.domains.includes(d)) {
      agree(s, at, level === 3 ? 1 : 0, 'domain', d);
      return;
    }
  // Two domains and nothing else: two companies, as far as anyone can tell.
  s.level[at] = level === -1 && a.domains.length > 0 && b.domains.length > 0 ? 3 : level;
}

const near = (x: string, y: string) => x === y || withinOneEdit(x, y) || jaroWinkler(x, y) >= 0.9;

const DIRECTION = /(?:^| )(n|s|e|w|ne|nw|se|sw)(?= |$)/gu;
const ORDINAL = /\d+(?=st|nd|rd|th)/gu;
const all = (text: string, pattern: RegExp) => text.match(pattern)?.join() ?? '';

/** 114th and 115th, North and South are one letter apart, and two places. */
function sameStreet(a: string, b: string): boolean {
  if (a === b) return true;
  if (!near(a, b)) return false;
  // Only Western streets have spaces or digits left.
  if (unitAt(a, 0) > 0x2ff) return true;
  if (all(a, ORDINAL) !== all(b, ORDINAL)) return false;
  const [x, y] = [all(a, DIRECTION), all(b, DIRECTION)];
  return x === '' || y === '' || x === y;
}

/** 大阪市北区 and 北区 are one; so are a city with its 郡 and without. */
function sameCity(a: string, b: string): boolean {
  return a === b || (a.length > 1 && b.length > 1 && (a.endsWith(b) || b.endsWith(a)));
}

export function placeLevel(a: PreparedPlace, b: PreparedPlace): number {
  const postal = a.postal !== '' && a.postal === b.postal;
  const bothCities = a.city !== '' && b.city !== '';
  const city =
    bothCities && (sameCity(a.city, b.city) || (a.city.length > 4 && withinOneEdit(a.city, b.city)));
  const bothTowns = a.town !== '' && b.town !== '';
  const town = bothTowns && sameStreet(a.town, b.town);
  const bothNumbers = a.number !== '' && b.number !== '';
  if (bothTowns && bothNumbers) {
    const where = postal || city || !bothCities;
    if (a.number === b.number) {
      if (town && where) return 0;
      if (postal || town) return 1;
    } else if (town && where && withinOneEdit(a.number, b.number) && a.number.length > 2) return 1;
  } else if (postal && (a.number === '') === (b.number === '') && a.number === b.number && a.number !== '')
    return 1;
  if (postal || (town && (city || !bothCities))) return 2;
  if (city) return 3;
  return (a.postal !== '' && b.postal !== '') || bothCities || (bothTowns && !town) ? 4 : -1;
}

export function comparePlaces(a: Prepared, b: Prepared, s: Scratch, at: number): void {
  if (a.place === null || b.place === null) return;
  const level = placeLevel(a.place, b.place);
  if (level === 3) agree(s, at, level, 'city', a.place.city);
  else if (level === 2 && a.place.postal !== '' && a.place.postal === b.place.postal)
    agree(s, at, level, 'postal', a.place.postal);
  else s.level[at] = level;
}

/** Near: one digit wrong or swapped, day and month swapped, or two of year, month and day right. */
export function birthLevel(a: string, b: string): number {
  if (a === b) return 0;
  const year = a.slice(0, 4) === b.slice(0, 4);
  const month = a.slice(4, 6) === b.slice(4, 6);
  const day = a.slice(6) === b.slice(6);
  if (Number(year) + Number(month) + Number(day) === 2) return 1;
  if (year && a.slice(4, 6) === b.slice(6) && a.slice(6) === b.slice(4, 6)) return 1;
  return withinOneEdit(a, b) ? 1 : 2;
}

/** The same number in two departments is two customers. */
export function compareCodes(a: Prepared, b: Prepared, s: Scratch, at: number): void {
  if (a.codes.length === 0 || b.codes.length === 0) return;
  s.level[at] = 3;
  for (const x of a.codes)
    for (const y of b.codes) {
      if (x.number !== y.number) {
        // Short numbers are next to each other all the time.
        if (
          x.number.length > 5 &&
          x.department === y.department &&
          withinOneEdit(x.number, y.number) &&
          s.level[at] === 3
        )
          s.level[at] = 2;
        continue;
      }
      if (x.department === y.department) {
        agree(s, at, 0, 'code', `${x.department}${x.number}`);
        return;
      }
      if (x.department === '' || y.department === '') agree(s, at, 1, 'code-number', x.number);
    }
}
