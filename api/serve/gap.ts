import type { Budget } from '../../connectors/contract.ts';

/** Of a budget's window, so much is left to the calls that nobody spreads (writes, looks after them). */
const REST = 0.02;
/** So much of a window may be called at once, before anybody waits. */
const BURST = 0.006;

/**
 * How long to wait before the next look at a tool, in milliseconds, so that its budget of calls a window never runs dry: a hundred
 * calls at once followed by ten seconds of silence would make webhooks late by ten seconds. Each call takes its even share of a
 * window, and calls may run ahead of that by `BURST` (the generic cell rate algorithm). `calls`: made so far; `now`: milliseconds.
 */
export function createGap(
  budgets: () => readonly Budget[],
  calls: () => number,
  now: () => number,
): () => number {
  /** By budget: when all calls so far had been made, had each taken its share. */
  const even = new Map<string, number>();
  let counted = calls();
  return () => {
    const at = now();
    const made = calls() - counted;
    counted += made;
    let gap = 0;
    for (const { name, calls: most, per, only } of budgets()) {
      if (per > 60 || only) continue;
      const share = (per * 1000 * (1 + BURST)) / (most * (1 - REST));
      const due = Math.max(even.get(name) ?? Number.NEGATIVE_INFINITY, at) + made * share;
      even.set(name, due);
      gap = Math.max(gap, due - per * 1000 * BURST - at);
    }
    return gap;
  };
}
