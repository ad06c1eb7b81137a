import type { Fields } from '../../../connectors/contract.ts';
import type { Entry } from './entries.ts';
import { COUNTRY_NAMES } from './pools/places.ts';
import type { Random } from './random.ts';
import { spellAddress } from './spell/address.ts';
import { spellCode, spellCompany } from './spell/company.ts';
import { spellPhone } from './spell/contact-points.ts';
import type { Habits } from './spell/name.ts';
import { CARD_COLUMNS, type Card, type TruthCompany } from './types.ts';

/** Without the empty ones: a tool shows those as null anyway. */
const filled = (fields: Fields): Fields =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== '' && value !== null));

export function salesforceContact(entry: Entry): Fields {
  const { name, address } = entry;
  return filled({
    LastName: name.family,
    FirstName: name.given,
    LastNameKana__c: name.familyKana,
    FirstNameKana__c: name.givenKana,
    Email: entry.email,
    Phone: entry.phone,
    MobilePhone: entry.mobile,
    Title: entry.title,
    Department: entry.department,
    MailingPostalCode: address.postalCode,
    MailingState: address.region,
    MailingCity: address.city,
    MailingStreet: address.street,
    MailingCountry: address.country,
    Stage__c: entry.lifecycle === 'customer' ? 'Won' : 'Prospect',
  });
}

export function hubspotContact(entry: Entry): Fields {
  const { name, address } = entry;
  return filled({
    email: entry.email,
    firstname: name.given,
    lastname: name.family,
    kana_last: name.familyKana,
    kana_first: name.givenKana,
    phone: entry.phone,
    mobilephone: entry.mobile,
    jobtitle: entry.title,
    company: entry.companyName,
    address: address.street,
    city: address.city,
    state: address.region,
    zip: address.postalCode,
    country: address.country,
    lifecyclestage: entry.lifecycle,
  });
}

const website = (rng: Random, domain: string): string =>
  rng.pick([`https://www.${domain}/`, `https://www.${domain}`, `http://${domain}/`, `https://${domain}`]);

/** `sure`: it shows website and number, by which any list of companies can be joined. */
export function salesforceAccount(
  rng: Random,
  company: TruthCompany,
  habits: Habits,
  sure: boolean,
  tags: string[],
): Fields {
  const address = spellAddress(rng, company.address, habits, false, tags);
  return filled({
    Name: spellCompany(rng, company, habits, tags),
    Phone: rng.chance(0.9) ? spellPhone(rng, company.phone, habits, tags) : '',
    Website: sure || rng.chance(0.4) ? website(rng, company.domain) : '',
    Industry: rng.chance(0.6) ? company.industry : '',
    NumberOfEmployees: rng.chance(0.6) ? company.employees : null,
    BillingPostalCode: address.postalCode,
    BillingState: address.region,
    BillingCity: address.city,
    BillingStreet: address.street,
    BillingCountry: address.country || COUNTRY_NAMES[company.address.country],
    CustomerCode__c: rng.chance(0.7) ? spellCode(rng, company.customerCode, habits, tags) : '',
    CorporateNumber__c: company.japanese && rng.chance(sure ? 0.8 : 0.4) ? company.corporateNumber : '',
  });
}

export function hubspotCompany(
  rng: Random,
  company: TruthCompany,
  habits: Habits,
  sure: boolean,
  tags: string[],
): Fields {
  const address = spellAddress(rng, company.address, habits, false, tags);
  return filled({
    name: spellCompany(rng, company, habits, tags),
    domain: sure || rng.chance(0.7) ? company.domain : '',
    website: rng.chance(0.5) ? website(rng, company.domain) : '',
    phone: rng.chance(0.5) ? spellPhone(rng, company.phone, habits, tags) : '',
    numberofemployees: rng.chance(0.4) ? String(company.employees) : '',
    corporate_number: company.japanese && rng.chance(0.25) ? company.corporateNumber : '',
    customer_code: rng.chance(0.35) ? spellCode(rng, company.customerCode, habits, tags) : '',
    zip: address.postalCode,
    state: address.region,
    city: address.city,
    address: address.street,
    country: address.country,
  });
}

/** A card: the whole address in one string, the name in one field, in the order of its script. */
export function cardRow(
  rng: Random,
  entry: Entry,
  latinName: string,
  id: string,
  day: string,
  domain: string,
): Card['row'] {
  const { name, address } = entry;
  const eastern = name.script !== 'latin';
  const fullName = eastern
    ? name.family + rng.pick([' ', '　', '  ', '']) + name.given
    : `${name.given} ${name.family}`;
  const place = eastern
    ? `${address.postalCode && !address.postalCode.startsWith('〒') ? '〒' : ''}${address.postalCode} ${address.region}${address.city}${address.street}`
    : [address.street, address.city, `${address.region} ${address.postalCode}`.trim()]
        .filter(Boolean)
        .join(', ');
  const row: Record<string, string> = {
    card_id: id,
    scanned_at: day,
    company_name: entry.companyName,
    department: entry.department,
    title: entry.title,
    full_name: fullName.trim(),
    full_name_roman: latinName,
    email: entry.email,
    tel: entry.phone,
    mobile: entry.mobile,
    address: place.trim(),
    url: domain && rng.chance(0.4) ? website(rng, domain) : '',
  };
  return Object.fromEntries(CARD_COLUMNS.map((column) => [column, row[column] ?? ''])) as Card['row'];
}
