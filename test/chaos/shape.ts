/** How one thing is called in each tool, and when two tools show the same of it. */
import type { Fields, Json } from '../../connectors/contract.ts';

export type ToolName = 'crm' | 'ma';
export type PersonStream = 'Contact' | 'Lead' | 'contacts';
export type CompanyStream = 'Account' | 'companies';
export type Stream = PersonStream | CompanyStream;

export const PERSON_STREAMS: readonly PersonStream[] = ['Contact', 'Lead', 'contacts'];
export const COMPANY_STREAMS: readonly CompanyStream[] = ['Account', 'companies'];
export const STREAMS: readonly Stream[] = [...PERSON_STREAMS, ...COMPANY_STREAMS];

export const toolOf = (stream: Stream): ToolName =>
  stream === 'contacts' || stream === 'companies' ? 'ma' : 'crm';

export interface Attribute<S extends Stream> {
  name: string;
  /** The field of each stream that carries it. */
  fields: Partial<Record<S, string>>;
  /** What of a shown value counts; '' is nothing. */
  same(value: Json | undefined): string;
}

const text = (value: Json | undefined) =>
  String(value ?? '')
    .normalize('NFKC')
    .trim();
const address = (value: Json | undefined) => text(value).toLowerCase();
/** Both tools show a number in their own form: the last digits are those of the subscriber. */
const number = (value: Json | undefined) => text(value).replace(/\D/g, '').slice(-9);

export const PERSON: readonly Attribute<PersonStream>[] = [
  { name: 'title', fields: { Contact: 'Title', Lead: 'Title', contacts: 'jobtitle' }, same: text },
  { name: 'fax', fields: { Contact: 'Fax', Lead: 'Fax', contacts: 'fax' }, same: text },
  {
    name: 'mobile',
    fields: { Contact: 'MobilePhone', Lead: 'MobilePhone', contacts: 'mobilephone' },
    same: number,
  },
  { name: 'phone', fields: { Contact: 'Phone', Lead: 'Phone', contacts: 'phone' }, same: number },
  { name: 'city', fields: { Contact: 'MailingCity', Lead: 'City', contacts: 'city' }, same: text },
  {
    name: 'givenName',
    fields: { Contact: 'FirstName', Lead: 'FirstName', contacts: 'firstname' },
    same: text,
  },
  {
    name: 'familyName',
    fields: { Contact: 'LastName', Lead: 'LastName', contacts: 'lastname' },
    same: text,
  },
  { name: 'email', fields: { Contact: 'Email', Lead: 'Email', contacts: 'email' }, same: address },
];

export const COMPANY: readonly Attribute<CompanyStream>[] = [
  { name: 'name', fields: { Account: 'Name', companies: 'name' }, same: text },
  { name: 'phone', fields: { Account: 'Phone', companies: 'phone' }, same: number },
  { name: 'city', fields: { Account: 'BillingCity', companies: 'city' }, same: text },
  { name: 'description', fields: { Account: 'Description', companies: 'description' }, same: text },
];

/** The tool's own fields for these attributes. */
export function fieldsFor<S extends Stream>(
  attributes: readonly Attribute<S>[],
  stream: S,
  values: Record<string, Json>,
): Fields {
  const fields: Fields = {};
  for (const { name, fields: of } of attributes)
    if (name in values && of[stream] !== undefined) fields[of[stream]] = values[name]!;
  return fields;
}

export const keyOf = (stream: Stream, id: string) => `${stream}/${id}`;
