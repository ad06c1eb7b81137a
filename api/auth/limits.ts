export interface Rate {
  /** So many at once … */
  burst: number;
  /** … and so many a second in the long run. */
  perSecond: number;
}

/** Counts in this process's memory: several processes allow as many times more. */
export interface Limits {
  /** Takes one. 0: it was there; otherwise the seconds until there is one again, and nothing was taken. */
  take(key: string, rate: Rate, now: Date): number;
  /** The same without taking. */
  wait(key: string, rate: Rate, now: Date): number;
}

/** More keys than this are nobody's honest use; the one not seen for longest is forgotten. */
const MOST_KEYS = 10_000;

/** Token buckets. */
export function createLimits(): Limits {
  const buckets = new Map<string, { left: number; at: number }>();
  const look = (key: string, { burst, perSecond }: Rate, now: number) => {
    const bucket = buckets.get(key);
    if (!bucket) return burst;
    return Math.min(burst, bucket.left + (Math.max(0, now - bucket.at) / 1000) * perSecond);
  };
  const seconds = (left: number, { perSecond }: Rate) => (left >= 1 ? 0 : Math.ceil((1 - left) / perSecond));
  return {
    wait: (key, rate, now) => seconds(look(key, rate, now.getTime()), rate),
    take(key, rate, now) {
      const left = look(key, rate, now.getTime());
      const late = seconds(left, rate);
      if (late > 0) return late;
      buckets.delete(key);
      buckets.set(key, { left: left - 1, at: now.getTime() });
      if (buckets.size > MOST_KEYS) buckets.delete(buckets.keys().next().value!);
      return 0;
    },
  };
}
