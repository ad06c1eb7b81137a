/** What a run of a plan may write, and nothing else: by record and field, as digests. Kept until the run has ended. */
import type { Db } from './db.ts';
import { json } from './json.ts';

export interface Permit {
  mapping: string;
  op: string;
  /** Source key of the record to change; '': one that did not exist when the plan was made. */
  target: string;
  /** A record of the golden record: whose write it is, where there is no target. */
  anchor: string;
  /** Field → digest of the value, or how the plan names what did not exist yet (`new:…`). */
  fields: Record<string, string>;
}

/**
 * The outbox rows that run `$n` may write; all of them when it is null. A record that the run made itself is known by its
 * golden record.
 */
export const permitted = (n: number, outbox = 'outbox') =>
  `($${n}::text is null or exists (select from permit p where p.run = $${n} and p.mapping = ${outbox}.mapping and p.op = ${outbox}.op
     and (p.target = ${outbox}.target and p.target <> '' or p.target = ''
       and p.anchor in (select key from source_record s where s.golden_id = ${outbox}.golden_id))))`;

export async function savePermits(tx: Db, run: string, permits: readonly Permit[]): Promise<void> {
  await tx.query(
    `delete from permit p where not exists (select from run r where r.id = p.run and r.status = 'running')`,
  );
  for (let from = 0; from < permits.length; from += 5000)
    await tx.query(
      `insert into permit (run, mapping, op, target, anchor, fields)
       select $2, mapping, op, target, anchor, fields
       from jsonb_to_recordset($1::jsonb) as x(mapping text, op text, target text, anchor text, fields jsonb)`,
      [json(permits.slice(from, from + 5000)), run],
    );
}

/** Of a claimed batch: what is permitted of each row. */
export async function permitsFor(
  tx: Db,
  run: string,
  mapping: string,
  rows: readonly { goldenId: string; target: string; op: string }[],
): Promise<(Permit & { goldenId: string; row: string })[]> {
  return (await tx.query(
    `select p.mapping, p.op, p.target, p.anchor, p.fields, x."goldenId", x.target as row
     from jsonb_to_recordset($3::jsonb) as x("goldenId" text, target text, op text)
     join permit p on p.run = $1 and p.mapping = $2 and p.op = x.op
       and (p.target = x.target and p.target <> '' or p.target = ''
         and p.anchor in (select key from source_record s where s.golden_id = x."goldenId"))`,
    [run, mapping, json(rows.map(({ goldenId, target, op }) => ({ goldenId, target, op })))],
  )) as unknown as (Permit & { goldenId: string; row: string })[];
}

/** The records that a run may write to by this op. */
export async function permittedTargets(db: Db, run: string, op: string): Promise<string[]> {
  const rows = await db.query<{ target: string }>(`select target from permit where run = $1 and op = $2`, [
    run,
    op,
  ]);
  return rows.map(({ target }) => target);
}

/** What is wanted now is not what was planned: this run does not write it any more. */
export async function withdrawPermits(tx: Db, run: string, permits: readonly Permit[]): Promise<void> {
  if (permits.length === 0) return;
  await tx.query(
    `delete from permit p using jsonb_to_recordset($2::jsonb) as x(mapping text, op text, target text, anchor text)
     where p.run = $1 and p.mapping = x.mapping and p.op = x.op and p.target = x.target and p.anchor = x.anchor`,
    [run, json(permits.map(({ mapping, op, target, anchor }) => ({ mapping, op, target, anchor })))],
  );
}

export async function dropPermits(db: Db, run: string): Promise<void> {
  await db.query(`delete from permit where run = $1`, [run]);
}

/** By record: its golden record now, and the tools' ids of that one's records, by connection and object. */
export async function placesOf(
  tx: Db,
  anchors: readonly string[],
): Promise<{ anchor: string; goldenId: string; connection: string; object: string; extId: string }[]> {
  if (anchors.length === 0) return [];
  return tx.query(
    `select a.key as anchor, a.golden_id as "goldenId", s.connection, s.object, s.ext_id as "extId"
     from source_record a join source_record s on s.golden_id = a.golden_id where a.key = any($1::text[])`,
    [anchors],
  );
}
