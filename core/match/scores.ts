import type { Model } from './model.ts';
import type { Comparison } from './types.ts';

/** Odds in bits as a probability. */
const probability = (bits: number) => 1 / (1 + 2 ** -bits);

/**
 * How surely each record belongs to its cluster: the weakest link on the strongest way from it to the cluster's core (its
 * strongest pair). Records at or above a score therefore still hang together when the others are dropped. A record
 * that is alone has none.
 */
export function scoresOf<Id>({
  clusters,
  edges,
  model,
}: {
  clusters: readonly (readonly Id[])[];
  edges: readonly { a: Id; b: Id; weight: number; decision: Comparison['decision'] }[];
  model: Pick<Model, 'link'>;
}): Map<Id, number> {
  const home = new Map(clusters.flatMap((members, i) => members.map((id) => [id, i] as const)));
  const links = new Map<Id, { to: Id; bits: number }[]>();
  const strongest: ({ a: Id; bits: number } | undefined)[] = clusters.map(() => undefined);
  for (const { a, b, weight, decision } of edges) {
    const cluster = home.get(a)!;
    if (cluster !== home.get(b)) continue;
    // A deterministic rule links whatever the weight: it is as good as the weight that links by itself.
    const bits = decision === 'link' ? Math.max(weight, model.link) : weight;
    for (const [from, to] of [
      [a, b],
      [b, a],
    ] as const) {
      const list = links.get(from);
      if (list) list.push({ to, bits });
      else links.set(from, [{ to, bits }]);
    }
    const best = strongest[cluster];
    if (best === undefined || bits > best.bits) strongest[cluster] = { a, bits };
  }
  const scores = new Map<Id, number>();
  for (const core of strongest) if (core) grow(core, links, scores);
  return scores;
}

/** Prim's way from the core outwards: every record is reached by its strongest way. */
function grow<Id>(
  core: { a: Id; bits: number },
  links: ReadonlyMap<Id, { to: Id; bits: number }[]>,
  scores: Map<Id, number>,
): void {
  const reached = new Map([[core.a, core.bits]]);
  for (;;) {
    let best: { to: Id; link: number; held: number } | undefined;
    for (const [from, held] of reached)
      for (const { to, bits } of links.get(from) ?? [])
        if (!reached.has(to) && (best === undefined || bits > best.link))
          best = { to, link: bits, held: Math.min(held, bits) };
    if (best === undefined) break;
    reached.set(best.to, best.held);
  }
  for (const [id, bits] of reached) scores.set(id, probability(bits));
}
