import type { Edges } from './pairs.ts';

/** Records that edges hang together, directly or through others: those that no edge touches are in none. */
export interface Components {
  /** Records of component c: members[starts[c]] … members[starts[c + 1]], ascending. */
  members: Int32Array;
  starts: Int32Array;
  /** Its edges: edges[edgeStarts[c]] … */
  edges: Edges;
  edgeStarts: Int32Array;
}

const shared = (size: number) => new Int32Array(new SharedArrayBuffer(4 * size));

/** Sorts the edges of a list by what they hang together. */
export function componentsOf(parts: readonly Edges[], records: number): Components {
  const home = Int32Array.from({ length: records }, (_, i) => i);
  const find = (i: number): number => {
    let root = i;
    while (home[root] !== root) root = home[root]!;
    for (let at = i; home[at] !== root; ) {
      const next = home[at]!;
      home[at] = root;
      at = next;
    }
    return root;
  };
  const touched = new Uint8Array(records);
  let all = 0;
  for (const { a, b } of parts) {
    all += a.length;
    for (let e = 0; e < a.length; e++) {
      touched[a[e]!] = 1;
      touched[b[e]!] = 1;
      const [x, y] = [find(a[e]!), find(b[e]!)];
      if (x !== y) home[Math.max(x, y)] = Math.min(x, y);
    }
  }
  // The root of a component is its first record, so that numbers are given in the order of first records.
  const number = new Int32Array(records).fill(-1);
  let count = 0;
  let size = 0;
  for (let r = 0; r < records; r++)
    if (touched[r] === 1) {
      size++;
      if (find(r) === r) number[r] = count++;
    }
  const starts = shared(count + 1);
  const edgeStarts = shared(count + 1);
  for (let r = 0; r < records; r++) if (touched[r] === 1) starts[number[find(r)]! + 1]!++;
  for (const { a } of parts) for (const i of a) edgeStarts[number[find(i)]! + 1]!++;
  for (let c = 0; c < count; c++) {
    starts[c + 1]! += starts[c]!;
    edgeStarts[c + 1]! += edgeStarts[c]!;
  }
  const members = shared(size);
  const next = starts.slice();
  for (let r = 0; r < records; r++) if (touched[r] === 1) members[next[number[find(r)]!]!++] = r;
  const edges: Edges = {
    a: shared(all),
    b: shared(all),
    weight: new Float64Array(new SharedArrayBuffer(8 * all)),
    link: new Uint8Array(new SharedArrayBuffer(all)),
  };
  const place = edgeStarts.slice();
  for (const part of parts)
    for (let e = 0; e < part.a.length; e++) {
      const at = place[number[find(part.a[e]!)]!]!++;
      edges.a[at] = part.a[e]!;
      edges.b[at] = part.b[e]!;
      edges.weight[at] = part.weight[e]!;
      edges.link[at] = part.link[e]!;
    }
  return { members, starts, edges, edgeStarts };
}
