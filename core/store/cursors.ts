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
  /** When the reading began whose end is still to come; null: none is in hand. */
  sweepAt: string | null;
  /** What the stream showed then is known: the beginning of the last reading that came to its end. */
  lookedAt: string | null;
  /**
   * Of a reading from the beginning that is watched for what it does not show: live records that the hub held before it, and rows that
   * were set aside so far. null: none is, or what it did not show has been taken out.
   */
  watched: Watched | null;
}

export interface Watched {
  held: number;
  aside: number;
}

export async function cursorOf(db: Db, mapping: string): Promise<CursorRow | undefined> {
  const rows = await db.query(
    `select mapping, value, complete, rescan, fingerprint, sweep_at as "sweepAt", looked_at as "lookedAt",
       case when held is not null then jsonb_build_object('held', held, 'aside', aside) end as watched
     from cursor where mapping = $1`,
    [mapping],
  );
  return rows[0] as unknown as CursorRow | undefined;
}

/** Called in the transaction that commits the page which the cursor ends. */
export async function saveCursor(db: Db, row: CursorRow, now: string): Promise<void> {
  await db.query(
    `insert into cursor (mapping, value, complete, rescan, fingerprint, updated_at, sweep_at, looked_at, held, aside)
     values ($1, $2::jsonb, $3, $4, $5, $6::timestamptz, $7::timestamptz, $8::timestamptz, $9, $10)
     on conflict (mapping) do update set value = excluded.value, complete = excluded.complete, rescan = excluded.rescan,
       fingerprint = excluded.fingerprint, updated_at = excluded.updated_at,
       sweep_at = excluded.sweep_at, looked_at = excluded.looked_at, held = excluded.held, aside = excluded.aside`,
    [
      ...[
        row.mapping,
        json(row.value),
        row.complete,
        row.rescan,
        row.fingerprint,
        now,
        row.sweepAt,
        row.lookedAt,
      ],
      ...[row.watched?.held ?? null, row.watched?.aside ?? null],
    ],
  );
}

/** When a mapping's stream was last looked at as a whole, and whether webhooks or a feed told of it since a time. */
export async function lookOf(
  db: Db,
  stream: { mapping: string; connection: string; object: string },
  since: string,
): Promise<{ lookedAt: string | null; heard: boolean }> {
  const rows = await db.query<{ lookedAt: string | null; heard: boolean }>(
    `select (select looked_at from cursor where mapping = $1) as "lookedAt",
       exists(select 1 from inbox where connection = $2 and received_at > $4::timestamptz and changes @> $3::jsonb) as heard`,
    [stream.mapping, stream.connection, json([{ stream: stream.object }]), since],
  );
  return rows[0]!;
}

/** What the last reading did not show has been taken out. */
export async function endWatch(db: Db, mapping: string): Promise<void> {
  await db.query(`update cursor set held = null, aside = null where mapping = $1`, [mapping]);
}

export async function askRescan(db: Db, mapping: string): Promise<void> {
  await db.query(`update cursor set rescan = true where mapping = $1`, [mapping]);
}

const READ_ANEW = `select mapping from cursor where mapping = any($1::text[]) and rescan and not complete`;

/** Of these mappings, those whose streams are another account's than what the hub knows of them (see `replaceAccount`), and not read yet. */
export async function readAnew(db: Db, mappings: readonly string[]): Promise<string[]> {
  const rows = await db.query<{ mapping: string }>(READ_ANEW, [mappings]);
  return rows.map(({ mapping }) => mapping);
}
