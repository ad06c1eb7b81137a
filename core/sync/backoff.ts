/** Milliseconds to wait before try `attempts + 1`: doubling from half a second to a minute, with full jitter above half. */
export function backoff(attempts: number, random: number, retryAfterSeconds?: number): number {
  const wait = Math.min(60_000, 500 * 2 ** Math.max(0, attempts - 1)) * (0.5 + random / 2);
  return Math.max(wait, (retryAfterSeconds ?? 0) * 1000);
}
