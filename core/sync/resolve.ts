import { cluster } from '../match/cluster.ts';
import { MAX_BLOCK, MAX_NAMESAKES } from '../match/keys.ts';
import type { Comparison, Edge } from '../match/types.ts';
import type { Db } from '../store/db.ts';
import { decisionsAbout } from '../store/decisions.ts';
import { keyHash } from '../store/keyhash.ts';
import {
  blocks,
  bond,
  closeReviewsWithin,
  edgesAmong,
  keysOf,
  linkedPairs,
  neighbours,
  preparedOf,
  type ReviewRow,
  replaceEdges,
  replaceKeys,
  replaceReviews,
} from '../store/matching.ts';
import { dirtyRecords, type MemberRecord, markDirty, membersByKey, stampedAs } from '../store/records.ts';
import { bundle, withFolded } from './bonds.ts';
import { matchInputs } from './inputs.ts';
import type { Lane } from './intents.ts';
import { type Act, type Merged, mergeClusters } from './merge.ts';
import type { Engine, Sync } from './ports.ts';
import { mergeSteady, steadyAmong } from './steady.ts';

/** Records resolved in one step: short enough for a Worker, long enough for set-based SQL to pay. */
export const RESOLVE_PAGE = 500;
/** A cluster never grows beyond this; what would make it larger goes to review. */
export const MAX_CLUSTER = 100;

const EVERY_LIMIT = [MAX_BLOCK, MAX_NAMESAKES];

export interface Resolved extends Merged {
  records: number;
  /** Something may be left to resolve. */
  more: boolean;
  reviews: number;
}

/**
 * One step: takes a page of new or changed records, finds their candidates, scores, clusters and merges, and fills the
 * outbox, in one transaction. One writer per entity at a time. `records: 0` when nothing is left to resolve. Records whose match
 * cannot have changed take a shorter step of their own, and what webhooks changed (`urgent`) never waits for a backlog: it has
 * pages of its own.
 */
export async function resolvePage(
  engine: Engine,
  sync: Sync,
  lane: Lane,
  only: 'urgent' | 'any' = 'any',
): Promise<Resolved> {
  const resolved = await engine.db.transaction((tx) => resolveIn(tx, engine, sync, lane, only));
  if (resolved.told > 0) engine.told?.();
  return resolved;
}

/** The same in the caller's transaction, who calls `engine.told` after its commit. */
export async function resolveIn(
  tx: Db,
  engine: Engine,
  sync: Sync,
  lane: Lane,
  only: 'urgent' | 'any',
): Promise<Resolved> {
  // Sent together, carried out one after the other.
  const [, page] = await Promise.all([
    lockEntity(tx, sync.entity.name),
    dirtyRecords(tx, sync.entity.name, RESOLVE_PAGE),
  ]);
  const urgent = page.filter(({ since }) => since !== null);
  const dirty = urgent.length > 0 || only === 'urgent' ? urgent : page;
  if (dirty.length === 0) return { records: 0, reviews: 0, linked: 0, merged: 0, told: 0, more: false };
  const steady = await steadyAmong(tx, sync, dirty);
  const calm = steady.records.length;
  if (calm > 0)
    return {
      records: calm,
      reviews: 0,
      more: calm < page.length || page.length === RESOLVE_PAGE,
      ...(await mergeSteady(tx, engine, sync, steady, lane)),
    };
  return resolveRecords(tx, engine, sync, dirty, lane);
}

/** One writer per entity at a time: held until the transaction ends. */
export async function lockEntity(tx: Db, entity: string): Promise<void> {
  await tx.query(`select pg_advisory_xact_lock(hashtext($1))`, [`nayose.resolve.${entity}`]);
}

