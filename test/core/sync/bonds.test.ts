import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Opinions } from '../../../core/model/record.ts';
import { bundle, withFolded } from '../../../core/sync/bonds.ts';

/** A record in capitals speaks (somebody said something of it); one in small letters is a silent copy. */
const record = (key: string): { key: string; opinions: Opinions } => ({
  key,
  opinions: key === key.toUpperCase() ? { email: { value: key, at: '2026-01-01T00:00:00.000Z' } } : {},
});
const bond = (pair: string) => ({ a: pair[0]!, b: pair[1]!, origin: 'bond' as const });
const score = (pair: string) => ({ a: pair[0]!, b: pair[1]!, origin: 'score' as const });
const pairs = (list: string[]) => list.map((pair) => [pair[0]!, pair[1]!] as [string, string]);

interface Case {
  name: string;
  records: string;
  bonds: string[];
  scores?: string[];
  aparts?: string[];
  links: string[];
  /** What clustering made of the speaking records. */
  clusters: string[];
  complete: string[];
}

const cases: Case[] = [
  {
    name: 'a copy of our making goes with its anchor',
    records: 'ABx',
    bonds: ['xA'],
    links: [],
    clusters: ['A', 'B'],
    complete: ['Ax', 'B'],
  },
  {
    name: 'a copy of a copy goes where the first leads',
    records: 'Axy',
    bonds: ['xA', 'yx'],
    links: [],
    clusters: ['A'],
    complete: ['Axy'],
  },
  {
    name: 'a loser merged in its tool follows its winner',
    records: 'WAl',
    bonds: ['lW'],
    links: [],
    clusters: ['W', 'A'],
    complete: ['Wl', 'A'],
  },
  {
    name: 'two that were merged into a record that went before the hub saw it are one',
    records: 'ABxy',
    bonds: ['xA', 'yB', 'x?', 'y?'],
    links: ['AB'],
    clusters: ['AB'],
    complete: ['ABxy'],
  },
  {
    name: '… silent ones too, when nobody speaks any more',
    records: 'Axy',
    bonds: ['x?', 'y?'],
    links: [],
    clusters: ['A'],
    complete: ['A', 'xy'],
  },
  {
    name: 'two copies that a person merged in a tool make their anchors one',
    records: 'ABxy',
    bonds: ['xA', 'yB', 'xy'],
    links: ['AB'],
    clusters: ['AB'],
    complete: ['ABxy'],
  },
  {
    name: 'a copy merged into the record of another makes the two one',
    records: 'ABx',
    bonds: ['xA', 'xB'],
    links: ['AB'],
    clusters: ['AB'],
    complete: ['ABx'],
  },
  {
    name: 'a keep-apart outranks that: the copy stays with the nearest anchor',
    records: 'ABxy',
    bonds: ['xA', 'yB', 'xy'],
    aparts: ['BA'],
    links: [],
    clusters: ['A', 'B'],
    complete: ['Ax', 'By'],
  },
  {
    name: 'a keep-apart of others does not',
    records: 'ABCx',
    bonds: ['xA', 'xB'],
    aparts: ['AC'],
    links: ['AB'],
    clusters: ['AB', 'C'],
    complete: ['ABx', 'C'],
  },
  {
    name: 'a bond of two that speak is a link',
    records: 'AB',
    bonds: ['AB'],
    links: ['AB'],
    clusters: ['AB'],
    complete: ['AB'],
  },
  {
    name: 'a record that speaks is not passed through: its own bonds are its own',
    records: 'ABx',
    bonds: ['xA', 'AB'],
    links: ['AB'],
    clusters: ['A', 'B'],
    complete: ['Ax', 'B'],
  },
  {
    name: 'a score is no bond, and links nobody here',
    records: 'ABx',
    bonds: [],
    scores: ['AB', 'xA'],
    links: [],
    clusters: ['A', 'B'],
    complete: ['A', 'B', 'x'],
  },
  {
    name: 'orphans stay with each other, and alone where nothing holds them',
    records: 'Axyz',
    bonds: ['xy'],
    links: [],
    clusters: ['A'],
    complete: ['A', 'xy', 'z'],
  },
  {
    name: 'a bond to a record out of sight holds nothing',
    records: 'Ax',
    bonds: ['xQ'],
    links: [],
    clusters: ['A'],
    complete: ['A', 'x'],
  },
];

describe('bonds', () => {
  test.each(cases)('$name', ({ records, bonds, scores = [], aparts = [], links, clusters, complete }) => {
    const bound = bundle([...records].map(record), [...bonds.map(bond), ...scores.map(score)], pairs(aparts));
    expect(bound.speaking).toEqual([...records].filter((key) => key === key.toUpperCase()).sort());
    expect(bound.links).toEqual(pairs(links));
    expect(bound.complete(clusters.map((one) => [...one]))).toEqual(complete.map((one) => [...one]));
  });

  test('nothing bound, nothing added', () => {
    const bound = bundle([], [], []);
    expect([bound.speaking, bound.links, bound.complete([])]).toEqual([[], [], []]);
  });

  test('scored links of a folded record that nobody has resolved yet hold as bonds, within its golden record only', () => {
    const row = (goldenId: string | null, mergedInto: string | null = null) => ({ goldenId, mergedInto });
    const records = new Map([
      ['A', row('one')],
      ['B', row('two')],
      ['C', row(null)],
      ['D', row('one')],
      ['l', row('one', 'W')],
    ]);
    const link = (pair: string) => ({ ...score(pair), decision: 'link' });
    const became = withFolded(
      [...['Al', 'Bl', 'Cl', 'Ql', 'AD'].map(link), { ...score('Dl'), decision: 'review' }],
      records,
    );
    expect(became.map(({ a, b, origin }) => `${a}${b} ${origin}`)).toEqual([
      'Al bond',
      'Bl score',
      'Cl score',
      'Ql score',
      'AD score',
      'Dl score',
    ]);
  });

  const keys = [...'ABCDuvwxyz'];
  const pair = fc
    .uniqueArray(fc.constantFrom(...keys), { minLength: 2, maxLength: 2 })
    .map((two) => two.join(''));
  const bonds = fc.array(pair, { maxLength: 12 });

  test('law 5: neither the order of records nor that of bonds, nor their direction, matters', () => {
    fc.assert(
      fc.property(bonds, fc.shuffledSubarray(keys, { minLength: keys.length }), (list, shuffled) => {
        const clusters = ['A', 'B', 'C', 'D'].map((key) => [key]);
        const left = bundle(keys.map(record), list.map(bond), []);
        const turned = [...list].reverse().map((one) => bond([...one].reverse().join('')));
        const right = bundle(shuffled.map(record), turned, []);
        expect(right.links).toEqual(left.links);
        expect(right.complete(clusters)).toEqual(left.complete(clusters));
      }),
    );
  });

  test('law 1: everyone has exactly one place, and the clusters handed in are left as they were', () => {
    fc.assert(
      fc.property(bonds, (list) => {
        const clusters = [['A', 'B'], ['C'], ['D']];
        const full = bundle(keys.map(record), list.map(bond), []).complete(clusters);
        expect(full.flat().sort()).toEqual([...keys].sort());
        expect(clusters).toEqual([['A', 'B'], ['C'], ['D']]);
      }),
    );
  });
});
