import type { Left } from '../../core/sync/writeBack.ts';

/**
 * What is left for later is left again by each webhook until its cause is mended: it is told when it begins and when it changes.
 * Called with all that one place left this time, also when that is nothing.
 */
export function sayOnce(tell: (left: Left) => void): (place: string, left: readonly Left[]) => void {
  const told = new Map<string, Set<string>>();
  return (place, left) => {
    const before = new Set([...told.values()].flatMap((one) => [...one]));
    for (const one of left) if (!before.has(JSON.stringify(one))) tell(one);
    told.set(place, new Set(left.map((one) => JSON.stringify(one))));
  };
}
