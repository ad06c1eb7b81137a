/** Which golden id each cluster carries. Pure: the same clusters and history give the same answer. */

export interface Known {
  id: string;
  createdAt: string;
}

export interface Assignment {
  /** Cluster index → golden id. */
  ids: string[];
  /** Golden ids that lost every record: loser → the id most of its records went to. */
  aliases: Map<string, string>;
  /** Golden ids whose records are now in more than one cluster: id → the ids of all those clusters. */
  splits: Map<string, string[]>;
}

/**
 * Ids are stable: a golden id stays with the cluster that holds most of its records; where several ids meet in one
 * cluster the oldest survives and the others become its aliases. `belongs`: record → golden id until now. `speaks`: of two equal
 * halves the one with more records that have a say of their own keeps the id.
 */
export function assign(
  clusters: readonly string[][],
  belongs: ReadonlyMap<string, string>,
  known: ReadonlyMap<string, Known>,
  newId: () => string,
  speaks: (record: string) => boolean = () => true,
): Assignment {
  const votes = new Map<string, Map<number, number>>();
  clusters.forEach((members, index) => {
    for (const member of members) {
      const id = belongs.get(member);
      if (id === undefined || !known.has(id)) continue;
      const counts = votes.get(id) ?? new Map<number, number>();
      counts.set(index, (counts.get(index) ?? 0) + 1);
      votes.set(id, counts);
    }
  });
  const oldestFirst = [...votes.keys()].sort((a, b) => {
    const left = known.get(a)!;
    const right = known.get(b)!;
    if (left.createdAt !== right.createdAt) return left.createdAt < right.createdAt ? -1 : 1;
    return a < b ? -1 : 1;
  });
  const speakers = (id: string, index: number) =>
    clusters[index]!.filter((member) => belongs.get(member) === id && speaks(member)).length;
  const ids: (string | undefined)[] = clusters.map(() => undefined);
  const home = new Map<string, number>();
  for (const id of oldestFirst) {
    const ranked = [...votes.get(id)!].sort(
      ([a, x], [b, y]) =>
        y - x || speakers(id, b) - speakers(id, a) || (clusters[a]![0]! < clusters[b]![0]! ? -1 : 1),
    );
    home.set(id, ranked[0]![0]);
    if (ids[ranked[0]![0]] === undefined) ids[ranked[0]![0]] = id;
  }
  const final = ids.map((id) => id ?? newId());
  const aliases = new Map<string, string>();
  const splits = new Map<string, string[]>();
  for (const id of oldestFirst) {
    const index = home.get(id)!;
    if (final[index] !== id) aliases.set(id, final[index]!);
    const parts = [...votes.get(id)!.keys()];
    if (parts.length > 1) splits.set(id, parts.map((part) => final[part]!).sort());
  }
  return { ids: final, aliases, splits };
}
