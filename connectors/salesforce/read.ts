/**
 * Reading a stream by time. One query, ordered by SystemModstamp and Id, is paged by its locator: N records cost
 * ceil(N / 2000) calls. Where the locator has died, a new query goes on after the last place that is certain.
 *
 * What makes nothing fall through:
 *   - The watermark is the tool's own clock when the scan began, never the newest stamp seen: a record that
 *     changes while the scan runs has a newer stamp, and the next read finds it.
 *   - The next read begins OVERLAP before the watermark: a long transaction's records become visible late, with
 *     older stamps. Ties need no care here, for `>=` reads whole seconds again.
 *   - The place to go on from is a row whose stamp is older than the query: a row that changed after the query
 *     ran stands where it stood, but shows its new stamp.
 */
import { z } from 'zod';
import {
  type Change,
  ConnectorError,
  type Context,
  type Cursor,
  type Page,
  type Select,
} from '../contract.ts';
import type { SalesforceConfig } from './config.ts';
import { withoutLacking } from './drift.ts';
import { locatorDied } from './failures.ts';
import { Lookup, lookUp, startLookup } from './lookup.ts';
import { isoTime, type QueryAnswer, query, queryMore, type Row, toChange } from './records.ts';
import { systemFields } from './schema.ts';
import type { Answer } from './session.ts';
import { identifier, quote } from './soql.ts';

/** A transaction may last ten minutes; its records then show the time at which it wrote them. */
const OVERLAP_SECONDS = 660;

/** So long does the recycle bin show what was deleted. */
const BIN_SECONDS = 15 * 86_400;

const Place = z.object({ stamp: z.iso.datetime(), id: z.string() });
/** Where a stream was read to. */
const Mark = z.object({ kind: z.literal('mark'), stamp: z.iso.datetime() });
const Scan = z.object({
  kind: z.literal('scan'),
  /** The tool's clock when the scan began: the next watermark. */
  started: z.iso.datetime(),
  /** The tool's clock when the query now being paged ran. */
  queried: z.iso.datetime(),
  /** Records from this stamp on; absent in a full read. */
  from: z.iso.datetime().optional(),
  /** All rows up to here have been handed over. */
  place: Place.optional(),
  next: z.string().startsWith('/services/data/'),
});
type Scan = z.infer<typeof Scan>;
const SomeCursor = z.discriminatedUnion('kind', [Mark, Scan, Lookup]);

/** Exactly one page of changes. */
export async function read(
  ctx: Context<SalesforceConfig>,
  stream: string,
  select: Select,
  fields: string[],
): Promise<Page> {
  identifier(stream, false);
  for (const name of fields) identifier(name);
  if ('by' in select) return lookUp(ctx, stream, startLookup(select.by, select.in), fields);
  if (select.since === null) return begin(ctx, stream, fields, undefined, undefined);
  const cursor = parseCursor(select.since);
  if (cursor.kind === 'lookup') return lookUp(ctx, stream, cursor, fields);
  if (cursor.kind === 'mark') {
    const from = new Date(Date.parse(cursor.stamp) - OVERLAP_SECONDS * 1000).toISOString();
    return begin(ctx, stream, fields, from, cursor.stamp);
  }
  return goOn(ctx, stream, fields, cursor);
}

function parseCursor(since: Cursor) {
  const parsed = SomeCursor.safeParse(since);
  if (parsed.success) return parsed.data;
  throw new ConnectorError('rejected', 'the stored cursor is not one that the Salesforce connector made', {
    hint: 'Read everything again: nayose sync --full',
    cause: parsed.error,
  });
}

async function queryFor(ctx: Context<SalesforceConfig>, stream: string, fields: string[], where: string) {
  const system = await systemFields(ctx, stream);
  return withoutLacking(ctx, stream, fields, (names) => {
    const columns = [...new Set([...system, ...names])];
    const soql = `SELECT ${columns.join(', ')} FROM ${stream}${where} ORDER BY SystemModstamp, Id`;
    return query(ctx, soql, true);
  });
}

