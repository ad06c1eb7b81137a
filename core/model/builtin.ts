import type { Attribute, Entity } from './entity.ts';

const text = (label: string): Attribute => ({ type: 'text', label });
const postal: Record<string, Attribute> = {
  postalCode: { type: 'postal-code', label: 'Postal code', group: 'address' },
  country: { type: 'text', label: 'Country', group: 'address' },
  region: { type: 'region', label: 'Prefecture or state', group: 'address' },
  city: { type: 'city', label: 'City', group: 'address' },
  street: { type: 'street', label: 'Street', group: 'address' },
  /** The whole address in one line, for tools that keep it so. */
  address: { type: 'address', label: 'Address' },
};

/** The canonical model that ships with Nayose. A config folder extends it: see `entities` in hub.yaml. */
export const BUILTIN_ENTITIES: Record<'person' | 'company' | 'deal', Entity> = {
  person: {
    name: 'person',
    base: 'person',
    attributes: {
      familyName: { type: 'family-name', label: 'Family name' },
      givenName: { type: 'given-name', label: 'Given name' },
      fullName: { type: 'full-name', label: 'Full name' },
      familyNameKana: { type: 'family-kana', label: 'Family name (kana)' },
      givenNameKana: { type: 'given-kana', label: 'Given name (kana)' },
      fullNameKana: { type: 'full-kana', label: 'Full name (kana)' },
      email: { type: 'email', label: 'E-mail' },
      phone: { type: 'phone', label: 'Phone' },
      mobile: { type: 'phone', label: 'Mobile phone' },
      fax: { type: 'text', label: 'Fax' },
      title: text('Job title'),
      department: text('Department'),
      company: { type: 'reference', label: 'Company', entity: 'company' },
      companyName: { type: 'company-name', label: 'Company name' },
      customerCode: { type: 'code', label: 'Customer code' },
      website: { type: 'url', label: 'Website' },
      birthDate: { type: 'date', label: 'Date of birth' },
      lifecycle: { type: 'option', label: 'Lifecycle stage' },
      optOut: { type: 'boolean', label: 'Opted out of e-mail' },
      ...postal,
    },
    survivorship: { optOut: ['any'] },
  },
  company: {
    name: 'company',
    base: 'company',
    attributes: {
      name: { type: 'company-name', label: 'Company name' },
      corporateNumber: { type: 'corporate-number', label: 'Corporate number (法人番号)' },
      domain: { type: 'domain', label: 'Domain' },
      website: { type: 'url', label: 'Website' },
      email: { type: 'email', label: 'E-mail' },
      phone: { type: 'phone', label: 'Phone' },
      customerCode: { type: 'code', label: 'Customer code' },
      industry: { type: 'option', label: 'Industry' },
      employees: { type: 'number', label: 'Employees' },
      description: text('Description'),
      ...postal,
    },
    survivorship: {},
  },
  deal: {
    name: 'deal',
    base: 'deal',
    attributes: {
      name: text('Deal name'),
      amount: { type: 'number', label: 'Amount' },
      currency: { type: 'option', label: 'Currency' },
      stage: { type: 'option', label: 'Stage' },
      probability: { type: 'number', label: 'Probability' },
      closeDate: { type: 'date', label: 'Close date' },
      company: { type: 'reference', label: 'Company', entity: 'company' },
      person: { type: 'reference', label: 'Contact', entity: 'person' },
    },
    survivorship: {},
  },
};
