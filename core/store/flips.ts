import type { Value } from '../model/value.ts';
import type { Db } from './db.ts';
import { json } from './json.ts';

/** One time that what the hub wrote was overwritten in the tool. */
export interface Round {
  /** The tool's time of the overwriting. */
  at: string;
  /** When the hub saw it, by its own clock. */
  seen: string;
  wrote: Value;
  became: Value;
}

export interface FlipRow {
  record: string;
  attribute: string;
  round: Round;
}

/** Rounds kept of one field: enough to show what goes on. */
const KEPT = 20;

/** Adds rounds, forgets those seen before `since`, and freezes what has `limit` of them then. */
export async function saveRounds(
  db: Db,
  rows: readonly FlipRow[],
  limit: number,
  since: string,
  now: string,
): Promise<void> {
  if (rows.length === 0) return;
  await db.query(
    `insert into flip as f (record, attribute, rounds)
     select record, attribute, jsonb_build_array(round) from jsonb_to_recordset($1::jsonb) as x(record text, attribute text, round jsonb)
     on conflict (record, attribute) do update set rounds =
       (select jsonb_agg(r order by n) from
         (select r, n from jsonb_array_elements(f.rounds || excluded.rounds) with ordinality t(r, n)
          where (r->>'seen')::timestamptz >= $2::timestamptz order by n desc limit $3) newest)`,
    [json(rows), since, Math.max(KEPT, limit)],
  );
  await db.query(
    `update flip set frozen_at = $3::timestamptz
     where record = any($1::text[]) and frozen_at is null and jsonb_array_length(rounds) >= $2`,
    [rows.map(({ record }) => record), limit, now],
  );
}

/** Attributes that are written to no record of these golden records: golden id → names. */
export async function frozenOf(db: Db, goldenIds: readonly string[]): Promise<Map<string, Set<string>>> {
  const found = new Map<string, Set<string>>();
  if (goldenIds.length === 0) return found;
  const rows = await db.query<{ golden_id: string; attribute: string }>(
    `select s.golden_id, f.attribute from flip f join source_record s on s.key = f.record
     where f.frozen_at is not null and s.golden_id = any($1::text[]) and not s.deleted`,
    [goldenIds],
  );
  for (const { golden_id, attribute } of rows)
    found.set(golden_id, (found.get(golden_id) ?? new Set()).add(attribute));
  return found;
}

/** Forgets how these attributes flipped: they are written again. */
export async function thaw(db: Db, rows: readonly { goldenId: string; attribute: string }[]): Promise<void> {
  if (rows.length === 0) return;
  await db.query(
    `delete from flip f using source_record s, jsonb_to_recordset($1::jsonb) as x("goldenId" text, attribute text)
     where s.key = f.record and s.golden_id = x."goldenId" and f.attribute = x.attribute`,
    [json(rows)],
  );
}

/** Everything frozen is written again: a person says that its cause is mended. Returns the golden records concerned. */
export async function thawAll(db: Db): Promise<string[]> {
  const rows = await db.query<{ golden_id: string }>(
    `with thawed as (delete from flip where frozen_at is not null returning record)
     select distinct s.golden_id from source_record s join thawed t on t.record = s.key where s.golden_id is not null`,
  );
  return rows.map((row) => row.golden_id);
}

/** Fields of live records that are frozen. */
export async function countFrozen(db: Db, entity: string): Promise<number> {
  const [row] = await db.query<{ n: number }>(
    `select count(*) as n from flip f join source_record s on s.key = f.record
     where f.frozen_at is not null and s.entity = $1 and not s.deleted`,
    [entity],
  );
  return row!.n;
}

export interface FrozenField {
  record: string;
  attribute: string;
  golden: string;
  rounds: Round[];
  frozenAt: string;
}

export async function frozenFields(db: Db): Promise<FrozenField[]> {
  return (await db.query(
    `select f.record, f.attribute, coalesce(s.golden_id, '') as golden, f.rounds, f.frozen_at as "frozenAt"
     from flip f join source_record s on s.key = f.record
     where f.frozen_at is not null and not s.deleted order by f.record, f.attribute`,
  )) as unknown as FrozenField[];
}
