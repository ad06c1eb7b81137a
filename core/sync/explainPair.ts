import type { Prepared } from '../match/prepared.ts';
import type { Comparison, Matcher } from '../match/types.ts';
import type { Entity } from '../model/entity.ts';
import type { Values } from '../model/value.ts';
import type { Db } from '../store/db.ts';
import { actsById, type Decision, decisionsAbout } from '../store/decisions.ts';
import { displayName, waitingAmong } from '../store/explain.ts';
import { keyHash } from '../store/keyhash.ts';
import { matchedOf } from '../store/matched.ts';
import { blocks, type EdgeOrigin, edgesAmong, preparedOf } from '../store/matching.ts';
import { recordsByKey } from '../store/records.ts';
import { reviewOf, type StoredReview } from '../store/reviews.ts';
import { copiedIn } from './copied.ts';
import type { StoredRecord } from './observe.ts';
import { type Bar, barBetween, type Tie, wayBetween } from './pairParties.ts';

export interface PairSide {
  /** connection/object/id */
  record: string;
  golden: string | null;
  name: string;
  deleted: boolean;
  /** What its tool shows. */
  values: Values;
  /** Attributes whose value the hub wrote there, which says nothing. */
  copied: string[];
}

/** A step of the sum, in bits. The first is the prior; the last, where there is one, is what a doubt loses among so many records. */
export interface PairStep {
  comparison: string;
  level: string;
  bits: number;
  sum: number;
}

/** A kind of blocking key that both records have: what proposes them to each other, unless too many records have it. */
export interface SharedKey {
  kind: string;
  /** Records that have it; one more than the limit stands for any number beyond it. */
  records: number;
  limit: number;
}

export const PAIR_REASONS = [
  ...['a person', 'rule', 'score', 'tools', 'other records'],
  ...[
    'doubt',
    'made by the hub',
    'waits',
    'contradiction',
    'no key',
    'hub values',
    'too little',
    'chance',
    'refused',
  ],
] as const;
export type PairReason = (typeof PAIR_REASONS)[number];

export interface PairExplanation {
  entity: string;
  a: PairSide;
  b: PairSide;
  verdict: 'one' | 'in doubt' | 'two';
  why: PairReason;
  steps: PairStep[];
  /** Bits from which on a pair is linked, before the last step; and in doubt, after it. */
  link: number;
  review: number;
  /** Records of the entity that are matched. */
  among: number;
  rule: string | null;
  contradiction: string | null;
  keys: SharedKey[];
  /** Of people, about these two, with what they gave as their reason. */
  decisions: (Decision & { reason: string | null })[];
  /** One over other records: the shortest way from `a` to `b`. */
  way: Tie[];
  /** Alike and not one: what of their golden records bars that. */
  bar: Bar | null;
  doubt: Pick<StoredReview, 'state' | 'reason' | 'by' | 'decidedAt'> | null;
}

/**
 * Why two records are one, two, or in doubt: as they are stored now, by the weights in use. Called for people who ask. Writes nothing, and asks no
 * tool. A record that the hub made itself has no form for matching, and no sum, until somebody edits it. undefined: one of them is not known.
 */
export async function explainPair(
  db: Db,
  entity: Entity,
  matcher: Matcher,
  one: string,
  other: string,
): Promise<PairExplanation | undefined> {
  const [a, b] = one < other ? [one, other] : [other, one];
  const [records, forms, review, among, edges, waiting] = await Promise.all([
    recordsByKey(db, [a, b]),
    preparedOf(db, [a, b]),
    reviewOf(db, a, b),
    matchedOf(db, entity.name),
    edgesAmong(db, [a, b]),
    waitingAmong(db, [a, b]),
  ]);
  const [left, right, x, y] = [records.get(a), records.get(b), forms.get(a), forms.get(b)];
  if (!left || !right) return undefined;
  const said = (await decisionsAbout(db, [a, b])).filter(
    (one) => one.b !== null && [one.a, one.b].sort().join() === [a, b].join(),
  );
  const acts = await actsById(
    db,
    said.flatMap(({ act }) => act ?? []),
  );
  const decisions = said.map((one) => ({ ...one, reason: acts.get(one.act ?? '')?.reason ?? null }));
  const comparison = x && y ? matcher.compare(x, y) : undefined;
  const crowd = matcher.crowd(among);
  const keys = x && y ? await sharedKeys(db, entity, matcher, x, y) : [];
  const doubt =
    review === undefined
      ? null
      : { state: review.state, reason: review.reason, by: review.by, decidedAt: review.decidedAt };
  const waits = waiting.length > 0;
  const verdict = verdictOf(
    { left, right, waits, decisions, comparison, crowd, keys, doubt, edges },
    matcher.review,
  );
  return {
    entity: entity.name,
    a: sideOf(left),
    b: sideOf(right),
    ...verdict,
    // Links lose nothing for the number of records.
    steps:
      comparison === undefined
        ? []
        : stepsOf(comparison, verdict.verdict === 'one' || comparison.decision === 'link' ? 0 : crowd),
    link: matcher.link,
    review: matcher.review,
    among,
    rule: comparison?.rule ?? null,
    contradiction: comparison?.contradiction ?? null,
    keys,
    decisions,
    way: verdict.why === 'other records' ? await wayBetween(db, matcher, left.goldenId!, a, b) : [],
    bar:
      verdict.why === 'doubt' || verdict.why === 'refused'
        ? ((await barBetween(db, matcher, left, right)) ?? null)
        : null,
    doubt,
  };
}

