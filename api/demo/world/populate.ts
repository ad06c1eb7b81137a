import type { Issuer } from './numbers.ts';
import { newPhone } from './numbers.ts';
import { type Draft, makePerson, newEmail, newRegistry } from './people.ts';
import { SURNAMES } from './pools/japanese-names.ts';
import { type Random, ranked } from './random.ts';
import type { HardCase, Tool, TruthCompany, TruthPerson } from './types.ts';

const surnameOf = ranked(SURNAMES, 8);

/** How often each hard case starts, at full messiness. */
const CASES: readonly (readonly [number, HardCase])[] = [
  [0.02, 'household'],
  [0.012, 'family-firm'],
  [0.06, 'changed-company'],
  [0.012, 'surname-change'],
  [0.008, 'namesake-same-company'],
  [0.02, 'namesake-other-company'],
  [0.008, 'namesake-near-company'],
];

export interface PopulateOptions {
  japanese: number;
  messiness: number;
  shared: number;
  tools: Tool[];
  phones: Issuer;
}

/** The people of a world, and which tools know them. */
export function makePeople(
  rng: Random,
  count: number,
  companies: TruthCompany[],
  options: PopulateOptions,
): TruthPerson[] {
  const registry = newRegistry(options.phones);
  const employerOf =
    companies.length > 0 ? ranked(rng.shuffle(companies), companies.length / 20 + 1) : undefined;
  const subsidiaries = companies.filter((company) => company.parent);
  const byId = new Map(companies.map((company) => [company.id, company]));
  const people: TruthPerson[] = [];

  const add = (own: Random, draft: Draft, hardCase?: HardCase): TruthPerson => {
    const person = makePerson(own, `P${String(people.length + 1).padStart(6, '0')}`, draft, registry);
    if (hardCase) person.hardCase = hardCase;
    people.push(person);
    return person;
  };
  const ordinary = (own: Random): Draft => {
    const company = employerOf && own.chance(0.9) ? employerOf(own) : undefined;
    return { company, japanese: company ? company.japanese : own.chance(options.japanese) };
  };

  /** Adds one to three people of one hard case, never more than there is room for. */
  const hard = (own: Random, hardCase: HardCase, room: number): void => {
    const surname = surnameOf(own);
    const family = { text: surname.kanji, reading: surname.reading };
    const two = room >= 2;
    switch (hardCase) {
      case 'household':
      case 'family-firm': {
        const firm = hardCase === 'family-firm' && employerOf ? employerOf(own) : undefined;
        if (!two || (hardCase === 'family-firm' && !firm?.japanese)) return void add(own, ordinary(own));
        const size = Math.min(room, 2 + own.int(2));
        const first = add(own, { japanese: true, company: firm, family }, hardCase);
        const sharedEmail = firm
          ? `info@${firm.domain}`
          : newEmail(own, first.name, 'family.example', registry, true);
        const phone = firm?.phone ?? newPhone(own, registry.phones, 'JP', 'land', '03');
        const share = own.chance(0.5);
        const members = [first];
        while (members.length < size)
          members.push(add(own, { japanese: true, company: firm, family }, hardCase));
        for (const member of members) {
          if (phone) member.phone = phone;
          if (first.address && !firm) member.address = first.address;
          if (share) member.sharedEmail = sharedEmail;
        }
        return;
      }
      case 'changed-company': {
        const person = add(own, ordinary(own), hardCase);
        const before = employerOf?.(own);
        if (before && before.japanese === person.japanese && before.id !== person.companyId)
          person.former = {
            companyId: before.id,
            email: newEmail(own, person.name, before.domain, registry, false),
          };
        return;
      }
      case 'surname-change': {
        const person = add(own, ordinary(own), hardCase);
        if (person.japanese) person.formerFamily = { kanji: surname.kanji, reading: surname.reading };
        return;
      }
      case 'namesake-near-company': {
        const child = subsidiaries.length > 0 ? own.pick(subsidiaries) : undefined;
        if (!two || !child) return void add(own, ordinary(own));
        const first = add(own, { japanese: true, company: child }, hardCase);
        add(own, { japanese: true, company: byId.get(child.parent!), name: first.name }, hardCase);
        return;
      }
      default: {
        const first = add(own, ordinary(own), hardCase);
        if (!two) return;
        const same = hardCase === 'namesake-same-company';
        const company = same ? byId.get(first.companyId) : employerOf?.(own);
        const fits = same || company?.japanese === first.japanese;
        add(
          own,
          { japanese: first.japanese, company: fits ? company : undefined, name: first.name },
          hardCase,
        );
      }
    }
  };

  for (let turn = 0; people.length < count; turn++) {
    const own = rng.fork(turn);
    let fate = own.next();
    const hardCase = CASES.find(([share]) => {
      fate -= share * options.messiness;
      return fate < 0;
    })?.[1];
    if (hardCase) hard(own, hardCase, count - people.length);
    else add(own, ordinary(own));
  }
  assignTools(rng.fork('tools'), people, options);
  return people;
}

/** Exactly round(people × shared) are in both tools; the rest is halved, the odd one to the first tool. */
function assignTools(rng: Random, people: TruthPerson[], { tools, shared }: PopulateOptions): void {
  const [first, second] = tools;
  if (!first) throw new Error('a world needs at least one tool: tools: ["crm", "ma"]');
  const both = second ? Math.round(people.length * shared) : people.length;
  const order = rng.shuffle(people);
  const half = both + Math.ceil((order.length - both) / 2);
  order.forEach((person, i) => {
    if (i < both) person.tools = second ? [first, second] : [first];
    else person.tools = i < half ? [first] : second ? [second] : [first];
  });
}
