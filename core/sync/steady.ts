import { sameJson } from '../model/value.ts';
import type { Db } from '../store/db.ts';
import { decisionsAbout } from '../store/decisions.ts';
import { preparedOf } from '../store/matching.ts';
import { type MemberRecord, membersOfGolden, stampedAs } from '../store/records.ts';
import { matchInputs } from './inputs.ts';
import type { Lane } from './intents.ts';
import { type Merged, mergeClusters } from './merge.ts';
import type { Engine, Sync } from './ports.ts';

/**
 * Those of the records whose match cannot have changed: their form for matching is what it was, and nothing else asks for it
 * (`rescore`). Most edits are such: a title, a stage, a score.
 */
export async function steadyAmong(
  tx: Db,
  sync: Sync,
  dirty: readonly MemberRecord[],
): Promise<MemberRecord[]> {
  const calm = dirty.filter(({ rescore, goldenId }) => !rescore && goldenId !== null);
  if (calm.length === 0) return [];
  const [{ inputs }, before] = await Promise.all([
    matchInputs(tx, sync.entity, calm),
    preparedOf(
      tx,
      calm.map(({ key }) => key),
    ),
  ]);
  const same = new Set(
    inputs
      .filter(({ id }) => before.has(id))
      // Through JSON, as the store keeps it.
      .filter((input) =>
        sameJson(JSON.parse(JSON.stringify(sync.matcher.prepare(input))), before.get(input.id)),
      )
      .map(({ id }) => id),
  );
  return calm.filter(({ key }) => same.has(key));
}

/** Merges their golden records again, without looking for matches. In a transaction that holds the entity. */
export async function mergeSteady(
  tx: Db,
  engine: Engine,
  sync: Sync,
  steady: readonly MemberRecord[],
  lane: Lane,
): Promise<Merged> {
  const members = await membersOfGolden(tx, [...new Set(steady.map(({ goldenId }) => goldenId!))]);
  const clusters = [...Map.groupBy(members, ({ goldenId }) => goldenId).values()].map((group) =>
    group.map(({ key }) => key),
  );
  return mergeClusters(tx, engine, sync, {
    clusters,
    records: stampedAs(steady, members),
    changed: new Map(steady.map(({ key }) => [key, undefined])),
    decisions: await decisionsAbout(
      tx,
      members.map(({ key }) => key),
    ),
    lane,
  });
}
