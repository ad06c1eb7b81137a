import type { Db } from './db.ts';

/**
 * Lets the planner see what a bulk load has done. Called after a first page and as tables grow fourfold: the embedded
 * database has no autovacuum, and a server's comes too late within a run; without statistics look-ups by key turn into scans.
 */
export async function refreshStatistics(db: Db): Promise<void> {
  await db.query(
    `analyze source_record, reference, match_key, match_form, edge, golden, outbox, refusal, review, decision, unreadable`,
  );
}
