import { type Hashed, hashFrom } from '../match/hash.ts';

/** Overwritten by each call. */
const hashed: Hashed = { high: 0, low: 0 };

/**
 * A blocking key as a number of 53 bits: a quarter of the index, and a JSON number. Two keys that happen to share one only bring
 * a few more candidates, which the scoring tells apart. These numbers are stored: how they are made must not change.
 */
export function keyHash(entity: string, key: string): number {
  hashFrom(hashed, `${entity}\n${key}`, entity.length, key.length);
  return hashed.high * 2 ** 21 + (hashed.low >>> 11);
}
