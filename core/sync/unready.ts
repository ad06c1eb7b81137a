import type { ConnectorError } from '../../connectors/contract.ts';
import { endRun, type RunRow } from '../store/runs.ts';
import { QUOTA_REST_SECONDS } from './phases.ts';
import type { Engine } from './ports.ts';
import { type StartOptions, startRun } from './steps.ts';

const RESUME_SECONDS = 600;

/**
 * A run that cannot begin, since a tool of its sync does not tell its schema: it is signed in and ends at once with the reason, so that
 * all who look at runs hear of it. Throws AlreadyRunning and Superseded as `startRun` does.
 */
export async function leaveUnready(
  engine: Engine,
  sync: string,
  options: Pick<StartOptions, 'mode' | 'full' | 'resumes'>,
  { kind, message, hint, retryAfter = QUOTA_REST_SECONDS }: ConnectorError,
): Promise<RunRow> {
  const run = await startRun(engine, { name: sync }, options);
  const now = engine.now();
  // What a budget interrupted is still to be gone on with, whatever keeps it now.
  const rest = kind === 'quota' ? retryAfter : options.resumes === undefined ? undefined : RESUME_SECONDS;
  const until = rest === undefined ? undefined : new Date(now.getTime() + rest * 1000).toISOString();
  const reason = {
    code: kind,
    message: `the run could not begin: ${message}`,
    ...(hint === undefined ? {} : { hint }),
    ...(until === undefined ? {} : { until }),
  };
  const resumeAt = options.mode === 'plan' ? undefined : until;
  return (await endRun(engine.db, run.id, reason, now.toISOString(), resumeAt)) ?? run;
}
