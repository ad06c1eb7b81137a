import {
  exchangeTickets,
  type Pause,
  type PauseEnd,
  pauseConnection,
  pauses,
  type TicketGrant,
  type TicketWish,
} from '../../core/store/budgets.ts';
import { daysOf, mayAsk, noteDays, putDays } from '../../core/store/days.ts';
import type { Db } from '../../core/store/db.ts';
import { createTickets, type Tickets } from './tickets.ts';

/** Where a keeper gets its tickets, and leaves what it knows. */
export interface Bank {
  /** Other processes take from it too. */
  shared: boolean;
  exchange(wish: TicketWish): Promise<TicketGrant>;
  /** No process calls the connection until then. Returns whether that is news. */
  pause(pause: Omit<Pause, 'until'>, end: PauseEnd): Promise<boolean>;
  /** Writes down how far days are used: for readers, and for processes to come. */
  note(connection: string): Promise<void>;
  /** Is it this process's turn to ask the tool for its limits? */
  mayAsk(connection: string, budget: string, everySeconds: number): Promise<boolean>;
}

/** For several processes on one database. */
export function sharedBank(db: Db): Bank {
  return {
    shared: true,
    exchange: (wish) => exchangeTickets(db, wish),
    pause: (pause, end) => pauseConnection(db, pause, end),
    note: (connection) => noteDays(db, connection),
    mayAsk: (connection, budget, every) => mayAsk(db, connection, budget, every),
  };
}

/**
 * For the one process of an embedded database, and one connection: tickets in memory, since a plan occupies the database while it
 * calls tools. What is known is read at once, and written down when the database is free.
 */
export function localBank(db: Db, connection: string, now: () => Date): Bank {
  const load = async (): Promise<Tickets> => {
    const [days, resting] = [await daysOf(db, connection), await pauses(db)];
    const pause = resting.find((one) => one.connection === connection);
    return createTickets({ days, pause }, now, () => performance.now());
  };
  let loading: Promise<Tickets> | undefined;
  const tickets = () => {
    loading ??= load().catch((error) => {
      loading = undefined;
      throw error;
    });
    return loading;
  };
  // Whoever calls first is told when it fails.
  tickets().catch(() => undefined);
  let askedAt = Number.NEGATIVE_INFINITY;
  return {
    shared: false,
    exchange: async (wish) => (await tickets()).exchange(wish),
    async pause(pause, end) {
      const until = 'at' in end ? end.at : new Date(now().getTime() + end.seconds * 1000).toISOString();
      (await tickets()).pause({ ...pause, until });
      return pauseConnection(db, pause, end);
    },
    async note() {
      await putDays(db, connection, (await tickets()).days());
      await noteDays(db, connection);
    },
    async mayAsk(_, __, everySeconds) {
      if (performance.now() - askedAt < everySeconds * 1000) return false;
      askedAt = performance.now();
      return true;
    },
  };
}