/** A new scan. `mark`: the watermark it starts from; the next one never lies before it. */
async function begin(
  ctx: Context<SalesforceConfig>,
  stream: string,
  fields: string[],
  from: string | undefined,
  mark: string | undefined,
): Promise<Page> {
  const where = from === undefined ? '' : ` WHERE SystemModstamp >= ${from}`;
  const { answer, lacking } = await queryFor(ctx, stream, fields, where);
  const clock = clockOf(ctx, answer);
  const started = mark !== undefined && mark > clock ? mark : clock;
  const page = pageOf(stream, fields, answer.body, {
    started,
    queried: clock,
    ...(from === undefined ? {} : { from }),
    ...lastPlace(answer.body.records, undefined, undefined),
  });
  const long = mark !== undefined && (Date.parse(clock) - Date.parse(mark)) / 1000 > BIN_SECONDS;
  return {
    ...page,
    ...(lacking.length > 0 ? { lacking } : {}),
    ...(long ? { problems: [{ message: `not read since ${mark}: ${UNSEEN}` }] } : {}),
  };
}

const UNSEEN =
  'what was deleted meanwhile may have left the recycle bin after its 15 days. Only reconciling finds those records';

async function goOn(
  ctx: Context<SalesforceConfig>,
  stream: string,
  fields: string[],
  scan: Scan,
): Promise<Page> {
  const { kind: _, next, ...state } = scan;
  try {
    const { body } = await queryMore(ctx, next);
    return pageOf(stream, fields, body, { ...state, ...lastPlace(body.records, state.queried, state.place) });
  } catch (error) {
    if (!locatorDied(error)) throw error;
    ctx.log.info(`salesforce: a query locator of ${stream} expired; going on with a new query`);
  }
  const { answer, lacking } = await queryFor(ctx, stream, fields, after(scan));
  const page = pageOf(stream, fields, answer.body, {
    ...state,
    queried: clockOf(ctx, answer),
    ...lastPlace(answer.body.records, undefined, state.place),
  });
  return lacking.length > 0 ? { ...page, lacking } : page;
}

function after({ place, from }: Scan): string {
  if (place === undefined) return from === undefined ? '' : ` WHERE SystemModstamp >= ${from}`;
  const { stamp, id } = place;
  return ` WHERE (SystemModstamp > ${stamp} OR (SystemModstamp = ${stamp} AND Id > ${quote(id)}))`;
}

/** The earlier of the tool's clock and ours: a clock that runs ahead would skip records, one behind only rereads. */
function clockOf(ctx: Context<SalesforceConfig>, answer: Answer<QueryAnswer>): string {
  const ours = ctx.now();
  const { date } = answer;
  return (date !== undefined && date < ours ? date : ours).toISOString();
}

/** `queried` undefined: the first page of a query, whose rows all show what they were ordered by. */
function lastPlace(rows: Row[], queried: string | undefined, before: Scan['place']): Pick<Scan, 'place'> {
  for (let i = rows.length - 1; i >= 0; i -= 1) {
    const { Id, SystemModstamp } = rows[i]!;
    const stamp = isoTime(String(SystemModstamp));
    if (queried === undefined || stamp < queried.slice(0, 19)) return { place: { stamp, id: String(Id) } };
  }
  return before === undefined ? {} : { place: before };
}

function pageOf(
  stream: string,
  fields: string[],
  answer: QueryAnswer,
  state: Omit<Scan, 'kind' | 'next'>,
): Page {
  const changes: Change[] = answer.records.map((row) => toChange(stream, row, fields));
  if (answer.done || answer.nextRecordsUrl === undefined)
    return { changes, cursor: { kind: 'mark', stamp: state.started }, done: true };
  return { changes, cursor: { kind: 'scan', ...state, next: answer.nextRecordsUrl }, done: false };
}
