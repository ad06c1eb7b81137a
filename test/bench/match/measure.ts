export interface Quality {
  precision: number;
  recall: number;
  f1: number;
}

const quality = (precision: number, recall: number): Quality => ({
  precision,
  recall,
  f1: precision + recall === 0 ? 0 : (2 * precision * recall) / (precision + recall),
});
const choose2 = (n: number) => (n * (n - 1)) / 2;

/** Labels of truth and prediction side by side. A record whose truth is '' is an entity of its own. */
function sides(truth: Map<string, string>, clusters: string[][]) {
  const predicted = new Map<string, number>();
  for (const [i, c] of clusters.entries()) for (const id of c) predicted.set(id, i);
  const t = new Map<string, number>();
  const p = new Map<number, number>();
  const both = new Map<string, number>();
  const rows: [string, number, string][] = [];
  let nobody = 0;
  for (const [id, label] of truth) {
    const own = label === '' ? `nobody ${nobody++}` : label;
    const found = predicted.get(id) ?? -1 - rows.length;
    const key = `${own}\u0001${found}`;
    t.set(own, (t.get(own) ?? 0) + 1);
    p.set(found, (p.get(found) ?? 0) + 1);
    both.set(key, (both.get(key) ?? 0) + 1);
    rows.push([own, found, key]);
  }
  return { t, p, both, rows };
}

export function pairwise(truth: Map<string, string>, clusters: string[][]): Quality {
  const { t, p, both } = sides(truth, clusters);
  const sum = (m: Map<unknown, number>) => [...m.values()].reduce((total, n) => total + choose2(n), 0);
  const [tp, pp, tt] = [sum(both), sum(p), sum(t)];
  return quality(pp === 0 ? 1 : tp / pp, tt === 0 ? 1 : tp / tt);
}

export function bcubed(truth: Map<string, string>, clusters: string[][]): Quality {
  const { t, p, both, rows } = sides(truth, clusters);
  let precision = 0;
  let recall = 0;
  for (const [own, found, key] of rows) {
    precision += both.get(key)! / p.get(found)!;
    recall += both.get(key)! / t.get(own)!;
  }
  return quality(precision / rows.length, recall / rows.length);
}
