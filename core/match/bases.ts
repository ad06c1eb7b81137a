import {
  BIRTH_LEVELS,
  birthLevel,
  CODE_LEVELS,
  COMPANY_LEVELS,
  compareCodes,
  compareEmployer,
  compareMails,
  comparePhones,
  comparePlaces,
  EMAIL_LEVELS,
  eachSpelled,
  numberedApart,
  PHONE_LEVELS,
  PLACE_LEVELS,
  secondOfName,
} from './compare-contact.ts';
import { compareNames, FAMILY_LEVELS, GIVEN_LEVELS, homophones } from './compare-names.ts';
import { compareOrgs, NAME_LEVELS } from './compare-org.ts';
import { SPELLS_FAMILY, SPELLS_GIVEN } from './mailbox.ts';
import type { Base } from './model.ts';
import type { Prepared } from './prepared.ts';
import { agree, type Scratch } from './scratch.ts';
import { intersects, jaroWinkler } from './similarity.ts';

/** How the records of one base are compared. Levels run from full agreement to disagreement. */
export interface BaseSpec {
  comparisons: { name: string; levels: readonly string[] }[];
  /** Fills a reset scratch. */
  fill(a: Prepared, b: Prepared, s: Scratch): void;
  /** A deterministic rule that decides 'link' whatever the weight, by name. Called after `fill`, without contradiction. */
  rule(a: Prepared, b: Prepared, s: Scratch): string | undefined;
  /** Is there evidence enough of different kinds to link without a review? A name alone is not. */
  supported(a: Prepared, b: Prepared, s: Scratch): boolean;
}

const P = { family: 0, given: 1, email: 2, phone: 3, company: 4, place: 5, birth: 6, code: 7 } as const;

const person: BaseSpec = {
  comparisons: [
    { name: 'family', levels: FAMILY_LEVELS },
    { name: 'given', levels: GIVEN_LEVELS },
    { name: 'email', levels: EMAIL_LEVELS },
    { name: 'phone', levels: PHONE_LEVELS },
    { name: 'company', levels: COMPANY_LEVELS },
    { name: 'place', levels: PLACE_LEVELS },
    { name: 'birth', levels: BIRTH_LEVELS },
    { name: 'code', levels: CODE_LEVELS },
  ],
  fill(a, b, s) {
    const roleA = a.name?.kind === 'role';
    const roleB = b.name?.kind === 'role';
    if (roleA !== roleB && a.name !== null && b.name !== null) {
      s.contradiction = 'one is a function (ご担当者, a department), the other a person';
      return;
    }
    let household = false;
    if (a.name !== null && b.name !== null) household = compareNames(a.name, b.name, s, P.family, P.given);
    compareMails(a, b, s, P.email);
    if (s.level[P.email] !== 0) weighSpellings(a, b, s);
    comparePhones(a, b, s, P.phone, false);
    compareEmployer(a, b, s, P.company);
    comparePlaces(a, b, s, P.place);
    if (a.birth !== null && b.birth !== null) {
      const level = birthLevel(a.birth, b.birth);
      if (level === 0) agree(s, P.birth, 0, 'birth', a.birth);
      else s.level[P.birth] = level;
    }
    compareCodes(a, b, s, P.code);
    // A household shares nearly everything, but not a day of birth, nor a code that is no company's.
    const birth = s.level[P.birth]!;
    if (household && birth !== 0 && birth !== 1 && !ownCode(a, b, s))
      s.contradiction = 'one surname, but plainly different given names';
    // Only where a company is known: at a small provider of mail, numbers are anyone's.
    if ((a.org !== null || b.org !== null) && numberedApart(a, b))
      s.contradiction = 'two numbered mailboxes of one company';
    const [older, younger] = [a.name?.generation ?? '', b.name?.generation ?? ''];
    if (older !== '' && younger !== '' && older !== younger) s.contradiction = 'two generations of one name';
    s.doubt =
      older !== younger ||
      (s.level[P.email] !== 0 && (secondOfName(a) || secondOfName(b))) ||
      (a.name !== null && b.name !== null && homophones(a.name, b.name));
    correlate(a, b, s);
  },
  rule(a, b, s) {
    if (a.name?.kind === 'role' && b.name?.kind === 'role') {
      const shared = a.mails.some((x) => x.kind !== 'placeholder' && b.mails.some((y) => x.key === y.key));
      return shared ? 'same function, same mailbox' : undefined;
    }
    const given = s.level[P.given]!;
    const family = s.level[P.family]!;
    // Compatible: what both sides have agrees; a name that is missing or cannot be read speaks against nobody.
    if (s.level[P.email] === 0 && family <= 2 && given <= 4)
      return family >= 0 && given >= 0 ? 'same personal e-mail, same name' : 'same personal e-mail';
    if (s.level[P.phone] === 0 && family >= 0 && family <= 1 && given >= 0 && given <= 2)
      return 'same mobile phone, same name';
    return undefined;
  },
  supported(a, b, s) {
    const level = s.level;
    const [family, given, birth] = [level[P.family]!, level[P.given]!, level[P.birth]!];
    const own = ownCode(a, b, s);
    // Father and son of one name; twins of two names: a number of one's own tells.
    if (birth === DIFFERENT_BIRTH && !own) return false;
    const mail = level[P.email] === 0;
    if (given === DIFFERENT_GIVEN) return own || (mail && level[P.phone] === 0);
    if (family > 2 && given >= 0 && given <= 2 && !mail) return false;
    const place = level[P.place] === 0 || level[P.place] === 1;
    const landline = level[P.phone] === 1;
    if (mail || level[P.phone] === 0 || own) return true;
    if (birth === 0) return given !== SIMILAR_GIVEN || !(place || landline);
    // From here on nothing is the person's own: the name must be the same beyond doubt, and nothing speak for a namesake.
    if (s.doubt || family < 0 || family > 1 || given < 0 || given > 1) return false;
    if (level[P.email] === COLLEAGUE || level[P.phone] === DIFFERENT_PHONE) return false;
    const workplace = level[P.company] === 0;
    if (level[P.email] === DIFFERENT_MAIL && !(place && workplace) && !landline) return false;
    if (level[P.company] === OTHER_COMPANY && !landline) return false;
    if (level[P.place] === DIFFERENT_PLACE && !landline) return false;
    return (
      workplace || place || landline || level[P.email] === MISTYPED || birth === 1 || level[P.code] === 0
    );
  },
};

