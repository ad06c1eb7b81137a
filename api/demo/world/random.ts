/**
 * A seeded source of chance. Integer arithmetic and plain division only, so the same seed gives the same
 * world on every engine (Math.pow and friends may differ in the last bit between versions).
 */
export interface Random {
  /** In [0, 1), a multiple of 2^-32. */
  next(): number;
  /** An integer in [0, below). */
  int(below: number): number;
  chance(probability: number): boolean;
  pick<T>(items: readonly T[]): T;
  /** One of the branches, by relative weight. */
  weighted<T>(branches: readonly (readonly [number, T])[]): T;
  /** A new array in random order. */
  shuffle<T>(items: readonly T[]): T[];
  digits(count: number): string;
  /** An independent stream: drawing more from one never shifts another. */
  fork(label: string | number): Random;
}

/** The finaliser of MurmurHash3 (Appleby): spreads the bits of a 32-bit number. */
function mix(n: number): number {
  let h = n >>> 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** FNV-1a over UTF-16 code units, started from `seed`. */
function hash(seed: number, text: string): number {
  let h = (seed ^ 0x811c9dc5) >>> 0;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193) >>> 0;
  return mix(h);
}

/** Marsaglia's xorshift128 (2003), its state filled from the seed by `mix`. */
export function random(seed: number): Random {
  const root = mix(seed);
  let x = mix(root + 1);
  let y = mix(root + 2);
  let z = mix(root + 3);
  let w = mix(root + 4) | 1;
  const draw = () => {
    const t = x ^ (x << 11);
    x = y;
    y = z;
    z = w;
    w = (w ^ (w >>> 19) ^ t ^ (t >>> 8)) >>> 0;
    return w;
  };
  const self: Random = {
    next: () => draw() / 4294967296,
    int: (below) => Math.floor((draw() / 4294967296) * below),
    chance: (probability) => draw() / 4294967296 < probability,
    pick: (items) => {
      if (items.length === 0) throw new Error('nothing to pick from');
      return items[self.int(items.length)]!;
    },
    weighted: (branches) => {
      let left = self.next() * branches.reduce((sum, [weight]) => sum + weight, 0);
      for (const [weight, value] of branches) {
        left -= weight;
        if (left < 0) return value;
      }
      return branches[branches.length - 1]![1];
    },
    shuffle: (items) => {
      const copy = [...items];
      for (let i = copy.length - 1; i > 0; i--) {
        const j = self.int(i + 1);
        const held = copy[i]!;
        copy[i] = copy[j]!;
        copy[j] = held;
      }
      return copy;
    },
    digits: (count) => {
      let text = '';
      for (let i = 0; i < count; i++) text += String(self.int(10));
      return text;
    },
    fork: (label) => random(hash(root, String(label))),
  };
  return self;
}

/**
 * Draws items by rank with weight 1 / (rank + offset): Zipf's law with a flattened head. An offset of 8 gives
 * the first of 300 surnames about 3 %, as in Japan's registers.
 */
export function ranked<T>(items: readonly T[], offset: number): (rng: Random) => T {
  const sums: number[] = [];
  let total = 0;
  for (let i = 0; i < items.length; i++) {
    total += 1 / (i + 1 + offset);
    sums.push(total);
  }
  return (rng) => {
    const target = rng.next() * total;
    let low = 0;
    let high = sums.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (sums[middle]! <= target) low = middle + 1;
      else high = middle;
    }
    return items[low]!;
  };
}
