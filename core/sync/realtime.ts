import { type Change, ConnectorError } from '../../connectors/contract.ts';
import { cursorOf } from '../store/cursors.ts';
import { countGolden } from '../store/goldens.ts';
import { claimInbox, finishInbox, type InboxRow, newInbox, waitingInbox } from '../store/inbox.ts';
import { countChanging, countOutbox } from '../store/outbox.ts';
import { everDelivered, runsOf, unfinishedRuns } from '../store/runs.ts';
import { commitChanges } from './commit.ts';
import { confirmPage } from './confirm.ts';
import { deliverBatch } from './deliver.ts';
import { guard } from './guard.ts';
import { LANE } from './intents.ts';
import type { Engine, Member, Sync } from './ports.ts';
import { lookUpTouched } from './pull.ts';
import { lookUpUnknown } from './recover.ts';
import { resolvePage } from './resolve.ts';

/** Webhooks taken in one step. */
const INBOX_PAGE = 100;

export interface PumpOptions {
  signal: AbortSignal;
  /** Is this sync to write back at once? The others leave that to their next run. */
  realtime(sync: Sync): boolean;
}

/** A webhook whose changes are in every tool of its realtime syncs. */
export interface Latency {
  id: string;
  connection: string;
  /** From its commit to the end of the writing. */
  milliseconds: number;
}

export interface Pumped {
  /** Webhooks whose changes are in the records now. */
  events: number;
  changes: number;
  created: number;
  updated: number;
  latencies: Latency[];
  /** What kept something from being done now; it stays in the inbox or the outbox, and the next pump or run goes on. */
  left: { sync?: string; connection?: string; code: string; message: string }[];
}

/**
 * Takes what webhooks said through the one pipe: records, matching, golden records, deliveries. Works until the inbox is empty
 * and nothing is due. Several at once do no harm: a row is finished by one of them, and so is a write.
 */
export async function pump(engine: Engine, syncs: readonly Sync[], options: PumpOptions): Promise<Pumped> {
  const result: Pumped = { events: 0, changes: 0, created: 0, updated: 0, latencies: [], left: [] };
  for (const { connection } of await waitingInbox(engine.db))
    for (;;) {
      if (options.signal.aborted) return result;
      const batch = await takeIn(engine, syncs, connection, options.signal, result);
      if (batch.length === 0) break;
      await writeBack(engine, syncs, batch, options, result);
    }
  return result;
}

interface Taken {
  row: InboxRow;
  /** Names of the syncs that its changes concern. */
  syncs: Set<string>;
}

/** One page of a connection's webhooks into the records, its rows finished in the same transaction. */
async function takeIn(
  engine: Engine,
  syncs: readonly Sync[],
  connection: string,
  signal: AbortSignal,
  result: Pumped,
): Promise<Taken[]> {
  const rows = await newInbox(engine.db, connection, INBOX_PAGE);
  if (rows.length === 0) return [];
  const concerned = syncs.flatMap((sync) =>
    sync.members
      .filter(({ mapping }) => mapping.connection === connection)
      .map((member) => ({ sync, member, said: saidOf(rows, member) }))
      .filter(({ said }) => said.length > 0),
  );
  const asked = engine.now().toISOString();
  const looked: { sync: Sync; member: Member; changes: Change[] }[] = [];
  try {
    for (const { sync, member, said } of concerned)
      looked.push({ sync, member, changes: await lookUpTouched(member, said, signal, engine.now()) });
  } catch (error) {
    if (!(error instanceof ConnectorError)) throw error;
    result.left.push({ connection, code: error.kind, message: error.message });
    return [];
  }
  const claimed = await engine.db.transaction(async (tx) => {
    const mine = await claimInbox(
      tx,
      rows.map(({ id }) => id),
    );
    if (mine.size === 0) return mine;
    for (const { sync, member, changes } of looked)
      result.changes += (
        await commitChanges(tx, engine, sync, member, changes, { readBack: false, asked })
      ).read;
    await finishInbox(tx, [...mine]);
    return mine;
  });
  result.events += claimed.size;
  return rows
    .filter(({ id }) => claimed.has(id))
    .map((row) => ({
      row,
      syncs: new Set(
        concerned
          .filter(({ member }) => row.changes.some(({ stream }) => stream === member.mapping.object))
          .map(({ sync }) => sync.name),
      ),
    }));
}

/** In order of arrival; of several hints to look at one record, one is enough. */
function saidOf(rows: readonly InboxRow[], { mapping }: Member): Change[] {
  const touched = new Set<string>();
  return rows
    .flatMap(({ changes }) => changes)
    .filter((change) => {
      if (change.stream !== mapping.object) return false;
      if (change.op !== 'touch') return true;
      if (touched.has(change.id)) return false;
      touched.add(change.id);
      return true;
    });
}

