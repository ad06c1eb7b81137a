import type { Cursor } from '../../connectors/contract.ts';
import type { Db } from './db.ts';
import { json } from './json.ts';

/** A connection's push feed as its subscriber left it. */
export interface FeedRow {
  connection: string;
  /** `following`: heard from the tool. `waiting`: nobody has begun. `broken`: the subscriber tries again, for this reason. */
  state: 'waiting' | 'following' | 'broken';
  reason: string | null;
  owner: string | null;
  /** Of all time: changes that came by the feed, and how often it broke. */
  events: number;
  breaks: number;
  /** Last sign of life, and last change. */
  heardAt: string | null;
  eventAt: string | null;
}

/**
 * Makes `owner` the one subscriber of the connection for so many seconds (by the database's clock), if nobody is, or if
 * `dead` is, or if the time of whoever was has run out. Returns the cursor to go on from; otherwise who it is.
 */
export async function takeFeed(
  db: Db,
  connection: string,
  owner: string,
  seconds: number,
  dead: string | null = null,
): Promise<{ cursor: Cursor } | { holder: string | null }> {
  const [taken] = await db.query<{ cursor: Cursor }>(
    `insert into feed as f (connection, owner, held_until)
     values ($1, $2, clock_timestamp() + make_interval(secs => $3::float8))
     on conflict (connection) do update set owner = excluded.owner, held_until = excluded.held_until
       where f.owner is null or f.owner = $2 or f.owner = $4 or f.held_until < clock_timestamp()
     returning cursor`,
    [connection, owner, seconds, dead],
  );
  if (taken) return taken;
  const [held] = await db.query<{ holder: string | null }>(
    `select owner as holder from feed where connection = $1`,
    [connection],
  );
  return { holder: held?.holder ?? null };
}

/** Called every few seconds while following. false: another process has taken the feed over; stop at once. */
export async function keepFeed(db: Db, connection: string, owner: string, seconds: number): Promise<boolean> {
  const rows = await db.query(
    `update feed set held_until = clock_timestamp() + make_interval(secs => $3::float8)
     where connection = $1 and owner = $2 returning connection`,
    [connection, owner, seconds],
  );
  return rows.length > 0;
}

/** Called at stop: whoever comes next need not wait. */
export async function leaveFeed(db: Db, connection: string, owner: string): Promise<void> {
  await db.query(`update feed set owner = null, held_until = null where connection = $1 and owner = $2`, [
    connection,
    owner,
  ]);
}

/**
 * Called in the transaction that commits the page which the cursor ends. false: the feed is no longer `owner`'s, so
 * nothing of the page may be kept.
 */
export async function saveFeed(
  tx: Db,
  connection: string,
  owner: string,
  cursor: Cursor,
  events: number,
  now: string,
): Promise<boolean> {
  const rows = await tx.query(
    `update feed set cursor = $3::jsonb, state = 'following', reason = null, events = events + $4::bigint,
       heard_at = $5::timestamptz, event_at = case when $4::bigint > 0 then $5::timestamptz else event_at end
     where connection = $1 and owner = $2 returning connection`,
    [connection, owner, json(cursor), events, now],
  );
  return rows.length > 0;
}

/** The feed broke, for this reason; its subscriber tries again. */
export async function breakFeed(db: Db, connection: string, owner: string, reason: string): Promise<void> {
  await db.query(
    `update feed set state = 'broken', reason = $3, breaks = breaks + 1 where connection = $1 and owner = $2`,
    [connection, owner, reason],
  );
}

/** Streams in which something was missed, until `closeGaps` finds that they were read since. */
export async function openGaps(
  tx: Db,
  connection: string,
  streams: readonly string[],
  now: string,
): Promise<void> {
  if (streams.length === 0) return;
  await tx.query(
    `insert into feed_gap (connection, stream, at)
     select $1, stream, $3::timestamptz from unnest($2::text[]) as stream
     on conflict (connection, stream) do update set at = excluded.at`,
    [connection, streams, now],
  );
}

export interface GapReader {
  stream: string;
  mapping: string;
  sync: string;
}

/**
 * Forgets the gaps whose stream every one of its readers has read to the end in a run that began after the gap was
 * noticed, or has never read at all (its first read reads everything). Returns the syncs that must run for the others.
 */
export async function closeGaps(
  db: Db,
  connection: string,
  readers: readonly GapReader[],
): Promise<string[]> {
  const rows = await db.query<{ sync: string | null; stream: string }>(
    `with reader as (select * from jsonb_to_recordset($2::jsonb) as x(stream text, mapping text, sync text)),
     pending as (
       select g.stream, r.sync from feed_gap g join reader r on r.stream = g.stream
       where g.connection = $1
         and exists (select 1 from cursor c where c.mapping = r.mapping and c.complete)
         and not exists (
           select 1 from run where run.sync = r.sync and run.mode <> 'plan' and run.started_at > g.at
             and (run.streams -> r.mapping ->> 'done')::boolean and run.streams -> r.mapping -> 'failed' is null)),
     closed as (
       delete from feed_gap g where g.connection = $1 and g.stream not in (select stream from pending))
     select distinct sync from pending where sync is not null order by sync`,
    [connection, json(readers)],
  );
  return rows.map(({ sync }) => sync!);
}

export async function feedStates(db: Db): Promise<FeedRow[]> {
  return (await db.query(
    `select connection, state, reason, owner, events, breaks, heard_at as "heardAt", event_at as "eventAt"
     from feed order by connection`,
  )) as unknown as FeedRow[];
}
