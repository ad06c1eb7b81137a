/** Webhooks that were set aside: the database refused what they say (see `setAsideInbox`), and nobody takes them by himself. */
import type { Change } from '../../connectors/contract.ts';
import type { Db } from './db.ts';

export interface AsideRow {
  id: string;
  connection: string;
  changes: Change[];
  receivedAt: string;
  reason: string;
}

export async function webhooksAside(db: Db): Promise<AsideRow[]> {
  return (await db.query(
    `select id, connection, changes, received_at as "receivedAt", coalesce(reason, '') as reason
     from inbox where state = 'failed' order by received_at, id`,
  )) as unknown as AsideRow[];
}

export async function countAside(db: Db): Promise<{ connection: string; n: number }[]> {
  return db.query(
    `select connection, count(*) as n from inbox where state = 'failed' group by connection order by connection`,
  );
}

/** They are taken in once more, and set aside again if they still cannot be stored. Returns how many. */
export async function retryAside(db: Db): Promise<number> {
  const rows = await db.query(
    `update inbox set state = 'new', owner = null, reason = null where state = 'failed' returning id`,
  );
  return rows.length;
}

/** They are done with, unread; one that comes again is known for as long as others are. Returns how many. */
export async function dropAside(db: Db): Promise<number> {
  const rows = await db.query(
    `update inbox set state = 'done', owner = null where state = 'failed' returning id`,
  );
  return rows.length;
}
