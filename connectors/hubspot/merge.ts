import type { Context, Op } from '../contract.ts';
import { apiOf } from './api.ts';
import { attempt } from './call.ts';
import type { HubspotConfig } from './config.ts';
import { rowFailure } from './errors.ts';
import type { Ledger } from './ledger.ts';
import { batchRead, survivor } from './lookup.ts';
import { mergedIds } from './records.ts';
import type { ObjectSchema } from './schema.ts';

/** The one object whose records this connector merges. */
export const MERGEABLE = 'contacts';

/** For `mergeLoses` of the stream. */
export const MERGE_LOSES =
  'HubSpot cannot undo a merge: both contacts give way to one with a new id, which keeps the winner’s values where they differ; the other’s stay readable in the history of its properties only';

/**
 * One call a pair, after a look at both: an id that was merged away answers for its winner, and would merge somebody else. HubSpot
 * makes a record with a new id, which is the outcome's. What is merged already counts as done.
 */
export async function merge(
  ctx: Context<HubspotConfig>,
  schema: ObjectSchema,
  ops: Extract<Op, { op: 'merge' }>[],
  ledger: Ledger,
): Promise<void> {
  for (const { key, id, into } of ops) {
    if (schema.type !== MERGEABLE) {
      ledger.fail(key, { kind: 'rejected', message: `the HubSpot connector merges ${MERGEABLE} only` });
      continue;
    }
    const known = await ledger.reading(() => batchRead(ctx, schema, ['hs_merged_object_ids'], [id, into]));
    if (known === undefined) return;
    const standsFor = async (one: string) =>
      known.find((record) => record.id === one || mergedIds(record).includes(one))?.id ??
      (await survivor(ctx, schema, [], one))?.id;
    const both = await ledger.reading(async () => [await standsFor(id), await standsFor(into)] as const);
    if (both === undefined) return;
    const [loser, winner] = both;
    if (loser !== undefined && loser === winner) ledger.ok(key, loser, {});
    else if (loser !== id || winner !== into)
      ledger.fail(key, { kind: 'gone', message: 'one of the two is deleted, or merged into another record' });
    else {
      const answer = await attempt(ctx, true, () =>
        apiOf(ctx).contacts.merge({ primaryObjectId: into, objectIdToMerge: id }),
      );
      if (answer.ok) ledger.ok(key, answer.value.id, {});
      else if (['rejected', 'conflict', 'gone'].includes(answer.failure.kind))
        ledger.fail(key, rowFailure(answer.body));
      else ledger.failAll([key], answer.failure);
    }
    if (ledger.stopped) return;
  }
}
