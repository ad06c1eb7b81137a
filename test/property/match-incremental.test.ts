import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cluster } from '../../core/match/cluster.ts';
import { isBareName } from '../../core/match/keys.ts';
import { createMatcher } from '../../core/match/matcher.ts';
import type { Edge, Matcher, MatchInput } from '../../core/match/types.ts';
import { BUILTIN_ENTITIES } from '../../core/model/builtin.ts';

const NO_DECISIONS = { links: [], aparts: [] };
const MAX_SIZE = 100;
const pairOf = (a: string, b: string) => (a < b ? `${a}\n${b}` : `${b}\n${a}`);
const normal = (clusters: Iterable<readonly string[]>) =>
  [...clusters].map((members) => [...members].sort().join(' ')).sort();

/** Every pair that shares a key which is no hub, scored and clustered at once. */
function batch<P>(matcher: Matcher<P>, inputs: readonly MatchInput[]): string[] {
  const prepared = new Map(inputs.map((input) => [input.id, matcher.prepare(input)]));
  const blocks = new Map<string, string[]>();
  for (const [id, record] of prepared)
    for (const key of new Set(matcher.keys(record))) blocks.set(key, [...(blocks.get(key) ?? []), id]);
  const edges = new Map<string, Edge>();
  for (const [key, block] of blocks)
    if (block.length <= matcher.limit(key))
      for (const a of block)
        for (const b of block) {
          if (a >= b) continue;
          const { weight, decision } = matcher.compare(prepared.get(a)!, prepared.get(b)!);
          if (decision !== 'apart') edges.set(pairOf(a, b), { a, b, weight, decision });
        }
  const { clusters } = cluster({
    ids: [...prepared.keys()],
    edges: [...edges.values()],
    contradicts: (a, b) => matcher.compare(prepared.get(a)!, prepared.get(b)!).contradiction !== undefined,
    decisions: NO_DECISIONS,
    maxSize: MAX_SIZE,
  });
  return normal(clusters);
}

/**
 * The tables of core/sync/resolve.ts in memory, and its step over them: new keys, records reopened when a key becomes
 * a hub value or ceases to be one, edges of the page's records, then the clusters of all that hangs together with it.
 */
function incremental<P>(matcher: Matcher<P>, pages: readonly (readonly MatchInput[])[]) {
  const inputs = new Map<string, MatchInput>();
  const prepared = new Map<string, P>();
  const keysOf = new Map<string, string[]>();
  const blocks = new Map<string, Set<string>>();
  const edges = new Map<string, Edge>();
  const golden = new Map<string, readonly string[]>();
  const dirty = new Set<string>();
  let steps = 0;

  const step = (page: readonly string[]) => {
    steps++;
    for (const id of page) dirty.delete(id);
    const touched = new Map<string, number>();
    const count = (key: string, by: number) => touched.set(key, (touched.get(key) ?? 0) + by);
    for (const id of page) {
      for (const key of keysOf.get(id) ?? []) {
        blocks.get(key)!.delete(id);
        count(key, -1);
      }
      const record = matcher.prepare(inputs.get(id)!);
      const keys = [...new Set(matcher.keys(record))];
      prepared.set(id, record);
      keysOf.set(id, keys);
      for (const key of keys) {
        blocks.set(key, (blocks.get(key) ?? new Set()).add(id));
        count(key, 1);
      }
    }
    for (const [key, delta] of touched) {
      const block = blocks.get(key)!;
      const [hub, was] = [block.size > matcher.limit(key), block.size - delta > matcher.limit(key)];
      const others = [...block].filter((id) => !page.includes(id));
      // What became a hub value takes something away only from those whom a score ties.
      const tied = (id: string) => others.some((other) => edges.has(pairOf(id, other)));
      if (hub !== was) for (const id of others) if (!hub || tied(id)) dirty.add(id);
    }
    for (const [pair, { a, b }] of edges) if (page.includes(a) || page.includes(b)) edges.delete(pair);
    for (const id of page)
      for (const key of keysOf.get(id)!)
        if (blocks.get(key)!.size <= matcher.limit(key))
          for (const other of blocks.get(key)!) {
            if (other === id) continue;
            const [a, b] = id < other ? [id, other] : [other, id];
            const { weight, decision } = matcher.compare(prepared.get(a)!, prepared.get(b)!);
            if (decision !== 'apart') edges.set(pairOf(a, b), { a, b, weight, decision });
          }
    const scope = new Set(page);
    for (const id of scope) {
      for (const { a, b, decision } of edges.values())
        if (decision === 'link' && (a === id || b === id)) scope.add(a === id ? b : a);
      for (const mate of golden.get(id) ?? []) scope.add(mate);
    }
    const { clusters } = cluster({
      ids: [...scope],
      edges: [...edges.values()].filter(({ a, b }) => scope.has(a) && scope.has(b)),
      contradicts: (a, b) => matcher.compare(prepared.get(a)!, prepared.get(b)!).contradiction !== undefined,
      decisions: NO_DECISIONS,
      maxSize: MAX_SIZE,
    });
    for (const members of clusters) for (const id of members) golden.set(id, members);
  };

  for (const page of pages) {
    for (const input of page) inputs.set(input.id, input);
    step([...new Set(page.map(({ id }) => id))]);
  }
  // What a page reopens is resolved like any other change, until nothing is left.
  while (dirty.size > 0) step([...dirty].sort().slice(0, 5));
  return { clusters: normal(new Set(golden.values())), steps };
}

