import type { Db, Row } from './db.ts';

/** The account (organization, portal) that a connection's records are of. */
export interface Account {
  id: string;
  /** Digest of the configuration that was last seen to lead there, and when. */
  confirmedBy: string;
  confirmedAt: string;
}

const ACCOUNT_OF = `select id, confirmed_by as "confirmedBy", confirmed_at as "confirmedAt" from tool_account where connection = $1`;

export async function accountOf(db: Db, connection: string): Promise<Account | undefined> {
  const [row] = await db.query<Account & Row>(ACCOUNT_OF, [connection]);
  return row;
}

const ACCOUNTS_KNOWN = `select connection, id, confirmed_by as "confirmedBy", confirmed_at as "confirmedAt" from tool_account`;

/** By connection. */
export async function accountsKnown(db: Db): Promise<Map<string, Account>> {
  const rows = await db.query<Account & Row & { connection: string }>(ACCOUNTS_KNOWN);
  return new Map(rows.map(({ connection, ...account }) => [connection, account]));
}

const KEEP_ACCOUNT = `insert into tool_account as a (connection, id, since, confirmed_by, confirmed_at)
  values ($1, $2, $4::timestamptz, $3, $4::timestamptz)
  on conflict (connection) do update
    set confirmed_by = case when a.id = excluded.id then excluded.confirmed_by else a.confirmed_by end,
      confirmed_at = case when a.id = excluded.id then excluded.confirmed_at else a.confirmed_at end
  returning id`;

/** Keeps the account of a connection that has none yet, and confirms one that is the same. Returns the one that counts. */
export async function keepAccount(
  db: Db,
  connection: string,
  id: string,
  by: string,
  now: string,
): Promise<string> {
  const [row] = await db.query<{ id: string }>(KEEP_ACCOUNT, [connection, id, by, now]);
  return row!.id;
}

const REPLACE_ACCOUNT = `update tool_account set id = $2, since = $4::timestamptz, confirmed_by = $3, confirmed_at = $4::timestamptz
  where connection = $1 and id <> $2 returning id`;
/** Until a stream of the new account has been read to its end, nothing is created in it. */
const READ_ANEW = `update cursor set rescan = true, complete = false, sweep_at = null, looked_at = null where mapping = any($1::text[])`;
/** No reading can tell what of it the new account still needs: a person says. */
const HOLD_UNREAD = `update outbox o set state = 'held', updated_at = $3::timestamptz, error = jsonb_build_object('kind', 'other-account',
    'message', 'it was meant for the account before ' || $2::text || ', and its object is only written to')
  where o.mapping = any($1::text[]) and o.state in ('pending', 'waiting') and not exists (select 1 from cursor c where c.mapping = o.mapping)`;
const FOLLOW_ANEW = `update feed set cursor = null where connection = $1`;

/**
 * Another account takes the place of the one known: what these mappings read is read from its beginning, and what those that read
 * nothing were to write waits for a person. Called in a transaction. Returns whether that is news.
 */
export async function replaceAccount(
  tx: Db,
  connection: string,
  id: string,
  by: string,
  now: string,
  mappings: readonly string[],
): Promise<boolean> {
  const replaced = await tx.query(REPLACE_ACCOUNT, [connection, id, by, now]);
  if (replaced.length === 0) return false;
  await tx.query(READ_ANEW, [mappings]);
  await tx.query(HOLD_UNREAD, [mappings, id, now]);
  await tx.query(FOLLOW_ANEW, [connection]);
  return true;
}
