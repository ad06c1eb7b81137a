import { cluster } from '../cluster.ts';
import type { Model } from '../model.ts';
import type { Prepared } from '../prepared.ts';
import type { Scorer } from '../score.ts';
import { scoresOf } from '../scores.ts';
import type { Edge } from '../types.ts';
import type { Components } from './components.ts';
import type { Edges } from './pairs.ts';

/** What became of every record. In memory that threads share: each writes the components it was given. */
export interface Placed {
  /** The first record of its cluster. */
  home: Int32Array;
  /** How surely it belongs there; NaN where it is alone. */
  score: Float64Array;
}

/** Of a part of the list. */
export interface Counts {
  /** Clusters of at least two records. */
  clusters: number;
  /** Records in them. */
  joined: number;
  largest: number;
  /** Pairs too unsure to link without a person: those within one cluster, and the others. */
  doubtful: { joined: number; apart: number };
}

export function unplaced(records: number): Placed {
  const home = new Int32Array(new SharedArrayBuffer(4 * records));
  for (let r = 0; r < records; r++) home[r] = r;
  return { home, score: new Float64Array(new SharedArrayBuffer(8 * records)).fill(Number.NaN) };
}

/**
 * Is each pair of these records tied by an edge that joins by itself? Clustering can only make them one: nothing contradicts, no
 * bridge is weak, and no doubt makes a chain.
 */
function isClique(edges: Edges, from: number, to: number, size: number, join: number): boolean {
  if (to - from !== (size * (size - 1)) / 2) return false;
  for (let at = from; at < to; at++) if (edges.weight[at]! < join) return false;
  return true;
}

/** Clusters these components as `dedupe` does, and writes where each record belongs. */
export function placeComponents(
  { members, starts, edges, edgeStarts }: Components,
  from: number,
  to: number,
  model: Model,
  score: Scorer,
  record: (i: number) => Prepared,
  maxSize: number,
  placed: Placed,
): Counts {
  const counts: Counts = { clusters: 0, joined: 0, largest: 1, doubtful: { joined: 0, apart: 0 } };
  const took = (size: number) => {
    counts.clusters++;
    counts.joined += size;
    counts.largest = Math.max(counts.largest, size);
  };
  for (let c = from; c < to; c++) {
    const [first, size] = [starts[c]!, starts[c + 1]! - starts[c]!];
    const e = edgeStarts[c]!;
    if (size === 2) {
      // Two records and the edge between them, which is no contradiction: clustering can only join them or not.
      const [weight, link] = [edges.weight[e]!, edges.link[e] === 1];
      const joined = link || weight >= model.join;
      if (!link) counts.doubtful[joined ? 'joined' : 'apart']++;
      if (!joined) continue;
      took(2);
      placed.home[members[first + 1]!] = members[first]!;
      const bits = link ? Math.max(weight, model.link) : weight;
      placed.score[members[first]!] = placed.score[members[first + 1]!] = 1 / (1 + 2 ** -bits);
      continue;
    }
    if (size <= maxSize && isClique(edges, e, edgeStarts[c + 1]!, size, model.join)) {
      const own: { a: number; b: number; weight: number; decision: 'link' | 'review' }[] = [];
      for (let at = e; at < edgeStarts[c + 1]!; at++) {
        const decision = edges.link[at] === 1 ? 'link' : 'review';
        own.push({ a: edges.a[at]!, b: edges.b[at]!, weight: edges.weight[at]!, decision });
        if (decision === 'review') counts.doubtful.joined++;
      }
      const one = Array.from(members.subarray(first, first + size));
      for (const member of one) placed.home[member] = one[0]!;
      for (const [member, sure] of scoresOf({ clusters: [one], edges: own, model }))
        placed.score[member] = sure;
      took(size);
      continue;
    }
    const number = new Map<string, number>();
    for (let m = first; m < first + size; m++) number.set(record(members[m]!).id, members[m]!);
    const own: Edge[] = [];
    for (let at = e; at < edgeStarts[c + 1]!; at++)
      own.push({
        a: record(edges.a[at]!).id,
        b: record(edges.b[at]!).id,
        weight: edges.weight[at]!,
        decision: edges.link[at] === 1 ? 'link' : 'review',
      });
    const weigh = (a: string, b: string) => score.weigh(record(number.get(a)!), record(number.get(b)!));
    const { clusters } = cluster({
      ids: [...number.keys()],
      edges: own,
      contradicts: (a, b) => {
        weigh(a, b);
        return score.s.contradiction !== undefined;
      },
      decisions: { links: [], aparts: [] },
      maxSize,
      unreviewed: { joinAt: model.join, weigh },
    });
    const home = new Map<string, number>();
    for (const ids of clusters) {
      const root = ids.reduce((least, id) => Math.min(least, number.get(id)!), Number.POSITIVE_INFINITY);
      for (const id of ids) {
        home.set(id, root);
        placed.home[number.get(id)!] = root;
      }
      if (ids.length > 1) took(ids.length);
    }
    for (const [id, sure] of scoresOf({ clusters, edges: own, model })) placed.score[number.get(id)!] = sure;
    for (const { a, b, decision } of own)
      if (decision === 'review') counts.doubtful[home.get(a) === home.get(b) ? 'joined' : 'apart']++;
  }
  return counts;
}
