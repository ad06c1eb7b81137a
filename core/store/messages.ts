import type { Db } from './db.ts';
import { json } from './json.ts';

/**
 * pending  due at `dueAt`
 * sending  in the hands of `owner`
 * sent     the receiver answered 2xx
 * dead     given up; a person can ask for another try
 */
export type MessageState = 'pending' | 'sending' | 'sent' | 'dead';
export type MessageFormat = 'standard' | 'slack' | 'teams';

/** What one receiver is told. Its id is the same for every try (`webhook-id`), so a receiver can tell a repetition. */
export interface NewMessage {
  id: string;
  connection: string;
  type: string;
  goldenId: string;
  format: MessageFormat;
  /** The Standard Webhooks payload; other formats are made of it when it is sent. */
  body: string;
}

export interface Message extends NewMessage {
  state: MessageState;
  attempts: number;
  dueAt: string;
  owner: string | null;
  error: string | null;
  createdAt: string;
  updatedAt: string;
}

export interface Attempt {
  at: string;
  ms: number;
  status: number | null;
  error: string | null;
}

/** A receiver that nothing is sent to until its address changes or a person asks. `address`: a fingerprint. */
export interface DisabledEndpoint {
  connection: string;
  address: string;
  reason: string;
  disabledAt: string;
}

const LISTED = `id, connection, type, golden_id as "goldenId", format, state, attempts, due_at as "dueAt", owner, error,
  created_at as "createdAt", updated_at as "updatedAt"`;

/** Called in the transaction of the change that they tell of. A message that exists stays as it is. */
export async function putMessages(tx: Db, messages: readonly NewMessage[], now: string): Promise<void> {
  if (messages.length === 0) return;
  await tx.query(
    `insert into message (id, connection, type, golden_id, format, body, due_at, created_at, updated_at)
     select id, connection, type, "goldenId", format, body, $2::timestamptz, $2::timestamptz, $2::timestamptz
     from jsonb_to_recordset($1::jsonb) as x(id text, connection text, type text, "goldenId" text, format text, body text)
     on conflict (id) do nothing`,
    [json(messages), now],
  );
}

/**
 * Takes messages of one connection that are due, oldest first, and marks them as sent by `owner`. All processes together have
 * no more than `atOnce` of a connection in hand; none while its endpoint is disabled.
 */
export async function claimMessages(
  db: Db,
  claim: { connection: string; owner: string; atOnce: number; now: string },
): Promise<Message[]> {
  return db.transaction(async (tx) => {
    await tx.query(`select pg_advisory_xact_lock(hashtext($1))`, [`nayose.message.${claim.connection}`]);
    return (await tx.query(
      `update message set state = 'sending', owner = $2, attempts = attempts + 1, updated_at = $4::timestamptz
       where id in (
         select id from message where connection = $1 and state = 'pending' and due_at <= $4::timestamptz
           and not exists (select 1 from endpoint e where e.connection = $1)
         order by due_at, id
         limit greatest(0, $3::int - (select count(*) from message where connection = $1 and state = 'sending'))
         for update skip locked)
       returning ${LISTED}, body`,
      [claim.connection, claim.owner, claim.atOnce, claim.now],
    )) as unknown as Message[];
  });
}

/** One try's outcome and its line in the log, if the message is still in this owner's hands. */
export async function settleMessage(
  db: Db,
  message: Pick<Message, 'id'> & { owner: string },
  outcome: {
    state: Exclude<MessageState, 'sending'>;
    dueAt: string;
    error: string | null;
    attempt: Attempt | null;
  },
  now: string,
): Promise<void> {
  await db.query(
    `with mine as (
       update message set state = $3, due_at = $4::timestamptz, error = $5, owner = null, updated_at = $6::timestamptz,
         attempts = case when $7::jsonb is null then attempts - 1 else attempts end
       where id = $1 and owner = $2 and state = 'sending' returning id)
     insert into message_attempt (message, at, ms, status, error)
     select mine.id, x.at, x.ms, x.status, x.error
     from mine, jsonb_to_record($7::jsonb) as x(at timestamptz, ms int, status int, error text) where $7::jsonb is not null`,
    [
      message.id,
      message.owner,
      outcome.state,
      outcome.dueAt,
      outcome.error,
      now,
      outcome.attempt && json(outcome.attempt),
    ],
  );
}

/** Who has messages in hand: a sweep asks of each whether it still lives. */
export async function messageOwners(db: Db): Promise<string[]> {
  const rows = await db.query<{ owner: string }>(
    `select distinct owner from message where state = 'sending'`,
  );
  return rows.map(({ owner }) => owner);
}

/** Messages of these owners, and those in anybody's hands since before `stale`, are due again. */
export async function releaseMessages(
  db: Db,
  owners: readonly string[],
  stale: string,
  now: string,
): Promise<void> {
  await db.query(
    `update message set state = 'pending', owner = null, due_at = $3::timestamptz
     where state = 'sending' and (owner = any($1::text[]) or updated_at < $2::timestamptz)`,
    [owners, stale, now],
  );
}

