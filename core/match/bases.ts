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
  numberedApart,
  orgLevel,
  PHONE_LEVELS,
  PLACE_LEVELS,
} from './compare-contact.ts';
import { compareNames, FAMILY_LEVELS, GIVEN_LEVELS } from './compare-names.ts';
import type { Base } from './model.ts';
import type { Prepared, PreparedOrg } from './prepared.ts';
import { agree, MISSING, type Scratch } from './scratch.ts';
import { intersects, jaroWinkler } from './similarity.ts';

/** How the records of one base are compared. Levels run from full agreement to disagreement. */
export interface BaseSpec {
  comparisons: { name: string; levels: readonly string[] }[];
  /** Fills a reset scratch. */
  fill(a: Prepared, b: Prepared, s: Scratch): void;
  /** A deterministic rule that decides 'link' whatever the weight, by name. Called after `fill`, without contradiction. */
  rule(a: Prepared, b: Prepared, s: Scratch): string | undefined;
  /** Is there evidence enough of different kinds to link without a review? A name alone is not. */
  supported(s: Scratch): boolean;
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
  supported(s) {
    const level = s.level;
    const identity =
      level[P.email] === 0 ||
      level[P.phone] === 0 ||
      level[P.birth] === 0 ||
      (level[P.code] === 0 && level[P.company] !== 0);
    const given = level[P.given]!;
    const family = level[P.family]!;
    if (level[P.email] === 3 && !identity) return false;
    if (given < 0 || family < 0 || given > 2) {
      if (!identity) return false;
    } else if (family > 2 && level[P.email] !== 0) return false;
    return (
      identity ||
      level[P.email] === 1 ||
      level[P.phone] === 1 ||
      (level[P.company]! >= 0 && level[P.company]! <= 1) ||
      (level[P.place]! >= 0 && level[P.place]! <= 1) ||
      level[P.birth] === 1 ||
      (level[P.code]! >= 0 && level[P.code]! <= 1)
    );
  },
};

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
  if (company && (level[P.place] ?? -1) >= 0) s.share[P.place] = 0.4;
  else if (landline) s.share[P.place] = 0.6;
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
const NAME_LEVELS = ['exact', 'core', 'form', 'similar', 'part', 'unread', 'different'] as const;

/** How two companies' names agree, on the scale of NAME_LEVELS. */
function companyNameLevel(a: PreparedOrg, b: PreparedOrg): number {
  const level = orgLevel(a, b);
  if (level === 0) return a.form === b.form ? 0 : a.form === '' || b.form === '' ? 1 : 2;
  if (a.script === 'latin' && b.script === 'latin' && a.words.length > 0 && b.words.length > 0) {
    let shared = 0;
    for (const w of a.words) if (b.words.includes(w)) shared++;
    const union = a.words.length + b.words.length - shared;
    if (shared / union >= 0.6 || jaroWinkler(a.core, b.core) >= 0.93) return 3;
    if (shared === Math.min(a.words.length, b.words.length)) return 4;
    return 6;
  }
  if (level === 1) return 3;
  if (level === 2) return 5;
  if (a.key.length > 1 && b.key.length > 1 && (a.key.includes(b.key) || b.key.includes(a.key))) return 4;
  return 6;
}

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
    if (a.org !== null && b.org !== null) {
      const level = companyNameLevel(a.org, b.org);
      if (level <= 1) agree(s, C.name, level, 'org', a.org.key);
      else s.level[C.name] = level;
    }
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
    if (s.level[C.phone] !== MISSING && s.level[C.phone]! < 2) s.share[C.place] = 0.6;
  },
  rule(_a, _b, s) {
    if (s.level[C.number] === 0) return 'same 法人番号';
    if (s.level[C.domain] === 0 && (s.level[C.name] === 0 || s.level[C.name] === 1))
      return 'same name, same domain';
    return undefined;
  },
  supported(s) {
    const level = s.level;
    const named = level[C.name]! >= 0 && level[C.name]! <= 4;
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
  supported: (s) => s.level[0]! >= 0 && s.level[0]! <= 1 && (s.level[1] === 0 || s.level[2] === 0),
};

export const BASES: Record<Base, BaseSpec> = { person, company, deal };
