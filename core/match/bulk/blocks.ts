import type { Groups } from './group.ts';

/** The blocks of a whole list, and the way from a record to its blocks. */
export interface AllBlocks extends Groups {
  /** Blocks of record r: of[ofStarts[r]] … of[ofStarts[r + 1]]. */
  of: Int32Array;
  ofStarts: Int32Array;
  /** Records that share a large block stand together: whoever is compared soon after is likely to be at hand. Without the lonely. */
  order: Int32Array;
}

const shared = (size: number) => new Int32Array(new SharedArrayBuffer(4 * size));

export function assembled(parts: readonly Groups[], records: number, maxBlock: number): AllBlocks {
  const count = parts.reduce((sum, { starts }) => sum + starts.length - 1, 0);
  const members = shared(parts.reduce((sum, part) => sum + part.members.length, 0));
  const starts = shared(count + 1);
  let [at, block] = [0, 0];
  for (const part of parts) {
    members.set(part.members, at);
    for (let b = 1; b < part.starts.length; b++) starts[++block] = at + part.starts[b]!;
    at += part.members.length;
  }
  const ofStarts = shared(records + 1);
  for (const record of members) ofStarts[record + 1]!++;
  for (let r = 0; r < records; r++) ofStarts[r + 1]! += ofStarts[r]!;
  const of = shared(members.length);
  const next = ofStarts.slice();
  for (let b = 0; b < count; b++)
    for (let m = starts[b]!; m < starts[b + 1]!; m++) of[next[members[m]!]!++] = b;
  return { members, starts, of, ofStarts, order: orderOf(members, starts, records, maxBlock) };
}

function orderOf(members: Int32Array, starts: Int32Array, records: number, maxBlock: number): Int32Array {
  const count = starts.length - 1;
  const bySize = new Int32Array(maxBlock + 2);
  const sizeOf = (b: number) => starts[b + 1]! - starts[b]!;
  for (let b = 0; b < count; b++) bySize[maxBlock - sizeOf(b) + 1]!++;
  for (let s = 0; s <= maxBlock; s++) bySize[s + 1]! += bySize[s]!;
  const blocks = new Int32Array(count);
  for (let b = 0; b < count; b++) blocks[bySize[maxBlock - sizeOf(b)]!++] = b;
  const met = new Uint8Array(records);
  const order = new Int32Array(records);
  let n = 0;
  for (const b of blocks)
    for (let m = starts[b]!; m < starts[b + 1]!; m++) {
      const record = members[m]!;
      if (met[record] === 1) continue;
      met[record] = 1;
      order[n++] = record;
    }
  const kept = shared(n);
  kept.set(order.subarray(0, n));
  return kept;
}
