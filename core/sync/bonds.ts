import type { EdgeOrigin } from '../store/matching.ts';
import type { MemberRecord } from '../store/records.ts';

export interface Bundle {
  /** Records with an opinion of their own, or that a person decided about: only they take part in clustering. */
  speaking: string[];
  /** Pairs of them that bonds hold together, directly or through silent records. */
  links: [string, string][];
  /** Adds the silent records to the clusters of those they are bound to. */
  complete(clusters: readonly string[][]): string[][];
}

/**
 * A record that its tool folded into another is silent from that moment on, and yet its scored links stand until it is resolved
 * itself. Where another record draws it into a step before that, they hold as the bonds that they are about to become: otherwise
 * it would go with its winner and leave behind what it was linked with.
 */
export function withFolded<E extends { a: string; b: string; decision: string; origin: EdgeOrigin }>(
  edges: readonly E[],
  records: ReadonlyMap<string, Pick<MemberRecord, 'goldenId' | 'mergedInto'>>,
): E[] {
  return edges.map((edge) => {
    const [a, b] = [records.get(edge.a), records.get(edge.b)];
    const folded = a && b && (a.mergedInto !== null || b.mergedInto !== null);
    const one = folded && a.goldenId !== null && a.goldenId === b.goldenId;
    return one && edge.decision === 'link' ? { ...edge, origin: 'bond' } : edge;
  });
}

/**
 * Bonds are facts, not evidence: a copy that the hub made, or a record that was merged away in its tool, says nothing about
 * who it is, so it neither supports nor weakens a cluster; it goes where its bonds lead. Two speaking records that silent
 * ones hold together were declared one by somebody (a merge in the tool), unless a person keeps them apart here. A record that a
 * person's decision names (`decided`) has its own place, silent or not. What was merged into a record that went before the hub saw
 * it hangs together through that one: bonds lead through keys that are no record.
 */
export function bundle(
  records: readonly Pick<MemberRecord, 'key' | 'opinions'>[],
  edges: readonly { a: string; b: string; origin: EdgeOrigin }[],
  aparts: readonly [string, string][],
  decided: ReadonlySet<string> = new Set(),
): Bundle {
  const known = new Map(
    records.map(({ key, opinions }) => [key, Object.keys(opinions).length > 0 || decided.has(key)]),
  );
  const next = new Map<string, string[]>();
  for (const { a, b, origin } of edges) {
    if (origin !== 'bond') continue;
    next.set(a, [...(next.get(a) ?? []), b].sort());
    next.set(b, [...(next.get(b) ?? []), a].sort());
  }
  const keys = [...known.keys()].sort();
  const speaking = keys.filter((key) => known.get(key));
  const kept = new Set(aparts.flatMap(([a, b]) => [`${a}\n${b}`, `${b}\n${a}`]));

  /** Speaking records that a path of silent ones leads to, nearest first. */
  const reached = (start: string): string[] => {
    const seen = new Set([start]);
    const found: string[] = [];
    let frontier = [start];
    while (frontier.length > 0) {
      const further: string[] = [];
      for (const key of frontier)
        for (const other of next.get(key) ?? []) {
          if (seen.has(other)) continue;
          seen.add(other);
          if (known.get(other)) found.push(other);
          else further.push(other);
        }
      frontier = further;
    }
    return found;
  };

  const links = speaking.flatMap((a) =>
    reached(a)
      .filter((b) => a < b && !kept.has(`${a}\n${b}`))
      .map((b) => [a, b] as [string, string]),
  );
  return {
    speaking,
    links,
    complete(clusters) {
      const homes = new Map(clusters.flatMap((members, i) => members.map((key) => [key, i] as const)));
      const full = clusters.map((members) => [...members]);
      const orphans: string[] = [];
      for (const key of keys) {
        if (known.get(key)) continue;
        const home = reached(key)[0];
        if (home === undefined) orphans.push(key);
        else full[homes.get(home)!]!.push(key);
      }
      return [...full.map((members) => members.sort()), ...together(orphans, next)];
    },
  };
}

/** Silent records that nothing else holds: those bound to each other, or through keys that are no record, stay together. */
function together(keys: readonly string[], next: ReadonlyMap<string, string[]>): string[][] {
  const left = new Set(keys);
  const records = new Set(keys);
  const groups: string[][] = [];
  for (const start of keys) {
    if (!left.delete(start)) continue;
    const way = [start];
    const seen = new Set(way);
    for (const key of way)
      for (const other of next.get(key) ?? []) {
        if (seen.has(other)) continue;
        seen.add(other);
        way.push(other);
        left.delete(other);
      }
    groups.push(way.filter((key) => records.has(key)).sort());
  }
  return groups;
}
