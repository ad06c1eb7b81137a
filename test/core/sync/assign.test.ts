import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { assign, births, fallsApart, type Homes, type Known } from '../../../core/sync/assign.ts';

/** `g1` is the oldest golden record, `g2` the next, and so on. */
const age = (ids: readonly string[], folded: Record<string, string> = {}): Map<string, Known> =>
  new Map(
    ids.map((id) => [
      id,
      { id, createdAt: `2026-01-0${id.slice(1)}T00:00:00.000Z`, aliasOf: folded[id] ?? null },
    ]),
  );

/** `born`: the records that were born as another than they belong to; null: nobody knows. */
const homesOf = (belongs: Record<string, string>, born: Record<string, string | null> = {}) =>
  new Map(
    Object.entries(belongs).map(([key, now]): [string, Homes] => [
      key,
      { now, born: born[key] === undefined ? now : born[key] },
    ]),
  );

const run = (
  clusters: string[][],
  belongs: Record<string, string>,
  known = age(['g1', 'g2', 'g3']),
  born: Record<string, string | null> = {},
) => {
  let n = 0;
  return assign(clusters, homesOf(belongs, born), known, () => `new${++n}`);
};

describe('golden ids', () => {
  test.each<{
    name: string;
    clusters: string[][];
    belongs: Record<string, string>;
    ids: string[];
    aliases?: Record<string, string>;
    splits?: Record<string, string[]>;
  }>([
    { name: 'nothing to assign', clusters: [], belongs: { a: 'g1' }, ids: [] },
    { name: 'strangers get new ids', clusters: [['a'], ['b', 'c']], belongs: {}, ids: ['new1', 'new2'] },
    { name: 'a cluster keeps its id', clusters: [['a', 'b']], belongs: { a: 'g1', b: 'g1' }, ids: ['g1'] },
    { name: 'a newcomer joins it', clusters: [['a', 'x']], belongs: { a: 'g2' }, ids: ['g2'] },
    {
      name: 'two meet: the oldest survives',
      clusters: [['a', 'b']],
      belongs: { a: 'g2', b: 'g1' },
      ids: ['g1'],
      aliases: { g2: 'g1' },
    },
    {
      name: 'the oldest survives, though it brings fewer records',
      clusters: [['a', 'b', 'c', 'd']],
      belongs: { a: 'g2', b: 'g2', c: 'g2', d: 'g1' },
      ids: ['g1'],
      aliases: { g2: 'g1' },
    },
    {
      name: 'three meet',
      clusters: [['a', 'b', 'c']],
      belongs: { a: 'g3', b: 'g1', c: 'g2' },
      ids: ['g1'],
      aliases: { g2: 'g1', g3: 'g1' },
    },
    {
      name: 'a split: the id stays with most of the records',
      clusters: [['a'], ['b', 'c']],
      belongs: { a: 'g1', b: 'g1', c: 'g1' },
      ids: ['new1', 'g1'],
      splits: { g1: ['g1', 'new1'] },
    },
    {
      name: 'an even split: the id stays with the smallest key',
      clusters: [['b'], ['a']],
      belongs: { a: 'g1', b: 'g1' },
      ids: ['new1', 'g1'],
      splits: { g1: ['g1', 'new1'] },
    },
    {
      name: 'a record moves over: both ids stay',
      clusters: [['a'], ['b', 'c']],
      belongs: { a: 'g1', b: 'g1', c: 'g2' },
      ids: ['g1', 'g2'],
      splits: { g1: ['g1', 'g2'] },
    },
    {
      name: 'most of one joins an older one, and the rest gets a new id',
      clusters: [['a', 'b', 'c'], ['d']],
      belongs: { a: 'g1', b: 'g2', c: 'g2', d: 'g2' },
      ids: ['g1', 'new1'],
      aliases: { g2: 'g1' },
      splits: { g2: ['g1', 'new1'] },
    },
    {
      name: 'an id that no golden record bears is nobody’s',
      clusters: [['a', 'b']],
      belongs: { a: 'g9', b: 'g2' },
      ids: ['g2'],
    },
  ])('$name', ({ clusters, belongs, ids, aliases = {}, splits = {} }) => {
    const result = run(clusters, belongs);
    expect(result.ids).toEqual(ids);
    expect(Object.fromEntries(result.aliases)).toEqual(aliases);
    expect(Object.fromEntries(result.splits)).toEqual(splits);
  });

  test('of the same age, the smallest id survives', () => {
    const known = new Map(
      ['g2', 'g1'].map((id) => [id, { id, createdAt: '2026-01-01T00:00:00.000Z', aliasOf: null }]),
    );
    expect(run([['a', 'b']], { a: 'g2', b: 'g1' }, known).ids).toEqual(['g1']);
  });
});

