import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parse } from 'csv-parse/sync';
import type { MatchInput } from '../../../core/match/types.ts';
import { BUILTIN_ENTITIES } from '../../../core/model/builtin.ts';
import type { Entity } from '../../../core/model/entity.ts';

export const DATA = resolve(import.meta.dirname, '../../../../shared/data');
export const dataPresent = () => existsSync(join(DATA, 'japan/truth.csv'));

type Row = Record<string, string>;
const read = (file: string): Row[] =>
  parse(readFileSync(join(DATA, file), 'utf8'), { columns: true, bom: true }) as Row[];

/** column → attribute; '' columns are left out. A plain mapping, as a user would write it. */
type Columns = Record<string, string>;

function inputs(
  rows: Row[],
  id: string,
  source: string | ((row: Row) => string),
  columns: Columns,
): MatchInput[] {
  return rows.map((row) => {
    const values: MatchInput['values'] = {};
    for (const [column, attribute] of Object.entries(columns))
      if ((row[column] ?? '') !== '') values[attribute] = row[column]!;
    return { id: row[id]!, source: typeof source === 'string' ? source : source(row), values };
  });
}

export interface LabelledSet {
  name: string;
  entity: Entity;
  /** Baselines and other tools at their defaults, from the README of the data: pairwise F1, B-cubed in brackets. */
  known: string;
  inputs: MatchInput[];
  /** record → entity; '' belongs to nobody. */
  truth: Map<string, string>;
  /** Only pairs across sources are asked for. */
  link?: boolean;
}

const { person, company } = BUILTIN_ENTITIES;

function japan(): LabelledSet[] {
  const crm = read('japan/crm_salesforce.csv');
  const ma = read('japan/ma_hubspot.csv');
  const cards = read('japan/webform_cards.csv');
  const truth = read('japan/truth.csv');
  const people = [
    ...inputs(crm, 'Id', 'crm', {
      LastName: 'familyName',
      FirstName: 'givenName',
      LastNameKana__c: 'familyNameKana',
      FirstNameKana__c: 'givenNameKana',
      Email: 'email',
      Phone: 'phone',
      MobilePhone: 'mobile',
      MailingPostalCode: 'postalCode',
      MailingState: 'region',
      MailingCity: 'city',
      MailingStreet: 'street',
      'Account.Name': 'companyName',
      'Account.CustomerCode__c': 'customerCode',
      'Account.Website': 'website',
    }),
    ...inputs(ma, 'Record ID', 'ma', {
      'Last Name': 'familyName',
      'First Name': 'givenName',
      フリガナ: 'fullNameKana',
      Email: 'email',
      'Phone Number': 'phone',
      'Company Name': 'companyName',
      'Postal Code': 'postalCode',
      'State/Region': 'region',
      City: 'city',
      'Street Address': 'street',
      顧客番号: 'customerCode',
      生年月日: 'birthDate',
    }),
    ...inputs(cards, 'card_id', 'cards', {
      full_name: 'fullName',
      email: 'email',
      tel: 'phone',
      mobile: 'mobile',
      company_name: 'companyName',
      address: 'address',
      url: 'website',
    }),
  ];
  const companies = [
    ...inputs(crm, 'Id', 'crm', {
      'Account.Name': 'name',
      'Account.CorporateNumber__c': 'corporateNumber',
      'Account.Website': 'website',
      'Account.CustomerCode__c': 'customerCode',
      Email: 'email',
      Phone: 'phone',
      MailingPostalCode: 'postalCode',
      MailingState: 'region',
      MailingCity: 'city',
      MailingStreet: 'street',
    }),
    ...inputs(ma, 'Record ID', 'ma', {
      'Company Name': 'name',
      Email: 'email',
      'Phone Number': 'phone',
      顧客番号: 'customerCode',
      'Postal Code': 'postalCode',
      'State/Region': 'region',
      City: 'city',
      'Street Address': 'street',
    }),
    ...inputs(cards, 'card_id', 'cards', {
      company_name: 'name',
      invoice_no: 'corporateNumber',
      url: 'website',
      email: 'email',
      tel: 'phone',
      address: 'address',
    }),
  ];
  return [
    {
      name: 'japan people',
      entity: person,
      known: 'best simple rule .570',
      inputs: people,
      truth: new Map(truth.map((t) => [t.record_id!, t.person_id!])),
    },
    {
      name: 'japan companies',
      entity: company,
      known: 'NFKC name (.586)',
      inputs: companies,
      truth: new Map(truth.filter((t) => t.company_id !== '').map((t) => [t.record_id!, t.company_id!])),
    },
  ];
}

const truthOf = (folder: string) =>
  new Map(read(`er/${folder}/truth.csv`).map((t) => [t.record_id!, t.entity_id!]));

export function labelledSets(): LabelledSet[] {
  const febrl = {
    given_name: 'givenName',
    surname: 'familyName',
    street_number: 'number',
    address_1: 'street',
    address_2: 'street2',
    suburb: 'city',
    postcode: 'postalCode',
    state: 'region',
    date_of_birth: 'birthDate',
    soc_sec_id: 'customerCode',
  };
  const street = (input: MatchInput): MatchInput => {
    const { number, ...values } = input.values;
    const line = [number, values.street].filter((v) => v !== undefined).join(' ');
    return { ...input, values: line === '' ? values : { ...values, street: line } };
  };
  return [
    ...japan(),
    {
      name: 'febrl4',
      entity: { ...person, attributes: { ...person.attributes, street2: { type: 'text' } } },
      known: 'recordlinkage .9998 (.9999), Splink .9995 (.9997), GoldenMatch .9830 (.9919)',
      inputs: [
        ...inputs(read('er/febrl4/febrl4a.csv'), 'record_id', 'a', febrl),
        ...inputs(read('er/febrl4/febrl4b.csv'), 'record_id', 'b', febrl),
      ].map(street),
      truth: truthOf('febrl4'),
      link: true,
    },
    {
      name: 'fake_1000',
      entity: person,
      known:
        'Splink .9226 (.9406), dedupe .8789 (.9144), GoldenMatch .8129 (.8850), recordlinkage .8083 (.9029)',
      inputs: inputs(read('er/fake_1000/records.csv'), 'record_id', 'list', {
        first_name: 'givenName',
        surname: 'familyName',
        dob: 'birthDate',
        city: 'city',
        email: 'email',
      }),
      truth: truthOf('fake_1000'),
    },
    {
      name: 'ecp_chicago',
      entity: company,
      known:
        'recordlinkage .9562 (.9776), Splink .9155 (.9617), dedupe .9009 (.9364), GoldenMatch .8958 (.9495)',
      inputs: inputs(read('er/ecp_chicago/records.csv'), 'record_id', (r) => r.source!, {
        site_name: 'name',
        address: 'address',
        zip: 'postalCode',
        phone: 'phone',
        website: 'website',
        idhs_provider_id: 'customerCode',
      }),
      truth: truthOf('ecp_chicago'),
    },
  ];
}
