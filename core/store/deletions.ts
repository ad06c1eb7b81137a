import type { Db, Row } from './db.ts';
import { json } from './json.ts';

/**
 * open      nobody has said anything of it: `archive` acts on it, `ask` waits
 * presumed  nobody has, and the tool has not said that it is deleted either: a look found nothing. It waits, `archive` or not
 * approved  its counterparts are to be deleted too
 * refused   they stay, and nobody is asked again
 */
export type DeletionState = 'open' | 'presumed' | 'approved' | 'refused';

/** A record that somebody deleted in its tool. */
export interface DeletionRow {
  /** Its source key. */
  record: string;
  entity: string;
  /** The tool's time. */
  at: string;
  state: DeletionState;
}

export interface Deletion extends DeletionRow {
  goldenId: string;
  connection: string;
  by: string | null;
  decidedAt: string | null;
}

const COLUMNS = `d.record, d.entity, d.at, d.state, d.by, d.decided_at as "decidedAt", s.golden_id as "goldenId", s.connection`;
/** It still is deleted, and was not merged away. */
const STANDS = `s.deleted and s.merged_into is null and s.golden_id is not null`;

/** Deleted again after it was brought back, it is asked about again. */
export async function saveDeletions(db: Db, rows: readonly DeletionRow[]): Promise<void> {
  if (rows.length === 0) return;
  await db.query(
    `insert into deletion (record, entity, at, state) select distinct on (record) record, entity, at, state
     from jsonb_to_recordset($1::jsonb) as x(record text, entity text, at timestamptz, state text) order by record, state
     on conflict (record) do update set at = excluded.at, state = excluded.state, by = null, decided_at = null`,
    [json(rows)],
  );
}

/** Their tool says that they are deleted, which was presumed so far. Returns those of which it was. */
export async function confirmDeletions(
  db: Db,
  rows: readonly Pick<DeletionRow, 'record' | 'at'>[],
): Promise<string[]> {
  if (rows.length === 0) return [];
  const confirmed = await db.query<{ record: string }>(
    `update deletion d set state = 'open', at = x.at from jsonb_to_recordset($1::jsonb) as x(record text, at timestamptz)
     where d.record = x.record and d.state = 'presumed' returning d.record`,
    [json(rows)],
  );
  return confirmed.map(({ record }) => record);
}

/** They are back in their tool. */
export async function forgetDeletions(db: Db, records: readonly string[]): Promise<void> {
  if (records.length > 0) await db.query(`delete from deletion where record = any($1::text[])`, [records]);
}

/** By golden id. */
export async function deletionsOf(db: Db, goldenIds: readonly string[]): Promise<Map<string, Deletion[]>> {
  if (goldenIds.length === 0) return new Map();
  const rows = await db.query<Deletion & Row>(
    `select ${COLUMNS} from source_record s join deletion d on d.record = s.key
     where s.golden_id = any($1::text[]) and ${STANDS} order by d.at, d.record`,
    [goldenIds],
  );
  return Map.groupBy(rows, ({ goldenId }) => goldenId);
}

export interface AskedDeletion extends Deletion {
  /** Source keys of the records that would be deleted. */
  targets: string[];
}

/**
 * Deletions that wait for a person, the oldest first: those with a live counterpart in a stream that asks, or in one that archives
 * where the deletion is but presumed, or somebody has changed the counterpart since. `after`: the last of the page before.
 */
export async function askedDeletions(
  db: Db,
  streams: readonly { connection: string; object: string; policy: string }[],
  after: { at: string; record: string } | null,
  limit: number,
): Promise<AskedDeletion[]> {
  return db.query<AskedDeletion & Row>(
    `select ${COLUMNS}, array_agg(t.key order by t.key) as targets
     from deletion d join source_record s on s.key = d.record
     join source_record t on t.golden_id = s.golden_id and not t.deleted and t.connection <> s.connection
     join jsonb_to_recordset($1::jsonb) as x(connection text, object text, policy text)
       on x.connection = t.connection and x.object = t.object
     where d.state in ('open', 'presumed') and ${STANDS}
       and (x.policy = 'ask' or (x.policy = 'archive' and (d.state = 'presumed' or t.at > d.at)))
       and not exists (select 1 from source_record l where l.golden_id = s.golden_id and l.connection = s.connection and not l.deleted)
       and ($2::timestamptz is null or (d.at, d.record) > ($2::timestamptz, $3))
     group by d.record, s.key order by d.at, d.record limit $4`,
    [json(streams), after?.at ?? null, after?.record ?? '', limit],
  );
}

/** One deletion, held until the transaction ends. */
export async function lockDeletion(tx: Db, record: string): Promise<Deletion | undefined> {
  const [row] = await tx.query<Deletion & Row>(
    `select ${COLUMNS} from deletion d join source_record s on s.key = d.record where d.record = $1 and ${STANDS} for update of d`,
    [record],
  );
  return row;
}

export async function decideDeletionRow(
  tx: Db,
  row: { record: string; state: DeletionState; by: string; at: string },
): Promise<void> {
  await tx.query(`update deletion set state = $2, by = $3, decided_at = $4::timestamptz where record = $1`, [
    row.record,
    row.state,
    row.by,
    row.at,
  ]);
}
