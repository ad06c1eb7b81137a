import { z } from 'zod';
import { ConnectorError, connectorError, type Log } from '../../connectors/contract.ts';
import type { Jobs, Schedule } from '../../core/jobs/port.ts';
import { pruneBudgetSamples } from '../../core/store/days.ts';
import { pruneInbox, waitingInbox } from '../../core/store/inbox.ts';
import { pruneWrittenBack } from '../../core/store/lane.ts';
import { type RunRow, resumableRuns, unfinishedRuns } from '../../core/store/runs.ts';
import { markSweep } from '../../core/store/sweeps.ts';
import { pruneWritten } from '../../core/store/tally.ts';
import { eraseInTools } from '../../core/sync/erase/tools.ts';
import type { Sync } from '../../core/sync/ports.ts';
import { type Pumped, writeDue } from '../../core/sync/realtime.ts';
import { reportOf } from '../../core/sync/reconcile/report.ts';
import { reconcileSync } from '../../core/sync/reconcile/run.ts';
import { AlreadyReconciling, startReconcile } from '../../core/sync/reconcile/start.ts';
import { recoverOrphans } from '../../core/sync/recover.ts';
import { AlreadyRunning, runSync, Superseded } from '../../core/sync/run.ts';
import { leaveUnready } from '../../core/sync/unready.ts';
import { erasingStreams } from '../runtime/erasing.ts';
import type { Hub } from '../runtime/hub.ts';
import { patient } from '../runtime/patient.ts';
import { createPinnedFetch } from '../runtime/pinned.ts';
import { createFeeds } from './feeds.ts';
import { createGap } from './gap.ts';
import { createLane, type FastLane } from './lane.ts';
import { createReady } from './laneReady.ts';
import { createMessaging, endpointsOf, type Messaging, senderOf, vaultsOf } from './messages.ts';

const INBOX_KEPT_MS = 7 * 86_400_000;
const SAMPLES_KEPT_MS = 2 * 86_400_000;
const SYNC = 'sync';
const RECONCILE = 'reconcile';
const SWEEP = 'sweep';

export interface WorkOptions {
  hub: Hub;
  log: Log;
  /** No new step is begun after this. */
  stop: AbortSignal;
  /** Ends calls that are in hand: only when waiting for them took too long. */
  kill: AbortSignal;
  pumped?: ((result: Pumped) => void) | undefined;
  /** See `LaneOptions.outdated`. */
  outdated?: (() => void) | undefined;
  feedLeaseSeconds?: number | undefined;
  /** Sends messages to the outside instead of the network. */
  fetch?: typeof fetch | undefined;
}

/** What a serving process does by itself: webhooks, schedules, and a sweep for everything that was missed. */
export interface Work {
  lane: FastLane;
  messaging: Messaging;
  /** Replaces all schedules by its own, and begins what it does by itself. */
  start(jobs: Jobs): Promise<void>;
  /** One scheduled run; `resumes`: the run that a budget ended, which it goes on with. Resolves to what it became, if it began. */
  sync(name: string, signal: AbortSignal, resumes?: string): Promise<RunRow | undefined>;
  /** One scheduled reconcile. */
  reconcile(name: string, signal: AbortSignal): Promise<void>;
  /** Finds everything that is due. */
  sweep(jobs: Jobs, signal: AbortSignal): Promise<void>;
  /** Is this process sweeping? A long sweep is no sign of a job queue that stands still. */
  sweeping(): boolean;
  /** After `stop`: resolves when no feed is followed any more. */
  ended(): Promise<void>;
}

