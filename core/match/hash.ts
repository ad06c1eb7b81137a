/** Two numbers of 32 bits for a text: so many that two of a hundred million texts hardly ever meet. */
export interface Hashed {
  high: number;
  low: number;
}

/** As `hashFrom`, where `seed` keeps texts of different kinds apart. */
export function hashInto(out: Hashed, text: string, seed: number): void {
  hashFrom(out, text, text.length, seed);
}

/**
 * Hashes into `out`, so that nothing is allocated. The mixing is that of MurmurHash3's 32-bit finaliser (Appleby), run on two lanes
 * over the UTF-16 code units; `first` and `second` are what each lane begins with.
 */
export function hashFrom(out: Hashed, text: string, first: number, second: number): void {
  let a = 0x9e3779b9 ^ first;
  let b = 0x85ebca6b ^ second;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    a = Math.imul(a ^ unit, 0xcc9e2d51);
    b = Math.imul(b ^ unit, 0x1b873593);
    a = (a << 13) | (a >>> 19);
    b = (b << 15) | (b >>> 17);
  }
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
