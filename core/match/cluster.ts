import type { Decisions, Edge } from './types.ts';

export interface ClusterInput {
  /** The records of one connected component (or of several: they do not influence each other). */
  ids: string[];
  edges: Edge[];
  /** May these two never be one? Asked only for records of clusters about to be joined. */
  contradicts(a: string, b: string): boolean;
  decisions: Decisions;
  /** No automatic join makes a cluster larger than this. */
  maxSize: number;
  /** How doubtful edges join too, in lists that nobody reviews. Absent: only edges that say 'link' join. */
  unreviewed?: {
    /** Bits from which two records are more likely one than two. */
    joinAt: number;
    /** Bits of any two records. Asked only where a doubtful edge would make a large cluster. */
    weigh(a: string, b: string): number;
  };
}

export interface Refused {
  a: string;
  b: string;
  reason: 'keep-apart' | 'contradiction' | 'weak-bridge' | 'too-large' | 'ambiguous';
}

/**
 * Two grown clusters are joined only if at least this share of the pairs between them is supported by an edge; where people have
 * linked unlike records, it is enough between those who are like the one or the other.
 */
const BRIDGE_SUPPORT = 0.34;
/**
 * One doubt after the other chains strangers together: a cluster of more records than this grows by a doubtful edge only where at
 * least half of the pairs that it would bring together are by themselves more likely one than two.
 */
const GROWN = 5;
const GROWN_SUPPORT = 0.5;
/** Bits by which a record must fit its own cluster better than a rival one. */
const CLEARLY = 8;

/**
 * Groups records, strongest evidence first (constrained agglomeration, not connected components, which chain
 * strangers together). People's links come first, then bonds, then scores; keep-aparts before everything; contradictions are
 * never joined but by people. The result depends on the set of ids, edges and decisions only, not on their order.
 */
