/**
 * Budgets of the tools' APIs, kept by all processes together, by the database's clock. A row is changed by one statement that
 * locks it first, so that the processes stand in a line: `on conflict do update` works on the newest row after a wait. A plain
 * update would not do: what its subqueries made of the row before the wait is kept.
 */
import type { Db, Row } from './db.ts';
import { json } from './json.ts';

/** A budget as an exchange knows it: what is configured, and what the tool has said of it since the last one. */
export interface BudgetWish {
  name: string;
  calls: number;
  per: number;
  /** Counted by the day (or the like): the tool's word counts, and calls are added to it. Otherwise by tickets, second by second. */
  long: boolean;
  rolling: boolean;
  /** The share of it that this asker must leave to others. */
  left: number;
  said?: BudgetSaid | undefined;
}

export interface BudgetSaid {
  used?: number | undefined;
  limit?: number | undefined;
  per?: number | undefined;
  resetsAt?: string | undefined;
  /** No call succeeds before; ISO. */
  exhaustedUntil?: string | undefined;
  /** Seconds since it was said: calls that were in flight after that may not be counted in it. */
  age: number;
}

export interface TicketWish {
  connection: string;
  budgets: readonly BudgetWish[];
  /** Ids of the tickets wanted; as many of them as there is room for are granted, the first ones first. */
  want: readonly string[];
  /** Tickets whose calls have ended: from now on they count for their window's length only. */
  ended: readonly string[];
  /** Goes before all others: while one waits, the others get none. */
  urgent: boolean;
  /** Seconds after which a call that nobody said anything of has certainly ended. */
  lease: number;
  /** Seconds after which one call may look whether a budget that nothing was heard of is back. */
  lookEvery: number;
}

/** What is known of a budget of a day. */
export interface DayState {
  name: string;
  used: number;
  limit: number;
  per: number;
  rolling: boolean;
  /** When it renews; null: not known, or never all at once. */
  resetsAt: string | null;
  /** When the count began, or (of a rolling one) when the tool last spoke. */
  since: string;
  /** Used up or not, one call may look after this. */
  lookAt: string;
}

