import type { Random } from './random.ts';
import { NO_ADDRESS, type SpeltAddress, spellAddress } from './spell/address.ts';
import { spellCompany } from './spell/company.ts';
import { PLACEHOLDER_EMAILS, spellEmail, spellNoPhone, spellPhone } from './spell/contact-points.ts';
import { type Habits, type SpeltName, spellName } from './spell/name.ts';
import type { TruthCompany, TruthPerson } from './types.ts';

/** A person as one record shows them, before it is put under a tool's field names. '' is empty. */
export interface Entry {
  name: SpeltName;
  email: string;
  phone: string;
  mobile: string;
  title: string;
  department: string;
  companyName: string;
  companyId: string;
  address: SpeltAddress;
  lifecycle: 'lead' | 'customer';
  tags: string[];
}

/**
 * What a record must show so that it can be known for the same person's: `email` the person's address, `phone`
 * name and numbers and no address at all, `both` all three, `any` whatever its writer happened to type.
 */
export type Evidence = 'email' | 'phone' | 'both' | 'any';

export function makeEntry(
  rng: Random,
  person: TruthPerson,
  company: (id: string) => TruthCompany | undefined,
  habits: Omit<Habits, 'nameCounts'>,
  evidence: Evidence,
): Entry {
  const tags: string[] = [];
  const sure = evidence === 'phone' || evidence === 'both';
  const full: Habits = { ...habits, nameCounts: sure };
  const m = habits.messiness;
  // A changed job shows in the tool that is typed by hand: the old employer stays in the CRM.
  const before = person.former && habits.kind === 'crm' && evidence === 'any' ? person.former : undefined;
  if (before) tags.push('former-company');
  const employer = company(before?.companyId ?? person.companyId);
  // The CRM names no company on a contact: it points to the account.
  const named = employer && habits.kind !== 'crm' && (sure || rng.chance(1 - 0.2 * m));
  const name = spellName(rng.fork('name'), person, full, tags);
  const phones = spellPhones(rng.fork('phone'), person, full, tags);
  const address =
    person.address ??
    (employer && rng.chance(habits.kind === 'crm' ? 0.55 : 0.35) ? employer.address : undefined);
  const shown = address && rng.chance(1 - 0.3 * m) ? address : undefined;
  const jobs = rng.chance(habits.kind === 'crm' ? 0.85 : 0.5);
  return {
    name,
    email: chooseEmail(rng.fork('email'), person, before?.email, employer, full, evidence, tags),
    ...phones,
    title: jobs ? person.title : '',
    department: jobs ? person.department : '',
    companyName: named ? spellCompany(rng.fork('company'), employer, full, tags) : '',
    companyId: employer?.id ?? '',
    address: shown
      ? spellAddress(rng.fork('address'), shown, full, name.script === 'latin', tags)
      : NO_ADDRESS,
    lifecycle: person.lifecycle,
    tags,
  };
}

function spellPhones(
  rng: Random,
  person: TruthPerson,
  habits: Habits,
  tags: string[],
): { phone: string; mobile: string } {
  const m = habits.messiness;
  const rarely = habits.kind === 'ma' ? 0.45 : 0.1;
  const shows = (kept: number) => habits.nameCounts || rng.chance(kept);
  const number = (phone: TruthPerson['phone']) => (phone ? spellPhone(rng, phone, habits, tags) : '');
  let phone = shows(1 - rarely - 0.3 * m) ? number(person.phone) : '';
  let mobile = shows(0.9 - rarely - 0.2 * m) ? number(person.mobile) : '';
  if (!habits.nameCounts && phone === '' && rng.chance(0.05 * m)) phone = spellNoPhone(rng, tags);
  if (habits.kind === 'ma' && !habits.nameCounts && m > 0 && phone === '' && rng.chance(0.3 * m)) {
    // A form with one phone field gets whichever number comes to mind.
    phone = mobile;
    mobile = '';
  }
  return { phone, mobile };
}

function chooseEmail(
  rng: Random,
  person: TruthPerson,
  formerEmail: string | undefined,
  employer: TruthCompany | undefined,
  habits: Habits,
  evidence: Evidence,
  tags: string[],
): string {
  if (evidence === 'phone') return '';
  const m = habits.messiness;
  const spell = (email: string) => spellEmail(rng, email, habits, tags);
  if (evidence !== 'any') return spell(person.email);
  if (person.sharedEmail && rng.chance(0.6)) {
    tags.push('shared-mail');
    return spell(person.sharedEmail);
  }
  const fate = rng.next() / (m || 1e-9);
  if (fate < 0.12) return '';
  if (fate < 0.17 && employer) {
    tags.push('role-mail');
    return spell(`${rng.pick(['info', 'sales', 'contact', 'soumu'])}@${employer.domain}`);
  }
  if (fate < 0.2) {
    tags.push('placeholder');
    return rng.pick(PLACEHOLDER_EMAILS);
  }
  if (habits.kind !== 'crm' && fate < 0.4 && person.privateEmail !== person.email) {
    tags.push('personal-mail');
    return spell(person.privateEmail);
  }
  return spell(formerEmail ?? person.email);
}