/** The same for exactly these records, in a transaction that holds the entity. `act`: what a person did just now, and is to see the outcome of. */
export async function resolveRecords(
  tx: Db,
  engine: Engine,
  sync: Sync,
  dirty: readonly MemberRecord[],
  lane: Lane,
  act?: Act,
): Promise<Resolved> {
  const keys = dirty.map((record) => record.key);
  // Who loses an edge to these records may have to find another place, as much as who gains one.
  const before = await neighbours(tx, keys);
  const { fresh, scored } = await rekey(tx, sync, dirty);
  const scope = await closure(tx, [...new Set([...keys, ...before])]);
  const records = stampedAs(dirty, (await membersByKey(tx, scope)).values());
  const settled = scope.filter((key) => !fresh.has(key));
  const prepared = new Map([...fresh, ...(await preparedOf(tx, settled))]);
  const edges = withFolded(await edgesAmong(tx, scope), records);
  const decisions = await decisionsAbout(tx, scope);
  const pairs = (kind: string) =>
    decisions.filter((d) => d.kind === kind).map((d) => [d.a, d.b!] as [string, string]);
  const decided = new Set(decisions.flatMap(({ kind, a, b }) => (kind === 'pin' ? [] : [a, b!])));
  const bound = bundle([...records.values()], edges, pairs('apart'), decided);
  const { clusters: speaking, refused } = cluster({
    ids: bound.speaking,
    edges: edges.filter((edge) => edge.origin === 'score'),
    contradicts: (a, b) => {
      const left = prepared.get(a);
      const right = prepared.get(b);
      return (
        left !== undefined &&
        right !== undefined &&
        sync.matcher.compare(left, right).contradiction !== undefined
      );
    },
    decisions: { links: pairs('link'), bonds: bound.links, aparts: pairs('apart') },
    maxSize: MAX_CLUSTER,
  });
  const clusters = bound.complete(speaking);
  const merged = await mergeClusters(tx, engine, sync, {
    clusters,
    records,
    changed: fresh,
    decisions,
    lane,
    ...(act ? { act } : {}),
  });
  await closeReviewsWithin(tx, clusters);
  // Who is only doubted is no part of the scope, and another golden record's for sure.
  const inside = new Set(scope);
  // What was merged into a record that went before the hub saw it has no two to look at.
  const among = edges.filter(({ a, b }) => records.has(a) && records.has(b));
  const beyond = scored.filter(({ a, b }) => !inside.has(a) || !inside.has(b));
  const doubted = await replaceReviews(
    tx,
    sync.entity.name,
    keys,
    doubts(clusters, [...among, ...beyond], refused, pairs('apart')),
    engine.now().toISOString(),
  );
  engine.notes?.doubted(doubted);
  return { records: dirty.length, more: true, reviews: doubted.length, ...merged };
}

/**
 * New blocking keys, then the edges of these records to every record they share a key with. Returns the records' prepared forms,
 * and those edges.
 */
async function rekey(
  tx: Db,
  sync: Sync,
  dirty: readonly MemberRecord[],
): Promise<{ fresh: Map<string, unknown>; scored: Edge[] }> {
  const { matcher, entity } = sync;
  const ids = dirty.map((record) => record.key);
  const { inputs } = await matchInputs(tx, entity, dirty);
  const limits = new Map<number, number>();
  const rows = inputs.map((input) => {
    const prepared = matcher.prepare(input);
    const keys = new Set<number>();
    for (const key of matcher.keys(prepared)) {
      const hash = keyHash(entity.name, key);
      keys.add(hash);
      limits.set(hash, Math.min(matcher.limit(key), limits.get(hash) ?? Number.POSITIVE_INFINITY));
    }
    return { record: input.id, prepared, keys: [...keys] };
  });
  const before = await keysOf(tx, ids);
  await replaceKeys(
    tx,
    rows.map(({ record, keys }) => ({ record, keys })),
  );

  const touched = new Map<number, number>();
  for (const { key } of before) touched.set(key, (touched.get(key) ?? 0) - 1);
  for (const { keys } of rows) for (const key of keys) touched.set(key, (touched.get(key) ?? 0) + 1);
  // Of a key that nobody of the page has any more only the number is known: whichever limit is its own, it may have crossed it.
  const limitsOf = (key: number) => {
    const known = limits.get(key);
    return known === undefined ? EVERY_LIMIT : [known];
  };
  const block = await blocks(
    tx,
    [...touched].map(([key, delta]) => ({ key, limit: Math.max(...limitsOf(key)) + Math.abs(delta) + 1 })),
  );
  await reopenCrossed(tx, touched, block, limitsOf, new Set(ids));

  const known = new Map<string, unknown>(rows.map((row) => [row.record, row.prepared]));
  const wanted = new Map<string, Set<string>>();
  for (const { record, keys } of rows)
    for (const key of keys) {
      const list = block.get(key) ?? [];
      if (list.length > limits.get(key)!) continue;
      for (const other of list) {
        if (other === record) continue;
        const [a, b] = record < other ? [record, other] : [other, record];
        const set = wanted.get(a) ?? new Set();
        set.add(b);
        wanted.set(a, set);
      }
    }
  const strangers = new Set<string>();
  for (const [a, list] of wanted) for (const id of [a, ...list]) if (!known.has(id)) strangers.add(id);
  for (const [id, prepared] of await preparedOf(tx, [...strangers])) known.set(id, prepared);
  const edited = dirty
    .filter(({ opinions }) => Object.values(opinions).some((opinion) => opinion.edit))
    .map(({ key }) => key);
  const folded = dirty.flatMap(({ key, mergedInto }) => (mergedInto === null ? [] : [key, mergedInto]));
  const [held, carried] = await Promise.all([linkedPairs(tx, edited), linkedPairs(tx, folded)]);
  const scored = score(sync, wanted, known);
  await replaceEdges(tx, entity.name, ids, scored);
  await bond(tx, entity.name, [...outgrown(held, scored), ...carried.map(pairOf)]);
  return { fresh: new Map(rows.map((row) => [row.record, row.prepared])), scored };
}

