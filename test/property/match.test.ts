import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cluster } from '../../core/match/cluster.ts';
import { dedupe } from '../../core/match/dedupe.ts';
import { createMatcher } from '../../core/match/matcher.ts';
import type { Decisions, Edge, MatchInput } from '../../core/match/types.ts';
import { BUILTIN_ENTITIES } from '../../core/model/builtin.ts';

const { person, company } = BUILTIN_ENTITIES;
const pairOf = (a: string, b: string) => (a < b ? `${a} ${b}` : `${b} ${a}`);
const ids = Array.from({ length: 9 }, (_, i) => `r${i}`);
const id = fc.constantFrom(...ids);
const pair = fc.tuple(id, id).filter(([a, b]) => a !== b);

/** A graph as matching may hand it over: one edge a pair, some contradictions, some decisions of people. */
const graph = fc.record({
  edges: fc.uniqueArray(
    fc.record({ ends: pair, weight: fc.integer({ min: -3, max: 30 }), link: fc.boolean() }),
    { selector: (e) => pairOf(...e.ends), maxLength: 24 },
  ),
  clashes: fc.uniqueArray(pair, { selector: (p) => pairOf(...p), maxLength: 6 }),
  links: fc.uniqueArray(pair, { selector: (p) => pairOf(...p), maxLength: 3 }),
  aparts: fc.uniqueArray(pair, { selector: (p) => pairOf(...p), maxLength: 3 }),
  joinAt: fc.option(fc.constant(0), { nil: undefined }),
});
type Graph = typeof graph extends fc.Arbitrary<infer T> ? T : never;

function run(g: Graph, order: (items: string[]) => string[] = (x) => x) {
  const clashes = new Set(g.clashes.map((p) => pairOf(...p)));
  const edges: Edge[] = g.edges.map(({ ends, weight, link }) => {
    const [a, b] = [...ends].sort() as [string, string];
    return { a, b, weight, decision: link ? 'link' : 'review' };
  });
  const bits = new Map(edges.map(({ a, b, weight }) => [pairOf(a, b), weight]));
  const decisions: Decisions = { links: g.links, aparts: g.aparts };
  return cluster({
    ids: order([...ids]),
    edges,
    contradicts: (a, b) => clashes.has(pairOf(a, b)),
    decisions,
    maxSize: 6,
    ...(g.joinAt === undefined
      ? {}
      : { unreviewed: { joinAt: g.joinAt, weigh: (a, b) => bits.get(pairOf(a, b)) ?? -8 } }),
  });
}

describe('law 5: order does not matter', () => {
  test('clusters are the same whatever the order of ids, edges and decisions', () => {
    fc.assert(
      fc.property(graph, fc.infiniteStream(fc.nat()), (g, noise) => {
        const shuffle = <T>(items: T[]): T[] =>
          items
            .map((item): [number, T] => [noise.next().value as number, item])
            .sort((x, y) => x[0] - y[0])
            .map(([, item]) => item);
        const other = { ...g, edges: shuffle(g.edges), links: shuffle(g.links), aparts: shuffle(g.aparts) };
        expect(run(other, shuffle)).toEqual(run(g));
      }),
    );
  });
});

describe('clusters hold together', () => {
  test('every record is in exactly one', () => {
    fc.assert(
      fc.property(graph, (g) => {
        expect(run(g).clusters.flat().sort()).toEqual(ids);
      }),
    );
  });

  test('law 6: a keep-apart always parts, and a human link always joins unless a keep-apart forbids it', () => {
    fc.assert(
      fc.property(graph, (g) => {
        const home = new Map(run(g).clusters.flatMap((c, i) => c.map((r): [string, number] => [r, i])));
        for (const [a, b] of g.aparts) expect(home.get(a)).not.toBe(home.get(b));
        if (g.aparts.length === 0) for (const [a, b] of g.links) expect(home.get(a)).toBe(home.get(b));
      }),
    );
  });

  test('no contradiction inside a cluster that people did not make', () => {
    fc.assert(
      fc.property(graph, (g) => {
        const { clusters } = run({ ...g, links: [] });
        const clashes = new Set(g.clashes.map((p) => pairOf(...p)));
        for (const c of clusters)
          for (const a of c) for (const b of c) if (a < b) expect(clashes.has(pairOf(a, b))).toBe(false);
      }),
    );
  });
});

