/** Which golden id each cluster carries. Pure: the same clusters and history give the same answer. */

export interface Known {
  id: string;
  createdAt: string;
  /** The golden record that it was folded into; null: it stands by itself. */
  aliasOf: string | null;
}

/** A record's golden ids. */
export interface Homes {
  /** The one that it belongs to until now. */
  now: string;
  /**
   * The one that was made for it, or for those whom it came to: what it bears where nothing joins it to others. Null: it came to a
   * golden record that several had become, and nobody knows yet whose it is.
   */
  born: string | null;
}

export interface Assignment {
  /** Cluster index → golden id. */
  ids: string[];
  /** Golden ids that no cluster bears: loser → the id of the cluster that holds most of its records. */
  aliases: Map<string, string>;
  /** Golden ids whose records are now in more than one cluster: id → the ids of all those clusters. */
  splits: Map<string, string[]>;
}

/**
 * Ids are stable: a golden id stays with the cluster that holds most of its records; where several ids meet in one cluster the
 * oldest survives and the others become its aliases. What falls apart gets the ids that it would have if it had never been
 * one: an id stays with the records that it was made for, not with those that were folded into it or came later, and an alias among
 * `known` stands by itself again where the records that it was made for do. `speaks`: of two equal halves the one with more records that
 * have a say of their own keeps the id.
 */
export function assign(
  clusters: readonly string[][],
  homes: ReadonlyMap<string, Homes>,
  known: ReadonlyMap<string, Known>,
  newId: () => string,
  speaks: (record: string) => boolean = () => true,
): Assignment {
  const bearers = votesFor((record) => homes.get(record)?.now);
  const born = votesFor((record) => {
    const home = homes.get(record);
    if (!home || home.born === null) return undefined;
    return home.born === home.now || mayReturn(home.now, home.born) ? home.born : undefined;
  });
  const oldestFirst = [...new Set([...bearers.keys(), ...born.keys()])].sort((a, b) => {
    const left = known.get(a)!;
    const right = known.get(b)!;
    if (left.createdAt !== right.createdAt) return left.createdAt < right.createdAt ? -1 : 1;
    return a < b ? -1 : 1;
  });
  const ids: (string | undefined)[] = clusters.map(() => undefined);
  const home = new Map<string, number>();
  for (const id of oldestFirst) {
    const votes = born.get(id) ?? bearers.get(id)!;
    const ranked = [...votes].sort(
      ([a, x], [b, y]) =>
        y.length - x.length ||
        y.filter(speaks).length - x.filter(speaks).length ||
        (clusters[a]![0]! < clusters[b]![0]! ? -1 : 1),
    );
    const heirs = bearers.has(id) ? undefined : home.get(homes.get(ranked[0]![1][0]!)!.now);
    // While some of the records that it was made for stay with its survivor, it is that one's alias.
    const place = heirs !== undefined && votes.has(heirs) ? heirs : ranked[0]![0];
    home.set(id, place);
    ids[place] ??= id;
  }
  const final = ids.map((id) => id ?? newId());
  const aliases = new Map<string, string>();
  const splits = new Map<string, string[]>();
  for (const id of oldestFirst) {
    const index = home.get(id)!;
    if (final[index] !== id) aliases.set(id, final[index]!);
    const parts = [...(bearers.get(id)?.keys() ?? [])];
    if (parts.length > 1) splits.set(id, parts.map((part) => final[part]!).sort());
  }
  return { ids: final, aliases, splits };

  /** Only from the golden record that it was folded into, where that falls apart. */
  function mayReturn(now: string, alias: string): boolean {
    if ((bearers.get(now)?.size ?? 0) < 2) return false;
    let heir = known.get(alias)?.aliasOf;
    while (typeof heir === 'string' && heir !== now) heir = known.get(heir)?.aliasOf;
    return heir === now;
  }

  /** Golden id → cluster index → the records there that speak for it. */
  function votesFor(idOf: (record: string) => string | undefined): Map<string, Map<number, string[]>> {
    const votes = new Map<string, Map<number, string[]>>();
    clusters.forEach((members, index) => {
      for (const member of members) {
        const id = idOf(member);
        if (id === undefined || !known.has(id)) continue;
        const places = votes.get(id) ?? new Map<number, string[]>();
        const there = places.get(index) ?? [];
        there.push(member);
        votes.set(id, places.set(index, there));
      }
    });
    return votes;
  }
}

/** Are the records of some golden record in more than one cluster now? */
export function fallsApart(clusters: readonly string[][], homes: ReadonlyMap<string, Homes>): boolean {
  const places = new Map<string, number>();
  return clusters.some((members, index) =>
    members.some((record) => {
      const id = homes.get(record)?.now;
      if (id === undefined) return false;
      const place = places.get(id) ?? index;
      places.set(id, place);
      return place !== index;
    }),
  );
}

/** What a record was born as from now on: the golden id that it bears, what it was before, or nobody knows. */
export type Birth = 'here' | 'as before' | 'unknown';

/**
 * What the members of the cluster that carries `id` were born as. Who comes to records that were born as one is born as they are;
 * who comes where several have become one is told by the part that it is in when they fall apart.
 */
export function births(
  members: readonly string[],
  id: string,
  isNew: boolean,
  homes: ReadonlyMap<string, Homes>,
): (record: string) => Birth {
  const born = new Set(members.flatMap((record) => homes.get(record)?.born ?? []));
  const one = born.size === 0 || (born.size === 1 && born.has(id));
  return (record) => {
    if (isNew) return 'here';
    if (typeof homes.get(record)?.born === 'string') return 'as before';
    return one ? 'here' : 'unknown';
  };
}