export function cluster(input: ClusterInput): { clusters: string[][]; refused: Refused[] } {
  const ids = [...new Set(input.ids)].sort();
  const index = new Map(ids.map((id, i) => [id, i]));
  const home = ids.map((_, i) => i);
  const members: number[][] = ids.map((_, i) => [i]);
  const find = (i: number) => rootOf(home, i);
  const pairKey = (i: number, j: number) => (i < j ? i * ids.length + j : j * ids.length + i);
  const known = (pairs: [string, string][]): [number, number][] =>
    pairs
      .map(([a, b]): [number, number] => [index.get(a) ?? -1, index.get(b) ?? -1])
      .filter(([a, b]) => a >= 0 && b >= 0 && a !== b)
      .map(([a, b]): [number, number] => (a < b ? [a, b] : [b, a]))
      .sort((x, y) => x[0] - y[0] || x[1] - y[1]);
  const aparts = new Set(known(input.decisions.aparts).map(([a, b]) => pairKey(a, b)));
  const edges = input.edges
    .map((edge) => ({ edge, a: index.get(edge.a) ?? -1, b: index.get(edge.b) ?? -1 }))
    .filter(({ a, b }) => a >= 0 && b >= 0 && a !== b)
    .sort(
      (x, y) =>
        y.edge.weight - x.edge.weight ||
        Math.min(x.a, x.b) - Math.min(y.a, y.b) ||
        Math.max(x.a, x.b) - Math.max(y.a, y.b),
    );
  const supported = new Set(edges.map(({ a, b }) => pairKey(a, b)));
  const supports = (i: number, j: number) => supported.has(pairKey(i, j));
  const refused: Refused[] = [];
  const refuse = (a: number, b: number, reason: Refused['reason']) => {
    const [x, y] = a < b ? [a, b] : [b, a];
    refused.push({ a: ids[x]!, b: ids[y]!, reason });
  };
  const anyPair = (a: number[], b: number[], test: (i: number, j: number) => boolean) =>
    a.some((i) => b.some((j) => test(i, j)));
  const isApart = (i: number, j: number) => aparts.has(pairKey(i, j));
  const join = (a: number, b: number) => {
    const [keep, drop] = a < b ? [a, b] : [b, a];
    home[drop] = keep;
    members[keep] = members[keep]!.concat(members[drop]!);
    members[drop] = [];
  };

  /** The same without people's links: records that are one by their likeness, or in a tool. */
  const kin = ids.map((_, i) => i);
  const partOf = (i: number) => members[find(i)]!.filter((m) => rootOf(kin, m) === rootOf(kin, i));
  const likeEachOther = (i: number, j: number) => {
    kin[rootOf(kin, j)] = rootOf(kin, i);
  };

  const { unreviewed } = input;
  const likely = (i: number, j: number) => unreviewed!.weigh(ids[i]!, ids[j]!) >= unreviewed!.joinAt;
  const disagree = (i: number, j: number) => input.contradicts(ids[i]!, ids[j]!);
  const strife = (i: number, j: number) => isApart(i, j) || disagree(i, j);
  /**
   * Do x of i's cluster and y of j's contradict each other, where i and j are alike? Not where y contradicts j as well, or x i:
   * people or a tool have declared those one, however unlike they are, and who is like one of them may join.
   */
  const contradicted = (x: number, y: number, i: number, j: number) =>
    disagree(x, y) && !(disagree(y, j) && !disagree(x, j)) && !(disagree(x, i) && !disagree(i, y));
  /** Record → its own strongest sure edge into another cluster that its cluster may not join. */
  const pulled = new Map<number, number>();
  const pull = (record: number, weight: number, others: number[]) => {
    // The record itself fits there; only its companions do not.
    if (!others.some((o) => strife(record, o)))
      pulled.set(record, Math.max(weight, pulled.get(record) ?? -Infinity));
  };
  /**
   * A record that fits two clusters which exclude each other (a namesake's card without an address) belongs to
   * neither for sure: it stands alone until someone decides, unless it fits one of them clearly better.
   */
  const settle = (part: number[]) => {
    const root = Math.min(...part);
    members[root] = part;
    for (const m of part) home[m] = root;
  };
  const ejectAmbiguous = () => {
    const links = [...known(input.decisions.links), ...known(input.decisions.bonds ?? [])];
    const joins = new Set(links.map(([a, b]) => pairKey(a, b)));
    for (const { edge, a, b } of edges) if (edge.decision === 'link') joins.add(pairKey(a, b));
    const held = new Set(links.flat());
    for (const [record, weight] of [...pulled].sort((x, y) => x[0] - y[0])) {
      const own = find(record);
      const mates = members[own]!;
      if (mates.length < 2 || held.has(record)) continue;
      let best = -Infinity;
      let mate = -1;
      for (const { edge, a, b } of edges)
        if ((a === record && find(b) === own) || (b === record && find(a) === own)) {
          if (edge.weight > best) [best, mate] = [edge.weight, a === record ? b : a];
        }
      if (mate === -1 || best - weight >= CLEARLY) continue;
      members[own] = [];
      settle([record]);
      // What only the ejected record held together falls apart.
      const rest = mates.filter((m) => m !== record);
      while (rest.length > 0) {
        const part = [rest.shift()!];
        for (const p of part)
          for (let k = rest.length - 1; k >= 0; k--)
            if (joins.has(pairKey(p, rest[k]!))) part.push(...rest.splice(k, 1));
        settle(part);
      }
      refuse(record, mate, 'ambiguous');
    }
  };

  const bonds = known(input.decisions.bonds ?? []);
  for (const [i, j] of bonds) likeEachOther(i, j);
  for (const [i, j] of [...known(input.decisions.links), ...bonds]) {
    const [a, b] = [find(i), find(j)];
    if (a === b) continue;
    if (aparts.size > 0 && anyPair(members[a]!, members[b]!, isApart)) refuse(i, j, 'keep-apart');
    else join(a, b);
  }
  for (const { edge, a: i, b: j } of edges) {
    const doubtful = edge.decision !== 'link';
    if (doubtful && !(unreviewed !== undefined && edge.weight >= unreviewed.joinAt)) continue;
    const [a, b] = [find(i), find(j)];
    if (a === b) {
      likeEachOther(i, j);
      continue;
    }
    const [left, right] = [members[a]!, members[b]!];
    if (aparts.size > 0 && anyPair(left, right, isApart)) refuse(i, j, 'keep-apart');
    else if (left.length + right.length > input.maxSize) refuse(i, j, 'too-large');
    else if (anyPair(left, right, (x, y) => contradicted(x, y, i, j))) {
      refuse(i, j, 'contradiction');
      if (edge.decision === 'link') {
        pull(i, edge.weight, right);
        pull(j, edge.weight, left);
      }
    } else if (weakBridge(left, right, supports) && weakBridge(partOf(i), partOf(j), supports))
      refuse(i, j, 'weak-bridge');
    else if (doubtful && left.length + right.length > GROWN && support(left, right, likely) < GROWN_SUPPORT)
      refuse(i, j, 'weak-bridge');
    else {
      join(a, b);
      likeEachOther(i, j);
    }
  }
  if (unreviewed === undefined) ejectAmbiguous();
  const clusters = members
    .filter((m) => m.length > 0)
    .map((m) => m.sort((x, y) => x - y).map((i) => ids[i]!));
  return { clusters: clusters.sort((x, y) => (x[0]! < y[0]! ? -1 : 1)), refused };
}

function rootOf(parents: number[], i: number): number {
  let root = i;
  while (parents[root] !== root) root = parents[root]!;
  parents[i] = root;
  return root;
}

function weakBridge(left: number[], right: number[], supported: (i: number, j: number) => boolean): boolean {
  if (left.length < 2 || right.length < 2) return false;
  return support(left, right, supported) < BRIDGE_SUPPORT;
}

/** The share of the pairs between two clusters that speak for their being one. */
function support(left: number[], right: number[], speaks: (i: number, j: number) => boolean): number {
  let found = 0;
  for (const i of left) for (const j of right) if (speaks(i, j)) found++;
  return found / (left.length * right.length);
}
