import { stat } from 'node:fs/promises';
import { type Range, rangesOf } from '../../../../connectors/csv/ranges.ts';
import { BUCKETS } from '../../../../core/match/bulk/group.ts';
import type { Crew } from './crew.ts';
import { type OpenList, type Part, refuseEmpty } from './part.ts';

/** Bytes that one task reads. */
const RANGE = 2 * 1024 * 1024;

/** Reads all lists, each in parts side by side. `onPart` is told how many records are read, and about how many there are. */
export async function readLists(
  crew: Crew,
  lists: readonly OpenList[],
  onPart: (done: number, of: number) => void,
): Promise<Part[][]> {
  const sizes = await Promise.all(lists.map(async ({ options: { path } }) => (await stat(path)).size));
  const all = sizes.reduce((sum, size) => sum + size, 0);
  const read: Part[][] = [];
  let records = 0;
  let bytes = 0;
  for (const [list, open] of lists.entries()) {
    const { file, options } = open;
    const ranges = await rangesOf(options.path, file.start, file.format.newline, RANGE);
    const orders = ranges.map((range) => ({ list, range }));
    const parts = await crew.each('read', orders, ({ portion, end }, done) => {
      records += portion.size;
      bytes = Math.max(bytes, Math.min(end, (done * sizes[list]!) / ranges.length));
      onPart(records, Math.max(records, Math.round((records * all) / Math.max(1, bytes))));
    });
    const sound = soundUntil(ranges, parts);
    if (sound < ranges.length) {
      // A row breaks the rules of quotes, and lines past it were taken apart wrongly: from there on rows are read one after the other.
      const from = sound === 0 ? ranges[0]!.from : { ...ranges[sound]!.from };
      const rest = await crew.each('read', [{ list, range: { from, to: Number.MAX_SAFE_INTEGER } }]);
      parts.splice(sound, parts.length - sound, ...rest);
    }
    refuseEmpty(open, parts);
    read.push(parts);
  }
  return read;
}

/** How many ranges, from the first on, ended where the next one begins. A range's own beginning is right when all before it ended so. */
function soundUntil(ranges: readonly Range[], parts: readonly Part[]): number {
  for (const [i, { to }] of ranges.entries()) if (parts[i]!.end !== to) return i;
  return ranges.length;
}

/** Shares of the buckets that each hand works through, one after the other: what one of them sorts is a copy, and goes before the next. */
const SHARES = 4;

export function bucketShares(hands: number, shares = SHARES): { from: number; to: number }[] {
  return slices(BUCKETS, Math.ceil(BUCKETS / (hands * shares)));
}

/** 0 … `size` in pieces. */
export function slices(size: number, piece: number): { from: number; to: number }[] {
  const found = [];
  for (let from = 0; from < size; from += piece) found.push({ from, to: Math.min(size, from + piece) });
  return found;
}
