import type { Db } from './db.ts';
import { json } from './json.ts';
import { type RunRow, runById } from './runs.ts';

/** Where a list of runs stands: newest first. */
export interface RunPlace {
  startedAt: string;
  id: string;
}

export interface RunFilter {
  sync: string | null;
  /** Plans too. */
  plans: boolean;
}

/** Runs before a place, newest first: one page. */
export async function runsPage(
  db: Db,
  { sync, plans }: RunFilter,
  before: RunPlace | undefined,
  limit: number,
): Promise<RunRow[]> {
  const rows = await db.query<{ id: string }>(
    `select id from run where ($1::text is null or sync = $1) and ($2 or mode <> 'plan')
       and ($3::timestamptz is null or (started_at, id) < ($3::timestamptz, $4))
     order by started_at desc, id desc limit $5`,
    [sync, plans, before?.startedAt ?? null, before?.id ?? '', limit],
  );
  const runs = await Promise.all(rows.map(({ id }) => runById(db, id)));
  return runs.filter((run) => run !== undefined);
}

/** Keeps what a plan would write, in order, for paging. */
export async function savePlannedWrites(db: Db, run: string, writes: readonly unknown[]): Promise<void> {
  await db.query(
    `insert into planned_write (run_id, position, body)
     select $1, position, body from jsonb_array_elements($2::jsonb) with ordinality as x(body, position)`,
    [run, json(writes)],
  );
}

export async function plannedWritesPage(
  db: Db,
  run: string,
  after: number,
  limit: number,
): Promise<{ position: number; body: unknown }[]> {
  return db.query(
    `select position, body from planned_write where run_id = $1 and position > $2 order by position limit $3`,
    [run, after, limit],
  );
}

/** Plans are looked at soon or never. */
export async function prunePlannedWrites(db: Db, before: Date): Promise<void> {
  await db.query(
    `delete from planned_write w using run r where r.id = w.run_id and r.started_at < $1::timestamptz`,
    [before.toISOString()],
  );
}
