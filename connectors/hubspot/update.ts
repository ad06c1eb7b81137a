import type { Context, Fields, Op } from '../contract.ts';
import { apiOf } from './api.ts';
import { byTrace, idsNotFound, type Row, sendIsolated } from './batches.ts';
import { attempt, recordsIn } from './call.ts';
import type { HubspotConfig } from './config.ts';
import type { RowFailure } from './errors.ts';
import { type LinkWish, madeOf, split } from './fields.ts';
import type { Ledger } from './ledger.ts';
import { batchRead, survivor } from './lookup.ts';
import { mergedIds, timeOf } from './records.ts';
import { setLinks } from './relink.ts';
import type { ObjectSchema } from './schema.ts';
import { moveBack, STAGE } from './stages.ts';

interface UpdateRow extends Row {
  id: string;
  links: LinkWish[];
}
interface Updated {
  id: string;
  updatedAt: Date;
  properties: Record<string, string | null>;
}

/** Batch updates, then associations. HubSpot has no conditional update: `ifVersion` is never given, since records show no version. */
export async function update(
  ctx: Context<HubspotConfig>,
  schema: ObjectSchema,
  ops: Extract<Op, { op: 'update' }>[],
  ledger: Ledger,
): Promise<void> {
  let rows = ops.map(
    ({ key, id, fields }, i): UpdateRow => ({ key, id, trace: `row-${i}`, ...split(schema, fields) }),
  );
  while (rows.length > 0) {
    // Two rows with one id would have the whole batch refused: the second waits for the next.
    const now = rows.filter((row, i) => rows.findIndex(({ id }) => id === row.id) === i);
    rows = rows.filter((row) => !now.includes(row));
    await updateBatch(ctx, schema, now, ledger);
  }
}

async function updateBatch(
  ctx: Context<HubspotConfig>,
  schema: ObjectSchema,
  rows: UpdateRow[],
  ledger: Ledger,
): Promise<void> {
  const written = new Map<string, Fields>();
  const times = new Map<string, string>();
  const gone: UpdateRow[] = [];
  const refuse = (row: UpdateRow, failure: RowFailure) => {
    if (failure.kind === 'gone') gone.push(row);
    else ledger.fail(row.key, failure);
  };
  const withProperties = rows.filter(({ properties }) => Object.keys(properties).length > 0);
  for (const row of rows) if (!withProperties.includes(row)) written.set(row.key, {});
  await sendIsolated<UpdateRow, Updated>(
    withProperties,
    ledger,
    (part) =>
      attempt(ctx, true, async () => {
        const inputs = part.map(({ id, properties, trace }) => ({
          id,
          properties,
          objectWriteTraceId: trace,
        }));
        const answer = await apiOf(ctx).batch.update(schema.type, { inputs });
        return { found: recordsIn(answer), errors: 'errors' in answer ? (answer.errors ?? []) : [] };
      }),
    (part, { found, errors }) => {
      const failures = byTrace(errors);
      const missing = idsNotFound(errors);
      const records = new Map(found.map((record) => [record.id, record]));
      for (const row of part) {
        const failure = failures.get(row.trace);
        const record = records.get(row.id);
        if (failure !== undefined) refuse(row, failure);
        else if (record !== undefined) {
          written.set(row.key, madeOf(schema, row.properties, record.properties));
          times.set(row.key, timeOf(schema, record));
        }
        // An error that names neither this row nor an id leaves it open; silence means a merge took the id away.
        else if (missing.has(row.id) || errors.length === 0 || failures.size + missing.size > 0)
          gone.push(row);
        else ledger.unknown(row.key);
      }
    },
    refuse,
  );
  if (ctx.config.lifecycleBackwards && !ledger.stopped) {
    const stayed = withProperties.filter(({ key, properties }) => {
      const shown = written.get(key)?.[STAGE];
      return properties[STAGE] && shown !== undefined && shown !== properties[STAGE];
    });
    for (const [key, { stage, at }] of await moveBack(ctx, schema, stayed)) {
      if (stage === null) {
        written.delete(key);
        ledger.fail(key, {
          kind: 'transient',
          message: 'the lifecycle stage was cleared, and is not set yet',
        });
        continue;
      }
      written.set(key, { ...written.get(key), [STAGE]: stage });
      times.set(key, at);
    }
  }
  await settleGone(ctx, schema, gone, ledger);
  const linking = rows.filter(({ key, links }) => written.has(key) && links.length > 0);
  for (const row of rows)
    if (written.has(row.key) && row.links.length === 0)
      ledger.ok(row.key, row.id, written.get(row.key)!, times.get(row.key));
  const linked = await setLinks(
    ctx,
    schema,
    linking.map(({ key, id, links }) => ({ key, id, wishes: links })),
    ledger,
  );
  for (const { key, id } of linking) {
    const links = linked.get(key);
    if (links !== undefined) ledger.ok(key, id, { ...written.get(key), ...links }, times.get(key));
  }
}

/** Where merged records went: one batch read, and single reads for what it does not answer. */
async function settleGone(
  ctx: Context<HubspotConfig>,
  schema: ObjectSchema,
  gone: UpdateRow[],
  ledger: Ledger,
): Promise<void> {
  if (gone.length === 0) return;
  const property = ['hs_merged_object_ids'];
  const ids = gone.map(({ id }) => id);
  const answering = await ledger.reading(async () => {
    const found = new Map<string, string>();
    for (const record of await batchRead(ctx, schema, property, ids))
      for (const id of [record.id, ...mergedIds(record)]) found.set(id, record.id);
    for (const id of ids)
      if (!found.has(id) && /^\d+$/.test(id)) {
        const record = await survivor(ctx, schema, property, id);
        if (record !== undefined) found.set(id, record.id);
      }
    return found;
  });
  if (answering === undefined) return;
  for (const { key, id } of gone) {
    const winner = answering.get(id);
    if (winner === id)
      ledger.fail(key, { kind: 'transient', message: 'HubSpot left the record out of its answer' });
    else if (winner === undefined)
      ledger.fail(key, { kind: 'gone', message: 'the record is no longer in HubSpot' });
    else ledger.fail(key, { kind: 'gone', message: 'the record was merged into another', id: winner });
  }
}
