import { type Change, ConnectorError } from '../../../connectors/contract.ts';
import { keyText, parseKey } from '../../model/record.ts';
import { askRescan } from '../../store/cursors.ts';
import { differencePage, type FoundDifference } from '../../store/differences.ts';
import { bond } from '../../store/matching.ts';
import { recordsByKey, recordsOfGolden } from '../../store/records.ts';
import { commitChanges } from '../commit.ts';
import { fillOutbox, LANE } from '../intents.ts';
import { lookUp } from '../lookup.ts';
import type { Engine, Member, Sync } from '../ports.ts';
import { notFound } from '../touched.ts';
import { REPAIRED } from './classes.ts';

const PAGE = 200;

/**
 * Repairs a page of what was found, by the one pipe: the records are looked up once more, and what the tool says is committed as a
 * pull's page is; the next run resolves and delivers. `after`: the last difference; null: that was all. Throws ConnectorError.
 */
export async function repairPage(
  engine: Engine,
  sync: Sync,
  reconcile: string,
  after: number,
  signal: AbortSignal,
): Promise<{ repaired: number; after: number | null }> {
  const found = await differencePage(engine.db, reconcile, after, PAGE, REPAIRED);
  if (found.length === 0) return { repaired: 0, after: null };
  const forgotten = found.filter(({ class: kind }) => kind === 'forgotten');
  const goldens = [...new Set(forgotten.flatMap(({ goldenId }) => goldenId ?? []))];
  if (goldens.length > 0)
    await engine.db.transaction((tx) => fillOutbox(tx, engine, sync, goldens, LANE.backfill));
  const rest = found.filter(({ class: kind }) => kind !== 'forgotten');
  for (const [name, rows] of Map.groupBy(rest, ({ mapping }) => mapping)) {
    const member = sync.members.find(({ mapping }) => mapping.name === name);
    if (member) await readAgain(engine, sync, member, rows, signal);
  }
  return { repaired: found.length, after: found.at(-1)!.id };
}

async function readAgain(
  engine: Engine,
  sync: Sync,
  member: Member,
  rows: readonly FoundDifference[],
  signal: AbortSignal,
): Promise<void> {
  const { connection, object, name } = member.mapping;
  const by = member.stream.read ? member.stream.read.lookupBy[0] : undefined;
  if (by === undefined) return askRescan(engine.db, name);
  const ids = [...new Set(rows.map(({ record }) => parseKey(record).id))];
  const now = engine.now();
  const asked = now.toISOString();
  const said = await lookUp(member, by, ids, signal);
  const answered = new Set(said.map(({ id }) => id));
  const keyOf = (id: string) => keyText({ connection, object, id });
  const stored = await recordsByKey(engine.db, ids.map(keyOf));
  // A value that changed without a time of its own is news as of the time that the hub knows.
  const changes = said.map((change): Change => {
    const at = stored.get(keyOf(change.id))?.at;
    return at !== undefined && at !== null && at > change.at ? { ...change, at } : change;
  });
  const gone = ids.filter((id) => !answered.has(id)).map((id) => notFound(member, id, now));
  const twins = rows.filter(({ class: kind, goldenId }) => kind === 'created-twice' && goldenId !== null);
  await engine.db.transaction(async (tx) => {
    await commitChanges(tx, engine, sync, member, [...changes, ...gone], { readBack: false, asked });
    const owners = await recordsOfGolden(tx, [...new Set(twins.map(({ goldenId }) => goldenId!))]);
    const bonds = twins.flatMap(({ record, goldenId }): [string, string][] => {
      const owner = owners.find((one) => one.goldenId === goldenId && one.key !== record && !one.mergedInto);
      return owner && answered.has(parseKey(record).id) ? [[record, owner.key]] : [];
    });
    await bond(tx, sync.entity.name, bonds);
  });
}

/** A tool's failure, as the reason why it could not be repaired or read. */
export const isToolFailure = (error: unknown): error is ConnectorError => error instanceof ConnectorError;
