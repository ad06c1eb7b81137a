import { DatabaseLost } from '../store/db.ts';
import { endRun, type RunRow } from '../store/runs.ts';
import { orOwe } from './owed.ts';
import { pause } from './pause.ts';
import type { Engine, Sync } from './ports.ts';
import { type StartOptions, type Stepped, startRun, stepRun } from './steps.ts';

export { AlreadyRunning, Superseded, startRun } from './steps.ts';

export interface RunOptions extends Omit<StartOptions, 'handOver'> {
  signal: AbortSignal;
}

/**
 * Runs a sync to its end, one short step at a time; every step commits. When `signal` is aborted the step in hand is
 * finished and the run ends incomplete. A database that is lost in the middle is waited for, and the step taken again. Throws
 * only on faults of the hub itself (its database). A run that somebody else ended
 * or took over meanwhile (this process was silent for so long that it was taken for dead) is returned as it stands.
 */
export async function runSync(engine: Engine, sync: Sync, options: RunOptions): Promise<RunRow> {
  const { id } = await startRun(engine, sync, options);
  return finishRun(engine, sync, id, options.signal);
}

/** Goes on with a run that this process has started, until its end. */
export function finishRun(engine: Engine, sync: Sync, id: string, signal: AbortSignal): Promise<RunRow> {
  return span(engine, 'run', { sync: sync.name, run: id }, () => toItsEnd(engine, sync, id, signal));
}

function span<T>(
  engine: Engine,
  name: string,
  attributes: Record<string, string>,
  work: () => Promise<T>,
): Promise<T> {
  return engine.span ? engine.span(name, attributes, work) : work();
}

/** A server that restarts, or whose standby takes over, is back within these seconds. Longer ones end the run. */
const WAITS = [1, 1, 2, 4, 8, 15, 15, 15, 15, 15, 15, 15];

async function toItsEnd(engine: Engine, sync: Sync, id: string, signal: AbortSignal): Promise<RunRow> {
  let lost = 0;
  let waited = 0;
  try {
    for (;;) {
      const stop = { code: 'stopped', message: 'stopped before it was done' };
      const stepped = await span(engine, 'step', { sync: sync.name, run: id }, () =>
        stepRun(engine, sync, id, {
          signal,
          keep: true,
          recover: lost > 0,
          ...(signal.aborted ? { stop } : {}),
        }),
      ).catch((error: unknown) => {
        if (!(error instanceof DatabaseLost) || signal.aborted || lost === WAITS.length) throw error;
        return error;
      });
      if (stepped instanceof DatabaseLost) {
        waited += WAITS[lost]!;
        engine.progress({ run: id, sync: sync.name, phase: 'database', done: waited });
        await pause(WAITS[lost++]! * 1000, signal);
        continue;
      }
      lost = 0;
      const { run, next }: Stepped = stepped;
      if (next === 'done' || next === 'busy') return run;
      if (typeof next === 'number') await pause(next, signal);
    }
  } catch (error) {
    const { message } = error as Error;
    const at = engine.now().toISOString();
    await orOwe(engine, () => endRun(engine.db, id, { code: 'fault', message }, at)).catch(() => {
      throw error;
    });
    throw error;
  }
}
