/** The standard properties of the simulated account: those that mappings use, with HubSpot's own names and types. */

export interface PropertyDef {
  name: string;
  label: string;
  type: 'string' | 'number' | 'bool' | 'date' | 'datetime' | 'enumeration';
  fieldType: string;
  options?: { value: string; label: string }[];
  unique?: boolean;
  readOnly?: boolean;
  calculated?: boolean;
  /** Made by the customer, not by HubSpot. */
  custom?: boolean;
  owner?: boolean;
  /** Shown with a currency's sign. */
  money?: boolean;
}

export interface ObjectDef {
  /** As in paths: `contacts`. */
  name: string;
  /** As in events and messages: `contact`. */
  singular: string;
  typeId: string;
  /** The property that carries the time of the last change. */
  modified: string;
  /** Merging makes a record with a new id; elsewhere the winner keeps its own. */
  mergeMakesId: boolean;
  required: string[];
  properties: PropertyDef[];
  custom?: boolean;
}

/** An object the customer defined. */
export interface CustomObject {
  name: string;
  label?: string;
  required?: string[];
  properties: PropertyDef[];
}

type More = Partial<PropertyDef>;
export const text = (name: string, label: string, more: More = {}): PropertyDef => ({
  name,
  label,
  type: 'string',
  fieldType: 'text',
  ...more,
});
export const custom = (name: string, label: string, more: More = {}) =>
  text(name, label, { custom: true, ...more });
const phone = (name: string, label: string) => text(name, label, { fieldType: 'phonenumber' });
const number = (name: string, label: string, more: More = {}): PropertyDef => ({
  ...text(name, label),
  type: 'number',
  fieldType: 'number',
  ...more,
});
const date = (name: string, label: string, more: More = {}): PropertyDef => ({
  ...text(name, label),
  type: 'date',
  fieldType: 'date',
  ...more,
});
const datetime = (name: string, label: string, more: More = {}): PropertyDef => ({
  ...text(name, label),
  type: 'datetime',
  fieldType: 'date',
  ...more,
});
const choice = (name: string, label: string, values: string[] | [string, string][], more: More = {}) => ({
  ...text(name, label),
  type: 'enumeration' as const,
  fieldType: 'select',
  options: values.map((v) =>
    typeof v === 'string' ? { value: v, label: titleCase(v) } : { value: v[0], label: v[1] },
  ),
  ...more,
});
const titleCase = (value: string) =>
  value
    .toLowerCase()
    .replaceAll('_', ' ')
    .replace(/\b\w/g, (letter) => letter.toUpperCase());

const address = [
  text('address', 'Street Address'),
  text('city', 'City'),
  text('state', 'State/Region'),
  text('zip', 'Postal Code'),
  text('country', 'Country/Region'),
];
const owner = choice('hubspot_owner_id', 'Owner', [], { owner: true });
const nayoseId = custom('nayose_id', 'Nayose ID', { unique: true });

/** Every object has these; nobody but HubSpot writes them. */
const system = (modified: string): PropertyDef[] => [
  number('hs_object_id', 'Record ID', { readOnly: true }),
  datetime('createdate', 'Create Date', { readOnly: true }),
  datetime(modified, 'Last Modified Date', { readOnly: true }),
  text('hs_merged_object_ids', 'Merged record IDs', { readOnly: true, calculated: true }),
];

/** In order: a contact never moves back by a plain write. */
export const LIFECYCLE = [
  'subscriber',
  'lead',
  'marketingqualifiedlead',
  'salesqualifiedlead',
  'opportunity',
  'customer',
  'evangelist',
  'other',
];

const INDUSTRIES = [
  'AUTOMOTIVE',
  'BANKING',
  'COMPUTER_SOFTWARE',
  'CONSTRUCTION',
  'EDUCATION_MANAGEMENT',
  'FOOD_PRODUCTION',
  'HOSPITAL_HEALTH_CARE',
  'INFORMATION_TECHNOLOGY_AND_SERVICES',
  'LOGISTICS_AND_SUPPLY_CHAIN',
  'MACHINERY',
  'REAL_ESTATE',
  'RETAIL',
];

