/**
 * The shared Japanese exports (../shared/data/japan beside the checkout) as records for the two sandboxes. They
 * are not part of the project: where they are absent, `loadJapan` returns undefined and tests skip by name.
 */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'csv-parse/sync';
import { type Known, type Truth, truthOf } from '../../api/demo/world/index.ts';
import type { Fields } from '../../connectors/contract.ts';
import type { Sandbox, SeedRecord } from '../../connectors/sandbox.ts';

export const JAPAN_FOLDER = resolve(dirname(fileURLToPath(import.meta.url)), '../../../shared/data/japan');

export type SeedWithId = SeedRecord & { id: string };

export interface JapanExports {
  salesforce: { accounts: SeedWithId[]; contacts: SeedWithId[] };
  /** The MA tool has no company records: only the text on each contact. */
  hubspot: { contacts: SeedWithId[] };
  /** For the csv connector: UTF-8, CRLF, with a header. */
  cards: string;
  /** person and company by record id of all three exports; '' is nobody and no company. */
  owners: Map<string, { person: string; company: string }>;
  /** Addresses of ma_hubspot.csv that the tool would not hold: no address at all, or another contact's. */
  refused: { id: string; email: string; why: 'invalid' | 'taken' }[];
}

type Row = Record<string, string>;

function rows(folder: string, file: string): Row[] {
  return parse(readFileSync(join(folder, file)), { columns: true, bom: true });
}

export function loadJapan(folder = JAPAN_FOLDER): JapanExports | undefined {
  if (!existsSync(join(folder, 'truth.csv'))) return undefined;
  const owners = new Map(
    rows(folder, 'truth.csv').map((row) => [
      row.record_id!,
      { person: row.person_id!, company: row.company_id! },
    ]),
  );
  const refused: JapanExports['refused'] = [];
  return {
    salesforce: salesforceSeeds(rows(folder, 'crm_salesforce.csv')),
    hubspot: { contacts: hubspotSeeds(rows(folder, 'ma_hubspot.csv'), refused) },
    cards: join(folder, 'webform_cards.csv'),
    owners,
    refused,
  };
}

const CONTACT_COLUMNS = [
  'LastName',
  'FirstName',
  'LastNameKana__c',
  'FirstNameKana__c',
  'Title',
  'Department',
  'Email',
  'Phone',
  'MobilePhone',
  'MailingPostalCode',
  'MailingState',
  'MailingCity',
  'MailingStreet',
];
const ACCOUNT_COLUMNS = ['Name', 'CustomerCode__c', 'CorporateNumber__c', 'Website'];

const pick = (pairs: (readonly [string, string | undefined])[]): Fields =>
  Object.fromEntries(pairs.filter((pair): pair is [string, string] => (pair[1] ?? '') !== ''));

/** A report row is a contact joined with its account: an account is what its rows say together. */
function salesforceSeeds(report: Row[]): JapanExports['salesforce'] {
  const accounts = new Map<string, SeedWithId>();
  const contacts = report.map((row): SeedWithId => {
    const at = row.CreatedDate!;
    if (row.AccountId !== '') {
      const known = accounts.get(row.AccountId!);
      const said = pick(ACCOUNT_COLUMNS.map((name) => [name, row[`Account.${name}`]]));
      if (!known) accounts.set(row.AccountId!, { id: row.AccountId!, fields: said, at });
      else {
        known.fields = { ...said, ...known.fields };
        if (at < known.at!) known.at = at;
      }
    }
    const columns = ['AccountId', ...CONTACT_COLUMNS];
    return { id: row.Id!, fields: pick(columns.map((name) => [name, row[name]])), at };
  });
  return { accounts: [...accounts.values()], contacts };
}

/** What HubSpot accepts as an address; it trims and lower-cases by itself. */
const ADDRESS = /^[^\s@,;()<>]+@(?:[a-z0-9-]+\.)+[a-z]{2,}$/i;

function hubspotSeeds(entries: Row[], refused: JapanExports['refused']): SeedWithId[] {
  const taken = new Set<string>();
  return entries.map((row) => {
    const id = row['Record ID']!;
    const typed = row.Email!;
    const email = typed.trim().toLowerCase();
    const why =
      email === '' ? undefined : !ADDRESS.test(email) ? 'invalid' : taken.has(email) ? 'taken' : undefined;
    if (why) refused.push({ id, email: typed, why });
    else if (email !== '') taken.add(email);
    const [kanaLast, ...kanaFirst] = row.フリガナ!.split(/[ \u3000]+/);
    return {
      id,
      at: tokyoTime(row['Create Date']!),
      fields: pick([
        ['firstname', row['First Name']],
        ['lastname', row['Last Name']],
        // One field in the form, two properties in the account: a reading without a space stays whole.
        ['kana_last', kanaLast],
        ['kana_first', kanaFirst.join(' ')],
        ['email', why ? '' : typed],
        ['phone', row['Phone Number']],
        ['company', row['Company Name']],
        ['jobtitle', row['Job Title']],
        ['zip', row['Postal Code']],
        ['state', row['State/Region']],
        ['city', row.City],
        ['address', row['Street Address']],
        ['customer_code', row.顧客番号],
        ['date_of_birth', row.生年月日],
      ]),
    };
  });
}

/** `2021/8/23 21:00`, Asia/Tokyo, which is nine hours ahead the whole year. */
export function tokyoTime(text: string): string {
  const part = /^(\d{4})\/(\d{1,2})\/(\d{1,2}) (\d{1,2}):(\d{2})$/.exec(text)?.slice(1).map(Number);
  if (!part) throw new Error(`not a time of the export: ${text}`);
  const [year, month, day, hour, minute] = part as [number, number, number, number, number];
  return new Date(Date.UTC(year, month - 1, day, hour - 9, minute)).toISOString();
}

/** Puts the exports into the sandboxes, under their own ids, and says whose each record is. */
export function seedJapan(data: JapanExports, sandboxes: { salesforce: Sandbox; hubspot: Sandbox }): Truth {
  const known: Known[] = [];
  const owner = (id: string) => {
    const found = data.owners.get(id);
    if (!found) throw new Error(`truth.csv does not know ${id}`);
    return found;
  };
  const accountOwner = new Map<string, string>();
  for (const { id, fields } of data.salesforce.contacts)
    if (typeof fields.AccountId === 'string') accountOwner.set(fields.AccountId, owner(id).company);
  const { accounts, contacts } = data.salesforce;
  const ids = sandboxes.salesforce.seed('Account', accounts);
  const idOf = new Map(accounts.map(({ id }, i) => [id, ids[i]!]));
  accounts.forEach(({ id, fields }, i) => {
    known.push({
      tool: 'salesforce',
      kind: 'companies',
      id: ids[i]!,
      owner: accountOwner.get(id) ?? '',
      fields,
    });
  });
  const people = (tool: 'salesforce' | 'hubspot', stream: string, seeds: SeedWithId[]) => {
    const made = sandboxes[tool].seed(stream, seeds);
    seeds.forEach(({ id, fields }, i) => {
      const { person, company } = owner(id);
      known.push({ tool, kind: 'people', id: made[i]!, owner: person, fields, employer: company });
    });
  };
  people(
    'salesforce',
    'Contact',
    contacts.map((seed) =>
      typeof seed.fields.AccountId === 'string'
        ? { ...seed, fields: { ...seed.fields, AccountId: idOf.get(seed.fields.AccountId)! } }
        : seed,
    ),
  );
  people('hubspot', 'contacts', data.hubspot.contacts);
  return truthOf(known);
}
