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
  /** The record of the tool that has the value already: refused as long as it has. */
  holder?: string | null;
}

const COLUMNS = `golden_id as "goldenId", mapping, target, attribute, value, field, message`;

/** Of an attribute that is refused in several fields, one is named. */
export async function saveRefusals(db: Db, rows: readonly Refusal[], now: string): Promise<void> {
  if (rows.length === 0) return;
  await db.query(
    `insert into refusal (golden_id, mapping, target, attribute, value, field, message, holder, at)
     select distinct on ("goldenId", mapping, target, attribute)
       "goldenId", mapping, target, attribute, value, field, message, holder, $2::timestamptz
     from jsonb_to_recordset($1::jsonb) as x("goldenId" text, mapping text, target text, attribute text, value jsonb,
       field text, message text, holder text)
     on conflict (golden_id, mapping, target, attribute) do update set value = excluded.value, field = excluded.field,
       message = excluded.message, holder = excluded.holder, at = excluded.at`,
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

/**
 * Called with records that have just changed. What was refused because one of them had the value, and it has it no more, is worked out
 * anew.
 */
export async function releaseHeldBy(db: Db, keys: readonly string[]): Promise<void> {
  if (keys.length === 0) return;
  await db.query(
    `with freed as (
       delete from refusal r using source_record s
       where r.holder = any($1::text[]) and s.key = r.holder
         and (s.deleted or s.merged_into is not null or s.seen->r.attribute is distinct from r.value)
       returning r.golden_id)
     update source_record set dirty = true where golden_id in (select golden_id from freed)`,
    [keys],
  );
}

/** These are over. */
export async function forgetRefusals(
  db: Db,
  rows: readonly Pick<Refusal, 'goldenId' | 'mapping' | 'target' | 'attribute'>[],
): Promise<void> {
  if (rows.length === 0) return;
  await db.query(
    `delete from refusal r using jsonb_to_recordset($1::jsonb) as x("goldenId" text, mapping text, target text, attribute text)
     where r.golden_id = x."goldenId" and r.mapping = x.mapping and r.target = x.target and r.attribute = x.attribute`,
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