interface Known extends Pick<PairExplanation, 'keys' | 'doubt'> {
  decisions: readonly Decision[];
  left: StoredRecord;
  right: StoredRecord;
  waits: boolean;
  comparison: Comparison | undefined;
  crowd: number;
  edges: readonly { origin: EdgeOrigin; decision: string }[];
}

function verdictOf(known: Known, review: number): Pick<PairExplanation, 'verdict' | 'why'> {
  const { left, right, decisions, comparison, crowd, keys, doubt } = known;
  const said = (kind: string) => decisions.some((decision) => decision.kind === kind);
  if (left.goldenId !== null && left.goldenId === right.goldenId) {
    const edge = known.edges.find(({ decision }) => decision === 'link');
    if (said('link')) return { verdict: 'one', why: 'a person' };
    if (edge?.origin === 'bond' || comparison === undefined) return { verdict: 'one', why: 'tools' };
    if (edge === undefined) return { verdict: 'one', why: 'other records' };
    return { verdict: 'one', why: comparison.rule === undefined ? 'score' : 'rule' };
  }
  if (said('apart')) return { verdict: 'two', why: 'a person' };
  if (doubt?.state === 'open' || doubt?.state === 'later') return { verdict: 'in doubt', why: 'doubt' };
  return { verdict: 'two', why: whyTwo() };

  function whyTwo(): PairReason {
    if (known.waits) return 'waits';
    if (comparison === undefined) return 'made by the hub';
    if (comparison.contradiction !== undefined) return 'contradiction';
    if (keys.length === 0) return 'no key';
    if (keys.every(({ records, limit }) => records > limit)) return 'hub values';
    if (comparison.decision === 'link') return 'refused';
    return comparison.weight < review
      ? 'too little'
      : comparison.weight - crowd < review
        ? 'chance'
        : 'refused';
  }
}

function stepsOf({ weight, levels }: Comparison, crowd: number): PairStep[] {
  const prior = levels.reduce((rest, { weight: bits }) => rest - bits, weight);
  const steps: PairStep[] = [{ comparison: 'prior', level: '', bits: prior, sum: prior }];
  const add = (comparison: string, level: string, bits: number) =>
    steps.push({ comparison, level, bits, sum: steps.at(-1)!.sum + bits });
  for (const { comparison, level, weight: bits } of levels) add(comparison, level, bits);
  if (crowd > 0) add('crowd', '', -crowd);
  return steps;
}

/** Of each kind of key that both have the one that fewest records have; those that propose the two first. */
async function sharedKeys(
  db: Db,
  entity: Entity,
  matcher: Matcher,
  x: Prepared,
  y: Prepared,
): Promise<SharedKey[]> {
  const theirs = new Set(matcher.keys(y));
  const shared = [...new Set(matcher.keys(x))]
    .filter((key) => theirs.has(key))
    .map((key) => ({
      kind: key.slice(0, key.indexOf(':')),
      key: keyHash(entity.name, key),
      limit: matcher.limit(key),
    }));
  const found = await blocks(
    db,
    shared.map(({ key, limit }) => ({ key, limit: limit + 1 })),
  );
  const sorted = shared
    .map(({ kind, key, limit }) => ({ kind, limit, records: found.get(key)?.length ?? 0 }))
    .sort((p, q) => Number(p.records > p.limit) - Number(q.records > q.limit) || p.records - q.records);
  return sorted.filter(({ kind }, i) => sorted.findIndex((other) => other.kind === kind) === i);
}

function sideOf(record: StoredRecord): PairSide {
  const { key, goldenId, deleted, seen } = record;
  return {
    ...{ record: key, golden: goldenId, name: displayName(seen), deleted },
    ...{ values: seen, copied: copiedIn(record) },
  };
}
