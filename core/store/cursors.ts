import type { Cursor } from '../../connectors/contract.ts';
import type { Db } from './db.ts';
import { json } from './json.ts';

export interface CursorRow {
  mapping: string;
  value: Cursor;
  /** The stream has been read to its end at least once: only then may anything be created in it. */
  complete: boolean;
  /** Records created without an answer cannot be looked up: the next read starts from the beginning. */
  rescan: boolean;
  /** Of the fields that the mapping reads: when it changes, the stream is read anew. */
  fingerprint: string;
}

export async function cursorOf(db: Db, mapping: string): Promise<CursorRow | undefined> {
  const rows = await db.query(
    `select mapping, value, complete, rescan, fingerprint from cursor where mapping = $1`,
    [mapping],
  );
  return rows[0] as unknown as CursorRow | undefined;
}

/** Called in the transaction that commits the page which the cursor ends. */
export async function saveCursor(db: Db, row: CursorRow, now: string): Promise<void> {
  await db.query(
    `insert into cursor (mapping, value, complete, rescan, fingerprint, updated_at)
     values ($1, $2::jsonb, $3, $4, $5, $6::timestamptz)
     on conflict (mapping) do update set value = excluded.value, complete = excluded.complete, rescan = excluded.rescan,
       fingerprint = excluded.fingerprint, updated_at = excluded.updated_at`,
    [row.mapping, json(row.value), row.complete, row.rescan, row.fingerprint, now],
  );
}

export async function askRescan(db: Db, mapping: string): Promise<void> {
  await db.query(`update cursor set rescan = true where mapping = $1`, [mapping]);
}
