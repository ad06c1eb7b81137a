import type { Db } from '../../core/store/db.ts';

/** Empties every table of the hub: for tests that share one database. */
export async function emptyStore(db: Db): Promise<void> {
  await db.query(
    `truncate source_record, reference, match_key, match_form, edge, golden, decision, act, review, outbox, refusal, flip, known_mapping, unreadable, cursor,
       inbox, run, history, process, match_model, matched, tally, shown_plan, shown_write, reconcile, sighting, compared, difference, erasure, erasure_tool, erasure_block, deletion, tool_merge, permit, tool_account`,
  );
}
