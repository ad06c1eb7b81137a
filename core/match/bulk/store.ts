import { placeIn } from './texts.ts';

/** Records at hand. Those that are compared soon after each other stand together, so that few are enough; what is kept for long is costly to clear away. */
const AT_HAND = 1 << 11;

/** Packed records of a whole list by their number: unpacked when asked for, and kept while there is room. `atHand`: a power of two. */
export function recordStore<B extends { starts: Int32Array }, T>(
  bundles: readonly B[],
  reader: (bundle: B) => (record: number) => T,
  atHand = AT_HAND,
): (record: number) => T {
  const place = placeIn(bundles.map(({ starts }) => starts.length - 1));
  const readers = bundles.map(reader);
  const kept = new Array<T | undefined>(atHand);
  const owner = new Int32Array(atHand).fill(-1);
  return (record) => {
    const slot = record & (atHand - 1);
    if (owner[slot] === record) return kept[slot]!;
    const { part, at } = place(record);
    const made = readers[part]!(at);
    owner[slot] = record;
    kept[slot] = made;
    return made;
  };
}