const SIMILAR_GIVEN = GIVEN_LEVELS.indexOf('similar');
const DIFFERENT_GIVEN = GIVEN_LEVELS.indexOf('different');
const DIFFERENT_FAMILY = FAMILY_LEVELS.indexOf('different');
const MISTYPED = EMAIL_LEVELS.indexOf('similar');
const COLLEAGUE = EMAIL_LEVELS.indexOf('colleague');
const DIFFERENT_MAIL = EMAIL_LEVELS.indexOf('different');
const OTHER_COMPANY = COMPANY_LEVELS.indexOf('different');
const DIFFERENT_PHONE = PHONE_LEVELS.indexOf('different');
const DIFFERENT_PLACE = PLACE_LEVELS.indexOf('different');
const DIFFERENT_BIRTH = BIRTH_LEVELS.indexOf('different');

/**
 * A name mistyped in one list is not mistyped in the same way in a mailbox: where each record's own mailbox spells
 * its own form of a name, two names that look alike are two names. But a maiden name is known to be one person's.
 */
function weighSpellings(a: Prepared, b: Prepared, s: Scratch): void {
  const maiden = (a.name?.maiden ?? b.name?.maiden ?? null) !== null;
  if (s.level[P.family] === 2 && !maiden && eachSpelled(a, b, SPELLS_FAMILY))
    s.level[P.family] = DIFFERENT_FAMILY;
  if (s.level[P.given] === SIMILAR_GIVEN && eachSpelled(a, b, SPELLS_GIVEN))
    s.level[P.given] = DIFFERENT_GIVEN;
}

/** A code agreed on where no company is named is the person's own: a membership, an insurance number. */
function ownCode(a: Prepared, b: Prepared, s: Scratch): boolean {
  return s.level[P.code] === 0 && a.org === null && b.org === null;
}

/** Fields that move together are one piece of evidence: colleagues share company, switchboard, address and code. */
function correlate(a: Prepared, b: Prepared, s: Scratch): void {
  const level = s.level;
  const mail = level[P.email] === 0;
  const company = level[P.company] === 0 || level[P.company] === 1;
  const landline = level[P.phone] === 1;
  // One mailbox already implies the company that its domain names.
  if (mail) s.share[P.company] = 0.2;
  if (company || mail) {
    if (landline) s.share[P.phone] = 0.3;
    s.share[P.code] = 0.3;
  }
  // An office is where the company is, and a switchboard stands in it.
  if (company && level[P.place]! >= 0) s.share[P.place] = 0.3;
  else if (landline) s.share[P.place] = 0.5;
  // What a household or an office shares says nothing for two people whose names differ.
  const birth = level[P.birth]!;
  if ((level[P.given] === 5 || level[P.family] === 3) && birth !== 0 && birth !== 1 && !ownCode(a, b, s))
    for (const shared of [P.company, P.place, P.phone, P.code] as const)
      if (!(shared === P.phone && level[P.phone] === 0) && !(shared === P.code && !company))
        s.share[shared]! *= 0.3;
  // A local part made from the name repeats the name.
  if ((level[P.email] === 2 || level[P.email] === 1) && level[P.family]! >= 0 && level[P.family]! <= 1)
    if (localHoldsName(a) || localHoldsName(b)) s.share[P.email] = level[P.email] === 2 ? 0.2 : 0.6;
}

