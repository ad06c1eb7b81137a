/** Objects of typical tools, as their connectors describe them: small, but true on what mappings look at. */
import type { Field, FieldType, Stream } from '../../connectors/contract.ts';

export function field(name: string, type: FieldType = 'text', more: Partial<Field> = {}): Field {
  return { name, label: name, type, required: false, writable: true, unique: false, ...more };
}

function stream(name: string, fields: Field[], more: Partial<Stream> = {}): Stream {
  return {
    name,
    label: name,
    fields,
    read: { incremental: true, deletes: 'soft', merges: true, lookupBy: ['Id'] },
    write: { ops: ['create', 'update', 'delete'], maxBatch: 200, idempotency: 'lookup' },
    ...more,
  };
}

const id = field('Id', 'text', { writable: false, unique: true });
const text = (length: number) => ({ length });
const address = (prefix: string) => [
  field(`${prefix}Street`, 'text', text(255)),
  field(`${prefix}City`, 'text', text(40)),
  field(`${prefix}State`, 'text', text(80)),
  field(`${prefix}PostalCode`, 'text', text(20)),
  field(`${prefix}Country`, 'text', text(80)),
];
const options = (...values: string[]) => ({ options: values.map((value) => ({ value, label: value })) });

const person = [
  id,
  field('LastName', 'text', { ...text(80), required: true }),
  field('FirstName', 'text', text(40)),
  field('Email', 'email', text(80)),
  field('Phone', 'phone', text(40)),
  field('MobilePhone', 'phone', text(40)),
  field('Fax', 'phone', text(40)),
  field('Title', 'text', text(128)),
  field('HasOptedOutOfEmail', 'boolean'),
];

export const CONTACT = stream('Contact', [
  ...person,
  field('Department', 'text', text(80)),
  field('AccountId', 'reference', { references: ['Account'] }),
  field('Birthdate', 'date'),
  ...address('Mailing'),
]);
export const LEAD = stream('Lead', [
  ...person,
  field('Company', 'text', { ...text(255), required: true }),
  field('Website', 'url', text(255)),
  ...address(''),
]);
export const ACCOUNT = stream('Account', [
  id,
  field('Name', 'text', { ...text(255), required: true }),
  field('Website', 'url', text(255)),
  field('Phone', 'phone', text(40)),
  field('Industry', 'option', options('Banking', 'Construction')),
  field('NumberOfEmployees', 'number'),
  field('Description', 'text', text(32000)),
  ...address('Billing'),
]);
export const OPPORTUNITY = stream('Opportunity', [
  id,
  field('Name', 'text', { ...text(120), required: true }),
  field('Amount', 'number'),
  field('StageName', 'option', {
    required: true,
    ...options(
      'Prospecting',
      'Qualification',
      'Needs Analysis',
      'Value Proposition',
      'Id. Decision Makers',
      'Perception Analysis',
      'Proposal/Price Quote',
      'Negotiation/Review',
      'Closed Won',
      'Closed Lost',
    ),
  }),
  field('Probability', 'number'),
  field('CloseDate', 'date', { required: true }),
  field('AccountId', 'reference', { references: ['Account'] }),
]);

const hubspotAddress = ['zip', 'country', 'state', 'city', 'address'].map((name) => field(name));
const hubspot = (name: string, fields: Field[]) =>
  stream(name, [field('hs_object_id', 'number', { writable: false, unique: true }), ...fields]);

export const CONTACTS = hubspot('contacts', [
  field('firstname'),
  field('lastname'),
  field('email', 'email', { unique: true }),
  field('phone', 'phone'),
  field('mobilephone', 'phone'),
  field('fax'),
  field('jobtitle'),
  field('company'),
  field('website', 'url'),
  field('date_of_birth'),
  field('lifecyclestage', 'option', options('lead', 'customer')),
  field('hs_email_optout', 'boolean', { writable: false }),
  field('associations.companies', 'reference', { references: ['companies'] }),
  ...hubspotAddress,
]);
export const COMPANIES = hubspot('companies', [
  field('name'),
  field('domain'),
  field('website', 'url'),
  field('phone', 'phone'),
  field('industry', 'option', options('BANKING', 'CONSTRUCTION')),
  field('numberofemployees', 'number'),
  field('description'),
  ...hubspotAddress,
]);
export const DEALS = hubspot('deals', [
  field('dealname'),
  field('amount', 'number'),
  field('dealstage', 'option', {
    options: [
      { value: 'appointmentscheduled', label: 'Appointment Scheduled' },
      { value: 'qualifiedtobuy', label: 'Qualified To Buy' },
      { value: 'presentationscheduled', label: 'Presentation Scheduled' },
      { value: 'decisionmakerboughtin', label: 'Decision Maker Bought-In' },
      { value: 'contractsent', label: 'Contract Sent' },
      { value: 'closedwon', label: 'Closed Won' },
      { value: 'closedlost', label: 'Closed Lost' },
    ],
  }),
  field('hs_deal_stage_probability', 'number', { writable: false }),
  field('closedate', 'datetime'),
  field('associations.companies', 'reference', { references: ['companies'] }),
  field('associations.contacts', 'reference', { references: ['contacts'] }),
]);

export const STREAMS: Record<string, Stream> = {
  'salesforce/contact': CONTACT,
  'salesforce/lead': LEAD,
  'salesforce/account': ACCOUNT,
  'salesforce/opportunity': OPPORTUNITY,
  'hubspot/contact': CONTACTS,
  'hubspot/company': COMPANIES,
  'hubspot/deal': DEALS,
};
