import type { Db } from './db.ts';
import type { OutboxRow, OutboxState } from './outbox.ts';

/** A write that has not arrived in its tool. */
export interface StuckDelivery {
  goldenId: string;
  mapping: string;
  target: string;
  op: OutboxRow['op'];
  state: OutboxState;
  attempts: number;
  dueAt: string;
  error: OutboxRow['error'];
  createdAt: string;
}

export type DeliveryKey = Pick<StuckDelivery, 'goldenId' | 'mapping' | 'target'>;

/** Writes that are held, without an answer, waiting, or tried again after an error: a page, in order of their keys. */
export async function stuckPage(
  db: Db,
  filter: { mappings: readonly string[]; state?: string | undefined },
  after: DeliveryKey | undefined,
  limit: number,
): Promise<StuckDelivery[]> {
  return (await db.query(
    `select golden_id as "goldenId", mapping, target, op, state, attempts, due_at as "dueAt", error, created_at as "createdAt"
     from outbox where (state <> 'pending' or error is not null) and mapping = any($1::text[])
       and ($2::text is null or state = $2)
       and ($3::text is null or (golden_id, mapping, target) > ($3, $4, $5))
     order by golden_id, mapping, target limit $6`,
    [
      filter.mappings,
      filter.state ?? null,
      after?.goldenId ?? null,
      after?.mapping ?? '',
      after?.target ?? '',
      limit,
    ],
  )) as unknown as StuckDelivery[];
}

/** The write is due now, with all its tries before it. false: there is none, or it is on its way. */
export async function retryDelivery(db: Db, key: DeliveryKey, now: string): Promise<boolean> {
  const rows = await db.query(
    `update outbox set state = case when state = 'held' then 'pending' else state end, attempts = 0,
       due_at = $4::timestamptz, updated_at = $4::timestamptz
     where golden_id = $1 and mapping = $2 and target = $3 and state in ('held', 'pending', 'waiting') returning golden_id`,
    [key.goldenId, key.mapping, key.target, now],
  );
  return rows.length > 0;
}
