import { everDelivered, NO_COUNTS, type RunRow, saveRun, unfinishedRuns } from '../store/runs.ts';
import { conclude } from './conclude.ts';
import { type Next, type State, step } from './phases.ts';
import type { Engine, Sync } from './ports.ts';
import { RESOLVE_PAGE } from './resolve.ts';

export interface RunOptions {
  mode: RunRow['mode'];
  /** Reads every stream from its beginning. */
  full?: boolean;
  /** The id of a run that a guard halted, and whose plan a person approved. */
  approve?: string | undefined;
  signal: AbortSignal;
}

/** The sync is being run by another process: try later, or look at that run. */
export class AlreadyRunning extends Error {
  constructor(sync: string, run: RunRow) {
    super(`${sync} is already running (run ${run.id}, since ${run.startedAt}, by ${run.owner})`);
    this.name = 'AlreadyRunning';
  }
}

/** Signs a new run in, unless the same sync is running somewhere. Runs of dead processes are closed on the way. */
export async function startRun(engine: Engine, sync: Sync, mode: RunRow['mode']): Promise<RunRow> {
  return engine.db.transaction(async (tx) => {
    await tx.query(`select pg_advisory_xact_lock(hashtext('nayose.run'))`);
    for (const run of await unfinishedRuns(tx)) {
      const dead = run.owner === null || (run.owner !== engine.owner && !(await engine.isAlive(run.owner)));
      if (dead)
        await saveRun(tx, {
          ...run,
          status: 'incomplete',
          phase: 'done',
          endedAt: engine.now().toISOString(),
          reasons: [...run.reasons, { code: 'process-ended', message: 'the process that ran it ended' }],
        });
      else if (run.sync === sync.name && mode !== 'plan') throw new AlreadyRunning(sync.name, run);
    }
    const run: RunRow = {
      id: engine.newId(),
      sync: sync.name,
      mode,
      status: 'running',
      phase: 'pull',
      reasons: [],
      counts: { ...NO_COUNTS },
      apiCalls: {},
      streams: {},
      owner: engine.owner,
      delivered: false,
      startedAt: engine.now().toISOString(),
      endedAt: null,
    };
    await saveRun(tx, run);
    return run;
  });
}

/**
 * Runs a sync to its end, one short step at a time; every step commits. When `signal` is aborted the step in hand is
 * finished and the run ends incomplete. Throws only on faults of the hub itself (its database).
 */
export async function runSync(engine: Engine, sync: Sync, options: RunOptions): Promise<RunRow> {
  const run = await startRun(engine, sync, options.mode);
  const calls = new Map(sync.members.map(({ tool }) => [tool.name, tool.calls()]));
  const state: State = {
    run,
    engine,
    sync,
    options,
    waited: 0,
    analyse: RESOLVE_PAGE,
    first: !(await everDelivered(engine.db, sync.name)),
  };
  try {
    let next: Next = 'now';
    while (next !== 'done') {
      if (options.signal.aborted) {
        run.reasons.push({ code: 'stopped', message: 'stopped before it was done' });
        break;
      }
      next = await step(state);
      for (const [name, before] of calls)
        run.apiCalls[name] = sync.members.find(({ tool }) => tool.name === name)!.tool.calls() - before;
      await saveRun(engine.db, run);
      if (typeof next === 'number') await pause(next, options.signal);
    }
    await conclude(engine, sync, run);
  } catch (error) {
    run.reasons.push({ code: 'fault', message: (error as Error).message });
    Object.assign(run, { status: 'incomplete', phase: 'done', endedAt: engine.now().toISOString() });
    await saveRun(engine.db, run).catch(() => {
      throw error;
    });
    throw error;
  }
  return run;
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((done) => {
    const timer = setTimeout(done, ms);
    signal.addEventListener(
      'abort',
      () => {
        clearTimeout(timer);
        done();
      },
      { once: true },
    );
  });
}
