/**
 * HubSpot moves a lifecycle stage only forwards by a plain write, and says nothing about it: its answer shows the stage that stayed.
 * Cleared first, the stage may be any.
 */
import type { Context } from '../contract.ts';
import { apiOf } from './api.ts';
import { type Row, sendIsolated } from './batches.ts';
import { attempt, recordsIn } from './call.ts';
import type { HubspotConfig } from './config.ts';
import { Ledger } from './ledger.ts';
import { timeOf } from './records.ts';
import type { ObjectSchema } from './schema.ts';

export const STAGE = 'lifecyclestage';

export interface StageRow extends Row {
  id: string;
}

export interface Moved {
  stage: string | null;
  at: string;
}

/**
 * Clears the stage of these records and sets it: two calls a batch. Returns what each shows then, by key; those that are left out
 * could not be cleared and stay as they were. `null`: cleared, and not set.
 */
export async function moveBack(
  ctx: Context<HubspotConfig>,
  schema: ObjectSchema,
  rows: StageRow[],
): Promise<Map<string, Moved>> {
  const moved = new Map<string, Moved>();
  const put = async (part: StageRow[], stage: (row: StageRow) => string) =>
    sendIsolated(
      part.map((row) => ({ ...row, properties: { [STAGE]: stage(row) } })),
      // What fails here is no failure of the row: all else of it is written.
      new Ledger(),
      (list) =>
        attempt(ctx, true, async () => {
          const inputs = list.map(({ id, properties, trace }) => ({
            id,
            properties,
            objectWriteTraceId: trace,
          }));
          return { found: recordsIn(await apiOf(ctx).batch.update(schema.type, { inputs })), errors: [] };
        }),
      (list, { found }) => {
        const records = new Map(found.map((record) => [record.id, record]));
        for (const { key, id } of list) {
          const record = records.get(id);
          if (record) moved.set(key, { stage: record.properties[STAGE] || null, at: timeOf(schema, record) });
        }
      },
      () => undefined,
    );
  await put(rows, () => '');
  await put(
    rows.filter(({ key }) => moved.get(key)?.stage === null),
    ({ properties }) => properties[STAGE]!,
  );
  return moved;
}
