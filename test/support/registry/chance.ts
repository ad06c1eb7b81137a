/** Chance with a seed (mulberry32), so that a list is the same every time. */
export interface Chance {
  below(n: number): number;
  of(share: number): boolean;
  pick<T>(items: readonly T[]): T;
  /** So many digits, the first none of 0. */
  digits(n: number): string;
}

export function chance(seed: number): Chance {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (n: number) => Math.floor(next() * n);
  return {
    below,
    of: (share) => next() < share,
    pick: (items) => items[below(items.length)]!,
    digits: (n) => Array.from({ length: n }, (_, i) => (i === 0 ? 1 + below(9) : below(10))).join(''),
  };
}

const LETTERS = 'abcdefghijklmnopqrstuvwxyz';

/** One letter left out, doubled, swapped with the next, or another. */
export function slip(text: string, c: Chance): string {
  if (text.length < 4) return text;
  const at = 1 + c.below(text.length - 2);
  const [head, rest] = [text.slice(0, at), text.slice(at)];
  switch (c.below(4)) {
    case 0:
      return head + rest.slice(1);
    case 1:
      return head + rest[0] + rest;
    case 2:
      return head + rest[1] + rest[0] + rest.slice(2);
    default:
      return head + c.pick([...LETTERS]) + rest.slice(1);
  }
}

/** ASCII letters and digits in full width. */
export const wide = (text: string) =>
  text.replace(/[!-~]/gu, (x) => String.fromCharCode(x.charCodeAt(0) + 0xfee0));
