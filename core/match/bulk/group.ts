import type { Hashes } from './hashes.ts';

/** Records that share a hash: those of group g are members[starts[g]] … members[starts[g + 1]], ascending. */
export interface Groups {
  members: Int32Array;
  starts: Int32Array;
}

/** Groups are found bucket by bucket, each small enough for a processor's cache. */
const BUCKET_BITS = 8;
export const BUCKETS = 1 << BUCKET_BITS;

/** The hashes of one bucket range out of all portions, with their records' numbers in the whole list. */
interface Sorted {
  high: Uint32Array;
  low: Uint32Array;
  record: Int32Array;
  /** Where each bucket begins. */
  starts: Int32Array;
}

function sorted(lists: readonly Hashes[], from: number, to: number): Sorted {
  const shift = 32 - BUCKET_BITS;
  const starts = new Int32Array(to - from + 1);
  for (const { high } of lists)
    for (let k = 0; k < high.length; k++) {
      const bucket = high[k]! >>> shift;
      if (bucket >= from && bucket < to) starts[bucket - from + 1]!++;
    }
  for (let b = 0; b < to - from; b++) starts[b + 1]! += starts[b]!;
  const all = starts[to - from]!;
  const found = {
    high: new Uint32Array(all),
    low: new Uint32Array(all),
    record: new Int32Array(all),
    starts,
  };
  const next = starts.slice();
  let base = 0;
  for (const { high, low, ends } of lists) {
    let k = 0;
    for (let r = 0; r < ends.length; r++)
      for (; k < ends[r]!; k++) {
        const bucket = high[k]! >>> shift;
        if (bucket < from || bucket >= to) continue;
        const at = next[bucket - from]!++;
        found.high[at] = high[k]!;
        found.low[at] = low[k]!;
        found.record[at] = base + r;
      }
    base += ends.length;
  }
  return found;
}

/**
 * Finds the hashes of these buckets that at least two records bear, and calls `visit` with how many do and a way through them:
 * `first` is an entry, `next[entry]` the following one, −1 after the last. `once`: a record that bears a hash twice counts once.
 */
function eachGroup(
  lists: readonly Hashes[],
  from: number,
  to: number,
  once: boolean,
  visit: (size: number, first: number, next: Int32Array, entries: Sorted) => void,
): void {
  const entries = sorted(lists, from, to);
  const { high, low, record, starts } = entries;
  const next = new Int32Array(high.length).fill(-1);
  let largest = 0;
  for (let b = 0; b < to - from; b++) largest = Math.max(largest, starts[b + 1]! - starts[b]!);
  const table = new Int32Array(tableSize(largest));
  const last = new Int32Array(largest);
  const size = new Int32Array(largest);
  for (let b = 0; b < to - from; b++) {
    const [begin, end] = [starts[b]!, starts[b + 1]!];
    const mask = tableSize(end - begin) - 1;
    table.fill(-1, 0, mask + 1);
    for (let at = begin; at < end; at++) {
      let slot = low[at]! & mask;
      for (;;) {
        const head = table[slot]!;
        if (head === -1) {
          table[slot] = at;
          last[at - begin] = at;
          size[at - begin] = 1;
          break;
        }
        if (low[head] === low[at] && high[head] === high[at]) {
          size[at - begin] = 0;
          const before = last[head - begin]!;
          if (once && record[before] === record[at]) break;
          next[before] = at;
          last[head - begin] = at;
          size[head - begin]!++;
          break;
        }
        slot = (slot + 1) & mask;
      }
    }
    for (let at = begin; at < end; at++)
      if (size[at - begin]! > 1) visit(size[at - begin]!, at, next, entries);
  }
}

function tableSize(entries: number): number {
  let size = 16;
  while (size < entries * 2) size *= 2;
  return size;
}

/** The blocks of these buckets: keys that at least two records share and no more than the key's limit. `hubs`: keys that more share. */
export function blocksOf(
  lists: readonly Hashes[],
  from: number,
  to: number,
  limits: { key: number; bareName: number },
): Groups & { hubs: number } {
  const members: number[][] = [];
  const sizes: number[] = [0];
  let hubs = 0;
  let total = 0;
  let chunk: number[] = [];
  eachGroup(lists, from, to, true, (size, first, next, { record, low }) => {
    if (size > (low[first]! & 1 ? limits.bareName : limits.key)) {
      hubs++;
      return;
    }
    for (let at = first; at !== -1; at = next[at]!) chunk.push(record[at]!);
    total += size;
    sizes.push(total);
    if (chunk.length > 65_536) {
      members.push(chunk);
      chunk = [];
    }
  });
  members.push(chunk);
  const all = new Int32Array(new SharedArrayBuffer(4 * total));
  let at = 0;
  for (const part of members) {
    all.set(part, at);
    at += part.length;
  }
  const starts = new Int32Array(new SharedArrayBuffer(4 * sizes.length));
  starts.set(sizes);
  return { members: all, starts, hubs };
}

/** Values that are borne at least `least` times: how often, and one record that bears them. */
export interface Tallies {
  high: number[];
  low: number[];
  record: number[];
  bearers: number[];
}

export function tallies(lists: readonly Hashes[], from: number, to: number, least: number): Tallies {
  const found: Tallies = { high: [], low: [], record: [], bearers: [] };
  eachGroup(lists, from, to, false, (size, first, _, { high, low, record }) => {
    if (size < least) return;
    found.high.push(high[first]!);
    found.low.push(low[first]!);
    found.record.push(record[first]!);
    found.bearers.push(size);
  });
  return found;
}

/** Pairs of records whose hashes are one, the later with the first that has it. */
export function repeats(lists: readonly Hashes[], from: number, to: number): [number, number][] {
  const found: [number, number][] = [];
  eachGroup(lists, from, to, false, (_, first, next, { record }) => {
    for (let at = next[first]!; at !== -1; at = next[at]!) found.push([record[first]!, record[at]!]);
  });
  return found;
}
