/**
 * Where a comparison writes what it found: one level per comparison (MISSING when a side has no value), and the
 * value agreed on, whose frequency then replaces the level's u. Reused from pair to pair, so that comparing
 * millions of pairs allocates nothing.
 */
export interface Scratch {
  level: Int8Array;
  /** Kind of the agreed value ('family', 'org' …), '' where frequency does not matter. */
  kind: string[];
  key: string[];
  /** Agreement whose evidence another comparison already holds, 0 … 1: part of a positive weight that counts. */
  share: Float64Array;
  contradiction: string | undefined;
  /** Something speaks for two bearers of one name: only what is one person's own links without a review. */
  doubt: boolean;
  chance: Chance;
}

/** Share of records that bear a value; undefined where the model has not counted that kind. */
export type Chance = (kind: string, value: string) => number | undefined;

export const MISSING = -1;

export function scratch(comparisons: number, chance: Chance): Scratch {
  return {
    level: new Int8Array(comparisons),
    kind: new Array<string>(comparisons).fill(''),
    key: new Array<string>(comparisons).fill(''),
    share: new Float64Array(comparisons),
    contradiction: undefined,
    doubt: false,
    chance,
  };
}

export function reset(s: Scratch): void {
  // A loop: for so few, calling `fill` takes longer.
  for (let i = 0; i < s.kind.length; i++) {
    s.level[i] = MISSING;
    s.share[i] = 1;
    s.kind[i] = '';
    s.key[i] = '';
  }
  s.contradiction = undefined;
  s.doubt = false;
}

export function agree(s: Scratch, comparison: number, level: number, kind: string, key: string): void {
  s.level[comparison] = level;
  s.kind[comparison] = kind;
  s.key[comparison] = key;
}
