/**
 * A blocking key as a number of 53 bits: a quarter of the index, and a JSON number. Two keys that happen to share one only bring
 * a few more candidates, which the scoring tells apart. The mixing is that of MurmurHash3's 32-bit finaliser, run on two
 * lanes over the UTF-16 code units.
 */
export function keyHash(entity: string, key: string): number {
  let a = 0x9e3779b9 ^ entity.length;
  let b = 0x85ebca6b ^ key.length;
  const text = `${entity}\n${key}`;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    a = Math.imul(a ^ unit, 0xcc9e2d51);
    b = Math.imul(b ^ unit, 0x1b873593);
    a = (a << 13) | (a >>> 19);
    b = (b << 15) | (b >>> 17);
  }
  a = mix(a ^ (b >>> 3));
  b = mix(b ^ (a << 7));
  return (a >>> 0) * 2 ** 21 + (b >>> 11);
}

function mix(value: number): number {
  let x = value ^ (value >>> 16);
  x = Math.imul(x, 0x85ebca6b);
  x ^= x >>> 13;
  x = Math.imul(x, 0xc2b2ae35);
  return x ^ (x >>> 16);
}
