import type { Fields } from '../../../connectors/contract.ts';

export type Tool = 'crm' | 'ma';

/** What makes a person or company hard to match; absent for the rest. */
export type HardCase =
  | 'household'
  | 'family-firm'
  | 'changed-company'
  | 'surname-change'
  | 'namesake-same-company'
  | 'namesake-other-company'
  | 'namesake-near-company'
  | 'subsidiary'
  | 'same-name';

export interface Address {
  country: 'JP' | 'US' | 'GB' | 'DE' | 'FR';
  postalCode: string;
  /** Prefecture or state; '' where a country has none. */
  region: string;
  city: string;
  /** Japan: the part of town. Elsewhere the street's name. */
  town: string;
  /** 1-2-3 in Japan, a house number elsewhere. */
  number: string;
  building?: string;
  romaji?: { prefecture: string; city: string; town: string };
}

/** E.164 digits in groups: how the number is usually dashed is part of the truth. */
export interface Phone {
  /** '81', '1', '44'… */
  country: string;
  /** Without the national prefix: ['3', '1234', '5678']. */
  groups: string[];
  /** The national prefix in front: '0' in Japan, '' in America. */
  trunk: string;
}

export interface TruthCompany {
  id: string;
  japanese: boolean;
  /** The registered name, legal form and all. */
  name: string;
  /** The name without its legal form. */
  core: string;
  coreKana: string;
  english: string;
  legal: string;
  domain: string;
  phone: Phone;
  address: Address;
  corporateNumber: string;
  /** Department letter and six digits: `E-000123`. */
  customerCode: string;
  industry: string;
  employees: number;
  /** The company it belongs to, as a subsidiary. */
  parent?: string;
  hardCase?: HardCase;
}

export interface TruthName {
  family: string;
  given: string;
  /** Katakana with `/` between vowels that do not join; '' for Western names. */
  familyReading: string;
  givenReading: string;
}

export interface TruthPerson {
  id: string;
  japanese: boolean;
  name: TruthName;
  /** Before marriage, where the surname changed. */
  formerFamily?: { kanji: string; reading: string };
  /** '' where the person has none of their own (families that share a mailbox). */
  email: string;
  privateEmail: string;
  phone?: Phone;
  mobile?: Phone;
  /** '' for a private customer. */
  companyId: string;
  /** Where the person worked before, and the address there. */
  former?: { companyId: string; email: string };
  /** The mailbox that the record of a family or firm may show in place of the person's own. */
  sharedEmail?: string;
  department: string;
  title: string;
  address?: Address;
  lifecycle: 'lead' | 'customer';
  tools: Tool[];
  hardCase?: HardCase;
}

/** A record as a tool holds it, under the tool's own field names. */
export interface Seed {
  /** Unique in the world; the tool's own id is made when it is seeded. */
  key: string;
  /** Whose record it is. '' for the records of nobody: test entries. Absent on companies. */
  personId?: string;
  companyId?: string;
  /** The seed of the account or company that a contact belongs to. */
  parent?: string;
  fields: Fields;
  /** When it was last modified: ISO 8601, UTC, whole seconds. */
  at: string;
  /** What was done to the truth, for error analysis only. */
  variations: string[];
}

/** A scanned card or a web form's entry: one row of a file. */
export interface Card {
  personId: string;
  companyId: string;
  row: Record<(typeof CARD_COLUMNS)[number], string>;
  variations: string[];
}

export const CARD_COLUMNS = [
  'card_id',
  'scanned_at',
  'company_name',
  'department',
  'title',
  'full_name',
  'full_name_roman',
  'email',
  'tel',
  'mobile',
  'address',
  'url',
] as const;

export interface World {
  /** The end of the two years in which records were modified. */
  now: string;
  companies: TruthCompany[];
  people: TruthPerson[];
  crm: { accounts: Seed[]; contacts: Seed[] };
  ma: { companies: Seed[]; contacts: Seed[]; associations: { contact: string; company: string }[] };
  cards: Card[];
}

export interface WorldOptions {
  seed: number;
  /** Different people in the whole world. */
  people: number;
  companies: number;
  /** Fraction of people that both tools hold. The rest is split evenly. */
  shared: number;
  /** Fraction of people and companies that are Japanese (default 0.7). */
  japanese?: number;
  /** Which tools hold records (default both). With one, `shared` means nothing. */
  tools?: Tool[];
  /** Fraction of a tool's people that it holds twice (default 0). */
  duplicates?: number;
  /**
   * 0 (default): records differ in spelling only, every shared person has strong evidence in both tools, and no
   * two people share any. 1: as bad as real lists get, hard cases and all.
   */
  messiness?: number;
  /** How many cards and form entries (default 0). */
  cards?: number;
  /** ISO time; records were modified in the two years before it. */
  now?: string;
}
