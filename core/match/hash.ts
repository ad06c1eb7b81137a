import { lengthOf, unitAt } from '../values/units.ts';

/** Two numbers of 32 bits for a text: so many that two of a hundred million texts hardly ever meet. */
export interface Hashed {
  high: number;
  low: number;
}

/** As `hashFrom`, where `seed` keeps texts of different kinds apart. */
export function hashInto(out: Hashed, text: string, seed: number): void {
  hashFrom(out, text, lengthOf(text), seed);
}

/**
 * Hashes into `out`, so that nothing is allocated. The mixing is that of MurmurHash3's 32-bit finaliser (Appleby), run on two lanes
 * over the UTF-16 code units; `first` and `second` are what each lane begins with.
 */
export function hashFrom(out: Hashed, text: string, first: number, second: number): void {
  begin(first, second);
  feed(text);
  finish(out);
}

/** The two lanes of the hash in hand: typed, so that whole 32-bit numbers are kept without boxing them. */
const lanes = new Int32Array(2);

/** A text may also be hashed in pieces, which spares putting it together: `begin`, `feed` for each piece, `finish`. */
export function begin(first: number, second: number): void {
  lanes[0] = 0x9e3779b9 ^ first;
  lanes[1] = 0x85ebca6b ^ second;
}

export function feed(text: string): void {
  let a = lanes[0]!;
  let b = lanes[1]!;
  const length = lengthOf(text);
  for (let i = 0; i < length; i++) {
    const unit = unitAt(text, i);
    a = Math.imul(a ^ unit, 0xcc9e2d51);
    b = Math.imul(b ^ unit, 0x1b873593);
    a = (a << 13) | (a >>> 19);
    b = (b << 15) | (b >>> 17);
  }
  lanes[0] = a;
  lanes[1] = b;
}

export function finish(out: Hashed): void {
  const [a, b] = [lanes[0]!, lanes[1]!];
  out.high = mix(a ^ (b >>> 3));
  out.low = mix(b ^ (out.high << 7));
}

function mix(value: number): number {
  let x = value ^ (value >>> 16);
  x = Math.imul(x, 0x85ebca6b);
  x ^= x >>> 13;
  x = Math.imul(x, 0xc2b2ae35);
  return (x ^ (x >>> 16)) >>> 0;
}