const pairOf = ({ a, b }: { a: string; b: string }): [string, string] => [a, b];

/**
 * Links of edited records that their new values have outgrown. Once two records are one, a change that somebody makes in one tool (a marriage, a new name
 * of a company) is news for the other: it never tears them apart. Only a person does that. So with a merge in a tool: what either
 * of the two records was linked with stays with them, however unlike all of them are.
 */
function outgrown(held: readonly { a: string; b: string }[], edges: readonly Edge[]): [string, string][] {
  const linked = new Set(edges.filter((edge) => edge.decision === 'link').map(({ a, b }) => `${a}\n${b}`));
  return held.filter(({ a, b }) => !linked.has(`${a}\n${b}`)).map(pairOf);
}

function score(
  sync: Sync,
  pairs: ReadonlyMap<string, Set<string>>,
  known: ReadonlyMap<string, unknown>,
): Edge[] {
  const edges: Edge[] = [];
  for (const [a, list] of pairs)
    for (const b of list) {
      const left = known.get(a);
      const right = known.get(b);
      if (left === undefined || right === undefined) continue;
      const result: Comparison = sync.matcher.compare(left, right);
      if (result.decision !== 'apart') edges.push({ a, b, weight: result.weight, decision: result.decision });
    }
  return edges;
}

/**
 * A key that became a hub value with this page (or ceased to be one) changes the candidates of records resolved before:
 * they are resolved again, so that the outcome does not depend on the order of arrival (law 5).
 */
async function reopenCrossed(
  tx: Db,
  touched: ReadonlyMap<number, number>,
  block: ReadonlyMap<number, string[]>,
  limitsOf: (key: number) => readonly number[],
  page: ReadonlySet<string>,
): Promise<void> {
  const again = new Set<string>();
  for (const [key, delta] of touched) {
    if (delta === 0) continue;
    const list = block.get(key) ?? [];
    if (limitsOf(key).some((limit) => list.length > limit !== list.length - delta > limit))
      for (const record of list) if (!page.has(record)) again.add(record);
  }
  await markDirty(tx, [...again]);
}

/** Everything that hangs together with these records by link edges, human links and golden records of now. */
async function closure(tx: Db, start: readonly string[]): Promise<string[]> {
  const seen = new Set(start);
  let frontier = [...start];
  while (frontier.length > 0) {
    const next = (await neighbours(tx, frontier)).filter((key) => !seen.has(key));
    frontier = [...new Set(next)];
    for (const key of frontier) seen.add(key);
  }
  return [...seen].sort();
}

/** Pairs a person should look at: scored as doubtful, or alike but refused; not those already together or kept apart. */
function doubts(
  clusters: readonly string[][],
  edges: readonly Edge[],
  refused: readonly { a: string; b: string; reason: string }[],
  aparts: readonly [string, string][],
): ReviewRow[] {
  const home = new Map(clusters.flatMap((members, i) => members.map((id) => [id, i] as const)));
  const pair = (a: string, b: string) => (a < b ? `${a}\n${b}` : `${b}\n${a}`);
  const kept = new Set(aparts.map(([a, b]) => pair(a, b)));
  const reasons = new Map(refused.map(({ a, b, reason }) => [pair(a, b), reason]));
  return edges
    .filter(({ a, b }) => home.get(a) !== home.get(b) && !kept.has(pair(a, b)))
    .map(({ a, b, weight, decision }) => ({
      a,
      b,
      weight,
      reason:
        reasons.get(pair(a, b)) ??
        (decision === 'review' ? 'doubtful score' : 'alike, but its cluster is not'),
    }));
}
