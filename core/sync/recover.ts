import type { Change, Fields } from '../../connectors/contract.ts';
import { isEmpty } from '../model/value.ts';
import { askRescan } from '../store/cursors.ts';
import { inboxOwners, orphanInbox } from '../store/inbox.ts';
import type { OutboxRow } from '../store/outbox.ts';
import {
  forgottenToUnknown,
  orphanToUnknown,
  releaseStillUnknown,
  sendingBy,
  sendingOwners,
  unknownOutbox,
} from '../store/outbox-flight.ts';
import { tryOf } from './claim.ts';
import { commitChanges } from './commit.ts';
import { rememberLate } from './late.ts';
import { lookUp } from './lookup.ts';
import { payOwed } from './owed.ts';
import type { Engine, Member, Sync } from './ports.ts';

/**
 * Rows that a dead process was sending (nobody knows whether the tool got them), and webhooks that it was taking in. Called when a
 * run starts, and by sweeps. Returns how many there were.
 */
export async function recoverOrphans(engine: Engine): Promise<number> {
  await payOwed(engine);
  let found = 0;
  const dead = async (owner: string) => owner !== engine.owner && !(await engine.isAlive(owner));
  for (const owner of await sendingOwners(engine.db))
    if (owner === engine.owner) found += await recoverForgotten(engine);
    else if (await dead(owner)) found += await orphanToUnknown(engine.db, owner, engine.now().toISOString());
  for (const owner of await inboxOwners(engine.db))
    if (await dead(owner)) found += await orphanInbox(engine.db, owner);
  return found;
}

/** Claimed by a commit whose answer got lost, so that nobody sends them: they are looked up, and due again. */
async function recoverForgotten({ db, owner, inHand, now }: Engine): Promise<number> {
  if (!inHand) return 0;
  const forgotten = (await sendingBy(db, owner)).filter((row) => !inHand.has(tryOf(row)));
  return forgottenToUnknown(db, forgotten, now().toISOString());
}

/**
 * Looks up what was sent without an answer, before anything is sent again. Found: it is taken in as our own. Not found: it
 * is due again. A create that has nothing to be looked up by makes the stream be read anew from the start
 * (`rescan`), after which it is due again if no record turned up. Returns how many rows were settled.
 */
export async function lookUpUnknown(
  engine: Engine,
  sync: Sync,
  member: Member,
  signal: AbortSignal,
): Promise<{ settled: number; rescan: boolean }> {
  const rows = await unknownOutbox(engine.db, member.mapping.name, 1000);
  let settled = 0;
  let rescan = false;
  const updates = rows.filter((row) => row.op === 'update');
  const byId = member.stream.read ? member.stream.read.lookupBy[0] : undefined;
  if (byId !== undefined && updates.length > 0) {
    const ids = updates.map((row) => decodeURIComponent(row.target.split('/')[2]!));
    const asked = engine.now().toISOString();
    const found = await lookUp(member, byId, ids, signal, { whose: true });
    settled += await take(engine, sync, member, found, updates, { asked, whose: true });
  }
  // Deleted or not: a deletion that is sent twice does no harm, and its answer says.
  const deletes = rows.filter((row) => row.op === 'delete');
  await releaseUnknown(engine.db, engine, deletes);
  settled += deletes.length;
  const creates = Map.groupBy(
    rows.filter((row) => row.op === 'create'),
    (row) => lookupField(member, row.payload?.fields ?? {}),
  );
  for (const [field, list] of creates) {
    if (field === undefined) {
      rescan = true;
      await askRescan(engine.db, member.mapping.name);
      continue;
    }
    const values = list.map((row) => String(row.payload!.fields[field]));
    const asked = engine.now().toISOString();
    // Many at once, as after a storm: whose an emptied field is gets asked of those few that have one, later.
    const found = await lookUp(member, field, values, signal);
    settled += await take(engine, sync, member, found, list, { asked });
  }
  return { settled, rescan };
}

/** Best first: the field with our own id, a unique one, then any that the tool can look up dependably. */
function lookupField({ stream, idField }: Member, fields: Fields): string | undefined {
  if (stream.read === false) return undefined;
  const usable = stream.read.lookupBy.filter((name) => !isEmpty(fields[name] as string | null));
  if (idField && usable.includes(idField)) return idField;
  const unique = new Set(stream.fields.filter((field) => field.unique).map((field) => field.name));
  return usable.find((name) => unique.has(name)) ?? usable[0];
}

async function take(
  engine: Engine,
  sync: Sync,
  member: Member,
  changes: Change[],
  rows: readonly OutboxRow[],
  how: { asked: string; whose?: boolean },
): Promise<number> {
  await engine.db.transaction(async (tx) => {
    await commitChanges(tx, engine, sync, member, changes, { readBack: false, ...how });
    await releaseUnknown(tx, engine, rows);
  });
  return rows.length;
}

/**
 * What was looked for and did not turn up is due again; what turned up was settled when its record was committed. Rows that
 * somebody else looked up and sent again meanwhile are left to them. What may land all the same is remembered.
 */
export async function releaseUnknown(
  tx: Engine['db'],
  engine: Engine,
  rows: readonly OutboxRow[],
): Promise<void> {
  const now = engine.now().toISOString();
  await releaseStillUnknown(tx, rows, now);
  await rememberLate(tx, rows, now);
}
