import type { Context, Op } from '../contract.ts';
import { apiOf } from './api.ts';
import { type Row, sendIsolated } from './batches.ts';
import { attempt } from './call.ts';
import type { HubspotConfig } from './config.ts';
import { rowFailure } from './errors.ts';
import type { Ledger } from './ledger.ts';
import { batchRead } from './lookup.ts';
import { mergedIds } from './records.ts';
import type { ObjectSchema } from './schema.ts';

type Delete = Extract<Op, { op: 'delete' }>;

/** The one object whose records HubSpot deletes for good over this API. */
const PURGEABLE = 'contacts';

/**
 * One batch archive, after a look at who answers to the ids: that of a record merged away stands for its winner,
 * which nobody asked to delete. An id that is not there counts as deleted, as HubSpot itself has it. Contacts to be forgotten are
 * deleted for good instead, one by one.
 */
export async function archive(
  ctx: Context<HubspotConfig>,
  schema: ObjectSchema,
  ops: Delete[],
  ledger: Ledger,
): Promise<void> {
  const rows = ops.map(({ key, id, forget }) => ({
    key,
    id,
    trace: id,
    properties: {},
    forget: forget === true,
  })) satisfies Row[];
  if (rows.length === 0) return;
  const answering = await ledger.reading(() =>
    batchRead(
      ctx,
      schema,
      ['hs_merged_object_ids'],
      rows.map(({ id }) => id),
    ),
  );
  if (answering === undefined) return;
  const live = new Set(answering.map(({ id }) => id));
  const purge = (row: { forget: boolean }) => row.forget && schema.type === PURGEABLE;
  for (const row of rows.filter((one) => !live.has(one.id))) {
    const { key, id } = row;
    const winner = answering.find((record) => mergedIds(record).includes(id));
    // It may lie in the recycling bin still.
    if (winner === undefined && purge(row)) await purgeContact(ctx, key, id, ledger);
    else if (winner === undefined) ledger.ok(key, id, {});
    else ledger.fail(key, { kind: 'gone', message: 'the record was merged into another', id: winner.id });
  }
  for (const row of rows.filter((one) => live.has(one.id) && purge(one)))
    await purgeContact(ctx, row.key, row.id, ledger);
  await sendIsolated<(typeof rows)[number], never>(
    rows.filter((row) => live.has(row.id) && !purge(row)),
    ledger,
    (part) =>
      attempt(ctx, true, async () => {
        const inputs = [...new Set(part.map(({ id }) => id))].map((id) => ({ id }));
        await apiOf(ctx).batch.archive(schema.type, { inputs });
        return { found: [], errors: [] };
      }),
    (part) => {
      for (const { key, id, forget } of part) ledger.ok(key, id, {}, undefined, forget ? BIN : undefined);
    },
    (row, failure) => {
      if (failure.kind === 'gone') ledger.ok(row.key, row.id, {});
      else ledger.fail(row.key, failure);
    },
  );
}

const BIN = 'HubSpot keeps it in its recycling bin for up to 90 days; empty it there';

/** One call: there is no batch of it. A contact that is not there counts as deleted. */
async function purgeContact(
  ctx: Context<HubspotConfig>,
  key: string,
  id: string,
  ledger: Ledger,
): Promise<void> {
  if (ledger.stopped) return;
  const answer = await attempt(ctx, true, () => apiOf(ctx).contacts.purge({ objectId: id }));
  if (answer.ok || answer.failure.kind === 'gone') ledger.ok(key, id, {});
  else if (answer.failure.kind === 'rejected' || answer.failure.kind === 'conflict')
    ledger.fail(key, rowFailure(answer.body));
  else ledger.failAll([key], answer.failure);
}