function localHoldsName(p: Prepared): boolean {
  const family = p.name?.family ?? null;
  if (family === null) return false;
  for (const mail of p.mails) {
    if (family.script === 'latin' && mail.local.includes(family.key)) return true;
    for (const reading of family.readings) if (mail.local.includes(reading)) return true;
  }
  return false;
}

const C = { name: 0, number: 1, domain: 2, phone: 3, place: 4, code: 5 } as const;
const CORE = NAME_LEVELS.indexOf('core');
/** The last level at which two names have something in common. */
const NAMED = NAME_LEVELS.indexOf('word');

const company: BaseSpec = {
  comparisons: [
    { name: 'name', levels: NAME_LEVELS },
    { name: 'number', levels: ['same', 'different'] },
    { name: 'domain', levels: ['same', 'different'] },
    { name: 'phone', levels: PHONE_LEVELS },
    { name: 'place', levels: PLACE_LEVELS },
    { name: 'code', levels: CODE_LEVELS },
  ],
  fill(a, b, s) {
    if (a.org !== null && b.org !== null) compareOrgs(a.org, b.org, s, C.name);
    if (a.corporateNumbers.length > 0 && b.corporateNumbers.length > 0) {
      const same = intersects(a.corporateNumbers, b.corporateNumbers);
      s.level[C.number] = same ? 0 : 1;
      if (!same) s.contradiction = 'two different 法人番号';
    }
    if (a.domains.length > 0 && b.domains.length > 0) {
      const shared = a.domains.find((d) => b.domains.includes(d));
      if (shared === undefined) s.level[C.domain] = 1;
      else agree(s, C.domain, 0, 'domain', shared);
    }
    comparePhones(a, b, s, C.phone, true);
    comparePlaces(a, b, s, C.place);
    compareCodes(a, b, s, C.code);
    // Sites of one organisation share its name and its switchboard: the two are hardly more than one piece of evidence.
    const phone = s.level[C.phone] === 0 || s.level[C.phone] === 1;
    const named = s.level[C.name]! >= 0 && s.level[C.name]! <= NAMED;
    if (phone && named) s.share[C.phone] = 0.5;
    if (phone && named && s.level[C.name]! > CORE) s.share[C.name] = 0.5;
  },
  rule(_a, _b, s) {
    if (s.level[C.number] === 0) return 'same 法人番号';
    if (s.level[C.domain] === 0 && (s.level[C.name] === 0 || s.level[C.name] === 1))
      return 'same name, same domain';
    return undefined;
  },
  supported(_a, _b, s) {
    const level = s.level;
    const named = level[C.name]! >= 0 && level[C.name]! < NAMED;
    const other =
      level[C.domain] === 0 ||
      (level[C.phone]! >= 0 && level[C.phone]! <= 1) ||
      (level[C.place]! >= 0 && level[C.place]! <= 1) ||
      (level[C.code]! >= 0 && level[C.code]! <= 1);
    return named && other;
  },
};

const deal: BaseSpec = {
  comparisons: [
    { name: 'title', levels: ['exact', 'similar', 'different'] },
    { name: 'company', levels: COMPANY_LEVELS },
    { name: 'code', levels: CODE_LEVELS },
  ],
  fill(a, b, s) {
    if (a.title !== null && b.title !== null) {
      if (a.title === b.title) agree(s, 0, 0, 'title', a.title);
      else s.level[0] = jaroWinkler(a.title, b.title) >= 0.93 ? 1 : 2;
    }
    compareEmployer(a, b, s, 1);
    compareCodes(a, b, s, 2);
  },
  rule: () => undefined,
  supported: (_a, _b, s) => s.level[0]! >= 0 && s.level[0]! <= 1 && (s.level[1] === 0 || s.level[2] === 0),
};

export const BASES: Record<Base, BaseSpec> = { person, company, deal };