const contacts = [
  text('email', 'Email', { unique: true }),
  text('firstname', 'First Name'),
  text('lastname', 'Last Name'),
  custom('kana_last', 'Last Name (kana)'),
  custom('kana_first', 'First Name (kana)'),
  phone('phone', 'Phone Number'),
  phone('mobilephone', 'Mobile Phone Number'),
  text('fax', 'Fax Number'),
  text('jobtitle', 'Job Title'),
  custom('department', 'Department'),
  text('company', 'Company Name'),
  text('website', 'Website URL'),
  ...address,
  choice('lifecyclestage', 'Lifecycle Stage', LIFECYCLE, { fieldType: 'radio' }),
  choice('hs_lead_status', 'Lead Status', ['NEW', 'OPEN', 'IN_PROGRESS', 'CONNECTED', 'UNQUALIFIED']),
  text('date_of_birth', 'Date of Birth'),
  date('birthday', 'Birthday', { custom: true }),
  custom('customer_code', 'Customer Code'),
  number('score', 'Score', { custom: true }),
  choice('interests', 'Interests', ['crm', 'marketing', 'sales', 'service'], {
    fieldType: 'checkbox',
    custom: true,
  }),
  {
    ...text('hs_email_optout', 'Unsubscribed from all email'),
    type: 'bool' as const,
    fieldType: 'booleancheckbox',
  },
  text('hs_additional_emails', 'Additional email addresses', { readOnly: true }),
  owner,
];

const companies = [
  text('name', 'Company name'),
  text('domain', 'Company Domain Name'),
  text('website', 'Website URL'),
  phone('phone', 'Phone Number'),
  choice('industry', 'Industry', INDUSTRIES),
  number('numberofemployees', 'Number of Employees'),
  ...address,
  text('description', 'Description', { fieldType: 'textarea' }),
  choice('lifecyclestage', 'Lifecycle Stage', LIFECYCLE, { fieldType: 'radio' }),
  custom('corporate_number', 'Corporate Number'),
  custom('customer_code', 'Customer Code'),
  owner,
];

const STAGES = [
  'appointmentscheduled',
  'qualifiedtobuy',
  'presentationscheduled',
  'contractsent',
  'closedwon',
  'closedlost',
];
const deals = [
  text('dealname', 'Deal Name'),
  number('amount', 'Amount', { money: true }),
  choice('deal_currency_code', 'Currency', ['JPY', 'USD', 'EUR']),
  choice('dealstage', 'Deal Stage', STAGES, { fieldType: 'radio' }),
  choice('pipeline', 'Pipeline', ['default']),
  datetime('closedate', 'Close Date'),
  text('description', 'Deal Description', { fieldType: 'textarea' }),
  owner,
];

const tickets = [
  text('subject', 'Ticket name'),
  text('content', 'Ticket description', { fieldType: 'textarea' }),
  choice('hs_pipeline', 'Pipeline', [['0', 'Support Pipeline']]),
  choice('hs_pipeline_stage', 'Ticket status', [
    ['1', 'New'],
    ['2', 'Waiting on contact'],
    ['3', 'Waiting on us'],
    ['4', 'Closed'],
  ]),
  choice('hs_ticket_priority', 'Priority', ['LOW', 'MEDIUM', 'HIGH', 'URGENT']),
  owner,
];

/** The account's objects. `unique`: with a nayose_id property on each, as the hub's set-up makes it. */
export function objectDefs(unique: boolean, customs: CustomObject[]): ObjectDef[] {
  const own = unique ? [nayoseId] : [];
  const standard = (
    name: string,
    singular: string,
    typeId: string,
    properties: PropertyDef[],
    modified = 'hs_lastmodifieddate',
  ): ObjectDef => ({
    name,
    singular,
    typeId,
    modified,
    mergeMakesId: name === 'contacts' || name === 'companies',
    required: name === 'tickets' ? ['hs_pipeline_stage'] : [],
    properties: [...properties, ...own, ...system(modified)],
  });
  return [
    standard('contacts', 'contact', '0-1', contacts, 'lastmodifieddate'),
    standard('companies', 'company', '0-2', companies),
    standard('deals', 'deal', '0-3', deals),
    standard('tickets', 'ticket', '0-5', tickets),
    ...customs.map((object, i) => ({
      ...standard(object.name, object.name, `2-${1001 + i}`, object.properties),
      required: object.required ?? [],
      custom: true,
    })),
  ];
}
