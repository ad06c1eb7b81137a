import type { Fields } from '../../connectors/contract.ts';
import type { Sandbox } from '../../connectors/sandbox.ts';

/** What belongs to a tool or to one run, and not to the customer. */
const OWN = new Set([
  'Id',
  'CreatedDate',
  'SystemModstamp',
  'LastModifiedDate',
  'LastModifiedById',
  'CreatedById',
  'OwnerId',
  'Nayose_Id__c',
  'IsDeleted',
  'MasterRecordId',
  'LastActivityDate',
  'hs_object_id',
  'createdate',
  'lastmodifieddate',
  'hs_lastmodifieddate',
  'nayose_id',
]);

type Books = Pick<Sandbox, 'records'>;

/**
 * Both tools as their users see them, one line a record, without ids and stamps; a reference is shown by the name of what it
 * points to. Two runs that end alike give the same lines.
 */
export function shownIn(tools: { salesforce: Books; hubspot: Books }): Record<string, string[]> {
  const names = (sandbox: Books, stream: string, field: string) =>
    new Map(
      sandbox
        .records(stream)
        .map((r) => [r.id, `${r.fields[field]} ${r.fields.website ?? r.fields.Website ?? ''}`]),
    );
  const accounts = names(tools.salesforce, 'Account', 'Name');
  const companies = names(tools.hubspot, 'companies', 'name');
  const line = (fields: Fields) =>
    JSON.stringify(
      Object.entries(fields)
        .filter(([name, value]) => !OWN.has(name) && value !== null && value !== '' && value !== undefined)
        .map(([name, value]) => [
          name,
          name === 'AccountId'
            ? accounts.get(String(value))
            : name === 'associations.companies'
              ? companies.get(String(value))
              : value,
        ])
        .sort(([a], [b]) => (String(a) < String(b) ? -1 : 1)),
    );
  const of = (sandbox: Books, stream: string) =>
    sandbox
      .records(stream)
      .filter((r) => !r.deleted)
      .map((r) => line(r.fields))
      .sort();
  return {
    Account: of(tools.salesforce, 'Account'),
    Contact: of(tools.salesforce, 'Contact'),
    companies: of(tools.hubspot, 'companies'),
    contacts: of(tools.hubspot, 'contacts'),
  };
}
