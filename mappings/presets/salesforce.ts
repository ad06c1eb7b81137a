import { NOT_PROVIDED, type Preset, type PresetField } from './preset.ts';

const phone = (field: string): PresetField => ({
  field,
  in: ['phone'],
  out: [{ phone: { format: 'national' } }],
});
const read = (field: string): PresetField => ({ field, direction: 'in' });

/** Salesforce refuses a person without LastName; a full name that nobody has split is better than a placeholder. */
const lastName: PresetField = {
  field: 'LastName',
  out: [{ firstOf: ['fullName', 'familyNameKana'] }, { default: NOT_PROVIDED }],
};

const address = (prefix: string): Preset['fields'] => ({
  postalCode: `${prefix}PostalCode`,
  country: `${prefix}Country`,
  region: `${prefix}State`,
  city: `${prefix}City`,
  street: `${prefix}Street`,
});

export const SALESFORCE: Record<string, Preset> = {
  'salesforce/contact': {
    label: 'Salesforce contact',
    object: 'Contact',
    entity: 'person',
    fields: {
      familyName: lastName,
      givenName: 'FirstName',
      email: { field: 'Email', in: ['email'] },
      phone: phone('Phone'),
      mobile: phone('MobilePhone'),
      fax: 'Fax',
      title: 'Title',
      department: 'Department',
      company: { field: 'AccountId', reference: 'company' },
      birthDate: 'Birthdate',
      optOut: 'HasOptedOutOfEmail',
      ...address('Mailing'),
    },
  },
  'salesforce/lead': {
    label: 'Salesforce lead',
    object: 'Lead',
    entity: 'person',
    fields: {
      familyName: lastName,
      givenName: 'FirstName',
      email: { field: 'Email', in: ['email'] },
      phone: phone('Phone'),
      mobile: phone('MobilePhone'),
      fax: 'Fax',
      title: 'Title',
      companyName: { field: 'Company', out: [{ default: NOT_PROVIDED }] },
      website: 'Website',
      optOut: 'HasOptedOutOfEmail',
      ...address(''),
    },
  },
  'salesforce/account': {
    label: 'Salesforce account',
    object: 'Account',
    entity: 'company',
    fields: {
      name: { field: 'Name', out: [{ firstOf: ['domain'] }, { default: NOT_PROVIDED }] },
      domain: read('Website'),
      website: { field: 'Website', out: [{ firstOf: ['domain'] }] },
      phone: phone('Phone'),
      // The two tools' lists of industries differ: writing needs `values` of your own.
      industry: read('Industry'),
      employees: { field: 'NumberOfEmployees', out: [{ number: { decimals: 0 } }] },
      description: 'Description',
      ...address('Billing'),
    },
  },
  'salesforce/opportunity': {
    label: 'Salesforce opportunity',
    object: 'Opportunity',
    entity: 'deal',
    fields: {
      name: { field: 'Name', out: [{ default: NOT_PROVIDED }] },
      amount: 'Amount',
      stage: {
        field: 'StageName',
        values: {
          Prospecting: 'prospecting',
          Qualification: 'qualification',
          'Needs Analysis': 'qualification',
          'Proposal/Price Quote': 'proposal',
          'Value Proposition': 'proposal',
          'Id. Decision Makers': 'proposal',
          'Perception Analysis': 'proposal',
          'Negotiation/Review': 'negotiation',
          'Closed Won': 'won',
          'Closed Lost': 'lost',
        },
      },
      // Salesforce sets it from the stage.
      probability: read('Probability'),
      closeDate: 'CloseDate',
      company: { field: 'AccountId', reference: 'company' },
    },
  },
};
