import type { Db } from './db.ts';

/** A process that shares the database, and when it last said that it lives (by the database's clock). */
export interface ProcessRow {
  owner: string;
  host: string;
  pid: number;
  /** Seconds since its last beat. */
  silent: number;
}

/** Called at start and every few seconds: rows that this owner is sending are its own as long as it beats. */
export async function beat(db: Db, owner: string, host: string, pid: number): Promise<void> {
  await db.query(
    `insert into process (owner, host, pid, beat_at) values ($1, $2, $3, clock_timestamp())
     on conflict (owner) do update set beat_at = clock_timestamp()`,
    [owner, host, pid],
  );
}

export async function processOf(db: Db, owner: string): Promise<ProcessRow | undefined> {
  const rows = await db.query(
    `select owner, host, pid, extract(epoch from clock_timestamp() - beat_at)::float8 as silent from process where owner = $1`,
    [owner],
  );
  return rows[0] as unknown as ProcessRow | undefined;
}

export async function leave(db: Db, owner: string): Promise<void> {
  await db.query(`delete from process where owner = $1`, [owner]);
}

/** Forgets processes that ended without leaving: what they had in flight was found long ago. */
export async function pruneProcesses(db: Db, silentSeconds: number): Promise<void> {
  await db.query(
    `delete from process where beat_at < clock_timestamp() - make_interval(secs => $1)
       and not exists (select from outbox where outbox.owner = process.owner)
       and not exists (select from run where run.owner = process.owner and status = 'running')`,
    [silentSeconds],
  );
}
