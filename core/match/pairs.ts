/** Records by blocking key, hub keys left out. */
export interface Blocks {
  /** Blocks of each record. */
  of: Int32Array[];
  /** Records of each block, ascending. */
  records: Int32Array[];
  /** Keys dropped because too many records share them. */
  hubs: number;
}

export function buildBlocks(keys: readonly string[][], limit: (key: string) => number): Blocks {
  const byKey = new Map<string, number[]>();
  for (let i = 0; i < keys.length; i++)
    for (const key of keys[i]!) {
      const block = byKey.get(key);
      if (block === undefined) byKey.set(key, [i]);
      else block.push(i);
    }
  const records: Int32Array[] = [];
  const lists: number[][] = keys.map(() => []);
  let hubs = 0;
  for (const [key, block] of byKey) {
    if (block.length < 2) continue;
    if (block.length > limit(key)) {
      hubs++;
      continue;
    }
    for (const i of block) lists[i]!.push(records.length);
    records.push(Int32Array.from(block));
  }
  return { of: lists.map((l) => Int32Array.from(l)), records, hubs };
}

/** Every pair (i < j) that shares a block, once. Returns how many. */
export function eachPair(
  blocks: Blocks,
  visit: (i: number, j: number) => void,
  onRecord?: (i: number) => void,
): number {
  const seen = new Int32Array(blocks.of.length).fill(-1);
  let pairs = 0;
  for (let i = 0; i < blocks.of.length; i++) {
    for (const b of blocks.of[i]!)
      for (const j of blocks.records[b]!) {
        if (j <= i || seen[j] === i) continue;
        seen[j] = i;
        pairs++;
        visit(i, j);
      }
    onRecord?.(i);
  }
  return pairs;
}