export interface TicketGrant {
  granted: number;
  pause: Pause | undefined;
  /** Of budgets counted by the day, after it. */
  days: DayState[];
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
/** Ended tickets are remembered for at least so long: what a tool says of its day may not count them yet. */
const SHORTEST_MEMORY_SECONDS = 5;

/**
 * Grants tickets and takes back ended ones. A ticket counts from its grant until `per` seconds after its call ended, and the tool
 * sees the call somewhere between: so no window of the tool's own clock ever holds more calls than there were tickets. Of a
 * day's budget each grant is counted at once, so that processes together never take more of it than there is. What the tool says
 * is used (by all the customer's apps) is believed, save that calls which may have been in flight then are added. A paused
 * connection grants none, and says why.
 */
export async function exchangeTickets(db: Db, wish: TicketWish): Promise<TicketGrant> {
  const { connection, want, ended, urgent, lease, lookEvery } = wish;
  const budgets = wish.budgets.map(({ said, ...budget }) => ({
    ...budget,
    said_used: said?.used ?? null,
    said_limit: said?.limit ?? null,
    said_per: said?.per ?? null,
    said_resets: said?.resetsAt ?? null,
    said_spent: said?.exhaustedUntil ?? null,
    age: said?.age ?? null,
  }));
  const [row] = await db.query<
    { granted: number; pause: Omit<Pause, 'connection'> | null; budgets: Record<string, KeptDay> } & Row
  >(
    `insert into pace (connection) values ($1)
     on conflict (connection) do update set (ids, ends, urgent_until, granted, budgets) = (
       with clock as materialized (select clock_timestamp() as now),
       asked as materialized (
         select * from jsonb_to_recordset($2::jsonb) as a(name text, calls int, per float8, long boolean, rolling boolean, "left" float8,
           said_used int, said_limit int, said_per float8, said_resets timestamptz, said_spent timestamptz, age float8)
       ),
       kept as materialized (
         select t.id, case when t.id = any($4::text[]) then least(t.ends_at, clock.now) else t.ends_at end as ends_at
         from clock, unnest(pace.ids, pace.ends) as t(id, ends_at)
         where t.ends_at > clock.now - make_interval(secs => (
           select greatest(coalesce(max(greatest(per, said_per)) filter (where not long), 0), ${SHORTEST_MEMORY_SECONDS}) from asked
         ))
       ),
       known as (
         select a.name, a.long, a.rolling, a."left", a.said_used, a.said_spent,
           coalesce(a.said_limit, (s.state->>'limit')::int, b.calls, a.calls) as "limit",
           coalesce(a.said_per, (s.state->>'per')::float8, a.per) as per,
           coalesce((s.state->>'used')::int, b.used, 0) as used,
           case when a.rolling and a.said_used is not null then clock.now
             else coalesce((s.state->>'since')::timestamptz, b.since, clock.now) end as since,
           coalesce(case when a.said_resets > clock.now then a.said_resets end, case when s.state is null then b.resets_at else (s.state->>'resetsAt')::timestamptz end)
             as resets_at,
           coalesce(a.said_spent, case when a.said_used is not null then clock.now + make_interval(secs => $7::float8) end,
             (s.state->>'lookAt')::timestamptz, '-infinity') as look_at,
           (select count(*) from kept where kept.ends_at > clock.now - make_interval(secs => coalesce(a.age, 0) + 0.5))::int as recent
         from clock, asked a
           cross join lateral (select pace.budgets->a.name as state) s
           left join budget b on a.long and b.connection = pace.connection and b.name = a.name
       ),
       renewed as (
         select known.*, coalesce(resets_at, since + make_interval(secs => per)) <= clock.now as anew from clock, known
       ),
       heard as materialized (
         select name, long, rolling, "left", "limit", per, case when anew then null else resets_at end as resets_at, look_at,
           case when anew then clock.now else since end as since,
           case
             when not long then (select count(*) from kept where kept.ends_at > clock.now - make_interval(secs => per))::int
             when said_spent is not null and said_used is null then greatest("limit", used)
             when said_used is null then case when anew then 0 else used end
             else greatest(said_used, least(case when anew then 0 else used end, said_used + recent))
           end as used
         from clock, renewed
       ),
       rooms as (
         select name,
           case
             when not long then ceil("limit" * (1 - "left"))::int - used
             when floor("limit" * (1 - "left"))::int > used then floor("limit" * (1 - "left"))::int - used
             when look_at <= clock.now and resets_at is null then 1
             else 0
           end as room,
           long and floor("limit" * (1 - "left"))::int <= used as looks
         from clock, heard
       ),
       room as materialized (
         select case
           when paused.yes or ($5::boolean is false and pace.urgent_until > clock.now) then 0
           else least(cardinality($3::text[]), greatest(0, coalesce((select min(room) from rooms), cardinality($3::text[]))))
         end as n
         from clock, (select exists (
           select from connection c where c.name = pace.connection and c.until > clock_timestamp()
         ) as yes) as paused
       ),
       given as (
         select w.id, clock.now + make_interval(secs => $6::float8) as ends_at
         from room, clock, unnest($3::text[]) with ordinality as w(id, n) where w.n <= room.n
       ),
       both_lists as materialized (select * from kept union all select * from given)
       select
         coalesce((select array_agg(id order by ends_at, id) from both_lists), '{}'),
         coalesce((select array_agg(ends_at order by ends_at, id) from both_lists), '{}'),
         case
           when $5::boolean and cardinality($3::text[]) > 0
             then case when room.n < cardinality($3::text[]) then clock.now + make_interval(secs => ${URGENT_SECONDS}) else '-infinity' end
           else pace.urgent_until
         end,
         room.n,
         pace.budgets || coalesce((
           select jsonb_object_agg(heard.name, jsonb_strip_nulls(jsonb_build_object(
             'long', long, 'limit', "limit", 'per', per, 'rolling', rolling,
             'used', case when long then used + room.n end,
             'since', case when long then since end,
             'resetsAt', case when long then resets_at end,
             'lookAt', case when not long then null
               when rooms.looks and room.n > 0 then clock.now + make_interval(secs => $7::float8)
               when look_at > '-infinity' then look_at end
           ))) from heard join rooms using (name)
         ), '{}')
       from room, clock
     )
     returning granted, budgets, (
       select jsonb_build_object('state', c.state, 'reason', c.reason, 'until', c.until)
       from connection c where c.name = pace.connection and c.until > clock_timestamp()
     ) as pause`,
    [connection, json(budgets), want, ended, urgent, lease, lookEvery],
  );
  // Its first row was just made: nothing was asked of it yet.
  if (row!.granted < 0) return exchangeTickets(db, wish);
  const { granted, pause } = row!;
  return {
    granted,
    pause: pause ? { connection, ...pause, until: new Date(pause.until).toISOString() } : undefined,
    days: wish.budgets.flatMap(({ name, long }) => (long ? dayOf(name, row!.budgets[name]!) : [])),
  };
}

/** As `pace.budgets` keeps it. */
type KeptDay = Omit<DayState, 'name' | 'resetsAt' | 'lookAt'> & { resetsAt?: string; lookAt?: string };

const iso = (time: string | undefined): string | null =>
  time === undefined ? null : new Date(time).toISOString();

function dayOf(name: string, { used, limit, per, rolling, since, resetsAt, lookAt }: KeptDay): DayState {
  return {
    name,
    used,
    limit,
    per,
    rolling,
    since: iso(since)!,
    resetsAt: iso(resetsAt),
    lookAt: iso(lookAt) ?? new Date(0).toISOString(),
  };
}

/** How long a pause lasts: until a time that a tool told, or for so long from now, by the database's clock. */
export type PauseEnd = { at: string } | { seconds: number };

/** No process calls the connection until then. A pause that lasts already stays as it is. Returns whether this one is new. */
export async function pauseConnection(db: Db, pause: Omit<Pause, 'until'>, end: PauseEnd): Promise<boolean> {
  const { at, seconds } = { at: null, seconds: 0, ...end };
  const rows = await db.query(
    `insert into connection as c (name, state, reason, until, updated_at)
     values ($1, $2, $3, coalesce($4::timestamptz, clock_timestamp() + make_interval(secs => $5::float8)), clock_timestamp())
     on conflict (name) do update set state = excluded.state, reason = excluded.reason, until = excluded.until,
       updated_at = excluded.updated_at
     where c.until is null or c.until <= clock_timestamp()
     returning name`,
    [pause.connection, pause.state, pause.reason, at, seconds],
  );
  return rows.length > 0;
}

/** Connections that rest now. */
export async function pauses(db: Db): Promise<Pause[]> {
  return db.query<Pause & Row>(
    `select name as connection, state, reason, until from connection where until > clock_timestamp() order by name`,
  );
}
