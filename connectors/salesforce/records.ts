/** Records as Salesforce answers them, and the changes that they are to the hub. */
import { z } from 'zod';
import { type Change, ConnectorError, type Context, type Fields, type Json } from '../contract.ts';
import type { SalesforceConfig } from './config.ts';
import { to18 } from './ids.ts';
import { type Answer, call } from './session.ts';

const Row = z.record(z.string(), z.json());
export type Row = z.infer<typeof Row>;

const QueryAnswer = z.object({
  done: z.boolean(),
  nextRecordsUrl: z.string().startsWith('/services/data/').optional(),
  records: z.array(Row),
});
export type QueryAnswer = z.infer<typeof QueryAnswer>;

/** Rows that another user than the hub's changed last. */
const byOthers = new WeakSet<Row>();

function noteWhose(rows: readonly Row[], userId: string | undefined): void {
  for (const row of rows) {
    const last = row.LastModifiedById;
    if (userId !== undefined && typeof last === 'string' && to18(last) !== userId) byOthers.add(row);
  }
}

const brokeOff = (what: string) =>
  new ConnectorError('transient', `Salesforce’s answer to a ${what} broke off or cannot be read`);

/** Rows that one call of a query brings: the most that Salesforce gives. */
export const QUERY_PAGE = 2000;

/** `deletedToo`: queryAll. Pages of 2,000; `nextRecordsUrl` goes on, with `queryMore`. */
export async function query(
  ctx: Context<SalesforceConfig>,
  soql: string,
  deletedToo: boolean,
): Promise<Answer<QueryAnswer>> {
  const path = `/${deletedToo ? 'queryAll' : 'query'}?q=${encodeURIComponent(soql)}`;
  return fetchQuery(ctx, path);
}

export function queryMore(
  ctx: Context<SalesforceConfig>,
  nextRecordsUrl: string,
): Promise<Answer<QueryAnswer>> {
  return fetchQuery(ctx, nextRecordsUrl);
}

async function fetchQuery(ctx: Context<SalesforceConfig>, url: string): Promise<Answer<QueryAnswer>> {
  const headers = { 'Sforce-Query-Options': `batchSize=${QUERY_PAGE}` };
  const { body, date, userId } = await call(ctx, (connection) =>
    connection.request<unknown>({ method: 'GET', url, headers }),
  );
  const parsed = QueryAnswer.safeParse(body);
  // Truncated JSON reaches us as a string: jsforce swallows the parser's error.
  if (!parsed.success || (!parsed.data.done && parsed.data.nextRecordsUrl === undefined))
    throw brokeOff('query');
  noteWhose(parsed.data.records, userId);
  return { body: parsed.data, date, userId };
}

/** Up to 2,000 live records by id in one call; those that are not there are left out. */
export async function retrieve(
  ctx: Context<SalesforceConfig>,
  object: string,
  ids: string[],
  fields: string[],
): Promise<Row[]> {
  const { body, userId } = await call(ctx, (connection) => connection.retrieve(object, ids, { fields }));
  const parsed = z.array(Row.nullable()).safeParse(body);
  if (!parsed.success || parsed.data.length !== ids.length) throw brokeOff('retrieve');
  const rows = parsed.data.filter((row) => row !== null);
  noteWhose(rows, userId);
  return rows;
}

/** One record's news: live, deleted, merged into another, or (a lead) converted into a contact. */
export function toChange(stream: string, row: Row, fields: string[]): Change {
  const { Id, SystemModstamp, MasterRecordId, ConvertedContactId } = row;
  if (typeof Id !== 'string' || typeof SystemModstamp !== 'string') throw brokeOff(`read of ${stream}`);
  const at = isoTime(SystemModstamp);
  const base = { stream, id: to18(Id), at, version: at };
  if (row.IsDeleted === true) {
    if (typeof MasterRecordId === 'string')
      return { ...base, op: 'merge', into: { stream, id: to18(MasterRecordId) } };
    return { ...base, op: 'delete' };
  }
  if (row.IsConverted === true && typeof ConvertedContactId === 'string')
    return { ...base, op: 'merge', into: { stream: 'Contact', id: to18(ConvertedContactId) } };
  const values: Fields = {};
  for (const name of fields) {
    const value = valueAt(row, name);
    if (value !== undefined) values[name] = value;
  }
  return { ...base, op: 'upsert', fields: values, ...(byOthers.has(row) ? { othersLast: true } : {}) };
}

/**
 * Follows `Account.Name` into nested objects; undefined: the answer does not show it, so nothing is known. Salesforce writes
 * its datetimes with +0000; the hub, with Z.
 */
function valueAt(row: Row, name: string): Json | undefined {
  let value: Json | undefined = row;
  for (const step of name.split('.'))
    if (value !== null && value !== undefined)
      value = typeof value === 'object' && !Array.isArray(value) ? value[step] : undefined;
  return typeof value === 'string' ? isoTime(value) : value;
}

export function isoTime(text: string): string {
  return /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+0000$/.test(text) ? text.replace('+0000', 'Z') : text;
}
