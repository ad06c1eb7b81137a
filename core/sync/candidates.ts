import { MAX_BLOCK, MAX_NAMESAKES } from '../match/keys.ts';
import type { Prepared } from '../match/prepared.ts';
import type { Matcher, MatchInput } from '../match/types.ts';
import type { Db } from '../store/db.ts';
import { keyHash } from '../store/keyhash.ts';
import { blocks, type KeyRow, keysOf } from '../store/matching.ts';

/** A record of the page, made ready, with its blocking keys as `keyHash` makes them. */
export interface Keyed {
  record: string;
  prepared: Prepared;
  keys: ReadonlySet<number>;
}

/** The keys of a page, and how many records may share each. */
export interface PageKeys {
  rows: Keyed[];
  limits: ReadonlyMap<number, number>;
}

export interface Candidates {
  /** With whom each record of the page is to be compared. Two of the page meet at least once. */
  pairs: ReadonlyMap<string, ReadonlySet<string>>;
  /** Others who share a key that is no hub value any more: they have candidates that they had not. */
  opened: string[];
  /** Others who share a key that has become a hub value, key by key: it proposes them to each other no longer. */
  closed: string[][];
  /** Rows of the index of keys that the page takes away, and that it brings. */
  gone: KeyRow[];
  come: KeyRow[];
}

const NOBODY: string[] = [];

/** Does a block grow past one of two limits? */
const crossed = (from: number, to: number, one: number, other: number) =>
  (from <= one && to > one) || (from <= other && to > other);

/** Prepares the records of a page, and works out their keys. */
export function keysOfPage(matcher: Matcher, entity: string, inputs: readonly MatchInput[]): PageKeys {
  const limits = new Map<number, number>();
  const rows = inputs.map((input) => {
    const prepared = matcher.prepare(input);
    const keys = new Set<number>();
    for (const key of matcher.keys(prepared)) {
      const hash = keyHash(entity, key);
      keys.add(hash);
      limits.set(hash, Math.min(matcher.limit(key), limits.get(hash) ?? Number.POSITIVE_INFINITY));
    }
    return { record: input.id, prepared, keys };
  });
  return { rows, limits };
}

/**
 * With whom the records of a page are to be compared: those that share a key which is no hub value once the page's keys are in
 * the index. Reads the index as it was before, and only of others: what the page has itself is at hand. A key that becomes a hub
 * value with this page (or ceases to be one) changes the candidates of records resolved before: they are `closed` (or `opened`), so
 * that the outcome does not depend on the order of arrival (law 5). `resolved`: those of the page that have been resolved before; nobody
 * else is in the index.
 */
export async function candidates(
  tx: Db,
  { rows, limits }: PageKeys,
  resolved: ReadonlySet<string>,
): Promise<Candidates> {
  const own = new Map(rows.map((row) => [row.record, row]));
  const before = await keysOf(tx, [...resolved]);
  const had = Map.groupBy(before, ({ key }) => key);
  const has = new Map<number, string[]>();
  for (const { record, keys } of rows)
    for (const key of keys) {
      const list = has.get(key);
      if (list === undefined) has.set(key, [record]);
      else list.push(record);
    }
  // In the order of the index: look-ups that follow each other share most of their way.
  const touched = Float64Array.from(new Set([...had.keys(), ...has.keys()])).sort();
  const found = await blocks(
    tx,
    // One more than the limit, beside those of the page, tells on which side of it the others are.
    Array.from(touched, (key) => ({
      key,
      limit: (limits.get(key) ?? MAX_BLOCK) + (had.get(key)?.length ?? 0) + 1,
    })),
  );

  const opened = new Set<string>();
  const closed: string[][] = [];
  const pairs = new Map<string, Set<string>>(rows.map(({ record }) => [record, new Set()]));
  for (const key of touched) {
    const block = found.get(key) ?? NOBODY;
    const others = had.has(key) ? block.filter((record) => !own.has(record)) : block;
    const members = has.get(key) ?? NOBODY;
    const [now, then] = [others.length + members.length, others.length + (had.get(key)?.length ?? 0)];
    // Of a key that nobody of the page bears any more only the hash is known, so that its limit may be either.
    const limit = limits.get(key);
    const crosses = (from: number, to: number) =>
      limit === undefined ? crossed(from, to, MAX_BLOCK, MAX_NAMESAKES) : crossed(from, to, limit, limit);
    if (crosses(now, then)) for (const record of others) opened.add(record);
    if (crosses(then, now)) closed.push(others);
    if (limit === undefined || now > limit) continue;
    for (const [i, member] of members.entries()) {
      const list = pairs.get(member)!;
      for (const other of others) list.add(other);
      for (let j = i + 1; j < members.length; j++) list.add(members[j]!);
    }
  }
  const kept = Map.groupBy(before, ({ record }) => record);
  return {
    pairs,
    opened: [...opened],
    closed,
    gone: before.filter(({ record, key }) => !own.get(record)!.keys.has(key)),
    come: rows.flatMap(({ record, keys }) => {
      const old = new Set(kept.get(record)?.map(({ key }) => key));
      return [...keys].filter((key) => !old.has(key)).map((key) => ({ record, key }));
    }),
  };
}
