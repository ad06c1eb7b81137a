/** Finding records by a field's values. Ids take one call for 2,000; other fields as many as fit an address. */
import { z } from 'zod';
import type { Context, Page } from '../contract.ts';
import type { SalesforceConfig } from './config.ts';
import { withoutLacking } from './drift.ts';
import { locatorDied } from './failures.ts';
import { isId, to18 } from './ids.ts';
import { query, queryMore, retrieve, toChange } from './records.ts';
import { described, systemFields } from './schema.ts';
import { fitting, identifier, literal, quote } from './soql.ts';

const MOST_IDS = 2000;

export const Lookup = z.object({
  kind: z.literal('lookup'),
  by: z.string(),
  /** Values still to be looked up. */
  in: z.array(z.string()),
  /** Ids that no live record has: deleted or merged away, it may be. */
  missing: z.array(z.string()).optional(),
  /** How many of `in` the query now being paged covers, and where it goes on. */
  paging: z.object({ count: z.int(), next: z.string().startsWith('/services/data/') }).optional(),
});
export type Lookup = z.infer<typeof Lookup>;

export function startLookup(by: string, values: string[]): Lookup {
  identifier(by);
  const wanted = by === 'Id' ? values.filter(isId).map(to18) : values.filter((value) => value !== '');
  return { kind: 'lookup', by, in: [...new Set(wanted)] };
}

export async function lookUp(
  ctx: Context<SalesforceConfig>,
  stream: string,
  lookup: Lookup,
  fields: string[],
): Promise<Page> {
  if (lookup.in.length === 0 && (lookup.missing ?? []).length === 0)
    return { changes: [], cursor: null, done: true };
  if (lookup.in.length === 0) return findGone(ctx, stream, lookup);
  return lookup.by === 'Id' ? byId(ctx, stream, lookup, fields) : byValue(ctx, stream, lookup, fields);
}

async function columns(ctx: Context<SalesforceConfig>, stream: string, fields: string[]): Promise<string[]> {
  return [...new Set([...(await systemFields(ctx, stream)), ...fields])];
}

async function byId(
  ctx: Context<SalesforceConfig>,
  stream: string,
  lookup: Lookup,
  fields: string[],
): Promise<Page> {
  const ids = lookup.in.slice(0, MOST_IDS);
  const { answer: rows } = await withoutLacking(ctx, stream, fields, async (names) =>
    retrieve(ctx, stream, ids, await columns(ctx, stream, names)),
  );
  const changes = rows.map((row) => toChange(stream, row, fields));
  const found = new Set(changes.map((change) => change.id));
  const missing = [...(lookup.missing ?? []), ...ids.filter((id) => !found.has(id))];
  return pageOf(changes, { ...lookup, in: lookup.in.slice(ids.length), missing });
}

/** Why a record is not there: deleted, or merged into another. An id that never was stays without an answer. */
async function findGone(ctx: Context<SalesforceConfig>, stream: string, lookup: Lookup): Promise<Page> {
  const missing = lookup.missing ?? [];
  const names = await systemFields(ctx, stream);
  if (!names.includes('IsDeleted')) return { changes: [], cursor: null, done: true };
  const soql = (ids: string[]) =>
    `SELECT ${names.join(', ')} FROM ${stream} WHERE IsDeleted = true AND Id IN (${ids.join(',')})`;
  const literals = missing.map(quote);
  const count = fitting(soql, literals);
  // Fewer than 2,000 ids fit one address, so the answer is a single page.
  const { body } = await query(ctx, soql(literals.slice(0, count)), true);
  const changes = body.records.map((row) => toChange(stream, row, []));
  return pageOf(changes, { ...lookup, missing: missing.slice(count) });
}

async function byValue(
  ctx: Context<SalesforceConfig>,
  stream: string,
  lookup: Lookup,
  fields: string[],
): Promise<Page> {
  const { paging, ...rest } = lookup;
  if (paging !== undefined)
    try {
      const { body } = await queryMore(ctx, paging.next);
      return queryPage(stream, fields, rest, paging.count, body);
    } catch (error) {
      if (!locatorDied(error)) throw error;
    }
  const type = await typeOf(ctx, stream, lookup.by);
  const usable = lookup.in.map((value) => literal(value, type)).filter((text) => text !== undefined);
  // Values that cannot be of the field's type match nothing, and leave the count of `in` unlike that of literals.
  if (usable.length < lookup.in.length)
    return lookUp(
      ctx,
      stream,
      { ...rest, in: lookup.in.filter((value) => literal(value, type) !== undefined) },
      fields,
    );
  const { answer } = await withoutLacking(ctx, stream, fields, async (wanted) => {
    const names = await columns(ctx, stream, wanted);
    const soql = (literals: string[]) =>
      `SELECT ${names.join(', ')} FROM ${stream} WHERE ${lookup.by} IN (${literals.join(',')}) ORDER BY Id`;
    const count = fitting(soql, usable);
    return { count, ...(await query(ctx, soql(usable.slice(0, count)), false)) };
  });
  return queryPage(stream, fields, rest, answer.count, answer.body);
}

function queryPage(
  stream: string,
  fields: string[],
  lookup: Lookup,
  count: number,
  body: Awaited<ReturnType<typeof query>>['body'],
): Page {
  const changes = body.records.map((row) => toChange(stream, row, fields));
  if (!body.done && body.nextRecordsUrl !== undefined)
    return pageOf(changes, { ...lookup, paging: { count, next: body.nextRecordsUrl } });
  return pageOf(changes, { ...lookup, in: lookup.in.slice(count) });
}

function pageOf(changes: Page['changes'], lookup: Lookup): Page {
  const done = lookup.in.length === 0 && (lookup.missing ?? []).length === 0;
  return done ? { changes, cursor: null, done } : { changes, cursor: { ...lookup }, done };
}

/** The described type, which decides how its values are written in SOQL. Through relationships: text. */
async function typeOf(ctx: Context<SalesforceConfig>, stream: string, by: string): Promise<string> {
  if (by.includes('.')) return 'string';
  const { fields } = await described(ctx, stream);
  return fields.find((field) => field.name === by)?.type ?? 'string';
}
