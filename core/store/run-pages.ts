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

/** Keeps what a plan lists, in order, for paging. What is no write has a `kind`. */
export async function savePlanned(db: Db, run: string, listed: readonly object[]): Promise<void> {
  for (let from = 0; from < listed.length; from += 5000)
    await db.query(
      `insert into planned_write (run_id, position, body)
       select $1, position + $3, body from jsonb_array_elements($2::jsonb) with ordinality as x(body, position)`,
      [run, json(listed.slice(from, from + 5000)), from],
    );
}

/** A page of the writes, or of what is listed beside them. */
export async function plannedPage(
  db: Db,
  run: string,
  what: 'writes' | 'joins',
  after: number,
  limit: number,
): Promise<{ position: number; body: unknown }[]> {
  return db.query(
    `select position, body from planned_write where run_id = $1 and (body ? 'kind') = $4 and position > $2
     order by position limit $3`,
    [run, after, limit, what === 'joins'],
  );
}

/** How many writes are kept of a plan. */
export async function countPlannedWrites(db: Db, run: string): Promise<number> {
  const [row] = await db.query<{ n: number }>(
    `select count(*)::int as n from planned_write where run_id = $1 and not (body ? 'kind')`,
    [run],
  );
  return row!.n;
}

/** Plans are looked at soon or never. */
export async function prunePlannedWrites(db: Db, before: Date): Promise<void> {
  await db.query(
    `delete from planned_write w using run r where r.id = w.run_id and r.started_at < $1::timestamptz`,
    [before.toISOString()],
  );
}
