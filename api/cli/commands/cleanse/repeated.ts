import { textReader } from '../../../../core/match/bulk/texts.ts';
import { UsageError } from '../../args.ts';
import type { Crew } from './crew.ts';
import type { OpenList, Part } from './part.ts';
import { bucketShares } from './reading.ts';

interface Place {
  list: number;
  part: number;
  line: number;
}

/**
 * Of rows with one id the first counts, as in a csv connection, and each of the others is set aside with both lines: the parts that hold
 * them are read again without them. Throws UsageError where ids cannot be meant: most rows repeat one, or two lists share some, of which
 * nobody can say whether they mean one record.
 */
export async function setAsideRepeated(
  crew: Crew,
  lists: readonly OpenList[],
  read: readonly Part[][],
): Promise<Part[][]> {
  const parts = read.flat();
  const of = parts.map(({ portion }) => portion.ids);
  const found = await crew.each(
    'repeats',
    bucketShares(crew.hands).map((share) => ({ of, ...share })),
  );
  const idOf = textReader(parts.map(({ ids }) => ids));
  // Their hashes are one; so are two ids in a billion files.
  const same = found.flat().filter(([a, b]) => idOf(a) === idOf(b));
  if (same.length === 0) return read.map((own) => [...own]);
  const placeOf = places(read);
  const repeated = read.map((own) => own.map((): [line: number, first: number][] => []));
  for (const [a, b] of same.sort(([, a], [, b]) => a - b)) {
    const [first, later] = [placeOf(a), placeOf(b)];
    const [one, other] = [lists[first.list]!.options.path, lists[later.list]!.options.path];
    if (first.list !== later.list)
      throw new UsageError(
        `the id "${idOf(a)}" is in ${one} (line ${first.line}) and in ${other} (line ${later.line}): results name records by their ids, so these must differ between files; put a word before those of one file, or name another column with id: in its mapping`,
      );
    repeated[later.list]![later.part]!.push([later.line, first.line]);
  }
  return Promise.all(
    read.map(async (own, list) => {
      refuseNoIds(lists[list]!, own, repeated[list]!);
      const parts = [...own.keys()].filter((part) => repeated[list]![part]!.length > 0);
      const orders = parts.map((part) => ({
        list,
        range: own[part]!.range,
        repeated: repeated[list]![part]!,
      }));
      const again = await crew.each('read', orders);
      return own.map((part, i) => (parts.includes(i) ? again[parts.indexOf(i)]! : part));
    }),
  );
}

/** A column whose values most rows share tells no records apart. */
function refuseNoIds(
  { options: { path }, plan }: OpenList,
  own: readonly Part[],
  repeated: readonly [number, number][][],
): void {
  const rows = own.reduce((sum, { portion }) => sum + portion.size, 0);
  const lines = repeated.flat();
  if (lines.length * 2 <= rows) return;
  const [line, first] = lines[0]!;
  throw new UsageError(
    `${path}: ${plan.idColumn} tells no records apart: ${lines.length} of ${rows} rows repeat that of another (line ${line} that of line ${first}); name the column of ids with id: in a mapping, or give this one another name: without ids, records are named by their lines`,
  );
}

function places(read: readonly Part[][]): (record: number) => Place {
  const all: { list: number; part: number; from: number; lines: Int32Array }[] = [];
  let from = 0;
  for (const [list, own] of read.entries())
    for (const [part, { portion, lines }] of own.entries()) {
      all.push({ list, part, from, lines });
      from += portion.size;
    }
  return (record) => {
    const { list, part, from, lines } = all.findLast((one) => one.from <= record)!;
    return { list, part, line: lines[record - from]! };
  };
}
