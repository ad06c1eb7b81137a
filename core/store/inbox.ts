import type { Change } from '../../connectors/contract.ts';
import type { Db } from './db.ts';
import { json } from './json.ts';

/** One webhook as its connector understood it, kept until its changes are in the records. */
export interface InboxRow {
  id: string;
  connection: string;
  changes: Change[];
  receivedAt: string;
}

/**
 * Commits what a webhook said; its sender gets a 2xx only after this (law 1). `id`: the sender's own id of the message, where
 * it has one, so that a message sent twice is kept once. Returns whether it is new.
 */
export async function receive(
  db: Db,
  connection: string,
  changes: readonly Change[],
  id: string,
  now: Date,
): Promise<boolean> {
  const rows = await db.query(
    `insert into inbox (id, connection, changes, received_at) values ($1, $2, $3::jsonb, $4::timestamptz)
     on conflict (id) do nothing returning id`,
    [id, connection, json(changes), now.toISOString()],
  );
  return rows.length > 0;
}

/** Unfinished rows of one connection in the order of their arrival. Nothing is locked: see `claimInbox`. */
export async function newInbox(db: Db, connection: string, limit: number): Promise<InboxRow[]> {
  return (await db.query(
    `select id, connection, changes, received_at as "receivedAt" from inbox
     where connection = $1 and state = 'new' order by received_at, id limit $2`,
    [connection, limit],
  )) as unknown as InboxRow[];
}

/** Locks those of the rows that nobody has finished, or is finishing, for this transaction. */
export async function claimInbox(tx: Db, ids: readonly string[]): Promise<Set<string>> {
  const rows = await tx.query<{ id: string }>(
    `select id from inbox where id = any($1::text[]) and state = 'new' for update skip locked`,
    [ids],
  );
  return new Set(rows.map(({ id }) => id));
}

/** Called in the transaction that commits the rows' changes. */
export async function finishInbox(tx: Db, ids: readonly string[]): Promise<void> {
  await tx.query(`update inbox set state = 'done' where id = any($1::text[])`, [ids]);
}

/** Connections with unfinished rows. */
export async function waitingInbox(db: Db): Promise<{ connection: string; n: number }[]> {
  return db.query(
    `select connection, count(*) as n from inbox where state = 'new' group by connection order by connection`,
  );
}

/** Forgets finished rows that arrived before this; until then their ids tell a message that comes again. */
export async function pruneInbox(db: Db, before: Date): Promise<number> {
  const rows = await db.query(
    `delete from inbox where state = 'done' and received_at < $1::timestamptz returning id`,
    [before.toISOString()],
  );
  return rows.length;
}