describe('what was one falls apart: the ids that it would have if it had never been one', () => {
  const was = (folded: Record<string, string>) => age(['g1', 'g2', 'g3'], folded);
  test.each<{
    name: string;
    clusters: string[][];
    belongs: Record<string, string>;
    born: Record<string, string | null>;
    folded: Record<string, string>;
    ids: string[];
    aliases?: Record<string, string>;
    splits: Record<string, string[]>;
  }>([
    {
      name: 'the survivor brought fewer records: it keeps its id, and the alias stands by itself again',
      clusters: [['a'], ['b', 'c']],
      belongs: { a: 'g1', b: 'g1', c: 'g1' },
      ...{ born: { b: 'g2', c: 'g2' }, folded: { g2: 'g1' } },
      ids: ['g1', 'g2'],
      splits: { g1: ['g1', 'g2'] },
    },
    {
      name: 'of two that were folded in, the one that is parted',
      clusters: [['a', 'b'], ['c']],
      belongs: { a: 'g1', b: 'g1', c: 'g1' },
      ...{ born: { b: 'g2', c: 'g3' }, folded: { g2: 'g1', g3: 'g1' } },
      ids: ['g1', 'g3'],
      aliases: { g2: 'g1' },
      splits: { g1: ['g1', 'g3'] },
    },
    {
      name: 'two that were one before they were folded in: the older of them',
      clusters: [['a'], ['b', 'c']],
      belongs: { a: 'g1', b: 'g1', c: 'g1' },
      ...{ born: { b: 'g2', c: 'g3' }, folded: { g3: 'g2', g2: 'g1' } },
      ids: ['g1', 'g2'],
      aliases: { g3: 'g2' },
      splits: { g1: ['g1', 'g2'] },
    },
    {
      name: 'one that moved over goes back, and its old home is not torn',
      clusters: [['a'], ['b', 'c']],
      belongs: { a: 'g1', b: 'g1', c: 'g2' },
      ...{ born: { b: 'g2' }, folded: {} },
      ids: ['g1', 'g2'],
      splits: { g1: ['g1', 'g2'] },
    },
    {
      name: 'an id that lives elsewhere is not taken from there',
      clusters: [['a'], ['b']],
      belongs: { a: 'g1', b: 'g1' },
      ...{ born: { b: 'g9' }, folded: {} },
      ids: ['g1', 'new1'],
      splits: { g1: ['g1', 'new1'] },
    },
    {
      name: 'nobody is left that a golden record was made for: it stays with most of the others',
      clusters: [['b'], ['c', 'd']],
      belongs: { b: 'g1', c: 'g1', d: 'g1' },
      ...{ born: { b: 'g2', c: 'g3', d: 'g3' }, folded: { g2: 'g1', g3: 'g1' } },
      ids: ['g2', 'g1'],
      aliases: { g3: 'g1' },
      splits: { g1: ['g1', 'g2'] },
    },
    {
      name: 'who came while they were one has no say, however many they are',
      clusters: [['a'], ['b', 'c', 'd']],
      belongs: { a: 'g1', b: 'g1', c: 'g1', d: 'g1' },
      ...{ born: { b: 'g2', c: null, d: null }, folded: { g2: 'g1' } },
      ids: ['g1', 'g2'],
      splits: { g1: ['g1', 'g2'] },
    },
    {
      name: 'who came while they were one, parted from both, gets a new id',
      clusters: [['a'], ['b'], ['c', 'd']],
      belongs: { a: 'g1', b: 'g1', c: 'g1', d: 'g1' },
      ...{ born: { b: 'g2', c: null, d: null }, folded: { g2: 'g1' } },
      ids: ['g1', 'g2', 'new1'],
      splits: { g1: ['g1', 'g2', 'new1'] },
    },
    {
      name: 'nobody else is left: the id stays with most of those who came',
      clusters: [['b'], ['c', 'd']],
      belongs: { b: 'g1', c: 'g1', d: 'g1' },
      ...{ born: { b: 'g2', c: null, d: null }, folded: { g2: 'g1' } },
      ids: ['g2', 'g1'],
      splits: { g1: ['g1', 'g2'] },
    },
  ])('$name', ({ clusters, belongs, born, folded, ids, aliases = {}, splits }) => {
    expect(fallsApart(clusters, homesOf(belongs, born))).toBe(true);
    const result = run(clusters, belongs, was(folded), born);
    expect(result.ids).toEqual(ids);
    expect(Object.fromEntries(result.aliases)).toEqual(aliases);
    expect(Object.fromEntries(result.splits)).toEqual(splits);
  });
});

