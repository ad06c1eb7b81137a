import PQueue from 'p-queue';
import type { Budget, Lane } from './contract.ts';

/** Budgets that run longer than this cannot be kept by one process: the hub keeps them in its store. */
export const LONGEST_PACED_SECONDS = 60;

/**
 * Resolves when one call may leave; what it resolves to is called when the call has ended. Rejects with a ConnectorError when the
 * connection is not to be called now, and as soon as the signal aborts.
 */
export type Admit = (lane: Lane, signal: AbortSignal) => Promise<() => void>;

export interface Pace {
  /**
   * Runs the task once a place is free and no short budget would be overrun. Rejects at once when the signal
   * aborts, waiting or not.
   */
  run<T>(task: () => Promise<T>, signal: AbortSignal, lane?: Lane): Promise<T>;
}

/** Webhooks' calls never wait for a place behind a sync's, which may all be waiting for their tickets. */
const URGENT_PLACES = 4;
const PRIORITY: Record<Lane, number> = { consent: 3, realtime: 2, incremental: 1, backfill: 0 };

/** Of every short window so much is kept for webhooks: a sync that fills the rest at once must not make them wait for its end. */
export const WINDOW_KEPT = 0.1;

/** Lanes that never wait for a sync's calls. */
export const isUrgent = (lane: Lane) => lane === 'consent' || lane === 'realtime';

/** Calls of a window that a lane may fill. */
export const windowShare = (calls: number, lane: Lane): number =>
  isUrgent(lane) ? calls : Math.ceil(calls * (1 - WINDOW_KEPT));

/**
 * Keeps calls within `concurrency` and within every budget: with `admit` as that says, otherwise in sliding windows of this
 * process, for budgets of at most a minute. It holds timers only while calls wait, and must be made per transport: Workers
 * cancel what waits at module scope.
 */
export function createPace(
  budgets: readonly Budget[],
  concurrency: number,
  admit: Admit = inMemory(budgets),
): Pace {
  const urgent = new PQueue({ concurrency: URGENT_PLACES });
  const others = new PQueue({ concurrency });
  return {
    run: (task, signal, lane = 'incremental') =>
      (isUrgent(lane) ? urgent : others).add(
        async () => {
          const end = await admit(lane, signal);
          try {
            return await task();
          } finally {
            end();
          }
        },
        { signal, priority: PRIORITY[lane] },
      ),
  };
}

/** The short budgets alone, kept in this process: what nobody else calls needs no store. */
export function inMemory(budgets: readonly Budget[]): Admit {
  const windows = budgets
    .filter((budget) => budget.per <= LONGEST_PACED_SECONDS)
    .sort((a, b) => b.per - a.per)
    .map(({ calls, per }) => {
      const queue = (intervalCap: number) => new PQueue({ intervalCap, interval: per * 1000, strict: true });
      return { all: queue(calls), syncs: queue(windowShare(calls, 'incremental')) };
    });
  return async (lane, signal) => {
    const place = { signal, priority: PRIORITY[lane] };
    for (const { all, syncs } of windows) {
      if (!isUrgent(lane)) await syncs.add(async () => {}, place);
      await all.add(async () => {}, place);
    }
    return () => undefined;
  };
}
