/**
 * Budgets of the tools' APIs, kept by all processes together, by the database's clock. A row is changed by one statement that
 * locks it first, so that the processes stand in a line: `on conflict do update` works on the newest row after a wait. A plain
 * update would not do: what its subqueries made of the row before the wait is kept.
 */
import type { Db, Row } from './db.ts';
import { json } from './json.ts';

/** So many calls in any stretch of so many seconds. */
export interface Window {
  calls: number;
  per: number;
}

export interface TicketWish {
  connection: string;
  windows: readonly Window[];
  /** Ids of the tickets wanted; as many of them as there is room for are granted, the first ones first. */
  want: readonly string[];
  /** Tickets whose calls have ended: from now on they count for their window's length only. */
  ended: readonly string[];
  /** Goes before all others: while one waits, the others get none. */
  urgent: boolean;
  /** Seconds after which a call that nobody said anything of has certainly ended. */
  lease: number;
}

export interface TicketGrant {
  granted: number;
  pause: Pause | undefined;
}

/** Why a connection is not called now. */
export interface Pause {
  connection: string;
  state: 'quota' | 'auth';
  reason: string;
  until: string;
}

/** How long others stand back for an urgent call that found no room, unless it asks again. */
const URGENT_SECONDS = 2;

/**
 * Grants tickets and takes back ended ones. A ticket counts from its grant until `per` seconds after its call ended, and the tool
 * sees the call somewhere between: so no window of the tool's own clock ever holds more calls than there were tickets. A paused
 * connection grants none, and says why.
 */
export async function exchangeTickets(db: Db, wish: TicketWish): Promise<TicketGrant> {
  const { connection, windows, want, ended, urgent, lease } = wish;
  const [row] = await db.query<{ granted: number; pause: Omit<Pause, 'connection'> | null } & Row>(
    `insert into pace (connection) values ($1)
     on conflict (connection) do update set (ids, ends, urgent_until, granted) = (
       with clock as (select clock_timestamp() as now),
       kept as (
         select t.id, case when t.id = any($5::text[]) then least(t.ends_at, clock.now) else t.ends_at end as ends_at
         from clock, unnest(pace.ids, pace.ends) as t(id, ends_at)
         where t.ends_at > clock.now - make_interval(secs => (select coalesce(max(per), 0) from unnest($3::float8[]) as w(per)))
       ),
       room as (
         select case
           when paused.yes or ($6::boolean is false and pace.urgent_until > clock.now) then 0
           else least(cardinality($4::text[]), coalesce((
             select min(greatest(0, w.calls - (
               select count(*) from kept where kept.ends_at > clock.now - make_interval(secs => w.per)
             )))::int from unnest($2::int[], $3::float8[]) as w(calls, per)
           ), cardinality($4::text[])))
         end as n
         from clock, (select exists (
           select from connection c where c.name = pace.connection and c.until > clock_timestamp()
         ) as yes) as paused
       ),
       given as (
         select w.id, clock.now + make_interval(secs => $7::float8) as ends_at
         from room, clock, unnest($4::text[]) with ordinality as w(id, n) where w.n <= room.n
       ),
       both_lists as (select * from kept union all select * from given)
       select
         coalesce((select array_agg(id order by ends_at, id) from both_lists), '{}'),
         coalesce((select array_agg(ends_at order by ends_at, id) from both_lists), '{}'),
         case
           when $6::boolean and cardinality($4::text[]) > 0
             then case when room.n < cardinality($4::text[]) then clock.now + make_interval(secs => ${URGENT_SECONDS}) else '-infinity' end
           else pace.urgent_until
         end,
         room.n
       from room, clock
     )
     returning granted, (
       select jsonb_build_object('state', c.state, 'reason', c.reason, 'until', c.until)
       from connection c where c.name = pace.connection and c.until > clock_timestamp()
     ) as pause`,
    [
      connection,
      windows.map(({ calls }) => calls),
      windows.map(({ per }) => per),
      want,
      ended,
      urgent,
      lease,
    ],
  );
  // Its first row was just made: nothing was asked of it yet.
  if (row!.granted < 0) return exchangeTickets(db, wish);
  const { granted, pause } = row!;
  return {
    granted,
    pause: pause ? { connection, ...pause, until: new Date(pause.until).toISOString() } : undefined,
  };
}