describe('what a record is born as', () => {
  const tell = (members: string[], id: string, born: Record<string, string | null>, isNew = false) => {
    const belongs = Object.fromEntries(Object.keys(born).map((key) => [key, 'g1']));
    return members.map(births(members, id, isNew, homesOf(belongs, born)));
  };
  test('its golden record is made just now', () =>
    expect(tell(['a', 'b'], 'g1', { b: 'g2' }, true)).toEqual(['here', 'here']));
  test('it comes to records that were born as one', () =>
    expect(tell(['a', 'b', 'x'], 'g1', { a: 'g1', b: 'g1' })).toEqual(['as before', 'as before', 'here']));
  test('it comes where two have become one', () =>
    expect(tell(['a', 'b', 'x'], 'g1', { a: 'g1', b: 'g2' })).toEqual(['as before', 'as before', 'unknown']));
  test('it comes to records of an alias alone', () =>
    expect(tell(['b', 'x'], 'g1', { b: 'g2' })).toEqual(['as before', 'unknown']));
  test('they fall apart: it is what those are that it stays with', () =>
    expect(tell(['a', 'x'], 'g1', { a: 'g1', b: 'g2', x: null })).toEqual(['as before', 'here']));
});

const RECORDS = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
const IDS = ['g1', 'g2', 'g3', 'g4'];
const world = fc
  .record({
    homes: fc.array(fc.nat(4), { minLength: RECORDS.length, maxLength: RECORDS.length }),
    belongs: fc.dictionary(fc.constantFrom(...RECORDS), fc.constantFrom(...IDS)),
  })
  .map(({ homes, belongs }) => ({
    belongs,
    clusters: [...Map.groupBy(RECORDS, (_, i) => homes[i]!).values()],
  }));

/** Members → golden id, with new ids as one word. */
const placed = (clusters: string[][], ids: string[]) =>
  Object.fromEntries(clusters.map((members, i) => [members.join(), ids[i]!.replace(/^new.*/, 'new')]));

test('law 5: the order of clusters and of what is known changes nothing but new ids', () => {
  fc.assert(
    fc.property(
      world.chain((one) =>
        fc.tuple(fc.constant(one), fc.shuffledSubarray(one.clusters, { minLength: one.clusters.length })),
      ),
      fc.shuffledSubarray(IDS, { minLength: IDS.length }),
      ([{ clusters, belongs }, shuffled], ids) => {
        const left = run(clusters, belongs, age(IDS));
        const right = run(shuffled, Object.fromEntries(Object.entries(belongs).reverse()), age(ids));
        expect(placed(shuffled, right.ids)).toEqual(placed(clusters, left.ids));
        expect([...right.splits.keys()].sort()).toEqual([...left.splits.keys()].sort());
        expect([...right.aliases.keys()].sort()).toEqual([...left.aliases.keys()].sort());
      },
    ),
  );
});

test('law: every cluster has an id of its own; an id is given, an alias of one that is, or without records', () => {
  fc.assert(
    fc.property(world, ({ clusters, belongs }) => {
      const { ids, aliases } = run(clusters, belongs, age(IDS));
      expect(new Set(ids).size).toBe(clusters.length);
      for (const id of new Set(Object.values(belongs))) expect(ids.includes(id)).toBe(!aliases.has(id));
      for (const survivor of aliases.values()) expect(ids).toContain(survivor);
    }),
  );
});

test('law 3: what was assigned, assigned again, is the same and makes no new id', () => {
  fc.assert(
    fc.property(world, ({ clusters, belongs }) => {
      const { ids } = run(clusters, belongs, age(IDS));
      const now = Object.fromEntries(clusters.flatMap((members, i) => members.map((key) => [key, ids[i]!])));
      const known = new Map(
        ids.map((id) => [id, { id, createdAt: '2026-01-01T00:00:00.000Z', aliasOf: null }]),
      );
      const again = assign(clusters, homesOf(now), known, () => expect.unreachable('a new id'));
      expect([again.ids, again.aliases.size, again.splits.size]).toEqual([ids, 0, 0]);
    }),
  );
});
