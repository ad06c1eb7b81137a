import { type Change, ConnectorError, type Context, type Page } from '../contract.ts';
import { apiOf } from './api.ts';
import { attempt, call, recordsIn } from './call.ts';
import type { HubspotConfig } from './config.ts';
import type { At } from './cursor.ts';
import { BATCH } from './discover.ts';
import { rowFailure } from './errors.ts';
import { type Answered, changesOf, linkValues, mergedIds, type Wanted } from './records.ts';
import type { ObjectSchema } from './schema.ts';

/**
 * Records of one batch read that tells who wrote what. With 51 HubSpot refuses the call as invalid (a VALIDATION_ERROR that names 50 as
 * the most for property histories, seen by others: github.com/activepieces/activepieces/pull/9359); without histories it takes 100.
 */
const BATCH_WITH_HISTORY = 50;

/** A page of at most 100 values, whose links are read in one call. Looked up by id, what is gone is told too: as a merge or a delete. */
export async function lookup(
  ctx: Context<HubspotConfig>,
  schema: ObjectSchema,
  want: Wanted,
  cursor: At<'lookup'>,
): Promise<Page> {
  const { by, whose } = cursor;
  if (!schema.properties.get(by)?.unique)
    throw new ConnectorError(
      'rejected',
      `HubSpot cannot look up ${schema.stream} by ${by}: it is not unique`,
    );
  const values = [...new Set(cursor.in)].filter((value) => value !== '');
  const now = values.slice(0, BATCH);
  const later = values.slice(BATCH);
  const records: Answered[] = [];
  const most = whose ? BATCH_WITH_HISTORY : BATCH;
  for (let from = 0; from < now.length; from += most)
    records.push(
      ...(await batchRead(ctx, schema, want.properties, now.slice(from, from + most), { by, whose })),
    );
  const gone = by === 'hs_object_id' ? await goneIds(ctx, schema, want, now, records) : [];
  const links = await linkValues(
    ctx,
    schema,
    want.links,
    records.map(({ id }) => id),
  );
  const changes = [...records.flatMap((record) => changesOf(schema, want, record, links)), ...gone];
  return { changes, cursor: { ...cursor, in: later }, done: later.length === 0 };
}

/** At most 100 records (50 with `whose`) by id or unique property. What is not there is left out. */
export async function batchRead(
  ctx: Context<HubspotConfig>,
  schema: ObjectSchema,
  properties: string[],
  values: string[],
  {
    by = 'hs_object_id',
    archived = false,
    whose,
  }: { by?: string; archived?: boolean; whose?: true | undefined } = {},
): Promise<Answered[]> {
  const inputs = values.filter((value) => by !== 'hs_object_id' || /^\d+$/.test(value)).map((id) => ({ id }));
  if (inputs.length === 0) return [];
  const answer = await call(ctx, async () => {
    const page = await apiOf(ctx).batch.read(
      schema.type,
      {
        properties,
        propertiesWithHistory: whose ? properties : [],
        inputs,
        ...(by === 'hs_object_id' ? {} : { idProperty: by }),
      },
      archived,
    );
    return { found: recordsIn(page), errors: 'errors' in page ? (page.errors ?? []) : [] };
  });
  for (const error of answer.errors) {
    const failure = rowFailure(error);
    if (failure.kind !== 'gone')
      throw new ConnectorError('rejected', `HubSpot refused a look-up by ${by}: ${failure.message}`);
  }
  const unique = new Map(answer.found.map((record) => [record.id, record]));
  return [...unique.values()];
}

/**
 * Ids that no record answered for. An id that was merged away answers with its winner, in a single read if not
 * in a batch: only what is neither there, nor archived, nor merged has been purged, or is out of this user's sight. Winners found
 * here are added to `records`.
 */
async function goneIds(
  ctx: Context<HubspotConfig>,
  schema: ObjectSchema,
  want: Wanted,
  ids: string[],
  records: Answered[],
): Promise<Change[]> {
  const { stream } = schema;
  const answered = new Set(records.flatMap((record) => [record.id, ...mergedIds(record)]));
  const missing = ids.filter((id) => /^\d+$/.test(id) && !answered.has(id));
  if (missing.length === 0) return [];
  const archived = await batchRead(ctx, schema, [], missing, { archived: true });
  const changes: Change[] = archived.map((record) => ({
    stream,
    id: record.id,
    at: ((record as { archivedAt?: Date }).archivedAt ?? ctx.now()).toISOString(),
    op: 'delete',
  }));
  const dead = new Set(archived.map(({ id }) => id));
  for (const id of missing) {
    if (dead.has(id)) continue;
    const winner = await survivor(ctx, schema, want.properties, id);
    const at = ctx.now().toISOString();
    if (winner === undefined) changes.push({ stream, id, at, op: 'delete', presumed: true });
    else {
      if (!records.some((record) => record.id === winner.id)) records.push(winner);
      if (winner.id !== id && !mergedIds(winner).includes(id))
        changes.push({ stream, id, at, op: 'merge', into: { stream, id: winner.id } });
    }
  }
  return changes;
}

/** The record that a single read of an id answers with: the winner of a merge has another id. */
export async function survivor(
  ctx: Context<HubspotConfig>,
  schema: ObjectSchema,
  properties: string[],
  id: string,
): Promise<Answered | undefined> {
  const answer = await attempt(ctx, false, () => apiOf(ctx).objects.getById(schema.type, id, properties));
  if (answer.ok) return answer.value;
  if (answer.failure.status === 404) return undefined;
  throw answer.failure;
}
