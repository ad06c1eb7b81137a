import { type Bundle, unpacker } from './pack.ts';
import { placeIn } from './texts.ts';

/** Unpacked records that are kept at hand: a power of two. */
const AT_HAND = 1 << 16;

/** Packed records of a whole list by their number: unpacked when asked for, and kept while there is room. */
export function recordStore<T>(bundles: readonly Bundle[]): (record: number) => T {
  const place = placeIn(bundles.map(({ starts }) => starts.length - 1));
  const readers = bundles.map((bundle) => unpacker<T>(bundle));
  const kept = new Array<T | undefined>(AT_HAND);
  const owner = new Int32Array(AT_HAND).fill(-1);
  return (record) => {
    const slot = record & (AT_HAND - 1);
    if (owner[slot] === record) return kept[slot]!;
    const { part, at } = place(record);
    const made = readers[part]!(at);
    owner[slot] = record;
    kept[slot] = made;
    return made;
  };
}
