import { waitingInbox } from '../store/inbox.ts';
import { unfinishedRuns } from '../store/runs.ts';
import { takeIn } from './intake.ts';
import { LANE } from './intents.ts';
import type { Engine, Sync } from './ports.ts';
import { resolvePage } from './resolve.ts';
import {
  anyAlive,
  type Errand,
  errandsOf,
  type Left,
  lookAfter,
  nothingWritten,
  type WroteBack,
  writeBack,
} from './writeBack.ts';

export type { Latency } from './writeBack.ts';

export interface PumpOptions {
  signal: AbortSignal;
  /** Is this sync to write back at once? The others leave that to their next run. */
  realtime(sync: Sync): boolean;
  /** See `TakeInOptions`. */
  isIdle?(tool: string): boolean;
}

export interface Pumped extends WroteBack {
  /** Webhooks whose changes are in the records now. */
  events: number;
  changes: number;
}

/**
 * Takes what webhooks said through the one pipe: records, matching, golden records, deliveries. Works until the inbox is empty
 * and nothing is due. Several at once do no harm: a row is finished by one of them, and so is a write.
 */
export async function pump(engine: Engine, syncs: readonly Sync[], options: PumpOptions): Promise<Pumped> {
  const result: Pumped = { events: 0, changes: 0, ...nothingWritten() };
  for (const { connection } of await waitingInbox(engine.db))
    for (;;) {
      if (options.signal.aborted) return result;
      const taken = await intake(engine, syncs, connection, options);
      result.events += taken.events;
      result.changes += taken.changes;
      result.left.push(...taken.left);
      if (taken.events === 0) break;
    }
  if (result.events > 0) await finishWriting(engine, syncs, options, result);
  return result;
}

/**
 * One page of a connection's webhooks: into the records, matched and merged. Their writes are due then: `errands` has those that are
 * known, some of them claimed.
 */
export async function intake(
  engine: Engine,
  syncs: readonly Sync[],
  connection: string,
  options: PumpOptions,
): Promise<{ events: number; changes: number; left: Left[]; errands: Errand[]; outdated: boolean }> {
  const taken = await takeIn(engine, syncs, connection, options.signal, {
    atOnce: options.realtime,
    ...(options.isIdle ? { isIdle: options.isIdle } : {}),
  });
  const left: Left[] = [];
  if (taken.failure) left.push({ connection, code: taken.failure.kind, message: taken.failure.message });
  if (taken.aside) left.push({ connection, code: 'set-aside', message: taken.aside });
  for (const sync of syncs)
    if (taken.syncs.has(sync.name) && options.realtime(sync))
      await resolveAll(engine, sync, options, 'urgent');
  const errands = taken.errands.filter(({ sync }) => !taken.syncs.has(sync.name));
  return { events: taken.events, changes: taken.changes, left, errands, outdated: taken.outdated };
}

/** Writes and looks after them until neither leads to anything more. */
async function finishWriting(
  engine: Engine,
  syncs: readonly Sync[],
  options: PumpOptions,
  result: WroteBack,
): Promise<void> {
  for (const sync of syncs) {
    if (!options.realtime(sync)) continue;
    for (let settled = 1; settled > 0 && !options.signal.aborted; ) {
      const [errand] = await errandsOf(engine, [sync]);
      const wrote = await writeBack(engine, errand!, options.signal);
      result.created += wrote.created;
      result.updated += wrote.updated;
      result.latencies.push(...wrote.latencies);
      result.left.push(...wrote.left);
      if (wrote.left.length > 0) break;
      const after = await lookAfter(engine, sync, options.signal);
      result.left.push(...after.left);
      settled = after.left.length > 0 ? 0 : after.settled;
    }
  }
}

async function resolveAll(
  engine: Engine,
  sync: Sync,
  { signal }: PumpOptions,
  only: 'urgent' | 'any',
): Promise<void> {
  while (!signal.aborted && (await resolvePage(engine, sync, LANE.incremental, only)).more);
}

/**
 * What became due since: waits that are over, orphans of dead processes, records that nobody resolved. For sweeps. Syncs that are
 * being run somewhere are left to that run.
 */
export async function writeDue(
  engine: Engine,
  syncs: readonly Sync[],
  options: PumpOptions,
): Promise<WroteBack> {
  const result = nothingWritten();
  const running = await unfinishedRuns(engine.db);
  for (const sync of syncs) {
    if (options.signal.aborted || !options.realtime(sync)) continue;
    const own = running.filter((run) => run.sync === sync.name && run.mode !== 'plan');
    if (own.some(({ leased }) => leased)) continue;
    const owners = own.flatMap(({ owner }) => owner ?? []);
    if (await anyAlive(engine, owners)) continue;
    await resolveAll(engine, sync, options, 'any');
    const { left } = await lookAfter(engine, sync, options.signal);
    result.left.push(...left);
    await finishWriting(engine, [sync], options, result);
  }
  return result;
}