const FAMILY = ['佐藤', '鈴木', 'サトウ', 'Suzuki', '勅使河原'];
const GIVEN = ['健一', '花子', 'ケンイチ', 'Hanako', '健'];
const values = fc.record(
  {
    familyName: fc.constantFrom(...FAMILY),
    givenName: fc.constantFrom(...GIVEN),
    email: fc.constantFrom('k.sato@aoba-ex.co.jp', 'hanako75@mail-ex.jp', 'k.sato2@aoba-ex.co.jp', 'なし'),
    mobile: fc.constantFrom('090-1234-5678', '080 2222 3333'),
    phone: fc.constantFrom('03-1111-2345', '03-1111-2399'),
    companyName: fc.constantFrom('青葉工業㈱', '株式会社青葉工業', '港商事'),
    birthDate: fc.constantFrom('1975-04-01', '1990-12-24'),
  },
  { requiredKeys: [] },
);
/** Rows, and the pages they come in; a row may come more than once. */
const arrival = fc
  .array(values, { minLength: 1, maxLength: 16 })
  .chain((rows) =>
    fc.record({
      inputs: fc.constant(rows.map((row, i): MatchInput => ({ id: `p${i}`, source: 'list', values: row }))),
      order: fc.shuffledSubarray([...rows.keys(), ...rows.keys()], { minLength: rows.length }),
      cuts: fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 32 }),
      maxBlock: fc.integer({ min: 2, max: 6 }),
    }),
  )
  .map(({ inputs, order, cuts, maxBlock }) => {
    const all = [...order, ...[...inputs.keys()].filter((i) => !order.includes(i))];
    const pages: MatchInput[][] = [];
    for (let at = 0, n = 0; at < all.length; n++) {
      const size = cuts[n % cuts.length]!;
      pages.push(all.slice(at, at + size).map((i) => inputs[i]!));
      at += size;
    }
    return { inputs, pages, maxBlock };
  });

describe('law 5: resolved page by page as resolved at once', () => {
  test.each(['person', 'company'] as const)('%s', (name) => {
    const matcher = createMatcher(BUILTIN_ENTITIES[name]);
    let reopened = 0;
    let joined = 0;
    fc.assert(
      fc.property(arrival, ({ inputs, pages, maxBlock }) => {
        // Names alone get less room, as they do.
        const small = { ...matcher, limit: (key: string) => (isBareName(key) ? 2 : maxBlock) };
        const list = inputs.map((input) =>
          name === 'person'
            ? input
            : { ...input, values: { ...input.values, name: input.values.companyName ?? null } },
        );
        const byId = new Map(list.map((input) => [input.id, input]));
        const found = incremental(
          small,
          pages.map((page) => page.map(({ id }) => byId.get(id)!)),
        );
        expect(found.clusters).toEqual(batch(small, list));
        if (found.steps > pages.length) reopened++;
        if (found.clusters.length < list.length) joined++;
      }),
      { numRuns: 300 },
    );
    // The law would hold for a matcher that joins nobody, and without a key that ever becomes a hub.
    expect(reopened).toBeGreaterThan(10);
    expect(joined).toBeGreaterThan(10);
  });
});
