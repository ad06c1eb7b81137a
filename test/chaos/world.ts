/** The world that a chapter begins with: people, companies and leads, some of them in one tool, most in both. */

import { generateWorld, type TruthCompany, type TruthPerson } from '../../api/demo/world/index.ts';
import type { Random } from '../../api/demo/world/random.ts';
import type { Json } from '../../connectors/contract.ts';
import type { Cast } from './cast.ts';
import { COMPANY, type CompanyStream, fieldsFor, PERSON, type PersonStream } from './shape.ts';

export interface WorldSize {
  people: number;
  companies: number;
}

/** People and companies by number: those of the beginning, and others who come later. */
export class Stock {
  private readonly people: TruthPerson[];
  private readonly companies: TruthCompany[];
  /** How many are in the world so far. */
  born = 0;

  constructor(seed: number, size: { people: number; companies: number }) {
    const world = generateWorld({ seed, people: size.people, companies: size.companies, shared: 1 });
    this.people = world.people;
    this.companies = world.companies;
  }

  get left(): number {
    return this.people.length - this.born;
  }

  /** What a person looks like who is not in any tool yet. */
  next(): { tag: string; values: Record<string, Json> } {
    const n = this.born++;
    const { name, title } = this.people[n]!;
    const values = {
      familyName: name.family,
      givenName: name.given,
      email: `p${n}@chaos-p${n}.example`,
      title: title || 'Engineer',
      mobile: `090-${digits(1000 + n)}-${digits(5000 + n)}`,
      city: `City ${n}`,
    };
    return { tag: `p${n}`, values };
  }

  company(n: number): { tag: string; values: Record<string, Json> } {
    const { name } = this.companies[n]!;
    return { tag: `c${n}`, values: { name, phone: `03-${digits(2000 + n)}-${digits(7000 + n)}` } };
  }
}

const digits = (n: number) => String(n % 10_000).padStart(4, '0');

export const siteOf = (tag: string) => `chaos-${tag}.example`;

export function companyFields(stream: CompanyStream, tag: string, values: Record<string, Json>) {
  const fields = fieldsFor(COMPANY, stream, values);
  return stream === 'Account'
    ? { ...fields, Website: `https://${siteOf(tag)}` }
    : { ...fields, domain: siteOf(tag) };
}

export function personFields(
  stream: PersonStream,
  values: Record<string, Json>,
  employer: { id?: string | undefined; name?: Json; tag?: string },
) {
  const fields = fieldsFor(PERSON, stream, values);
  if (stream === 'Lead')
    return {
      ...fields,
      Company: employer.name ?? 'Nobody Ltd.',
      ...(employer.tag ? { Website: `https://${siteOf(employer.tag)}` } : {}),
    };
  if (employer.id === undefined) return fields;
  return { ...fields, [stream === 'Contact' ? 'AccountId' : 'associations.companies']: employer.id };
}

/** Everybody who is there when the hub is switched on. */
export function populate(cast: Cast, stock: Stock, rng: Random, size: WorldSize): void {
  const day = (n: number) => new Date(Date.UTC(2025, 0, 1 + n)).toISOString();
  const companies = Array.from({ length: size.companies }, (_, n) => {
    const { tag, values } = stock.company(n);
    const place = (stream: CompanyStream) =>
      cast.put(stream, tag, companyFields(stream, tag, values), day(rng.int(300)));
    const where = rng.weighted([
      [3, 'both'],
      [1, 'crm'],
      [1, 'ma'],
    ]);
    return {
      tag,
      name: values.name!,
      Account: where === 'ma' ? undefined : place('Account'),
      companies: where === 'crm' ? undefined : place('companies'),
    };
  });
  for (let n = 0; n < size.people; n++) {
    const { tag, values } = stock.next();
    const company = rng.pick(companies);
    const place = (stream: PersonStream) => {
      const id = stream === 'contacts' ? company.companies : company.Account;
      const employer = { id, name: company.name, tag: company.tag };
      return cast.put(stream, tag, personFields(stream, values, employer), day(rng.int(300)));
    };
    const where = rng.weighted([
      [5, ['Contact', 'contacts']],
      [2, ['Contact']],
      [2, ['contacts']],
      [1, ['Lead']],
      [1, ['Lead', 'contacts']],
    ] as const);
    for (const stream of where) place(stream);
  }
}