/** When the next message of these connections is due; undefined: none waits. */
export async function nextMessage(db: Db, connections: readonly string[]): Promise<string | undefined> {
  const [row] = await db.query<{ due: string | null }>(
    `select min(due_at) as due from message m where state = 'pending' and connection = any($1::text[])
       and not exists (select 1 from endpoint e where e.connection = m.connection)`,
    [connections],
  );
  return row!.due ?? undefined;
}

/** Gives up what nobody could send for so long: its endpoint is disabled, or its connection is gone. */
export async function abandonMessages(
  db: Db,
  createdBefore: string,
  dueBefore: string,
  now: string,
): Promise<void> {
  await db.query(
    `update message set state = 'dead', updated_at = $3::timestamptz,
       error = coalesce(error, 'its endpoint was disabled, or its connection is no longer configured')
     where state = 'pending' and created_at < $1::timestamptz and due_at < $2::timestamptz`,
    [createdBefore, dueBefore, now],
  );
}

/** Forgets messages, with their log, that were sent or given up before these times. */
export async function pruneMessages(db: Db, sentBefore: string, deadBefore: string): Promise<void> {
  await db.query(
    `delete from message where (state = 'sent' and updated_at < $1::timestamptz)
       or (state = 'dead' and updated_at < $2::timestamptz)`,
    [sentBefore, deadBefore],
  );
}

/** Forgets what was told of these golden records. Called where a person is erased. */
export async function forgetMessages(db: Db, goldenIds: readonly string[]): Promise<void> {
  await db.query(`delete from message where golden_id = any($1::text[])`, [goldenIds]);
}

/** Forgets messages about others that say one of these words. Called where a person is erased who once was one with them. */
export async function forgetMessagesSaying(db: Db, words: readonly string[]): Promise<void> {
  await db.query(
    `delete from message where exists (select 1 from unnest($1::text[]) as w where strpos(body, w) > 0)`,
    [words],
  );
}

/** The message is due now, with all its tries before it, and its endpoint is tried again. false: there is none, or it is being sent. */
export async function retryMessage(db: Db, id: string, now: string): Promise<boolean> {
  return db.transaction(async (tx) => {
    const [row] = await tx.query<{ connection: string }>(
      `update message set state = 'pending', attempts = 0, due_at = $2::timestamptz, updated_at = $2::timestamptz
       where id = $1 and state <> 'sending' returning connection`,
      [id, now],
    );
    if (row) await tx.query(`delete from endpoint where connection = $1`, [row.connection]);
    return row !== undefined;
  });
}

export type ListedMessage = Omit<Message, 'body'> & { tries: Attempt[] };

/** Newest first, with every try, without bodies. `after`: the last one of the page before. */
export async function messagePage(
  db: Db,
  filter: { state?: string | undefined; connection?: string | undefined; id?: string | undefined },
  after: { at: string; id: string } | undefined,
  limit: number,
): Promise<ListedMessage[]> {
  return (await db.query(
    `select ${LISTED}, coalesce((
       select jsonb_agg(jsonb_build_object('at', t.at, 'ms', t.ms, 'status', t.status, 'error', t.error) order by t.id)
       from message_attempt t where t.message = m.id), '[]') as tries
     from message m
     where ($1::text is null or state = $1) and ($2::text is null or connection = $2) and ($3::text is null or id = $3)
       and ($4::timestamptz is null or (created_at, id) < ($4::timestamptz, $5))
     order by created_at desc, id desc limit $6`,
    [
      filter.state ?? null,
      filter.connection ?? null,
      filter.id ?? null,
      after?.at ?? null,
      after?.id ?? '',
      limit,
    ],
  )) as unknown as ListedMessage[];
}

/** How many messages wait, were sent, were given up, by connection. */
export async function countMessages(
  db: Db,
): Promise<{ connection: string; state: MessageState; n: number }[]> {
  return (await db.query(
    `select connection, state, count(*) as n from message group by connection, state order by connection, state`,
  )) as unknown as { connection: string; state: MessageState; n: number }[];
}

/** Nothing is sent there any more. */
export async function disableEndpoint(db: Db, endpoint: Omit<DisabledEndpoint, 'disabledAt'>, now: string) {
  await db.query(
    `insert into endpoint (connection, address, reason, disabled_at) values ($1, $2, $3, $4::timestamptz)
     on conflict (connection) do update set address = excluded.address, reason = excluded.reason, disabled_at = excluded.disabled_at`,
    [endpoint.connection, endpoint.address, endpoint.reason, now],
  );
}

/** An endpoint whose address is another now than the one that was disabled is tried again. */
export async function enableMoved(
  db: Db,
  endpoints: readonly Pick<DisabledEndpoint, 'connection' | 'address'>[],
): Promise<void> {
  await db.query(
    `delete from endpoint e using jsonb_to_recordset($1::jsonb) as x(connection text, address text)
     where e.connection = x.connection and e.address <> x.address`,
    [json(endpoints)],
  );
}

export async function disabledEndpoints(db: Db): Promise<DisabledEndpoint[]> {
  return (await db.query(
    `select connection, address, reason, disabled_at as "disabledAt" from endpoint order by connection`,
  )) as unknown as DisabledEndpoint[];
}
