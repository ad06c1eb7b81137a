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
const PRIORITY: Record<Lane, number> = { realtime: 1, bulk: 0 };

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
  const places: Record<Lane, PQueue> = {
    realtime: new PQueue({ concurrency: URGENT_PLACES }),
    bulk: new PQueue({ concurrency }),
  };
  return {
    run: (task, signal, lane = 'bulk') =>
      places[lane].add(
        async () => {
          const end = await admit(lane, signal);
          try {
            return await task();
          } finally {
            end();
          }
        },
        { signal },
      ),
  };
}

function inMemory(budgets: readonly Budget[]): Admit {
  const tickets = budgets
    .filter((budget) => budget.per <= LONGEST_PACED_SECONDS)
    .sort((a, b) => b.per - a.per)
    .map(({ calls, per }) => new PQueue({ intervalCap: calls, interval: per * 1000, strict: true }));
  return async (lane, signal) => {
    for (const queue of tickets) await queue.add(async () => {}, { signal, priority: PRIORITY[lane] });
    return () => undefined;
  };
}
