import { Cron } from 'croner';
import { type BudgetSample, type BudgetState, budgetSamples, budgetStates } from '../../core/store/days.ts';
import type { Db } from '../../core/store/db.ts';

/** A day's budget as it stands, and where it is going. */
export interface BudgetReport {
  connection: string;
  name: string;
  /** Of all the customer's apps. */
  used: number;
  limit: number;
  perSeconds: number;
  /** `used` of `limit`. */
  share: number;
  /** true: calls are given back as they grow a day old. */
  rolling: boolean;
  /** When all of it renews; null: it never does at once, or the tool has not told. */
  resetsAt: string | null;
  forecast: Forecast;
}

export interface Forecast {
  /** The end of the day: when the budget renews, or else the hub's midnight. */
  at: string;
  /** What will be used by then at the recent pace. */
  used: number;
  share: number;
  /** When only the reserve will be left; null: not before `at`. */
  runsOutAt: string | null;
}

const HOUR_MS = 3_600_000;
/** A pace is told from no less than this: a run that has just begun would use up any day. */
const SHORTEST_PACE_MS = 600_000;

export interface ForecastOptions {
  now: Date;
  timeZone: string;
  /** The share left to other apps. */
  reserve: number;
}

/** Without samples the pace is that of the whole day. */
export function report(
  state: BudgetState,
  samples: readonly Pick<BudgetSample, 'at' | 'used'>[],
  options: ForecastOptions,
): BudgetReport {
  const { connection, name, used, limit, per, rolling, resetsAt } = state;
  const { now, timeZone, reserve } = options;
  const end =
    resetsAt === null
      ? new Cron('0 0 * * *', { timezone: timeZone, paused: true }).nextRun(now)!
      : new Date(resetsAt);
  const left = Math.max(0, end.getTime() - now.getTime());
  const pace =
    samples.length > 0 ? recentPace(samples, used, now) : dayPace(used, rolling ? undefined : end, per, now);
  const expected = Math.round(used + pace * left);
  const ours = Math.floor(limit * (1 - reserve));
  const runsOut = used >= ours ? 0 : pace > 0 ? (ours - used) / pace : Number.POSITIVE_INFINITY;
  return {
    connection,
    name,
    used,
    limit,
    perSeconds: per,
    share: shareOf(used, limit),
    rolling,
    resetsAt,
    forecast: {
      at: end.toISOString(),
      used: expected,
      share: shareOf(expected, limit),
      runsOutAt: runsOut <= left ? new Date(now.getTime() + runsOut).toISOString() : null,
    },
  };
}

const shareOf = (used: number, limit: number) => Math.round((used / Math.max(1, limit)) * 1000) / 1000;

/** Calls a millisecond over the last hour. What is given back in between is no negative pace. */
function recentPace(samples: readonly Pick<BudgetSample, 'at' | 'used'>[], used: number, now: Date): number {
  const recent = samples.filter(({ at }) => Date.parse(at) >= now.getTime() - HOUR_MS);
  if (recent.length === 0) return 0;
  let calls = 0;
  let before = recent[0]!.used;
  for (const next of [...recent.slice(1).map((sample) => sample.used), used]) {
    calls += next >= before ? next - before : 0;
    before = next;
  }
  return calls / Math.max(SHORTEST_PACE_MS, now.getTime() - Date.parse(recent[0]!.at));
}

/** `end`: of the day that was begun `per` before it; a rolling one has always begun `per` ago, and goes on as it is. */
function dayPace(used: number, end: Date | undefined, per: number, now: Date): number {
  if (end === undefined) return 0;
  return used / Math.max(SHORTEST_PACE_MS, now.getTime() - (end.getTime() - per * 1000));
}

/** Every budget of a day of these connections, as last noted in the database. */
export async function budgetReports(
  db: Db,
  connections: Readonly<Record<string, { budget?: { reserve: number } | undefined }>>,
  options: Omit<ForecastOptions, 'reserve'>,
): Promise<BudgetReport[]> {
  const [states, samples] = [
    await budgetStates(db),
    await budgetSamples(db, new Date(options.now.getTime() - HOUR_MS)),
  ];
  return states
    .filter(({ connection }) => Object.hasOwn(connections, connection))
    .map((state) =>
      report(
        state,
        samples.filter(({ connection, name }) => connection === state.connection && name === state.name),
        { ...options, reserve: connections[state.connection]!.budget?.reserve ?? 0 },
      ),
    );
}

const percent = (share: number) => `${Math.round(share * 100)}%`;

/** `6,100 of 10,000 calls of the day budget are used (61%) at 17:00; 84% by 00:00 at this pace`, in the hub's time zone. */
export function reportText(
  { name, used, limit, share, forecast }: BudgetReport,
  now: Date,
  timeZone: string,
): string {
  const clock = (time: string | Date) =>
    new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', timeZone }).format(new Date(time));
  const so = `${used.toLocaleString('en')} of ${limit.toLocaleString('en')} calls of the ${name} budget are used (${percent(share)}) at ${clock(now)}`;
  if (forecast.runsOutAt !== null && Date.parse(forecast.runsOutAt) <= now.getTime())
    return `${so}; ${used >= limit ? 'nothing is left' : 'what is left is the reserve'}`;
  const end = `${percent(forecast.share)} by ${clock(forecast.at)} at this pace`;
  return forecast.runsOutAt === null
    ? `${so}; ${end}`
    : `${so}; at this pace only the reserve is left at ${clock(forecast.runsOutAt)}`;
}
