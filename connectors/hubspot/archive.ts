import type { Context, Op } from '../contract.ts';
import { apiOf } from './api.ts';
import { type Row, sendIsolated } from './batches.ts';
import { attempt } from './call.ts';
import type { HubspotConfig } from './config.ts';
import type { Ledger } from './ledger.ts';
import { batchRead } from './lookup.ts';
import { mergedIds } from './records.ts';
import type { ObjectSchema } from './schema.ts';

/**
 * One batch archive, after a look at who answers to the ids: that of a record merged away stands for its winner,
 * which nobody asked to delete. An id that is not there counts as deleted, as HubSpot itself has it.
 */
export async function archive(
  ctx: Context<HubspotConfig>,
  schema: ObjectSchema,
  ops: Extract<Op, { op: 'delete' }>[],
  ledger: Ledger,
): Promise<void> {
  const rows = ops.map(({ key, id }): Row & { id: string } => ({ key, id, trace: id, properties: {} }));
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
  for (const { key, id } of rows.filter((row) => !live.has(row.id))) {
    const winner = answering.find((record) => mergedIds(record).includes(id));
    if (winner === undefined) ledger.ok(key, id, {});
    else ledger.fail(key, { kind: 'gone', message: 'the record was merged into another', id: winner.id });
  }
  await sendIsolated<(typeof rows)[number], never>(
    rows.filter(({ id }) => live.has(id)),
    ledger,
    (part) =>
      attempt(ctx, true, async () => {
        const inputs = [...new Set(part.map(({ id }) => id))].map((id) => ({ id }));
        await apiOf(ctx).batch.archive(schema.type, { inputs });
        return { found: [], errors: [] };
      }),
    (part) => {
      for (const { key, id } of part) ledger.ok(key, id, {});
    },
    (row, failure) => {
      if (failure.kind === 'gone') ledger.ok(row.key, row.id, {});
      else ledger.fail(row.key, failure);
    },
  );
}
