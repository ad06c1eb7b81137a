/** What people do in Salesforce's own screens beyond editing: merging records and converting leads. */
import { stamp } from './values.ts';
import { addRow, changeRow, deleteRow, type Row, type Table, type World } from './world.ts';

/** The loser is deleted with MasterRecordId and loses its unique keys; what hung on it moves to the winner. */
export function mergeRows(world: World, table: Table, winner: Row, loser: Row): void {
  if (!table.spec.merges) throw new Error(`${table.spec.name} records cannot be merged`);
  deleteRow(world, table, loser, world.humanUser, winner.id);
  changeRow(table, winner, {}, stamp(world.now()), world.humanUser);
}

const PERSONAL = [
  'LastName',
  'FirstName',
  'Salutation',
  'LastNameKana__c',
  'FirstNameKana__c',
  'Email',
  'Phone',
  'MobilePhone',
  'Fax',
  'Title',
  'LeadSource',
  'HasOptedOutOfEmail',
];
const POSTAL = ['Street', 'City', 'State', 'PostalCode', 'Country'];

export function convertLead(world: World, lead: Row): { contactId: string; accountId: string } {
  const [leads, accounts, contacts] = ['lead', 'account', 'contact'].map((name) => world.tables.get(name)!);
  const from = (names: string[]) =>
    Object.fromEntries(names.map((name) => [name, lead.values[name] ?? null]));
  const postal = (prefix: string) =>
    Object.fromEntries(POSTAL.map((part) => [prefix + part, lead.values[part] ?? null]));
  const { Company, Phone, Website } = from(['Company', 'Phone', 'Website']);
  const company = { Name: Company!, Phone: Phone!, Website: Website!, ...postal('Billing') };
  const account = addRow(world, accounts!, company, world.now(), world.humanUser);
  const person = { ...from(PERSONAL), ...postal('Mailing'), AccountId: account.id };
  const contact = addRow(world, contacts!, person, world.now(), world.humanUser);
  const time = stamp(world.now());
  const converted = {
    IsConverted: true,
    Status: 'Closed - Converted',
    ConvertedDate: time.slice(0, 10),
    ConvertedAccountId: account.id,
    ConvertedContactId: contact.id,
  };
  changeRow(leads!, lead, converted, time, world.humanUser);
  return { contactId: contact.id, accountId: account.id };
}
