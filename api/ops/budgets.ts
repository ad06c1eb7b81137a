import {
  type Budget,
  ConnectorError,
  type Lane,
  type Log,
  type QuotaHint,
} from '../../connectors/contract.ts';
import { type Admit, isUrgent, LONGEST_PACED_SECONDS } from '../../connectors/pace.ts';
import type { BudgetWish, DayState, Pause, PauseEnd } from '../../core/store/budgets.ts';
import { DatabaseLost } from '../../core/store/db.ts';
import { OtherAccount } from '../runtime/accountGate.ts';
import type { Bank } from './bank.ts';
import { exhausted, isResting, restingError, spentError } from './resting.ts';
import { leftOfDay, leftOfWindow, type Shares } from './shares.ts';

export interface KeeperOptions {
  /** Where tickets come from: see bank.ts. */
  bank: Bank;
  connection: string;
  budgets: readonly Budget[];
  shares: Shares;
  /** Asks the tool for its limits, in one call. */
  ask?: (() => Promise<QuotaHint[]>) | undefined;
  log: Log;
  now(): Date;
  sleep(ms: number): Promise<void>;
  /** A budget that nothing was heard of, and that was used up then, is looked at after so long by one call. */
  lookEverySeconds?: number;
}

/** One connection's budgets, kept together with whoever shares the bank. */
export interface Keeper {
  admit: Admit;
  /** Told of everything that the tool says of its budgets. */
  learn(hint: QuotaHint): void;
  /** Told when a call of the connection failed as a whole: what every process would meet stops them all. */
  failed(error: unknown): void;
  /** Resolves when everything told so far is in the database. */
  settled(): Promise<void>;
}

interface Waiter {
  id: string;
  admit(end: () => void): void;
  refuse(error: unknown): void;
}

/** A call takes no longer: the transport's deadline, and a little. */
const LEASE_SECONDS = 70;
/** Tickets asked for at once. */
const BLOCK = 16;
const REPORT_EVERY_MS = 1_000;
/** The end of a call is told with the next exchange, or so much later: until then its ticket only counts for longer. */
const END_TOLD_AFTER_MS = 200;
const LOOK_EVERY_SECONDS = 15 * 60;
/** A login that was refused is tried again after so long; a person may have mended it. */
const AUTH_REST_SECONDS = 60;
/** Shorter rests are waited out by the transport itself. */
const SHORTEST_REST_SECONDS = 60;
/** From this share of a day on it is worth a call to know when it renews; asked once an hour at most. */
const ASK_FROM = 0.5;
const ASK_EVERY_SECONDS = 3600;

const LANES: readonly Lane[] = ['consent', 'realtime', 'incremental', 'backfill'];

/** Calls wait so long for a database that is lost before they are given up. */
const MISSED_MS = 1_000;
const MOST_MISSES = 20;

const unasked = (cause: DatabaseLost) =>
  new ConnectorError('transient', "the call was not made: the hub's own database does not answer", {
    hint: 'It is tried again by itself once the database is back.',
    cause,
  });

/**
 * Keeps a connection's budgets. One exchange with the bank is under way at a time: who comes meanwhile goes with the next one, so
 * that many calls cost few round trips. Holds nothing while nobody calls.
 */
