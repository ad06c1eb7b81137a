/**
 * The feed of what happened to golden records, in an order that never goes back. Ids are given before their transaction
 * commits, so following ids alone would skip a row that commits late. Rows are ordered by transaction, and shown only once
 * every transaction that began before theirs has ended.
 */
import type { Db } from './db.ts';
import type { HistoryRow } from './goldens.ts';

/** A place in the feed: after this row. */
export interface Place {
  tx: string;
  id: number;
}

export type FeedRow = HistoryRow & Place;

export const FEED_START: Place = { tx: '0', id: 0 };

/** Rows after `since`, oldest first. */
export async function feedPage(
  db: Db,
  since: Place,
  limit: number,
  entity: string | undefined,
): Promise<FeedRow[]> {
  return (await db.query(
    `select tx::text as tx, id, golden_id as "goldenId", entity, version, kind, detail, at from history
     where (tx, id) > ($1::xid8, $2::bigint) and tx < pg_snapshot_xmin(pg_current_snapshot())
       and ($3::text is null or entity = $3)
     order by tx, id limit $4`,
    [since.tx, since.id, entity ?? null, limit],
  )) as unknown as FeedRow[];
}

/** Where the feed ends now: a reader that starts here sees only what happens from now on. */
export async function feedEnd(db: Db): Promise<Place> {
  const [row] = await db.query<{ tx: string; id: number }>(
    `select tx::text as tx, id from history where tx < pg_snapshot_xmin(pg_current_snapshot()) order by tx desc, id desc limit 1`,
  );
  return row ? { tx: row.tx, id: row.id } : FEED_START;
}

/** Does this place lie before what the database knows? A place from another database (or from before a restore) may not. */
export async function isPlaceKnown(db: Db, { tx }: Place): Promise<boolean> {
  const [row] = await db.query<{ known: boolean }>(
    `select $1::xid8 < pg_snapshot_xmax(pg_current_snapshot()) as known`,
    [tx],
  );
  return row!.known;
}

/**
 * A dump restored into another server brings transaction numbers that this server has not reached: its rows would stay hidden.
 * All rows are numbered anew, in the order of their ids. Called at start; returns how many there were, mostly none.
 */
export async function renumberFeed(db: Db): Promise<number> {
  const rows = await db.query(
    `update history set tx = pg_current_xact_id()
     where exists (select 1 from history where tx >= pg_snapshot_xmax(pg_current_snapshot())) returning id`,
  );
  return rows.length;
}
