import { sameJson } from '../model/value.ts';
import type { Db } from '../store/db.ts';
import { type Decision, decisionsOfGolden } from '../store/decisions.ts';
import { type GoldenRow, goldensById } from '../store/goldens.ts';
import { preparedOf } from '../store/matching.ts';
import { goldenOfKeys, type MemberRecord, membersOfGolden, stampedAs } from '../store/records.ts';
import { matchInputs, targetsOf } from './inputs.ts';
import type { Lane } from './intents.ts';
import { type Merged, mergeClusters } from './merge.ts';
import type { Engine, Sync } from './ports.ts';

/** Records whose match cannot have changed, with what merging their golden records again needs. */
export interface Steady {
  records: MemberRecord[];
  /** All records of their golden records. */
  members: MemberRecord[];
  decisions: Decision[];
  goldens: ReadonlyMap<string, GoldenRow>;
  /** The golden ids of the records that all of them point to. */
  goldenOf: ReadonlyMap<string, string>;
}

/**
 * Those of the records whose match cannot have changed: their form for matching is what it was, and nothing else asks for it
 * (`rescore`). Most edits are such: a title, a stage, a score.
 */
export async function steadyAmong(tx: Db, sync: Sync, dirty: readonly MemberRecord[]): Promise<Steady> {
  const calm = dirty.filter(({ rescore, goldenId }) => !rescore && goldenId !== null);
  if (calm.length === 0)
    return { records: [], members: [], decisions: [], goldens: new Map(), goldenOf: new Map() };
  const homes = [...new Set(calm.map(({ goldenId }) => goldenId!))];
  const reading = membersOfGolden(tx, homes);
  // Sent together: a webhook's way is made of round trips.
  const [{ inputs }, before, members, decisions, goldens, goldenOf] = await Promise.all([
    matchInputs(tx, sync.entity, calm),
    preparedOf(
      tx,
      calm.map(({ key }) => key),
    ),
    reading,
    decisionsOfGolden(tx, homes),
    goldensById(tx, homes),
    reading.then((all) => goldenOfKeys(tx, targetsOf(sync.entity, all))),
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
  const records = calm.filter(({ key }) => same.has(key));
  const kept = new Set(records.map(({ goldenId }) => goldenId));
  return {
    records,
    members: members.filter(({ goldenId }) => kept.has(goldenId)),
    decisions,
    goldens,
    goldenOf,
  };
}

/** Merges their golden records again, without looking for matches. In a transaction that holds the entity. */
export function mergeSteady(
  tx: Db,
  engine: Engine,
  sync: Sync,
  { records, members, ...known }: Steady,
  lane: Lane,
): Promise<Merged> {
  const clusters = [...Map.groupBy(members, ({ goldenId }) => goldenId).values()].map((group) =>
    group.map(({ key }) => key),
  );
  return mergeClusters(tx, engine, sync, {
    clusters,
    records: stampedAs(records, members),
    changed: new Set(records.map(({ key }) => key)),
    ...known,
    lane,
  });
}
