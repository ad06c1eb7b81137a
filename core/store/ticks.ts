import type { Db } from './db.ts';

/**
 * Up to when a clock's occurrences have been seen to, locked for this transaction: two callers at once do not see to the same ones.
 * The first call ever starts the clock at `start`.
 */
export async function holdTick(tx: Db, name: string, start: Date): Promise<Date> {
  await tx.query(`insert into tick (name, at) values ($1, $2::timestamptz) on conflict (name) do nothing`, [
    name,
    start.toISOString(),
  ]);
  const [row] = await tx.query<{ at: string }>(`select at from tick where name = $1 for update`, [name]);
  return new Date(row!.at);
}

export async function saveTick(tx: Db, name: string, at: Date): Promise<void> {
  await tx.query(`update tick set at = $2::timestamptz where name = $1`, [name, at.toISOString()]);
}
