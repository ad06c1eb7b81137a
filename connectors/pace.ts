import PQueue from 'p-queue';
import type { Budget } from './contract.ts';

/** Budgets that run longer than this cannot be kept by one process: the hub keeps them in its store. */
export const LONGEST_PACED_SECONDS = 60;

export interface Pace {
  /**
   * Runs the task once a place is free and no short budget would be overrun. Rejects at once when the signal
   * aborts, waiting or not.
   */
  run<T>(task: () => Promise<T>, signal: AbortSignal): Promise<T>;
}

/**
 * Keeps calls within `concurrency` and within every budget of at most a minute, in sliding windows. It holds
 * timers only while calls wait, and must be made per transport: Workers cancel what waits at module scope.
 */
export function createPace(budgets: Budget[], concurrency: number): Pace {
  const places = new PQueue({ concurrency });
  const tickets = budgets
    .filter((budget) => budget.per <= LONGEST_PACED_SECONDS)
    .sort((a, b) => b.per - a.per)
    .map(({ calls, per }) => new PQueue({ intervalCap: calls, interval: per * 1000, strict: true }));
  return {
    run: (task, signal) =>
      places.add(
        async () => {
          for (const queue of tickets) await queue.add(async () => {}, { signal });
          return await task();
        },
        { signal },
      ),
  };
}