/** What was called since the last report, and what the tool itself said of its budget. */
export interface Spending {
  name: string;
  calls: number;
  /** The limit as configured; the tool's own word replaces it. */
  limit: number;
  per: number;
  hint?: { used?: number | undefined; limit?: number | undefined } | undefined;
}

export interface BudgetState {
  connection: string;
  name: string;
  used: number;
  limit: number;
  per: number;
}

/**
 * Counts calls of a long budget. What the tool says is used (by all the customer's apps) is believed; otherwise our own calls are
 * added up, and begin anew when the budget's time is over. Returns the states after it.
 */
export async function spend(
  db: Db,
  connection: string,
  spendings: readonly Spending[],
): Promise<BudgetState[]> {
  return db.query<BudgetState & Row>(
    `insert into budget as b (connection, name, used, calls, seconds, since)
     select $1, s.name, coalesce(s.said_used, s.calls), coalesce(s.said_limit, s."limit"), s.per, clock_timestamp()
     from jsonb_to_recordset($2::jsonb) as s(name text, calls int, "limit" int, per float8, said_used int, said_limit int)
     on conflict (connection, name) do update set
       used = case
         when (select said_used from jsonb_to_recordset($2::jsonb) as s(name text, said_used int) where s.name = b.name) is not null
           then excluded.used
         when b.since + make_interval(secs => b.seconds) <= clock_timestamp() then excluded.used
         else b.used + excluded.used end,
       calls = coalesce(
         (select said_limit from jsonb_to_recordset($2::jsonb) as s(name text, said_limit int) where s.name = b.name), b.calls),
       seconds = excluded.seconds,
       since = case when b.since + make_interval(secs => b.seconds) <= clock_timestamp() then clock_timestamp() else b.since end
     returning connection, name, used, calls as "limit", seconds as per`,
    [
      connection,
      json(
        spendings.map(({ name, calls, limit, per, hint }) => ({
          name,
          calls,
          limit,
          per,
          said_used: hint?.used ?? null,
          said_limit: hint?.limit ?? null,
        })),
      ),
    ],
  );
}

/**
 * May one call look whether a used-up budget was renewed? True for one asker in `everySeconds`, over all processes.
 */
export async function mayLook(
  db: Db,
  connection: string,
  name: string,
  everySeconds: number,
): Promise<boolean> {
  const rows = await db.query(
    `update budget set look_at = clock_timestamp() + make_interval(secs => $3::float8)
     where connection = $1 and name = $2 and look_at <= clock_timestamp() returning name`,
    [connection, name, everySeconds],
  );
  return rows.length > 0;
}

export async function budgetStates(db: Db): Promise<BudgetState[]> {
  return db.query<BudgetState & Row>(
    `select connection, name, case when since + make_interval(secs => seconds) <= clock_timestamp() then 0 else used end as used,
       calls as "limit", seconds as per from budget order by connection, name`,
  );
}

/** No process calls the connection until then. A pause that lasts already stays as it is. Returns whether this one is new. */
export async function pauseConnection(
  db: Db,
  pause: Omit<Pause, 'until'>,
  seconds: number,
): Promise<boolean> {
  const rows = await db.query(
    `insert into connection as c (name, state, reason, until, updated_at)
     values ($1, $2, $3, clock_timestamp() + make_interval(secs => $4::float8), clock_timestamp())
     on conflict (name) do update set state = excluded.state, reason = excluded.reason, until = excluded.until,
       updated_at = excluded.updated_at
     where c.until is null or c.until <= clock_timestamp()
     returning name`,
    [pause.connection, pause.state, pause.reason, seconds],
  );
  return rows.length > 0;
}

/** Connections that rest now. */
export async function pauses(db: Db): Promise<Pause[]> {
  return db.query<Pause & Row>(
    `select name as connection, state, reason, until from connection where until > clock_timestamp() order by name`,
  );
}