export function createKeeper(options: KeeperOptions): Keeper {
  const { bank, connection, shares, log, now } = options;
  const budgets = options.budgets.filter(({ only }) => !only);
  const shortest = budgets
    .filter(({ per }) => per <= LONGEST_PACED_SECONDS)
    .map(({ calls, per }) => (per * 1000) / calls);
  const pollMs = Math.min(250, Math.max(20, ...shortest));
  const counted = budgets.some(({ per }) => per > LONGEST_PACED_SECONDS);
  const waiting: Record<Lane, Waiter[]> = { consent: [], realtime: [], incremental: [], backfill: [] };
  const ended: string[] = [];
  const telling = new Set<Promise<unknown>>();
  const said = new Map<string, { hint: QuotaHint; at: number }>();
  const days = new Map<string, DayState>();
  let resting: Pause | undefined;
  let exchanging: Promise<void> | undefined;
  /** Exchanges on end that met no database. */
  let misses = 0;
  let later: ReturnType<typeof setTimeout> | undefined;
  let reported = Number.NEGATIVE_INFINITY;
  let reporting: ReturnType<typeof setTimeout> | undefined;
  let unreported = false;
  let asking = false;
  /** Something was said that must be told although nobody calls. */
  let flush = false;

  const lasts = ({ until }: Pick<Pause, 'until'>) => Date.parse(until) > now().getTime();
  const tell = (what: string, work: Promise<unknown>) => {
    const told = work
      .catch((error: Error) => log.warn(what, { connection, error: error.message }))
      .finally(() => telling.delete(told));
    telling.add(told);
  };

  const left = (long: boolean, lane: Lane) => (long ? leftOfDay(lane, shares) : leftOfWindow(lane));
  const wished = (lane: Lane): BudgetWish[] =>
    budgets.map(({ name, calls, per, rolling }) => {
      const word = said.get(name);
      said.delete(name);
      const long = per > LONGEST_PACED_SECONDS;
      return {
        name,
        calls,
        per,
        long,
        rolling: rolling ?? false,
        left: left(long, lane),
        ...(word ? { said: { ...word.hint, age: Math.max(0, performance.now() - word.at) / 1000 } } : {}),
      };
    });
  /** The day of which this lane may use no more. */
  const spentBy = (lane: Lane) =>
    [...days.values()].find(({ used, limit }) => Math.floor(limit * (1 - left(true, lane))) <= used);

  const exchange = async () => {
    for (;;) {
      const lane = LANES.find((one) => waiting[one].length > 0) ?? 'incremental';
      const asked = waiting[lane].slice(0, BLOCK);
      if (asked.length === 0 && ended.length === 0 && !flush) return;
      flush = false;
      const grant = await bank.exchange({
        connection,
        budgets: wished(lane),
        want: asked.map(({ id }) => id),
        ended: ended.splice(0),
        urgent: isUrgent(lane),
        lease: LEASE_SECONDS,
        lookEvery: options.lookEverySeconds ?? LOOK_EVERY_SECONDS,
      });
      const { granted, pause } = grant;
      for (const day of grant.days) days.set(day.name, day);
      unreported ||= counted;
      for (const { id, admit } of asked.slice(0, granted)) {
        waiting[lane] = waiting[lane].filter((one) => one.id !== id);
        admit(() => finish(id));
      }
      askWhenItRenews();
      if (pause) refuse(LANES, () => restingError(pause, now()));
      else if (granted < asked.length) {
        const spent = spentBy(lane);
        // Whoever is less urgent may use no more of the day either.
        if (spent && granted === 0)
          refuse(LANES.slice(LANES.indexOf(lane)), (one) => spentError(connection, spent, one, now()));
        else if (!spent) await options.sleep(pollMs);
      }
    }
  };

  const refuse = (lanes: readonly Lane[], error: (lane: Lane) => unknown) => {
    for (const lane of lanes) for (const waiter of waiting[lane].splice(0)) waiter.refuse(error(lane));
  };

  const wake = () => {
    exchanging ??= exchange()
      .then(() => {
        misses = 0;
      })
      .catch((error: unknown) => {
        log.warn('calls wait for a database that does not answer', {
          connection,
          error: (error as Error).message,
        });
        if (error instanceof DatabaseLost && misses++ < MOST_MISSES) return options.sleep(MISSED_MS);
        refuse(LANES, () => error);
      })
      .finally(() => {
        exchanging = undefined;
        if (LANES.some((lane) => waiting[lane].length > 0)) wake();
      });
  };

  const finish = (id: string) => {
    ended.push(id);
    later ??= setTimeout(() => {
      later = undefined;
      if (ended.length > 0) wake();
    }, END_TOLD_AFTER_MS);
    if (!counted) return;
    const wait = reported + REPORT_EVERY_MS - performance.now();
    if (wait <= 0) report();
    else reporting ??= setTimeout(report, wait);
  };

  const report = () => {
    clearTimeout(reporting);
    reporting = undefined;
    reported = performance.now();
    unreported = false;
    tell('the budget is not counted', bank.note(connection));
  };

  const ticket = (lane: Lane, signal: AbortSignal) =>
    new Promise<() => void>((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason);
      const id = crypto.randomUUID();
      const leave = () => {
        waiting[lane] = waiting[lane].filter((one) => one.id !== id);
        reject(signal.reason);
      };
      signal.addEventListener('abort', leave, { once: true });
      const done = () => signal.removeEventListener('abort', leave);
      waiting[lane].push({
        id,
        admit: (end) => {
          done();
          if (signal.aborted) end();
          else resolve(end);
        },
        refuse: (error) => {
          done();
          reject(error);
        },
      });
      wake();
    });

  /** When a day is half used, it is worth a call to know when it ends: it must not be guessed once no call is left. */
  const askWhenItRenews = () => {
    const { ask } = options;
    if (!ask || asking) return;
    for (const day of days.values()) {
      if (day.rolling || day.resetsAt !== null || day.used < day.limit * ASK_FROM || day.used >= day.limit)
        continue;
      asking = true;
      tell(
        'the tool was not asked when its budget renews',
        (async () => {
          try {
            await bank.note(connection);
            if (await bank.mayAsk(connection, day.name, ASK_EVERY_SECONDS))
              for (const hint of await ask()) keeper.learn(hint);
          } finally {
            asking = false;
          }
        })(),
      );
      return;
    }
  };

  const keeper: Keeper = {
    async admit(lane, signal) {
      if (resting && lasts(resting)) throw restingError(resting, now());
      return ticket(lane, signal).catch((error: unknown) => {
        throw error instanceof DatabaseLost ? unasked(error) : error;
      });
    },
    learn(hint) {
      const before = said.get(hint.name)?.hint;
      said.set(hint.name, { hint: { ...before, ...hint }, at: performance.now() });
      const budget = budgets.find(({ name }) => name === hint.name);
      if (hint.exhaustedUntil === undefined || !budget || budget.per <= LONGEST_PACED_SECONDS) return;
      const lookAt = hint.exhaustedUntil;
      const renews = () => {
        const known = hint.resetsAt ?? before?.resetsAt ?? days.get(hint.name)?.resetsAt ?? null;
        return known !== null && lasts({ until: known }) ? known : null;
      };
      const ending = () => {
        const { reason, until } = exhausted(hint.name, renews(), lookAt, budget.renewal);
        return { reason, end: { at: until } };
      };
      // Another process may have asked when it renews, since this one last heard of the day.
      rest('quota', ending, renews() === null && bank.shared);
    },
    failed(error) {
      if (!(error instanceof ConnectorError) || isResting(error)) return;
      // One process alone need not be told what it met itself, and tries as soon as somebody may have mended it.
      if (error.kind === 'auth' && bank.shared)
        rest('auth', () => ({
          reason: error instanceof OtherAccount ? error.message : 'the tool refuses the login',
          end: { seconds: AUTH_REST_SECONDS },
        }));
      else if (error.kind === 'quota' && (error.retryAfter ?? 0) >= SHORTEST_REST_SECONDS)
        rest('quota', () => ({
          reason: 'a budget of the tool is used up',
          end: { seconds: error.retryAfter! },
        }));
    },
    async settled() {
      if (unreported || reporting) report();
      clearTimeout(later);
      later = undefined;
      const untold = () => ended.length > 0 || budgets.some(({ name }) => said.has(name));
      while (untold() || exchanging || telling.size > 0) {
        if (untold()) tellBank();
        await Promise.all([exchanging, ...telling]);
      }
      if (unreported) {
        report();
        await Promise.all(telling);
      }
    },
  };
  return keeper;

  function tellBank(): void {
    flush = true;
    wake();
  }

  /** `unsure`: what ends the rest is to be looked at once more, after the bank was heard. */
  function rest(
    state: Pause['state'],
    ending: () => { reason: string; end: PauseEnd },
    unsure = false,
  ): void {
    const pauseNow = (): Pause => {
      const { reason, end } = ending();
      const until = 'at' in end ? end.at : new Date(now().getTime() + end.seconds * 1000).toISOString();
      return { connection, state, reason, until };
    };
    const first = pauseNow();
    if (!lasts(first) || (resting && lasts(resting))) return;
    resting = first;
    tell(
      'other processes do not know that the connection rests',
      (async () => {
        if (unsure) {
          tellBank();
          await exchanging;
          resting = pauseNow();
        }
        const { reason, end } = ending();
        if (await bank.pause({ connection, state, reason }, end))
          log.warn('the connection rests', { connection, state, reason, until: resting!.until });
      })(),
    );
  }
}
