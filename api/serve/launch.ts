import { connectorError, type Log } from '../../connectors/contract.ts';
import { savePermits } from '../../core/store/permits.ts';
import type { ReconcileRow } from '../../core/store/reconciles.ts';
import { plannedPage, prunePlannedWrites, savePlanned } from '../../core/store/run-pages.ts';
import { endRun, memoryOf, type RunRow, saveRun } from '../../core/store/runs.ts';
import { type PlannedWrite, type PlanResult, planSyncs } from '../../core/sync/dry.ts';
import { shapeOf } from '../../core/sync/moved.ts';
import { permitsOf } from '../../core/sync/permits.ts';
import type { Sync } from '../../core/sync/ports.ts';
import { recheck } from '../../core/sync/recheck.ts';
import { reconcileSync } from '../../core/sync/reconcile/run.ts';
import { startReconcile } from '../../core/sync/reconcile/start.ts';
import { finishRun, startRun } from '../../core/sync/run.ts';
import { leaveUnready } from '../../core/sync/unready.ts';
import type { Hub } from '../runtime/hub.ts';
import { patient } from '../runtime/patient.ts';
import type { RunOrder } from '../v1/deps.ts';

const PLANS_KEPT_MS = 7 * 86_400_000;

export interface Launcher {
  /** Signs the run in and resolves; it is worked off in this process afterwards. */
  startRun(order: RunOrder): Promise<RunRow>;
  /** The same for a reconcile; one that was interrupted goes on. */
  startReconcile(sync: string, repair: boolean): Promise<ReconcileRow>;
  /** Resolves when nothing that was started is being worked on. */
  idle(): Promise<void>;
}

/** Runs and plans that were asked for over HTTP, in this process. `stop`: the step in hand is finished, and no other begun. */
export function createLauncher(options: {
  hub(): Hub;
  stop: AbortSignal;
  kill: AbortSignal;
  log: Log;
}): Launcher {
  const { stop, kill, log } = options;
  const working = new Set<Promise<void>>();
  const keep = (work: Promise<void>) => {
    const done = work.finally(() => working.delete(done));
    working.add(done);
  };
  const background = (run: RunRow, work: () => Promise<RunRow>) =>
    keep(
      work()
        .then(({ id, sync, mode, status, counts }) =>
          log.info('run', { sync, run: id, mode, status, ...counts }),
        )
        .catch((error: Error) => log.warn('a run broke off', { run: run.id, error: error.message })),
    );
  return {
    async startRun({ sync: name, mode, full, approve, plan: planned }) {
      const hub = options.hub();
      const [wanted] = await hub.syncs([name]).catch(async (error) => {
        await leaveUnready(hub.engine, name, { mode, full }, connectorError(error));
        throw error;
      });
      const sync = patient(wanted!, kill);
      const run = await startRun(hub.engine, sync, {
        mode,
        approve,
        full: full ?? false,
        permits: planned === undefined ? undefined : [],
      });
      background(run, async () => {
        if (mode === 'plan') return plan(hub, sync, run, { full: full ?? false, signal: stop });
        const refusal = planned === undefined ? undefined : await permit(hub, sync, run, planned, stop);
        return refusal ?? finishRun(hub.engine, sync, run.id, stop);
      });
      return run;
    },
    async startReconcile(name, repair) {
      const hub = options.hub();
      const [wanted] = await hub.syncs([name]);
      const sync = patient(wanted!, kill, 'backfill');
      const row = await startReconcile(hub.engine, sync, repair);
      keep(
        reconcileSync(hub.engine, sync, row.id, stop)
          .then(({ id, status }) => log.info('reconcile', { sync: name, reconcile: id, status }))
          .catch((error: Error) =>
            log.warn('a reconcile broke off', { reconcile: row.id, error: error.message }),
          ),
      );
      return row;
    },
    async idle() {
      while (working.size > 0) await Promise.all(working);
    },
  };
}

/** The plan's own run is rolled back with everything else: what it found out is kept under the run that was signed in. */
async function plan(
  { engine }: Hub,
  sync: Sync,
  run: RunRow,
  options: { full: boolean; signal: AbortSignal },
): Promise<RunRow> {
  try {
    const { runs, writes, ...joins } = await planSyncs(engine, [sync], options);
    const ended = { ...runs[0]!, id: run.id, startedAt: run.startedAt, owner: run.owner };
    const memory = (await memoryOf(engine.db, run.id))!;
    await engine.db.transaction(async (tx) => {
      await savePlanned(tx, run.id, [...writes, ...joined(joins)]);
      await saveRun(tx, ended, { ...memory, plan: { shape: shapeOf(sync), writes: writes.length } });
    });
    await prunePlannedWrites(engine.db, new Date(engine.now().getTime() - PLANS_KEPT_MS));
    return ended;
  } catch (error) {
    const { message } = error as Error;
    await endRun(engine.db, run.id, { code: 'fault', message }, engine.now().toISOString());
    throw error;
  }
}

const joined = ({ links, merges, splits, reviews }: Omit<PlanResult, 'runs' | 'writes'>) => [
  ...links.map((one) => ({ kind: 'link' as const, ...one })),
  ...merges.map((one) => ({ kind: 'merge' as const, ...one })),
  ...splits.map((one) => ({ kind: 'split' as const, ...one })),
  ...reviews.map((one) => ({ kind: 'review' as const, ...one })),
];

/** Writes read at once. */
const PAGE = 5_000;

/** Lets a run make the writes of a plan, if they still are what would be written; otherwise the run ends here, and is returned. */
async function permit(
  { engine }: Hub,
  sync: Sync,
  run: RunRow,
  planned: string,
  signal: AbortSignal,
): Promise<RunRow | undefined> {
  const { full, plan } = (await memoryOf(engine.db, planned))!;
  const writes: PlannedWrite[] = [];
  for (let after = 0; ; ) {
    const rows = await plannedPage(engine.db, planned, 'writes', after, PAGE);
    writes.push(...rows.map(({ body }) => body as PlannedWrite));
    if (rows.length < PAGE) break;
    after = rows.at(-1)!.position;
  }
  const kept = { full, shapes: { [sync.name]: plan!.shape }, writes };
  const now = () => engine.now().toISOString();
  const refusal = await recheck(engine, [sync], kept, signal).catch(async (error: Error) => {
    await endRun(engine.db, run.id, { code: 'fault', message: error.message }, now());
    throw error;
  });
  if (refusal) return (await endRun(engine.db, run.id, refusal, now())) ?? run;
  await engine.db.transaction((tx) => savePermits(tx, run.id, permitsOf(writes, sync.name)));
  return undefined;
}