/** Matches, merges and delivers what the batch changed, for its realtime syncs; a reference may concern the others too. */
async function writeBack(
  engine: Engine,
  syncs: readonly Sync[],
  batch: readonly Taken[],
  options: PumpOptions,
  result: Pumped,
): Promise<void> {
  const written = new Map<string, boolean>();
  const named = new Set(batch.flatMap(({ syncs: names }) => [...names]));
  for (const sync of syncs) {
    if (!named.has(sync.name) || !options.realtime(sync)) continue;
    while (!options.signal.aborted && (await resolvePage(engine, sync, LANE.realtime)).records > 0);
    const obstacle = await obstacleTo(engine, sync);
    if (obstacle) result.left.push({ sync: sync.name, ...obstacle });
    written.set(sync.name, !obstacle && (await deliverAll(engine, sync, options.signal, result)));
  }
  const now = engine.now().getTime();
  for (const { row, syncs: names } of batch)
    if (names.size > 0 && [...names].every((name) => written.get(name)))
      result.latencies.push({
        id: row.id,
        connection: row.connection,
        milliseconds: now - Date.parse(row.receivedAt),
      });
}

/**
 * What became due since: waits that are over, orphans of dead processes, records that nobody resolved. For sweeps. Syncs that are
 * being run somewhere are left to that run.
 */
export async function writeDue(
  engine: Engine,
  syncs: readonly Sync[],
  options: PumpOptions,
): Promise<Pick<Pumped, 'created' | 'updated' | 'left'>> {
  const result: Pumped = { events: 0, changes: 0, created: 0, updated: 0, latencies: [], left: [] };
  for (const sync of syncs) {
    if (options.signal.aborted || !options.realtime(sync) || (await isRunning(engine, sync))) continue;
    while (!options.signal.aborted && (await resolvePage(engine, sync, LANE.incremental)).records > 0);
    const obstacle = await obstacleTo(engine, sync);
    if (obstacle) {
      result.left.push({ sync: sync.name, ...obstacle });
      continue;
    }
    for (const member of sync.members)
      if (member.writes)
        await attempt(
          member,
          () => lookUpUnknown(engine, sync, member, options.signal),
          (_, { kind, message }) =>
            result.left.push({ sync: sync.name, connection: member.tool.name, code: kind, message }),
        );
    await deliverAll(engine, sync, options.signal, result);
  }
  return result;
}

/** Is the sync being run, here or in another living process? */
async function isRunning(engine: Engine, sync: Sync): Promise<boolean> {
  for (const run of await unfinishedRuns(engine.db))
    if (run.sync === sync.name && run.owner !== null && (await engine.isAlive(run.owner))) return true;
  return false;
}

/**
 * Why this sync may not write now, if it may not: a tool whose records are not all known yet (a create could be a duplicate),
 * or a guard, whose halt a webhook must not slip past.
 */
async function obstacleTo(
  engine: Engine,
  sync: Sync,
): Promise<{ code: string; message: string } | undefined> {
  for (const { reads, mapping } of sync.members)
    if (reads && !(await cursorOf(engine.db, mapping.name))?.complete)
      return {
        code: 'not-read',
        message: `${mapping.connection} ${mapping.object} has not been read to its end yet`,
      };
  const runs = (await runsOf(engine.db, sync.name, 50)).filter(({ mode }) => mode !== 'plan');
  const last = runs.find(({ status }) => status !== 'running');
  if (last?.status === 'halted')
    return { code: 'halted', message: `run ${last.id} was halted by a guard and waits for approval` };
  const writers = sync.members.filter(({ writes }) => writes).map(({ mapping }) => mapping.name);
  return guard(sync.guards, {
    first: !(await everDelivered(engine.db, sync.name)),
    changing: await countChanging(engine.db, writers),
    golden: await countGolden(engine.db, sync.entity.name),
  });
}

/** Delivers until nothing is due now. false: something is left for the next run, with its reason. */
async function deliverAll(engine: Engine, sync: Sync, signal: AbortSignal, result: Pumped): Promise<boolean> {
  const writers = sync.members.filter(({ writes }) => writes);
  const failed = new Set<Member>();
  const broken = (member: Member, error: ConnectorError) => {
    failed.add(member);
    result.left.push({
      sync: sync.name,
      connection: member.tool.name,
      code: error.kind,
      message: error.message,
    });
  };
  for (;;) {
    let worked = 0;
    for (const member of writers)
      for (const op of ['create', 'update'] as const) {
        if (signal.aborted) return false;
        if (failed.has(member)) continue;
        const sent = await deliverBatch(engine, sync, member, op, signal);
        worked += sent.claimed;
        result.created += sent.created;
        result.updated += sent.updated;
        if (sent.failure) broken(member, sent.failure);
        // A run in hand looks unknown rows up itself; two at once could both find nothing, and both send again.
        if (sent.unknown > 0 && !(await isRunning(engine, sync)))
          await attempt(member, () => lookUpUnknown(engine, sync, member, signal), broken);
      }
    worked += (await resolvePage(engine, sync, LANE.realtime)).records;
    if (worked > 0) continue;
    for (const member of writers)
      if (!failed.has(member))
        await attempt(
          member,
          async () => {
            worked += await confirmPage(engine, sync, member, signal);
          },
          broken,
        );
    if (worked === 0) break;
  }
  const open = await countOutbox(
    engine.db,
    writers.map(({ mapping }) => mapping.name),
  );
  return failed.size === 0 && !open.some(({ state }) => state === 'pending' || state === 'unknown');
}

async function attempt(
  member: Member,
  work: () => Promise<unknown>,
  broken: (member: Member, error: ConnectorError) => void,
): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof ConnectorError)) throw error;
    broken(member, error);
  }
}
