import {
  type Budget,
  ConnectorError,
  type Lane,
  type Log,
  type QuotaHint,
} from '../../connectors/contract.ts';
import { type Admit, LONGEST_PACED_SECONDS } from '../../connectors/pace.ts';
import {
  type BudgetState,
  exchangeTickets,
  mayLook,
  type Pause,
  pauseConnection,
  type Spending,
  spend,
} from '../../core/store/budgets.ts';
import { DatabaseLost, type Db } from '../../core/store/db.ts';

export interface KeeperOptions {
  db: Db;
  connection: string;
  budgets: readonly Budget[];
  /** The share of long budgets that is left to the customer's other apps, between 0 and 1. */
  reserve: number;
  log: Log;
  now(): Date;
  sleep(ms: number): Promise<void>;
}

/** One connection's budgets as this process keeps them together with the others of its database. */
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
/** A budget that is used up is looked at again after so long, by one call. */
const LOOK_EVERY_SECONDS = 15 * 60;
/** A login that was refused is tried again after so long; a person may have mended it. */
const AUTH_REST_SECONDS = 60;
/** Shorter rests are waited out by the transport itself. */
const SHORTEST_REST_SECONDS = 60;

/** Calls wait so long for a database that is lost before they are given up. */
const MISSED_MS = 1_000;
const MOST_MISSES = 20;

const unasked = (cause: DatabaseLost) =>
  new ConnectorError('transient', "the call was not made: the hub's own database does not answer", {
    hint: 'It is tried again by itself once the database is back.',
    cause,
  });

/**
 * Keeps a connection's budgets over all processes of a shared database. One exchange with the database is under way at a time:
 * who comes meanwhile goes with the next one, so that many calls cost few round trips. Holds nothing while nobody calls.
 */
export function createKeeper(options: KeeperOptions): Keeper {
  const { db, connection, log, now } = options;
  const windows = options.budgets.filter(({ per }) => per <= LONGEST_PACED_SECONDS);
  const days = options.budgets.filter(({ per }) => per > LONGEST_PACED_SECONDS);
  const pollMs = Math.min(250, Math.max(20, ...windows.map(({ calls, per }) => (per * 1000) / calls)));
  const waiting: Record<Lane, Waiter[]> = { realtime: [], bulk: [] };
  const ended: string[] = [];
  const telling = new Set<Promise<unknown>>();
  let exchanging: Promise<void> | undefined;
  /** Exchanges on end that met no database. */
  let misses = 0;
  let later: ReturnType<typeof setTimeout> | undefined;

  const tell = (what: string, work: Promise<unknown>) => {
    const told = work
      .catch((error: Error) => log.warn(what, { connection, error: error.message }))
      .finally(() => telling.delete(told));
    telling.add(told);
  };

  const exchange = async () => {
    for (;;) {
      const lane: Lane = waiting.realtime.length > 0 ? 'realtime' : 'bulk';
      const asking = waiting[lane].slice(0, BLOCK);
      if (asking.length === 0 && ended.length === 0) return;
      const { granted, pause } = await exchangeTickets(db, {
        connection,
        windows,
        want: asking.map(({ id }) => id),
        ended: ended.splice(0),
        urgent: lane === 'realtime',
        lease: LEASE_SECONDS,
      });
      for (const { id, admit } of asking.slice(0, granted)) {
        waiting[lane] = waiting[lane].filter((one) => one.id !== id);
        admit(() => finish(id));
      }
      if (pause) refuseAll(restingError(pause, now()));
      else if (granted < asking.length) await options.sleep(pollMs);
    }
  };

  const refuseAll = (error: unknown) => {
    for (const { refuse } of [...waiting.realtime.splice(0), ...waiting.bulk.splice(0)]) refuse(error);
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
        refuseAll(error);
      })
      .finally(() => {
        exchanging = undefined;
        if (waiting.realtime.length + waiting.bulk.length > 0) wake();
      });
  };

  const finish = (id: string) => {
    ended.push(id);
    later ??= setTimeout(() => {
      later = undefined;
      if (ended.length > 0) wake();
    }, END_TOLD_AFTER_MS);
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

  const ledger = createLedger(db, connection, days, options.reserve, now);

  return {
    async admit(lane, signal) {
      const end = await ledger
        .check()
        .then(() => ticket(lane, signal))
        .catch((error: unknown) => {
          throw error instanceof DatabaseLost ? unasked(error) : error;
        });
      ledger.called();
      return () => {
        end();
        if (ledger.due()) tell('the budget is not counted', ledger.report());
      };
    },
    learn(hint) {
      ledger.learn(hint);
      if (hint.exhaustedUntil === undefined) return;
      const seconds = (Date.parse(hint.exhaustedUntil) - now().getTime()) / 1000;
      if (seconds >= SHORTEST_REST_SECONDS) rest('quota', `the ${hint.name} budget is used up`, seconds);
    },
    failed(error) {
      if (!(error instanceof ConnectorError) || isResting(error)) return;
      if (error.kind === 'auth') rest('auth', 'the tool refuses the login', AUTH_REST_SECONDS);
      else if (error.kind === 'quota' && (error.retryAfter ?? 0) >= SHORTEST_REST_SECONDS)
        rest('quota', 'a budget of the tool is used up', error.retryAfter!);
    },
    async settled() {
      if (ledger.unreported()) tell('the budget is not counted', ledger.report());
      clearTimeout(later);
      later = undefined;
      if (ended.length > 0) wake();
      while (exchanging || telling.size > 0) await Promise.all([exchanging, ...telling]);
    },
  };

  function rest(state: Pause['state'], reason: string, seconds: number): void {
    tell(
      'other processes do not know that the connection rests',
      (async () => {
        if (await pauseConnection(db, { connection, state, reason }, seconds))
          log.warn('the connection rests', { connection, state, reason, seconds: Math.round(seconds) });
      })(),
    );
  }
}

