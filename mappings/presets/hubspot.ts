import type { Preset, PresetField } from './preset.ts';

const phone = (field: string): PresetField => ({ field, in: ['phone'] });
const read = (field: string): PresetField => ({ field, direction: 'in' });

const address: Preset['fields'] = {
  postalCode: 'zip',
  country: 'country',
  region: 'state',
  city: 'city',
  street: 'address',
};

export const HUBSPOT: Record<string, Preset> = {
  'hubspot/contact': {
    label: 'HubSpot contact',
    object: 'contacts',
    entity: 'person',
    fields: {
      familyName: { field: 'lastname', out: [{ firstOf: ['fullName', 'familyNameKana'] }] },
      givenName: 'firstname',
      email: { field: 'email', in: ['email'] },
      phone: phone('phone'),
      mobile: phone('mobilephone'),
      fax: 'fax',
      title: 'jobtitle',
      companyName: 'company',
      company: { field: 'associations.companies', reference: 'company' },
      website: 'website',
      // A text in HubSpot.
      birthDate: { field: 'date_of_birth', in: ['date'] },
      // HubSpot moves it forwards only, and has its own list of stages.
      lifecycle: read('lifecyclestage'),
      // HubSpot lets no API write it: opting out goes through its subscription pages.
      optOut: read('hs_email_optout'),
      ...address,
    },
  },
  'hubspot/company': {
    label: 'HubSpot company',
    object: 'companies',
    entity: 'company',
    fields: {
      name: 'name',
      domain: 'domain',
      website: 'website',
      phone: phone('phone'),
      // The two tools' lists of industries differ: writing needs `values` of your own.
      industry: read('industry'),
      employees: { field: 'numberofemployees', out: [{ number: { decimals: 0 } }] },
      description: 'description',
      ...address,
    },
  },
  'hubspot/deal': {
    label: 'HubSpot deal',
    object: 'deals',
    entity: 'deal',
    fields: {
      name: 'dealname',
      amount: 'amount',
      // The stages of the default sales pipeline.
      stage: {
        field: 'dealstage',
        values: {
          appointmentscheduled: 'prospecting',
          qualifiedtobuy: 'qualification',
          presentationscheduled: 'proposal',
          decisionmakerboughtin: 'proposal',
          contractsent: 'negotiation',
          closedwon: 'won',
          closedlost: 'lost',
        },
      },
      probability: { field: 'hs_deal_stage_probability', direction: 'in', in: [{ number: { scale: 100 } }] },
      closeDate: 'closedate',
      company: { field: 'associations.companies', reference: 'company' },
      person: { field: 'associations.contacts', reference: 'person' },
    },
  },
};
