import { lengthOf } from '../../values/units.ts';
import { begin, feed, finish, type Hashed, hashInto } from '../hash.ts';
import { isBareKind } from '../keys.ts';
import { growing } from './growing.ts';

/** Hashes in the order of records; those of record i end before `ends[i]`. */
export interface Hashes {
  high: Uint32Array;
  low: Uint32Array;
  ends: Int32Array;
}

/** Hashes the texts of one record after the other. */
export function hashes() {
  const hashed: Hashed = { high: 0, low: 0 };
  const high = growing(Uint32Array);
  const low = growing(Uint32Array);
  const ends = growing(Int32Array);
  return {
    add(text: string, seed: number): void {
      hashInto(hashed, text, seed);
      high.push(hashed.high);
      low.push(hashed.low);
    },
    /** A blocking key by its parts. The hash is that of its text, which is not put together; but the last bit says whether it is a bare name. */
    addKey(kind: string, first: string, second?: string, third?: string): void {
      keyHash(hashed, kind, first, second, third);
      high.push(hashed.high);
      low.push(((hashed.low & ~1) | (isBareKind(kind) ? 1 : 0)) >>> 0);
    },
    endRecord: () => ends.push(high.size()),
    end: (): Hashes => ({ high: high.end(), low: low.end(), ends: ends.end() }),
  };
}

/** The hash of a key's text, which is as long as it likes: no store keeps it. */
export function keyHash(out: Hashed, kind: string, first: string, second?: string, third?: string): void {
  const length =
    lengthOf(kind) +
    1 +
    lengthOf(first) +
    (second === undefined ? 0 : 1 + lengthOf(second)) +
    (third === undefined ? 0 : 1 + lengthOf(third));
  begin(length, 0);
  feed(kind);
  feed(':');
  feed(first);
  if (second !== undefined) {
    feed(' ');
    feed(second);
  }
  if (third !== undefined) {
    feed(' ');
    feed(third);
  }
  finish(out);
}
