import type { Db } from './db.ts';
import { json } from './json.ts';

/** What was answered the first time. */
export interface KeptAnswer {
  status: number;
  headers: Record<string, string>;
  /** null: it was not kept, since it held a secret. */
  body: string | null;
}

export type Claim =
  | { state: 'mine' }
  /** The same key with another request. */
  | { state: 'other' }
  /** The first request with this key is still being answered. */
  | { state: 'busy' }
  | { state: 'done'; answer: KeptAnswer };

const KEPT_HOURS = 24;
/** Whoever claimed a key and gave no answer for so long has died. */
const BUSY_MINUTES = 10;

/** Claims a key for one request. Only who gets `mine` may act; it must then `keepAnswer` or `releaseKey`. */
export async function claimKey(
  db: Db,
  row: { actorId: string; key: string; fingerprint: string },
  now: Date,
): Promise<Claim> {
  return db.transaction(async (tx) => {
    await tx.query(
      `delete from idempotency where (actor_id, key) in (
         select actor_id, key from idempotency where at < $1::timestamptz - make_interval(hours => $2::int)
           or (answer is null and at < $1::timestamptz - make_interval(mins => $3::int))
         for update skip locked)`,
      [now.toISOString(), KEPT_HOURS, BUSY_MINUTES],
    );
    const mine = await tx.query(
      `insert into idempotency (actor_id, key, fingerprint, at) values ($1, $2, $3, $4::timestamptz)
       on conflict (actor_id, key) do nothing returning 1 as one`,
      [row.actorId, row.key, row.fingerprint, now.toISOString()],
    );
    if (mine.length > 0) return { state: 'mine' };
    const [kept] = await tx.query<{ fingerprint: string; answer: KeptAnswer | null }>(
      `select fingerprint, answer from idempotency where actor_id = $1 and key = $2`,
      [row.actorId, row.key],
    );
    if (!kept || (kept.fingerprint === row.fingerprint && kept.answer === null)) return { state: 'busy' };
    if (kept.fingerprint !== row.fingerprint) return { state: 'other' };
    return { state: 'done', answer: kept.answer! };
  });
}

export async function keepAnswer(db: Db, actorId: string, key: string, answer: KeptAnswer): Promise<void> {
  await db.query(`update idempotency set answer = $3::jsonb where actor_id = $1 and key = $2`, [
    actorId,
    key,
    json(answer),
  ]);
}

/** Nothing was done: the key may be used again. */
export async function releaseKey(db: Db, actorId: string, key: string): Promise<void> {
  await db.query(`delete from idempotency where actor_id = $1 and key = $2 and answer is null`, [
    actorId,
    key,
  ]);
}
