import type { Budget } from '../../connectors/contract.ts';

/** Of a budget's window: as long as so much of it is unused, nobody waits. */
const EASE = 0.5;
/** Then the calls are spread evenly over so much of it; the rest is left to writes. */
const SHARE = 0.95;

/**
 * How long to wait between two looks at a tool (of one or several calls), so that its budget of calls a window never runs dry: a hundred calls at once
 * followed by ten seconds of silence would make webhooks late by ten seconds. `calls`: made so far; `now`: milliseconds.
 */
export function createGap(budgets: readonly Budget[], calls: () => number, now: () => number): () => number {
  const short = budgets.filter(({ per }) => per <= 60);
  const samples: { at: number; calls: number }[] = [];
  return () => {
    const at = now();
    samples.push({ at, calls: calls() });
    const longest = Math.max(0, ...short.map(({ per }) => per * 1000));
    while (samples.length > 2 && samples[1]!.at < at - longest) samples.shift();
    const made = samples.at(-1)!.calls - (samples.at(-2)?.calls ?? 0);
    let gap = 0;
    for (const budget of short) {
      const window = budget.per * 1000;
      const before = samples.findLast((sample) => sample.at <= at - window) ?? samples[0]!;
      if (samples.at(-1)!.calls - before.calls > budget.calls * EASE)
        gap = Math.max(gap, (window / (budget.calls * SHARE)) * Math.max(1, made));
    }
    return gap;
  };
}
