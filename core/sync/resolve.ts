import { cluster } from '../match/cluster.ts';
import type { Prepared } from '../match/prepared.ts';
import type { Comparison, Edge } from '../match/types.ts';
import { type Db, together } from '../store/db.ts';
import { decisionsAbout } from '../store/decisions.ts';
import { countMatched, crowdDoubts, recountMatched } from '../store/matched.ts';
import {
  BOND_WEIGHT,
  bond,
  changeKeys,
  closeReviewsWithin,
  edgesAmong,
  linkedPairs,
  neighbours,
  preparedOf,
  type ReviewRow,
  replaceEdges,
  replaceReviews,
  savePrepared,
} from '../store/matching.ts';
import { dirtyRecords, type MemberRecord, markDirty, membersByKey, stampedAs } from '../store/records.ts';
import { bundle, withFolded } from './bonds.ts';
import { candidates, keysOfPage } from './candidates.ts';
import { matchInputs } from './inputs.ts';
import type { Lane } from './intents.ts';
import { type Act, type Merged, mergeClusters } from './merge.ts';
import type { Engine, Sync } from './ports.ts';
import { mergeSteady, steadyAmong } from './steady.ts';

/** Records resolved in one step: short enough for a Worker, long enough for set-based SQL to pay. */
export const RESOLVE_PAGE = 500;
/** A cluster never grows beyond this; what would make it larger goes to review. */
export const MAX_CLUSTER = 100;

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
  const [before, crowd] = await together([neighbours(tx, keys), crowdOf(tx, sync, dirty, engine.now(), act)]);
  const { fresh, scored, reopened } = await rekey(tx, sync, dirty);
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
  // Who is only doubted is no part of the scope, and another golden record's for sure.
  const inside = new Set(scope);
  // What was merged into a record that went before the hub saw it has no two to look at.
  const among = edges.filter(({ a, b }) => records.has(a) && records.has(b));
  const beyond = scored.filter(({ a, b }) => !inside.has(a) || !inside.has(b));
  // The database writes down who is in doubt while this process works out the golden records.
  const [, , doubted, merged] = await together([
    markDirty(tx, reopened),
    closeReviewsWithin(tx, clusters),
    replaceReviews(
      tx,
      sync.entity.name,
      keys,
      doubts(clusters, [...among, ...beyond], refused, pairs('apart'), crowd, sync.matcher.review),
      engine.now().toISOString(),
    ),
    mergeClusters(tx, engine, sync, {
      clusters,
      records,
      changed: new Set(fresh.keys()),
      decisions,
      lane,
      ...(act ? { act } : {}),
    }),
  ]);
  engine.notes?.doubted(doubted);
  return { records: dirty.length, more: true, reviews: doubted.length, ...merged };
}

/**
 * Bits that doubts lose among as many records as there are with these. Where they are others than before, all doubts are weighed anew: not
 * while somebody waits, a webhook or a person.
 */
async function crowdOf(
  tx: Db,
  sync: Sync,
  dirty: readonly MemberRecord[],
  at: Date,
  act?: Act,
): Promise<number> {
  const { matcher, entity } = sync;
  const more = dirty.filter(({ goldenId }) => goldenId === null).length;
  const { records, crowd } = await countMatched(tx, entity.name, more);
  if (matcher.crowd(records) === crowd || act || dirty.some(({ since }) => since !== null)) return crowd;
  // Some of those that were counted may have gone since.
  const now = matcher.crowd(await recountMatched(tx, entity.name, more));
  if (now !== crowd)
    await crowdDoubts(tx, entity.name, { from: crowd, to: now }, matcher.review, at.toISOString());
  return now;
}

/**
 * New blocking keys, then the edges of these records to every record they share a key with. Returns the records' prepared forms,
 * those edges, and others whose candidates are not what they were.
 */