export function createWork(options: WorkOptions): Work {
  const { hub, log, stop, kill, pumped, feedLeaseSeconds } = options;
  const { engine, config } = hub;
  const reach = {
    now: engine.now,
    fetch: options.fetch ?? globalThis.fetch,
    publicFetch: options.fetch ?? createPinnedFetch(),
    vault: vaultsOf(hub, kill),
  };
  const messaging = createMessaging(senderOf(engine), endpointsOf(config, reach), { stop, kill, log });
  engine.told = messaging.wake;
  const realtime = (sync: Sync) => config.syncs[sync.name]?.realtime ?? false;
  const available = createReady(hub, (sync) => patient(sync, kill));
  const gaps = new Map(
    [...hub.tools.values()].map((tool) => [
      tool.name,
      createGap(
        () => tool.budgets(),
        () => tool.calls(),
        () => performance.now(),
      ),
    ]),
  );
  const lane = createLane({
    engine,
    ready: createReady(hub, (sync) => patient(sync, kill, 'realtime')),
    realtime,
    gap: (connection) => gaps.get(connection)?.() ?? 0,
    stop,
    log,
    told: (result) => pumped?.(result),
    outdated: () => options.outdated?.(),
  });

  engine.due = lane.due;

  const sync = async (name: string, signal: AbortSignal, resumes?: string): Promise<RunRow | undefined> => {
    if (!config.order.includes(name)) return;
    const order = { mode: 'sync', resumes } as const;
    try {
      const wanted = await hub.syncs([name]).catch(connectorError);
      const run =
        wanted instanceof ConnectorError
          ? await leaveUnready(engine, name, order, wanted)
          : await runSync(engine, patient(wanted[0]!, kill), { ...order, signal });
      log.info('sync', { sync: name, run: run.id, status: run.status, ...run.counts });
      for (const { code, message } of run.reasons) log.warn('sync', { sync: name, code, message });
      return run;
    } catch (error) {
      if (error instanceof AlreadyRunning) log.debug('already running', { sync: name });
      else if (error instanceof Superseded) log.debug('has been gone on with', { sync: name });
      else throw error;
    }
    return undefined;
  };

  const reconcile = async (name: string, signal: AbortSignal) => {
    const wanted = config.syncs[name]?.reconcile;
    if (!wanted) return;
    try {
      const [wantedSync] = await hub.syncs([name]);
      const own = patient(wantedSync!, kill, 'backfill');
      const { id } = await startReconcile(engine, own, wanted.repair);
      const report = await reportOf(engine.db, await reconcileSync(engine, own, id, signal));
      const { status, differences, values, classes } = report;
      log.info('reconcile', { sync: name, reconcile: id, status, differences, ...values, ...classes });
      for (const { code, message } of report.reasons) log.warn('reconcile', { sync: name, code, message });
    } catch (error) {
      if (error instanceof AlreadyReconciling) log.debug('already reconciling', { sync: name });
      else if (error instanceof ConnectorError)
        log.warn('reconcile', { sync: name, code: error.kind, message: error.message });
      else throw error;
    }
  };

  const sweep = async (jobs: Jobs, signal: AbortSignal) => {
    await markSweep(engine.db);
    await recoverOrphans(engine);
    for (const one of (await eraseInTools(engine, erasingStreams(hub), signal)).left)
      log.debug('an erasure is left for later', one);
    await messaging.sweep();
    if ((await waitingInbox(engine.db)).length > 0) lane.wake();
    for (const run of await unfinishedRuns(engine.db))
      if (run.owner !== null && !(await engine.isAlive(run.owner)))
        await jobs.send(SYNC, { sync: run.sync }, { singletonKey: run.sync });
    for (const { id, sync: name } of await resumableRuns(engine.db, engine.now()))
      await jobs.send(SYNC, { sync: name, resumes: id }, { singletonKey: `resume/${id}` });
    const { left } = await writeDue(engine, (await available()).syncs, { signal, realtime });
    for (const one of left) log.debug('left for later', one);
    const old = new Date(engine.now().getTime() - INBOX_KEPT_MS);
    await pruneInbox(engine.db, old);
    await pruneWrittenBack(engine.db, old);
    await pruneWritten(engine.db, old);
    await pruneBudgetSamples(engine.db, new Date(engine.now().getTime() - SAMPLES_KEPT_MS));
  };

  const feeds = createFeeds({
    hub,
    log,
    stop,
    received: () => lane.wake(),
    ...(feedLeaseSeconds === undefined ? {} : { leaseSeconds: feedLeaseSeconds }),
  });

  let sweeping = false;
  return {
    sweeping: () => sweeping,
    sync,
    reconcile,
    async sweep(jobs, signal) {
      sweeping = true;
      await sweep(jobs, signal).finally(() => {
        sweeping = false;
      });
    },
    lane,
    messaging,
    ended: () => feeds.ended(),
    async start(jobs) {
      await jobs.schedule([
        ...config.order.flatMap((name): Schedule[] => {
          const { schedule, reconcile: compared } = config.syncs[name]!;
          const each = { key: name, timeZone: config.hub.timeZone, data: { sync: name } };
          return [
            ...(schedule === undefined ? [] : [{ ...each, queue: SYNC, cron: schedule }]),
            ...(compared === undefined ? [] : [{ ...each, queue: RECONCILE, cron: compared.schedule }]),
          ];
        }),
        { queue: SWEEP, key: 'all', cron: '* * * * *', timeZone: 'UTC', data: null },
      ]);
      await jobs.send(SWEEP, null, { singletonKey: 'start' });
      lane.wake();
      feeds.start((name) => jobs.send(SYNC, { sync: name }, { singletonKey: name }));
    },
  };
}

/** Called once, before any `start`: jobs go to whoever is current when they come. */
export async function takeJobs(jobs: Jobs, current: () => Work): Promise<void> {
  await jobs.work(SYNC, async (data, signal) => {
    const { sync, resumes } = ORDER.parse(data);
    const run = await current().sync(sync, signal, resumes);
    // A sweep would find it, up to a minute later.
    if (run?.resumeAt)
      await jobs.send(
        SYNC,
        { sync, resumes: run.id },
        { singletonKey: `resume/${run.id}`, startAfter: new Date(run.resumeAt) },
      );
  });
  await jobs.work(RECONCILE, (data, signal) => current().reconcile(ORDER.parse(data).sync, signal));
  await jobs.work(SWEEP, (_, signal) => current().sweep(jobs, signal));
}

const ORDER = z.object({ sync: z.string(), resumes: z.string().optional() });