/** Thrown for calls that are not made, since another one has learned that they would fail. */
class Resting extends ConnectorError {}

const isResting = (error: unknown): boolean =>
  error instanceof Resting || (error instanceof Error && error.cause !== undefined && isResting(error.cause));

function restingError(pause: Pause, now: Date): ConnectorError {
  const retryAfter = Math.max(1, Math.ceil((Date.parse(pause.until) - now.getTime()) / 1000));
  const hint =
    pause.state === 'auth'
      ? `Mend the login of ${pause.connection}; it is tried again by itself.`
      : 'The hub goes on by itself when the budget renews.';
  return new Resting(pause.state, `${pause.connection} rests until ${pause.until}: ${pause.reason}`, {
    retryAfter,
    hint,
  });
}

/** Counts the calls of long budgets, and says when what may be used of them is used. */
function createLedger(db: Db, connection: string, days: readonly Budget[], reserve: number, now: () => Date) {
  const states = new Map<string, BudgetState>();
  const hints = new Map<string, NonNullable<Spending['hint']>>();
  let calls = 0;
  let reported = Number.NEGATIVE_INFINITY;
  let loaded: Promise<void> | undefined;

  const report = async () => {
    if (days.length === 0) return;
    const spending = days.map(({ name, calls: limit, per }) => ({
      name,
      calls,
      limit,
      per,
      hint: hints.get(name),
    }));
    calls = 0;
    hints.clear();
    reported = now().getTime();
    for (const state of await spend(db, connection, spending)) states.set(state.name, state);
  };

  return {
    report,
    called: () => {
      calls += 1;
    },
    learn: (hint: QuotaHint) => {
      if (hint.used !== undefined || hint.limit !== undefined)
        hints.set(hint.name, { used: hint.used, limit: hint.limit });
    },
    unreported: () => days.length > 0 && (calls > 0 || hints.size > 0),
    due: () => days.length > 0 && now().getTime() - reported >= REPORT_EVERY_MS,
    /** Throws when only the reserve is left. */
    async check() {
      if (days.length === 0) return;
      loaded ??= report().catch((error) => {
        loaded = undefined;
        throw error;
      });
      await loaded;
      for (const { name, used, limit } of states.values()) {
        const ours = Math.floor(limit * (1 - reserve));
        if (used + calls < ours || (await mayLook(db, connection, name, LOOK_EVERY_SECONDS))) continue;
        throw new Resting(
          'quota',
          `${connection}: ${used} of ${limit} calls of the ${name} budget are used, and the rest is left to other apps`,
          {
            retryAfter: LOOK_EVERY_SECONDS,
            hint: 'The hub looks again by itself. `reserve` of the connection says how much is left to others.',
          },
        );
      }
    },
  };
}
