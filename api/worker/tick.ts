import { Cron } from 'croner';
import { tidyMessages, untilNext } from '../../core/messages/send.ts';
import { pruneBudgetSamples } from '../../core/store/days.ts';
import type { Db } from '../../core/store/db.ts';
import { pruneInbox, waitingInbox } from '../../core/store/inbox.ts';
import { pruneWrittenBack } from '../../core/store/lane.ts';
import { countOutbox } from '../../core/store/outbox.ts';
import { pruneProcesses } from '../../core/store/processes.ts';
import { countDirty } from '../../core/store/records.ts';
import { resumableRuns, unfinishedRuns } from '../../core/store/runs.ts';
import { markSweep } from '../../core/store/sweeps.ts';
import { pruneWritten } from '../../core/store/tally.ts';
import { holdTick, saveTick } from '../../core/store/ticks.ts';
import { eraseInTools } from '../../core/sync/erase/tools.ts';
import { recoverOrphans } from '../../core/sync/recover.ts';
import { AlreadyRunning, isLive, Superseded, startRun } from '../../core/sync/steps.ts';
import type { HubConfig } from '../config/types.ts';
import { erasingStreams } from '../runtime/erasing.ts';
import type { Hub } from '../runtime/hub.ts';
import { endpointsOf, senderOf } from '../serve/messages.ts';
import type { Invocation } from './invocation.ts';
import { tell } from './messages.ts';

const INBOX_KEPT_MS = 7 * 86_400_000;
const SAMPLES_KEPT_MS = 2 * 86_400_000;
const MINUTE_MS = 60_000;
/** What is not erased by then in the tools is left to the next minute. */
const ERASING_MS = 20_000;
const SILENT_SECONDS = 86_400;
/** A run whose next step is so late has lost its message. */
const OVERDUE_SECONDS = 30;

/** The syncs whose schedules have an occurrence after `last`, up to `now`, in the order of syncs. */
export function dueSyncs(
  config: Pick<HubConfig, 'hub' | 'order' | 'syncs'>,
  last: Date,
  now: Date,
): string[] {
  return config.order.filter((name) => {
    const { schedule } = config.syncs[name]!;
    if (schedule === undefined) return false;
    const next = new Cron(schedule, { timezone: config.hub.timeZone, paused: true }).nextRun(last);
    return next !== null && next <= now;
  });
}

/**
 * Each minute: starts the runs that are due since the last tick, and wakes whoever should be at work and is not (lost messages, dead
 * invocations, waiting webhooks, writes whose wait is over). A tick that is left out is made good by the next one.
 */
export async function tick(invocation: Invocation, hub: Hub, at: Date): Promise<void> {
  const { engine } = hub;
  const { db } = engine;
  const started = await startDue(hub, at);
  for (const run of started) await tell(invocation, { do: 'step', run });
  await markSweep(db);
  await recoverOrphans(engine);
  await eraseInTools(engine, erasingStreams(hub), AbortSignal.timeout(ERASING_MS));
  const sender = senderOf(engine);
  await tidyMessages(sender);
  for (const run of await unfinishedRuns(db)) {
    const lost = run.owner === null ? run.overdue > OVERDUE_SECONDS : !(await isLive(engine, run));
    if (lost && !started.includes(run.id)) await tell(invocation, { do: 'step', run: run.id });
  }
  if ((await waitingInbox(db)).length > 0) await tell(invocation, { do: 'pump' });
  if (await anythingDue(hub)) await tell(invocation, { do: 'due' });
  const endpoints = endpointsOf(hub.config, { now: engine.now, fetch, publicFetch: fetch });
  if (((await untilNext(sender, endpoints)) ?? MINUTE_MS) < MINUTE_MS) await tell(invocation, { do: 'send' });
  const old = new Date(engine.now().getTime() - INBOX_KEPT_MS);
  await pruneInbox(db, old);
  await pruneWrittenBack(db, old);
  await pruneWritten(db, old);
  await pruneBudgetSamples(db, new Date(engine.now().getTime() - SAMPLES_KEPT_MS));
  await pruneProcesses(db, SILENT_SECONDS);
}

/** Is there something to write or to match that nobody is at work on? */
async function anythingDue({ engine, config }: Hub): Promise<boolean> {
  const { db, now } = engine;
  const syncs = config.order.map((name) => config.syncs[name]!).filter(({ realtime }) => realtime);
  const mappings = syncs.flatMap(({ members }) => members.map(({ mapping }) => mapping));
  for (const { state, dueAt } of await countOutbox(db, mappings))
    if (['pending', 'unknown'].includes(state) && Date.parse(dueAt) <= now().getTime()) return true;
  for (const entity of new Set(syncs.map(({ entity }) => entity)))
    if ((await countDirty(db, entity)) > 0) return true;
  return false;
}

/** In one transaction with the clock: a run that is due is started once, and none is left out. Returns the new runs. */
async function startDue({ engine, config }: Hub, at: Date): Promise<string[]> {
  return engine.db.transaction(async (tx: Db) => {
    const last = await holdTick(tx, 'schedules', new Date(at.getTime() - MINUTE_MS));
    const started: string[] = [];
    const start = async (name: string, resumes?: string) => {
      try {
        const options = { mode: 'sync' as const, handOver: true, resumes };
        started.push((await startRun({ ...engine, db: tx }, { name }, options)).id);
      } catch (error) {
        if (!(error instanceof AlreadyRunning || error instanceof Superseded)) throw error;
      }
    };
    for (const name of at > last ? dueSyncs(config, last, at) : []) await start(name);
    for (const { id, sync } of await resumableRuns(tx, at))
      if (config.order.includes(sync)) await start(sync, id);
    if (at > last) await saveTick(tx, 'schedules', at);
    return started;
  });
}
