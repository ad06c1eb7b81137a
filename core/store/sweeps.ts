import type { Db } from './db.ts';

/** Called when a sweep begins, in whatever process the job queue wakes. */
export async function markSweep(db: Db): Promise<void> {
  await db.query(
    `insert into sweep (id, at) values (1, clock_timestamp()) on conflict (id) do update set at = clock_timestamp()`,
  );
}

/** Seconds since the last sweep of any process began, by the database's clock; undefined: there was none yet. */
export async function secondsSinceSweep(db: Db): Promise<number | undefined> {
  const [row] = await db.query<{ age: number }>(
    `select extract(epoch from clock_timestamp() - at)::float8 as age from sweep`,
  );
  return row?.age;
}