const FAMILY = ['佐藤', '鈴木', 'サトウ', 'Suzuki', '髙橋', '高橋'];
const GIVEN = ['健一', '花子', 'ケンイチ', 'Hanako', '誠'];
const somePerson = fc.record(
  {
    familyName: fc.constantFrom(...FAMILY),
    givenName: fc.constantFrom(...GIVEN),
    email: fc.constantFrom(
      'k.sato@aoba-ex.co.jp',
      'hanako75@mail-ex.jp',
      'info@aoba-ex.co.jp',
      'k.sato2@aoba-ex.co.jp',
      'なし',
    ),
    mobile: fc.constantFrom('090-1234-5678', '080 2222 3333', '090-0000-0000'),
    companyName: fc.constantFrom('青葉工業㈱', '株式会社青葉工業', '港商事'),
    customerCode: fc.constantFrom('E-12', 'K-12', '12'),
  },
  { requiredKeys: [] },
);
const inputsOf = (rows: Record<string, string>[]): MatchInput[] =>
  rows.map((values, i) => ({ id: `p${i}`, source: 'list', values }));

describe('dedupe', () => {
  test('does not depend on the order of records', () => {
    fc.assert(
      fc.property(fc.array(somePerson, { maxLength: 12 }), fc.boolean(), (rows, sure) => {
        const inputs = inputsOf(rows);
        const forward = dedupe(person, inputs, { sure });
        const backward = dedupe(person, [...inputs].reverse(), { sure });
        const normal = (clusters: string[][]) => clusters.map((c) => [...c].sort().join(' ')).sort();
        expect(normal(backward.clusters)).toEqual(normal(forward.clusters));
        expect(backward.pairs).toBe(forward.pairs);
      }),
      { numRuns: 60 },
    );
  });

  test('no cluster of companies holds two 法人番号', () => {
    const row = fc.record(
      {
        name: fc.constantFrom('株式会社アシスト', 'アシスト', '㈱アシスト'),
        corporateNumber: fc.constantFrom('7000012050002', '5010001008846', '6700102001234'),
        website: fc.constantFrom('https://assist-ex.co.jp', 'www.assist2-ex.co.jp'),
        phone: fc.constantFrom('03-1111-2345', '06-1111-2345'),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(fc.array(row, { maxLength: 12 }), (rows) => {
        const inputs = inputsOf(rows);
        const numbers = new Map(
          rows.map((r, i) => [
            `p${i}`,
            r.corporateNumber === '6700102001234' ? undefined : r.corporateNumber,
          ]),
        );
        for (const c of dedupe(company, inputs).clusters)
          expect(
            new Set(c.map((r) => numbers.get(r)).filter((n) => n !== undefined)).size,
          ).toBeLessThanOrEqual(1);
      }),
      { numRuns: 60 },
    );
  });
});

describe('comparing', () => {
  const matcher = createMatcher(person);
  const prepare = (values: Record<string, string>, name: string) =>
    matcher.prepare({ id: name, source: 'list', values });

  test('is symmetric', () => {
    fc.assert(
      fc.property(somePerson, somePerson, (a, b) => {
        const [x, y] = [prepare(a, 'x'), prepare(b, 'y')];
        expect(matcher.compare(y, x)).toEqual(matcher.compare(x, y));
      }),
    );
  });

  test('what a rule links shares a blocking key, so that it is ever compared', () => {
    fc.assert(
      fc.property(somePerson, somePerson, (a, b) => {
        const [x, y] = [prepare(a, 'x'), prepare(b, 'y')];
        if (matcher.compare(x, y).rule === undefined) return;
        const keys = new Set(matcher.keys(y));
        expect(matcher.keys(x).some((key) => keys.has(key))).toBe(true);
      }),
      { numRuns: 500 },
    );
  });
});
