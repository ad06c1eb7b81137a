import { BASES } from '../../../core/match/bases.ts';
import { assembled } from '../../../core/match/bulk/blocks.ts';
import { digester } from '../../../core/match/bulk/digest.ts';
import { BUCKETS, blocksOf } from '../../../core/match/bulk/group.ts';
import { scoredPairs } from '../../../core/match/bulk/pairs.ts';
import { recordReader } from '../../../core/match/bulk/records.ts';
import { recordStore } from '../../../core/match/bulk/store.ts';
import { crowd } from '../../../core/match/crowd.ts';
import { MAX_BLOCK, MAX_NAMESAKES } from '../../../core/match/keys.ts';
import { createMatcher } from '../../../core/match/matcher.ts';
import { DEFAULT_MODEL } from '../../../core/match/model.ts';
import type { Prepared } from '../../../core/match/prepared.ts';
import { scorer } from '../../../core/match/score.ts';
import type { Edge } from '../../../core/match/types.ts';
import { addHistory, saveGoldens } from '../../../core/store/goldens.ts';
import { countMatched, crowdDoubts } from '../../../core/store/matched.ts';
import { changeKeys, replaceEdges, replaceReviews, savePrepared } from '../../../core/store/matching.ts';
import { markDirty, saveRecords, settleRecords } from '../../../core/store/records.ts';
import { keysOfPage } from '../../../core/sync/candidates.ts';
import { changesBetween, goldenValues } from '../../../core/sync/goldenValues.ts';
import { LANE } from '../../../core/sync/intents.ts';
import type { StoredRecord } from '../../../core/sync/observe.ts';
import type { Engine, Sync } from '../../../core/sync/ports.ts';
import { resolvePage } from '../../../core/sync/resolve.ts';
import { entity, listedPeople } from '../people.ts';

const CHUNK = 5_000;

/** What the pipeline stores of so many listed people: the page's own step over each of them. */
export async function fillByPages(engine: Engine, sync: Sync, size: number): Promise<void> {
  for (let at = 0; at < size; at += CHUNK) {
    await saveRecords(engine.db, await listedPeople(at, Math.min(CHUNK, size - at)));
    await drain(engine, sync);
  }
}

export async function drain(engine: Engine, sync: Sync): Promise<void> {
  while ((await resolvePage(engine, sync, LANE.incremental)).records > 0);
}

/**
 * The same many times faster: nobody looks for candidates in the store. Each person is written as one who is alone, by the
 * statements of a step; whom each is like is found at once in memory, by what `cleanse` uses, and written last. Links are left to
 * the pipeline. `sameStores` says whether both ways come to the same.
 */
export async function fillAtOnce(engine: Engine, sync: Sync, size: number): Promise<void> {
  const { db } = engine;
  const digest = digester(entity, createMatcher(entity));
  const keys: string[] = [];
  let writing: Promise<unknown> = Promise.resolve();
  for (let at = 0; at < size; at += CHUNK) {
    const rows = await listedPeople(at, Math.min(CHUNK, size - at));
    const inputs = rows.map(({ key, connection, opinions }) => ({
      id: key,
      source: connection,
      values: Object.fromEntries(Object.entries(opinions).map(([name, { value }]) => [name, value])),
    }));
    for (const input of inputs) {
      digest.add(input);
      keys.push(input.id);
    }
    const page = keysOfPage(sync.matcher, entity.name, inputs);
    // The next people are made ready while these are written.
    await writing;
    writing = writeAlone(
      engine,
      rows,
      page.rows.map(({ prepared }) => prepared),
      page.rows.flatMap(({ record, keys }) => [...keys].map((key) => ({ record, key }))),
    );
  }
  await writing;
  const edges = edgesOf(digest, keys);
  const bits = crowd(DEFAULT_MODEL.person, size);
  await countMatched(db, entity.name, size);
  await crowdDoubts(
    db,
    entity.name,
    { from: 0, to: bits },
    DEFAULT_MODEL.person.review,
    engine.now().toISOString(),
  );
  for (let at = 0; at < edges.length; at += CHUNK) {
    const some = edges.slice(at, at + CHUNK);
    await replaceEdges(db, entity.name, [], some);
    const doubted = some.filter(({ decision }) => decision === 'review');
    const rows = doubted
      .map(({ a, b, weight }) => ({ a, b, weight: weight - bits, reason: 'doubtful score' }))
      .filter(({ weight }) => weight >= DEFAULT_MODEL.person.review);
    await replaceReviews(db, entity.name, [], rows, engine.now().toISOString());
  }
  await markDirty(
    db,
    edges.filter(({ decision }) => decision === 'link').flatMap(({ a, b }) => [a, b]),
  );
  await drain(engine, sync);
}

async function writeAlone(
  engine: Engine,
  records: readonly StoredRecord[],
  prepared: readonly Prepared[],
  keys: readonly { record: string; key: number }[],
): Promise<void> {
  const { db } = engine;
  const now = engine.now().toISOString();
  const made = records.map((record) => {
    const voices = {
      members: [{ ...record, bornAs: null, rescore: false, since: null, stamp: '' }],
      ...{ pins: {}, goldenOf: new Map(), before: [] },
    };
    return { ...goldenValues(entity, voices), id: engine.newId(), record };
  });
  await Promise.all([
    db.transaction(async (tx) => {
      await saveRecords(
        tx,
        made.map(({ id, record }) => ({ ...record, goldenId: id, dirty: false })),
      );
      await settleRecords(
        tx,
        made.map(({ id, record }) => ({
          key: record.key,
          stamp: '',
          goldenId: id,
          birth: 'here' as const,
          clean: true,
        })),
      );
    }),
    changeKeys(db, [], keys),
    savePrepared(db, prepared),
    saveGoldens(
      db,
      made.map(({ id, values, provenance }) => ({
        ...{ id, entity: entity.name, values, provenance, version: 1, aliasOf: null, live: true },
        ...{ createdAt: now, updatedAt: now },
      })),
    ),
    addHistory(
      db,
      made.map(({ id, values, provenance }) => ({
        ...{ goldenId: id, entity: entity.name, version: 1, kind: 'created' as const, at: now },
        detail: { changes: changesBetween({}, values), provenance },
      })),
    ),
  ]);
}

/** Every pair that the shipped model scores as alike or doubtful. */
function edgesOf(digest: ReturnType<typeof digester>, keys: readonly string[]): Edge[] {
  const portion = digest.end();
  const limits = { key: MAX_BLOCK, bareName: MAX_NAMESAKES };
  const blocks = assembled([blocksOf([portion.keys], 0, BUCKETS, limits)], keys.length, MAX_BLOCK);
  const found = scoredPairs(
    blocks,
    scorer(BASES.person, DEFAULT_MODEL.person),
    recordStore([portion.records], recordReader),
    new Int32Array(keys.length).fill(-1),
    0,
    blocks.order.length,
  );
  return Array.from(found.weight, (weight, i) => {
    const [x, y] = [keys[found.a[i]!]!, keys[found.b[i]!]!];
    const decision = found.link[i] === 1 ? 'link' : 'review';
    return { a: x < y ? x : y, b: x < y ? y : x, weight, decision };
  });
}
