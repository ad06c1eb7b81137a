/** Who else has a say in whether two records are one: what ties them over other records, and what bars them. Reads only. */
import type { Prepared } from '../match/prepared.ts';
import type { Matcher } from '../match/types.ts';
import type { Db } from '../store/db.ts';
import { type Decision, decisionsOfGolden } from '../store/decisions.ts';
import { edgesAmong, preparedOf } from '../store/matching.ts';
import { recordsOfGolden } from '../store/records.ts';
import type { StoredRecord } from './observe.ts';

/** One step of the way from one record to the other. */
export interface Tie {
  a: string;
  b: string;
  why: 'a person' | 'rule' | 'score' | 'tools';
  rule: string | null;
  /** Of a person. */
  decision: Decision | null;
}

/** Two records, one of each side, that may not be one. */
export interface Bar {
  a: string;
  b: string;
  contradiction: string | null;
  /** Of a person, who keeps them apart. */
  decision: Decision | null;
}

/** Of golden records with more records than this the first are looked through. */
const MOST = 200;

/** The shortest way from `a` to `b` over the records of their golden record. Empty where nothing that is stored ties them any more. */
export async function wayBetween(
  db: Db,
  matcher: Matcher,
  golden: string,
  a: string,
  b: string,
): Promise<Tie[]> {
  const members = (await recordsOfGolden(db, [golden])).map(({ key }) => key);
  const [edges, decisions] = await Promise.all([edgesAmong(db, members), decisionsOfGolden(db, [golden])]);
  const ties = [
    ...decisions.flatMap((decision) =>
      decision.kind === 'link' && decision.b !== null ? [{ a: decision.a, b: decision.b, decision }] : [],
    ),
    ...edges.flatMap(({ a, b, origin, decision }) => (decision === 'link' ? [{ a, b, origin }] : [])),
  ];
  const cameBy = new Map<string, (typeof ties)[number]>();
  let ends = [a];
  const seen = new Set(ends);
  while (ends.length > 0 && !seen.has(b)) {
    const next: string[] = [];
    for (const end of ends)
      for (const tie of ties) {
        const other = tie.a === end ? tie.b : tie.b === end ? tie.a : undefined;
        if (other === undefined || seen.has(other)) continue;
        seen.add(other);
        cameBy.set(other, tie);
        next.push(other);
      }
    ends = next;
  }
  const way: { from: string; to: string; tie: (typeof ties)[number] }[] = [];
  for (let at = b; at !== a; ) {
    const tie = cameBy.get(at);
    if (tie === undefined) return [];
    const from = tie.a === at ? tie.b : tie.a;
    way.unshift({ from, to: at, tie });
    at = from;
  }
  const forms = await preparedOf(db, [...seen]);
  return way.map(({ from, to, tie }): Tie => {
    const named = { a: from, b: to, rule: null, decision: null };
    if ('decision' in tie) return { ...named, why: 'a person', decision: tie.decision };
    const [x, y] = [forms.get(from), forms.get(to)];
    if (tie.origin === 'bond' || x === undefined || y === undefined) return { ...named, why: 'tools' };
    const rule = matcher.compare(x, y).rule ?? null;
    return { ...named, why: rule === null ? 'score' : 'rule', rule };
  });
}

type Side = Pick<StoredRecord, 'key' | 'goldenId'>;

const goldenIdsOf = (sides: readonly Side[]) => sides.flatMap(({ goldenId }) => goldenId ?? []);

async function keysBeside(db: Db, side: Side): Promise<string[]> {
  const members = await recordsOfGolden(db, goldenIdsOf([side]));
  return members.map(({ key }) => key).slice(0, MOST);
}

/** What bars two golden records from becoming one, beside the pair itself: people first. undefined: nothing that is stored. */
export async function barBetween(db: Db, matcher: Matcher, a: Side, b: Side): Promise<Bar | undefined> {
  const [left, right] = await Promise.all([keysBeside(db, a), keysBeside(db, b)]);
  const isPair = (x: string, y: string) => x === a.key && y === b.key;
  const decisions = await decisionsOfGolden(db, goldenIdsOf([a, b]));
  for (const decision of decisions) {
    if (decision.kind !== 'apart' || decision.b === null) continue;
    for (const [x, y] of [
      [decision.a, decision.b],
      [decision.b, decision.a],
    ] as const)
      if (left.includes(x) && right.includes(y) && !isPair(x, y))
        return { a: x, b: y, contradiction: null, decision };
  }
  const forms: ReadonlyMap<string, Prepared> = await preparedOf(db, [...left, ...right]);
  for (const x of left)
    for (const y of right) {
      const [one, other] = [forms.get(x), forms.get(y)];
      if (isPair(x, y) || one === undefined || other === undefined) continue;
      const { contradiction } = matcher.compare(one, other);
      if (contradiction !== undefined) return { a: x, b: y, contradiction, decision: null };
    }
  return undefined;
}
