import { describe, expect, test } from 'vitest';
import { cluster } from '../../../core/match/cluster.ts';
import type { Edge } from '../../../core/match/types.ts';

const link = (a: string, b: string, weight = 10): Edge => ({ a, b, weight, decision: 'link' });
const base = { contradicts: () => false, decisions: { links: [], aparts: [] }, maxSize: 50 };
const ids = ['a', 'b', 'c', 'd', 'e', 'f'];

describe('cluster', () => {
  test('review edges join nobody, unless the list has no reviewer', () => {
    const edges: Edge[] = [{ a: 'a', b: 'b', weight: 3, decision: 'review' }];
    expect(cluster({ ...base, ids: ['a', 'b'], edges }).clusters).toEqual([['a'], ['b']]);
    expect(
      cluster({ ...base, ids: ['a', 'b'], edges, unreviewed: { joinAt: 0, weigh: () => 3 } }).clusters,
    ).toEqual([['a', 'b']]);
  });

  test('the weaker of two links that would join a contradiction is refused', () => {
    const contradicts = (x: string, y: string) => [x, y].sort().join('') === 'ac';
    const found = cluster({
      ...base,
      ids: ['a', 'b', 'c'],
      edges: [link('a', 'b', 30), link('b', 'c', 9)],
      contradicts,
    });
    expect(found.clusters).toEqual([['a', 'b'], ['c']]);
    expect(found.refused).toEqual([{ a: 'b', b: 'c', reason: 'contradiction' }]);
  });

  test.each([
    ['a bond', { links: [], bonds: [['a', 'b']] as [string, string][], aparts: [] }],
    ['a person', { links: [['a', 'b']] as [string, string][], aparts: [] }],
  ])('who is like one of two that %s declared one joins them, however unlike the other', (_, decisions) => {
    const unlike = new Set(['ab', 'bc', 'bd']);
    const contradicts = (x: string, y: string) => unlike.has([x, y].sort().join(''));
    const joined = (edges: Edge[], ids = ['a', 'b', 'c']) =>
      cluster({ ...base, ids, edges, contradicts, decisions });
    expect(joined([link('a', 'c')])).toEqual({ clusters: [['a', 'b', 'c']], refused: [] });
    expect(joined([link('a', 'c'), link('c', 'd')], ['a', 'b', 'c', 'd']).clusters).toEqual([
      ['a', 'b', 'c', 'd'],
    ]);
    // A pair of its own, one of which is unlike the very record that the other is like, stays out.
    unlike.add('ad');
    expect(joined([link('c', 'd', 30), link('a', 'c')], ['a', 'b', 'c', 'd']).clusters).toEqual([
      ['a', 'b'],
      ['c', 'd'],
    ]);
  });

  test('a record that fits two rivals equally well stands alone', () => {
    const contradicts = (x: string, y: string) => [x, y].sort().join('') === 'ac';
    const found = cluster({
      ...base,
      ids: ['a', 'b', 'c'],
      edges: [link('a', 'b', 10), link('b', 'c', 9)],
      contradicts,
    });
    expect(found.clusters).toEqual([['a'], ['b'], ['c']]);
    expect(found.refused.map((r) => r.reason).sort()).toEqual(['ambiguous', 'contradiction']);
  });

  test('one link between two grown clusters is a weak bridge', () => {
    const edges = [
      link('a', 'b', 20),
      link('b', 'c', 20),
      link('a', 'c', 20),
      link('d', 'e', 20),
      link('e', 'f', 20),
      link('d', 'f', 20),
      link('c', 'd', 8),
    ];
    const found = cluster({ ...base, ids, edges });
    expect(found.clusters).toEqual([
      ['a', 'b', 'c'],
      ['d', 'e', 'f'],
    ]);
    expect(found.refused).toEqual([{ a: 'c', b: 'd', reason: 'weak-bridge' }]);
  });

  test('a link by hand of two who are unlike is no weak bridge for those who come to either of them', () => {
    const all = (...ids: string[]) =>
      ids.flatMap((a, i) => ids.slice(i + 1).map((b) => link(a, b, a === 'f' || b === 'f' ? 15 : 20)));
    const two = [...all('a', 'b', 'c', 'd'), ...all('e', 'f', 'g', 'h')];
    const found = cluster({
      ...base,
      ids: [...'abcdefgh'],
      edges: two,
      decisions: { links: [['b', 'f']], aparts: [] },
    });
    expect(found).toEqual({ clusters: [[...'abcdefgh']], refused: [] });
  });

  test('what a tool holds together counts as one, and guards against a weak bridge as likeness does', () => {
    const held = {
      links: [],
      aparts: [],
      bonds: [
        ['a', 'b'],
        ['b', 'c'],
        ['a', 'c'],
      ] as [string, string][],
    };
    const edges = [link('d', 'e', 20), link('e', 'f', 20), link('d', 'f', 20), link('a', 'd', 11)];
    const found = cluster({ ...base, ids, edges, decisions: held });
    expect(found.refused).toEqual([{ a: 'a', b: 'd', reason: 'weak-bridge' }]);
  });

  test('doubts of the one who was linked by hand support a join as those of anybody', () => {
    const doubts = ['c', 'd'].flatMap((x) =>
      ['e', 'f'].map((y): Edge => ({ ...link(x, y, 5), decision: 'review' })),
    );
    const found = cluster({
      ...base,
      ids,
      edges: [link('a', 'b', 40), link('c', 'd', 40), link('e', 'f', 40), link('a', 'e', 30), ...doubts],
      decisions: { links: [['a', 'c']], aparts: [] },
    });
    expect(found.clusters).toEqual([ids]);
  });

  test('without a reviewer doubts make no chain: a large cluster grows only by who is like half of it', () => {
    const doubt = (a: string, b: string, weight = 3): Edge => ({ a, b, weight, decision: 'review' });
    const chain = ids.slice(1).map((id, i) => doubt(ids[i]!, id));
    const joined = (edges: Edge[]) => {
      const bits = new Map(edges.map(({ a, b, weight }) => [`${a}${b}`, weight]));
      const weigh = (a: string, b: string) => bits.get([a, b].sort().join('')) ?? -8;
      return cluster({ ...base, ids, edges, unreviewed: { joinAt: 0, weigh } });
    };
    expect(joined(chain)).toEqual({
      clusters: [['a', 'b', 'c', 'd', 'e'], ['f']],
      refused: [{ a: 'e', b: 'f', reason: 'weak-bridge' }],
    });
    expect(joined([...chain, doubt('c', 'f', 2), doubt('d', 'f', 2)]).clusters).toEqual([ids]);
    expect(joined([...chain.slice(0, -1), link('e', 'f', 1)]).clusters).toEqual([ids]);
  });

  test('a cluster does not outgrow its limit', () => {
    const found = cluster({
      ...base,
      ids: ['a', 'b', 'c'],
      edges: [link('a', 'b', 12), link('b', 'c', 11)],
      maxSize: 2,
    });
    expect(found.clusters).toEqual([['a', 'b'], ['c']]);
    expect(found.refused[0]?.reason).toBe('too-large');
  });

  test('people outrank rules: their link joins a contradiction, their keep-apart parts a sure link', () => {
    const found = cluster({
      ...base,
      ids: ['a', 'b', 'c', 'd'],
      edges: [link('c', 'd', 40)],
      contradicts: () => true,
      decisions: { links: [['a', 'b']], aparts: [['d', 'c']] },
    });
    expect(found.clusters).toEqual([['a', 'b'], ['c'], ['d']]);
  });
});
