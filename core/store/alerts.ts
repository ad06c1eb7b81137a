import type { Db } from './db.ts';
import { json } from './json.ts';

/** What became of a rule so far. */
export interface AlertCounts {
  name: string;
  fired: number;
  firedAt: string | null;
  /** Looks that failed: the rule's expression broke on a record's values. */
  errors: number;
  error: string | null;
  errorAt: string | null;
}

/** Called in the transaction that looked: what fired and what failed. */
export async function countAlerts(
  tx: Db,
  rows: readonly { name: string; fired: number; errors: number; error: string | null }[],
  now: string,
): Promise<void> {
  if (rows.length === 0) return;
  await tx.query(
    `insert into alert as a (name, fired, fired_at, errors, error, error_at)
     select name, fired, case when fired > 0 then $2::timestamptz end, errors, error, case when errors > 0 then $2::timestamptz end
     from jsonb_to_recordset($1::jsonb) as x(name text, fired bigint, errors bigint, error text)
     on conflict (name) do update set fired = a.fired + excluded.fired, errors = a.errors + excluded.errors,
       fired_at = coalesce(excluded.fired_at, a.fired_at), error = coalesce(excluded.error, a.error),
       error_at = coalesce(excluded.error_at, a.error_at)`,
    [json(rows), now],
  );
}

export async function alertCounts(db: Db): Promise<AlertCounts[]> {
  return (await db.query(
    `select name, fired, fired_at as "firedAt", errors, error, error_at as "errorAt" from alert order by name`,
  )) as unknown as AlertCounts[];
}

/** Of these mappings, those that no delivered run has read yet: what they bring now is there already, and no news. */
export async function unsettledMappings(db: Db, mappings: readonly string[]): Promise<Set<string>> {
  const rows = await db.query<{ mapping: string }>(
    `select mapping from unnest($1::text[]) as mapping where not exists (
       select 1 from run where mode <> 'plan' and delivered and streams ? mapping)`,
    [mappings],
  );
  return new Set(rows.map(({ mapping }) => mapping));
}
