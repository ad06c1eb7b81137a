import type { Db, Row } from './db.ts';
import { json } from './json.ts';

/** open: waits for a person. later: one has looked, and put it off. link, apart: decided by the act named. */
export type ReviewState = 'open' | 'later' | 'link' | 'apart';

export interface StoredReview {
  a: string;
  b: string;
  entity: string;
  weight: number;
  reason: string;
  state: ReviewState;
  at: string;
  by: string | null;
  decidedAt: string | null;
  act: string | null;
}

const COLUMNS = `a, b, entity, weight, reason, state, at, by, decided_at as "decidedAt", act`;

/** The doubt about two records, in either order, held until the transaction ends: who comes second sees what the first decided. */
export async function lockReview(db: Db, a: string, b: string): Promise<StoredReview | undefined> {
  const [row] = await db.query<StoredReview & Row>(
    `select ${COLUMNS} from review where (a = $1 and b = $2) or (a = $2 and b = $1) for update`,
    [a, b],
  );
  return row;
}

/** Those of the pairs that wait for a person. */
export async function openAmong(
  db: Db,
  pairs: readonly { a: string; b: string }[],
): Promise<Pick<StoredReview, 'a' | 'b' | 'weight' | 'reason'>[]> {
  return db.query<Pick<StoredReview, 'a' | 'b' | 'weight' | 'reason'> & Row>(
    `select r.a, r.b, r.weight, r.reason from review r
     join jsonb_to_recordset($1::jsonb) as x(a text, b text) on x.a = r.a and x.b = r.b where r.state = 'open'`,
    [json(pairs)],
  );
}

export async function reviewOf(db: Db, a: string, b: string): Promise<StoredReview | undefined> {
  const [row] = await db.query<StoredReview & Row>(
    `select ${COLUMNS} from review where (a = $1 and b = $2) or (a = $2 and b = $1)`,
    [a, b],
  );
  return row;
}

export async function decideReviewRow(
  db: Db,
  row: Pick<StoredReview, 'a' | 'b' | 'state' | 'by' | 'decidedAt' | 'act'>,
): Promise<void> {
  await db.query(
    `update review set state = $3, by = $4, decided_at = $5::timestamptz, act = $6 where a = $1 and b = $2`,
    [row.a, row.b, row.state, row.by, row.decidedAt, row.act],
  );
}

/** Doubts that an act decided are open again, as if nobody had looked: matching says anew whether they are any. */
export async function reopenReviewsOf(db: Db, act: string): Promise<void> {
  await db.query(
    `update review set state = 'open', by = null, decided_at = null, act = null where act = $1`,
    [act],
  );
}
