import { ConnectorError, type Log } from '../../connectors/contract.ts';
import type { Jobs, Schedule } from '../../core/jobs/port.ts';
import { pruneInbox, waitingInbox } from '../../core/store/inbox.ts';
import { unfinishedRuns } from '../../core/store/runs.ts';
import type { Sync } from '../../core/sync/ports.ts';
import { type Pumped, pump, writeDue } from '../../core/sync/realtime.ts';
import { recoverOrphans } from '../../core/sync/recover.ts';
import { AlreadyRunning, runSync } from '../../core/sync/run.ts';
import type { Hub } from '../runtime/hub.ts';
import { patient } from '../runtime/patient.ts';
import { createFeeds } from './feeds.ts';
import { createPumping, type Pumping } from './pumping.ts';

const INBOX_KEPT_MS = 7 * 86_400_000;
const SYNC = 'sync';
const SWEEP = 'sweep';

export interface WorkOptions {
  hub: Hub;
  log: Log;
  /** No new step is begun after this. */
  stop: AbortSignal;
  /** Ends calls that are in hand: only when waiting for them took too long. */
  kill: AbortSignal;
  pumped?: ((result: Pumped) => void) | undefined;
  feedLeaseSeconds?: number | undefined;
}

/** What a serving process does by itself: webhooks, schedules, and a sweep for everything that was missed. */
export interface Work {
  pumping: Pumping;
  start(jobs: Jobs): Promise<void>;
  /** After `stop`: resolves when no feed is followed any more. */
  ended(): Promise<void>;
}

export function createWork({ hub, log, stop, kill, pumped, feedLeaseSeconds }: WorkOptions): Work {
  const { engine, config } = hub;
  const realtime = (sync: Sync) => config.syncs[sync.name]?.realtime ?? false;
  const ready = async (names?: readonly string[]) =>
    (await hub.syncs(names)).map((sync) => patient(sync, kill));
  const pumping = createPumping(
    async () => {
      // Schemas are asked of the tools only when there is something to do.
      const waiting = (await waitingInbox(engine.db)).length > 0;
      return pump(engine, waiting ? await ready() : [], { signal: stop, realtime });
    },
    log,
    (result) => {
      for (const left of result.left) log.warn('left for later', left);
      if (result.events > 0)
        log.info('webhooks', {
          events: result.events,
          created: result.created,
          updated: result.updated,
          slowestMs: Math.max(0, ...result.latencies.map(({ milliseconds }) => milliseconds)),
        });
      pumped?.(result);
    },
  );

  const sync = async (name: string, signal: AbortSignal) => {
    if (!config.order.includes(name)) return;
    try {
      const [wanted] = await ready([name]);
      const run = await runSync(engine, wanted!, { mode: 'sync', signal });
      log.info('sync', { sync: name, run: run.id, status: run.status, ...run.counts });
      for (const { code, message } of run.reasons) log.warn('sync', { sync: name, code, message });
    } catch (error) {
      if (error instanceof AlreadyRunning) log.debug('already running', { sync: name });
      else if (error instanceof ConnectorError)
        log.warn('sync', { sync: name, code: error.kind, message: error.message });
      else throw error;
    }
  };

  const sweep = async (jobs: Jobs, signal: AbortSignal) => {
    await recoverOrphans(engine);
    if ((await waitingInbox(engine.db)).length > 0) pumping.wake();
    for (const run of await unfinishedRuns(engine.db))
      if (run.owner !== null && !(await engine.isAlive(run.owner)))
        await jobs.send(SYNC, { sync: run.sync }, { singletonKey: run.sync });
    const { left } = await writeDue(engine, await ready(), { signal, realtime });
    for (const one of left) log.debug('left for later', one);
    await pruneInbox(engine.db, new Date(engine.now().getTime() - INBOX_KEPT_MS));
  };

  const feeds = createFeeds({
    hub,
    log,
    stop,
    received: () => pumping.wake(),
    ...(feedLeaseSeconds === undefined ? {} : { leaseSeconds: feedLeaseSeconds }),
  });

  return {
    pumping,
    ended: () => feeds.ended(),
    async start(jobs) {
      await jobs.work(SYNC, (data, signal) => sync(nameIn(data), signal));
      await jobs.work(SWEEP, (_, signal) => sweep(jobs, signal));
      await jobs.schedule([
        ...config.order.flatMap((name): Schedule[] => {
          const { schedule } = config.syncs[name]!;
          if (schedule === undefined) return [];
          return [
            { queue: SYNC, key: name, cron: schedule, timeZone: config.hub.timeZone, data: { sync: name } },
          ];
        }),
        { queue: SWEEP, key: 'all', cron: '* * * * *', timeZone: 'UTC', data: null },
      ]);
      await jobs.send(SWEEP, null, { singletonKey: 'start' });
      pumping.wake();
      feeds.start((name) => jobs.send(SYNC, { sync: name }, { singletonKey: name }));
    },
  };
}

const nameIn = (data: unknown) => String((data as { sync?: unknown } | null)?.sync ?? '');
