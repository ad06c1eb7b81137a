const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** Waits after the first try and the following ones: the schedule that Standard Webhooks recommends, a little over three days. */
const WAITS = [
  5 * SECOND,
  5 * MINUTE,
  30 * MINUTE,
  2 * HOUR,
  5 * HOUR,
  10 * HOUR,
  14 * HOUR,
  20 * HOUR,
  24 * HOUR,
];

/** Longer ones that a receiver asks for are cut. */
const LONGEST = 24 * HOUR;

/**
 * Milliseconds until try `attempts + 1`, with up to a fifth of jitter on top; undefined when that was the last one. A receiver
 * that asks for more time gets it.
 */
export function waitAfter(attempts: number, random: number, retryAfterMs?: number): number | undefined {
  const wait = WAITS[attempts - 1];
  if (wait === undefined) return undefined;
  return Math.max(wait * (1 + random / 5), Math.min(retryAfterMs ?? 0, LONGEST));
}
