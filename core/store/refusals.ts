import type { Value } from '../model/value.ts';
import type { Db } from './db.ts';
import { json } from './json.ts';

/** A value that a tool refused. It is not sent again to that record while it stays the same; the rest is delivered. */
export interface Refusal {
  goldenId: string;
  mapping: string;
  target: string;
  attribute: string;
  value: Value;
  field: string | null;
  message: string;
}

const COLUMNS = `golden_id as "goldenId", mapping, target, attribute, value, field, message`;

export async function saveRefusals(db: Db, rows: readonly Refusal[], now: string): Promise<void> {
  if (rows.length === 0) return;
  await db.query(
    `insert into refusal (golden_id, mapping, target, attribute, value, field, message, at)
     select "goldenId", mapping, target, attribute, value, field, message, $2::timestamptz
     from jsonb_to_recordset($1::jsonb) as x("goldenId" text, mapping text, target text, attribute text, value jsonb,
       field text, message text)
     on conflict (golden_id, mapping, target, attribute) do update set value = excluded.value, field = excluded.field,
       message = excluded.message, at = excluded.at`,
    [json(rows), now],
  );
}

export async function refusalsOf(db: Db, goldenIds: readonly string[]): Promise<Refusal[]> {
  if (goldenIds.length === 0) return [];
  return (await db.query(`select ${COLUMNS} from refusal where golden_id = any($1::text[])`, [
    goldenIds,
  ])) as unknown as Refusal[];
}

/** A record that was just created keeps what was refused on the way, under its own key. */
export async function moveRefusals(
  db: Db,
  rows: readonly { goldenId: string; mapping: string; target: string }[],
): Promise<void> {
  if (rows.length === 0) return;
  await db.query(
    `update refusal r set target = x.target from jsonb_to_recordset($1::jsonb) as x("goldenId" text, mapping text, target text)
     where r.golden_id = x."goldenId" and r.mapping = x.mapping and r.target = ''`,
    [json(rows)],
  );
}

/** Forgets refusals: all of these mappings (a person retries), so that the values are sent once more. */
export async function clearRefusals(db: Db, mappings: readonly string[]): Promise<string[]> {
  const rows = await db.query<{ golden_id: string }>(
    `delete from refusal where mapping = any($1::text[]) returning golden_id`,
    [mappings],
  );
  return [...new Set(rows.map((row) => row.golden_id))];
}

export async function countRefusals(db: Db, mappings: readonly string[]): Promise<number> {
  const [row] = await db.query<{ n: number }>(
    `select count(*) as n from refusal where mapping = any($1::text[])`,
    [mappings],
  );
  return row!.n;
}
