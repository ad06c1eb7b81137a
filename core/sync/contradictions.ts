import type { Decision } from '../store/decisions.ts';

export type Pair = [string, string];

const pairKey = (a: string, b: string) => (a < b ? `${a}\n${b}` : `${b}\n${a}`);

/**
 * The decisions in force that cannot stand beside new ones: links that join (through others, too) what is to be kept apart, and
 * keep-aparts within what is to be one. `inForce` must hold every link that hangs together with the records named, and every
 * keep-apart that names one of those. Pure; once these are ended, all that is left can hold at once.
 */
export function opposed(
  inForce: readonly Decision[],
  wanted: { links: readonly Pair[]; aparts: readonly Pair[] },
): Decision[] {
  const apart = new Set(wanted.aparts.map(([a, b]) => pairKey(a, b)));
  let links = inForce.filter(({ kind }) => kind === 'link');
  const ended: Decision[] = [];
  for (const [a, b] of wanted.aparts)
    for (;;) {
      const path = pathBetween(links, a, b);
      if (!path) break;
      // A link across the gap is the one that contradicts; else the newest of those that lead over it.
      const cut =
        path.find((link) => apart.has(pairKey(link.a, link.b!))) ??
        path.reduce((x, y) => (y.at > x.at || (y.at === x.at && y.id > x.id) ? y : x));
      ended.push(cut);
      links = links.filter((link) => link !== cut);
    }
  const home = components([...links.map(({ a, b }): Pair => [a, b!]), ...wanted.links]);
  for (const decision of inForce)
    if (decision.kind === 'apart' && home(decision.a) === home(decision.b!)) ended.push(decision);
  return ended;
}

/** The links of a shortest way from a to b; undefined: there is none. */
function pathBetween(links: readonly Decision[], a: string, b: string): Decision[] | undefined {
  const ways = new Map<string, Decision[]>([[a, []]]);
  let frontier = [a];
  while (frontier.length > 0) {
    const further: string[] = [];
    for (const here of frontier)
      for (const link of links) {
        const there = link.a === here ? link.b! : link.b === here ? link.a : undefined;
        if (there === undefined || ways.has(there)) continue;
        ways.set(there, [...ways.get(here)!, link]);
        if (there === b) return ways.get(b);
        further.push(there);
      }
    frontier = further;
  }
  return undefined;
}

/** Record → the name of what these pairs join it to. */
export function components(pairs: readonly Pair[]): (key: string) => string {
  const parent = new Map<string, string>();
  const root = (key: string): string => {
    let at = key;
    while (parent.has(at)) at = parent.get(at)!;
    return at;
  };
  for (const [a, b] of pairs) {
    const [x, y] = [root(a), root(b)];
    if (x !== y) parent.set(x, y);
  }
  return root;
}

/** The fewest links that make these records one, whatever the scores say: each to the next. */
export const chain = (keys: readonly string[]): Pair[] =>
  keys.slice(1).map((key, i): Pair => [keys[i]!, key]);

/** Every pair of records from two different parts. */
export function across(parts: readonly (readonly string[])[]): Pair[] {
  return parts.flatMap((left, i) =>
    parts.slice(i + 1).flatMap((right) => left.flatMap((a) => right.map((b): Pair => [a, b]))),
  );
}
