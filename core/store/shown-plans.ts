/** The writes that a halted run would have made, as they were shown: what an approval covers. Digests only, no values. */
import type { Db } from './db.ts';
import { json } from './json.ts';

export interface ShownWrite {
  goldenId: string;
  mapping: string;
  target: string;
  op: string;
  /** Field → digest of the value that would be written. */
  fields: Record<string, string>;
}

/** Of a sync the plans of its last halts are kept; equal ones are one. */
const KEPT = 5;

/** Golden records with writes that would be made, in order: a page for digesting. */
export async function plannedGoldens(
  db: Db,
  mappings: readonly string[],
  after: string,
  limit: number,
): Promise<string[]> {
  const rows = await db.query<{ id: string }>(
    `select distinct golden_id as id from outbox where mapping = any($1::text[]) and state in ('pending', 'waiting')
       and golden_id > $2 order by golden_id limit $3`,
    [mappings, after, limit],
  );
  return rows.map(({ id }) => id);
}

export async function savePlan(
  db: Db,
  plan: { digest: string; sync: string; writes: readonly ShownWrite[] },
  at: string,
): Promise<void> {
  await db.query(
    `insert into shown_plan (digest, sync, writes, at) values ($1, $2, $3, $4::timestamptz)
     on conflict (digest) do update set at = excluded.at`,
    [plan.digest, plan.sync, plan.writes.length, at],
  );
  for (let from = 0; from < plan.writes.length; from += 5000)
    await db.query(
      `insert into shown_write (digest, golden_id, mapping, target, op, fields)
       select $2, "goldenId", mapping, target, op, fields
       from jsonb_to_recordset($1::jsonb) as x("goldenId" text, mapping text, target text, op text, fields jsonb)
       on conflict do nothing`,
      [json(plan.writes.slice(from, from + 5000)), plan.digest],
    );
  const old = await db.query<{ digest: string }>(
    `delete from shown_plan where sync = $1 and digest not in
       (select digest from shown_plan where sync = $1 order by at desc, digest limit $2) returning digest`,
    [plan.sync, KEPT],
  );
  await db.query(`delete from shown_write where digest = any($1::text[])`, [old.map(({ digest }) => digest)]);
}

/** undefined: it was too long ago, and is not kept any more. */
export async function planShown(db: Db, digest: string): Promise<ShownWrite[] | undefined> {
  const [plan] = await db.query(`select 1 from shown_plan where digest = $1`, [digest]);
  if (!plan) return undefined;
  return (await db.query(
    `select golden_id as "goldenId", mapping, target, op, fields from shown_write where digest = $1
     order by golden_id, mapping, target`,
    [digest],
  )) as unknown as ShownWrite[];
}
