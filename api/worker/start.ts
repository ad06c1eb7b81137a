import type { RunRow } from '../../core/store/runs.ts';
import { startRun } from '../../core/sync/steps.ts';
import type { Hub } from '../runtime/hub.ts';
import type { RunOrder } from '../v1/deps.ts';
import { notHere } from '../v1/frame/refusal.ts';
import type { Invocation } from './invocation.ts';
import { tell } from './messages.ts';

/** The API's way to start a run: signed in now, stepped by whoever gets the queue's messages. */
export function startHere(invocation: Invocation, { engine }: Hub): (order: RunOrder) => Promise<RunRow> {
  return async ({ sync, mode, approve, plan }) => {
    if (mode === 'plan' || plan !== undefined)
      throw notHere(
        'a plan works inside one long transaction, which Workers do not give it, and so does the check of one',
        'Run `nayose plan` or `nayose sync --plan` on a machine with Node, with DATABASE_URL set to the same database.',
      );
    const run = await startRun(engine, { name: sync }, { mode, approve, handOver: true });
    await tell(invocation, { do: 'step', run: run.id }).catch((error: Error) =>
      // Its row is there: the next tick wakes somebody for it.
      invocation.log.warn('the run begins with the next tick', { run: run.id, error: error.message }),
    );
    return run;
  };
}
