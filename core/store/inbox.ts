import type { Told } from '../../connectors/contract.ts';
import type { Db } from './db.ts';
import { json } from './json.ts';

/** One webhook as its connector understood it, kept until its changes are in the records. */
export interface InboxRow {
  id: string;
  connection: string;
  changes: Told[];
  receivedAt: string;
}

/**
 * Commits what a webhook said; its sender gets a 2xx only after this (law 1). `id`: the sender's own id of the message, where
 * it has one, so that a message sent twice is kept once. Returns whether it is new.
 */
export async function receive(
  db: Db,
  connection: string,
  changes: readonly Told[],
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

export interface Taker {
  owner: string;
  /** The newest revision of the config that this process has looked at: a process that has not seen the newest takes nothing. */
  revision: number | undefined;
  /** Takes only rows that tell of nothing but these streams; absent: all. */
  streams: readonly string[] | undefined;
}

/**
 * Takes unfinished rows of one connection that nobody else has taken, in the order of their arrival. They are `owner`'s until
 * they are finished or given back, so that no two processes look up the same records. Nobody waits for the disk: a server that
 * crashes then takes the rows for untaken, and so they are, since whoever had them can finish none. `newest`: the newest revision of
 * the config, 0 for none.
 */
export async function takeInbox(
  db: Db,
  connection: string,
  { owner, revision, streams }: Taker,
  limit: number,
): Promise<{ rows: InboxRow[]; newest: number }> {
  const rows = await db.query<{ newest: number; id: string | null }>(
    `with newest as (select coalesce(max(number), 0) as newest, set_config('synchronous_commit', 'off', true) from config_revision),
     taken as (update inbox set owner = $2 where id in
       (select id from inbox where connection = $1 and state = 'new' and owner is null
          and ($4::int is null or $4::int >= (select newest from newest))
          and ($5::text[] is null or not exists
            (select 1 from jsonb_array_elements(changes) one where one ->> 'stream' <> all($5::text[])))
        order by received_at, id limit $3 for update skip locked)
       returning id, connection, changes, received_at as "receivedAt")
     select newest, taken.* from newest left join taken on true order by "receivedAt", id`,
    [connection, owner, limit, revision ?? null, streams ?? null],
  );
  return {
    rows: rows.filter(({ id }) => id !== null) as unknown as InboxRow[],
    newest: rows[0]!.newest,
  };
}

/** Called in the transaction that commits the rows' changes. Those that are no longer `owner`'s are left out of the answer. */
export async function finishInbox(tx: Db, owner: string, ids: readonly string[]): Promise<Set<string>> {
  const rows = await tx.query<{ id: string }>(
    `update inbox set state = 'done', owner = null where id = any($1::text[]) and state = 'new' and owner = $2 returning id`,
    [ids, owner],
  );
  return new Set(rows.map(({ id }) => id));
}

/** They could not be worked off now: anybody may take them. */
export async function giveBackInbox(db: Db, owner: string, ids: readonly string[]): Promise<void> {
  await db.query(
    `update inbox set owner = null where id = any($1::text[]) and state = 'new' and owner = $2`,
    [ids, owner],
  );
}

/** It can never be worked off as it is: kept with the reason, and taken by nobody. */
export async function setAsideInbox(db: Db, owner: string, id: string, reason: string): Promise<void> {
  await db.query(
    `update inbox set state = 'failed', owner = null, reason = $3 where id = $1 and state = 'new' and owner = $2`,
    [id, owner, reason],
  );
}

/** Who has taken rows: a sweep asks of each whether it still lives. */
export async function inboxOwners(db: Db): Promise<string[]> {
  const rows = await db.query<{ owner: string }>(
    `select distinct owner from inbox where state = 'new' and owner is not null`,
  );
  return rows.map(({ owner }) => owner);
}

/** A dead owner's rows are anybody's again. */
export async function orphanInbox(db: Db, owner: string): Promise<number> {
  const rows = await db.query(
    `update inbox set owner = null where owner = $1 and state = 'new' returning id`,
    [owner],
  );
  return rows.length;
}

/** Connections with rows that nobody has taken. */
export async function waitingInbox(db: Db): Promise<{ connection: string; n: number }[]> {
  return db.query(
    `select connection, count(*) as n from inbox where state = 'new' and owner is null group by connection order by connection`,
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
