import type { Log } from '../../connectors/contract.ts';
import type { RunRow } from '../../core/store/runs.ts';
import type { Rate } from '../auth/limits.ts';
import type { AuthDeps } from '../auth/principal.ts';
import type { Hub } from '../runtime/hub.ts';
import { notHere } from './frame/refusal.ts';

export interface RunOrder {
  sync: string;
  mode: 'sync' | 'full' | 'plan';
  /** A run that a guard halted, and whose writes a person approved. */
  approve?: string | undefined;
}

/**
 * What the API needs of its runtime. What a runtime cannot give is left out, and the operations that need it answer 501 with
 * what to do instead.
 */
export interface V1Deps extends AuthDeps {
  log: Log;
  /** The hub as it is configured now; undefined: there is no configuration yet. */
  hub?(): Hub | undefined;
  /**
   * Signs a run in and has it worked off in the background; resolves as soon as the run has its row. Throws AlreadyRunning, or
   * ConnectorError when a tool does not tell its schema.
   */
  startRun?: ((order: RunOrder) => Promise<RunRow>) | undefined;
  /** Of one token; absent: the standard. */
  rate?: Rate;
}

/** The hub, or 503 while there is no configuration. */
export function hubOf(deps: V1Deps): Hub {
  const hub = deps.hub?.();
  if (!hub)
    throw notHere('this hub has no configuration yet', 'Write a hub.yaml and apply it: `nayose apply`.');
  return hub;
}
