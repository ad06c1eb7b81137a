/** Budgets of a day as they are written down: for readers, for processes to come, and as the past that a forecast is made from. */
import type { DayState } from './budgets.ts';
import type { Db, Row } from './db.ts';
import { json } from './json.ts';

/** A sample stands for what was used at the beginning of so many minutes. */
const SAMPLE_MINUTES = 5;

/** Days that one process keeps for itself, as `exchangeTickets` would keep them. */
export async function putDays(db: Db, connection: string, days: readonly DayState[]): Promise<void> {
  await db.query(
    `insert into pace (connection, budgets) values ($1, $2::jsonb)
     on conflict (connection) do update set budgets = excluded.budgets`,
    [connection, json(Object.fromEntries(days.map(({ name, ...day }) => [name, { long: true, ...day }])))],
  );
}

/** For readers, and for what comes after a crash: copies what is known of days, and notes how far they are used. */
export async function noteDays(db: Db, connection: string): Promise<void> {
  await db.query(
    // Locked, so that of two who note at once the later one has the newer state.
    `with held as materialized (select budgets from pace where connection = $1 for update),
     day as (
       select key as name, (value->>'used')::int as used, (value->>'limit')::int as "limit", (value->>'per')::float8 as per,
         (value->>'rolling')::boolean as rolling, (value->>'since')::timestamptz as since, (value->>'resetsAt')::timestamptz as resets_at
       from held, jsonb_each(held.budgets) where (value->>'long')::boolean
     ),
     sampled as (
       insert into budget_sample (connection, name, at, used)
       select $1, name, date_bin('${SAMPLE_MINUTES} minutes', clock_timestamp(), 'epoch'), used from day
       on conflict (connection, name, at) do nothing
     )
     insert into budget as b (connection, name, used, calls, seconds, since, resets_at, rolling)
     select $1, name, used, "limit", per, since, resets_at, rolling from day
     on conflict (connection, name) do update set used = excluded.used, calls = excluded.calls, seconds = excluded.seconds,
       since = excluded.since, resets_at = excluded.resets_at, rolling = excluded.rolling`,
    [connection],
  );
}

export interface BudgetState {
  connection: string;
  name: string;
  used: number;
  limit: number;
  per: number;
  rolling: boolean;
  resetsAt: string | null;
}

/** Budgets counted by the day, as last noted. */
export async function budgetStates(db: Db): Promise<BudgetState[]> {
  return db.query<BudgetState & Row>(
    `select connection, name, case when coalesce(resets_at, since + make_interval(secs => seconds)) <= clock_timestamp() then 0 else used end as used,
       calls as "limit", seconds as per, rolling, case when resets_at > clock_timestamp() then resets_at end as "resetsAt"
     from budget order by connection, name`,
  );
}

/** What a connection's days stood at when they were last noted. */
export async function daysOf(db: Db, connection: string): Promise<DayState[]> {
  const rows = await db.query<Omit<DayState, 'lookAt'> & Row>(
    `select name, used, calls as "limit", seconds as per, rolling, resets_at as "resetsAt", since from budget where connection = $1`,
    [connection],
  );
  return rows.map((row) => ({ ...row, lookAt: new Date(0).toISOString() }));
}

export interface BudgetSample {
  connection: string;
  name: string;
  at: string;
  used: number;
}

/** How far budgets were used over time, the oldest first. */
export async function budgetSamples(db: Db, since: Date): Promise<BudgetSample[]> {
  return db.query<BudgetSample & Row>(
    `select connection, name, at, used from budget_sample where at >= $1::timestamptz order by connection, name, at`,
    [since.toISOString()],
  );
}

export async function pruneBudgetSamples(db: Db, before: Date): Promise<void> {
  await db.query(`delete from budget_sample where at < $1::timestamptz`, [before.toISOString()]);
}

/** Is it this asker who asks the tool for its limits? True for one in `everySeconds`, over all processes. */
export async function mayAsk(
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