async function rekey(
  tx: Db,
  sync: Sync,
  dirty: readonly MemberRecord[],
): Promise<{ fresh: Map<string, Prepared>; scored: Edge[]; reopened: string[] }> {
  const { matcher, entity } = sync;
  const ids = dirty.map((record) => record.key);
  const { inputs } = await matchInputs(tx, entity, dirty);
  const page = keysOfPage(matcher, entity.name, inputs);
  const resolved = new Set(dirty.filter(({ goldenId }) => goldenId !== null).map(({ key }) => key));
  const { pairs, opened, closed, gone, come } = await candidates(tx, page, resolved);
  const known = new Map(page.rows.map(({ record, prepared }) => [record, prepared]));
  const strangers = new Set<string>();
  for (const list of pairs.values()) for (const id of list) if (!known.has(id)) strangers.add(id);
  const edited = dirty
    .filter(({ opinions }) => Object.values(opinions).some((opinion) => opinion.edit))
    .map(({ key }) => key);
  const folded = dirty.flatMap(({ key, mergedInto }) => (mergedInto === null ? [] : [key, mergedInto]));
  // The database stores keys and forms while this process compares what was read before.
  const [scored, , , tied, held, carried] = await together([
    preparedOf(tx, [...strangers]).then((found) => score(sync, pairs, new Map([...found, ...known]))),
    changeKeys(tx, gone, come),
    savePrepared(tx, known.values()),
    tiedAmong(tx, closed),
    linkedPairs(tx, edited),
    linkedPairs(tx, folded),
  ]);
  await replaceEdges(tx, entity.name, ids, scored);
  await bond(tx, entity.name, [...outgrown(held, scored), ...carried.map(pairOf)]);
  return { fresh: known, scored, reopened: [...opened, ...tied] };
}

/** Of records that a key proposes to each other no longer, those that a score ties: for the others nothing changes. */
async function tiedAmong(tx: Db, blocks: readonly string[][]): Promise<Set<string>> {
  const edges = (await edgesAmong(tx, [...new Set(blocks.flat())])).filter(
    ({ origin }) => origin === 'score',
  );
  const tied = new Set<string>();
  for (const block of blocks) {
    const members = new Set(block);
    for (const { a, b } of edges) if (members.has(a) && members.has(b)) tied.add(a).add(b);
  }
  return tied;
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
  pairs: ReadonlyMap<string, ReadonlySet<string>>,
  known: ReadonlyMap<string, Prepared>,
): Edge[] {
  const edges: Edge[] = [];
  for (const [one, list] of pairs)
    for (const other of list) {
      // Two of the page may be in each other's list.
      if (other < one && pairs.get(other)?.has(one)) continue;
      const [a, b] = one < other ? [one, other] : [other, one];
      const left = known.get(a);
      const right = known.get(b);
      if (left === undefined || right === undefined) continue;
      const result: Comparison = sync.matcher.compare(left, right);
      if (result.decision !== 'apart') edges.push({ a, b, weight: result.weight, decision: result.decision });
    }
  return edges;
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

/** Pairs a person should look at: scored as doubtful among so many, or alike but refused; not those already together or kept apart. */
function doubts(
  clusters: readonly string[][],
  edges: readonly Edge[],
  refused: readonly { a: string; b: string; reason: string }[],
  aparts: readonly [string, string][],
  crowd: number,
  review: number,
): ReviewRow[] {
  const home = new Map(clusters.flatMap((members, i) => members.map((id) => [id, i] as const)));
  const pair = (a: string, b: string) => (a < b ? `${a}\n${b}` : `${b}\n${a}`);
  const kept = new Set(aparts.map(([a, b]) => pair(a, b)));
  const reasons = new Map(refused.map(({ a, b, reason }) => [pair(a, b), reason]));
  return edges
    .filter(({ a, b }) => home.get(a) !== home.get(b) && !kept.has(pair(a, b)))
    .map((edge) => (edge.weight < BOND_WEIGHT ? { ...edge, weight: edge.weight - crowd } : edge))
    .filter(
      ({ a, b, weight, decision }) => decision === 'link' || reasons.has(pair(a, b)) || weight >= review,
    )
    .map(({ a, b, weight, decision }) => ({
      a,
      b,
      weight,
      reason:
        reasons.get(pair(a, b)) ??
        (decision === 'review' ? 'doubtful score' : 'alike, but its cluster is not'),
    }));
}
