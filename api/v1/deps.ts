import type { Log } from '../../connectors/contract.ts';
import type { ReconcileRow } from '../../core/store/reconciles.ts';
import type { RunRow } from '../../core/store/runs.ts';
import type { Rate } from '../auth/limits.ts';
import type { AuthDeps } from '../auth/principal.ts';
import type { ConnectorSchemas } from '../config/connections.ts';
import type { Env } from '../config/env.ts';
import type { Hub } from '../runtime/hub.ts';
import type { ToolOptions } from '../runtime/tools.ts';
import type { Keyring } from '../secrets/vault.ts';
import { notHere } from './frame/refusal.ts';

export interface RunOrder {
  sync: string;
  mode: 'sync' | 'full' | 'plan';
  /** Of a plan: reads every stream from its beginning. */
  full?: boolean;
  /** A run that a guard halted, and whose writes a person approved. */
  approve?: string | undefined;
  /** A run of mode `plan`, whose writes are to be made and no others. */
  plan?: string | undefined;
}

export interface CleanseOrder {
  csv: Uint8Array;
  /** A mapping file's text; absent: guessed from the columns' names. */
  mapping?: string | undefined;
  entity?: string | undefined;
  encoding?: string | undefined;
  region?: string | undefined;
  train: boolean;
}

/** `refused`: the list or its mapping is not usable, and why. `busy`: too many are being done. */
export type Cleansed =
  | { report: object; clusters: { recordId: string; clusterId: string; score: number | null }[] }
  | { refused: string }
  | { busy: true };

export type Cleanse = (order: CleanseOrder, signal: AbortSignal) => Promise<Cleansed>;

/** How a config is read here, and who wants to know of a new one. */
export interface Configuring {
  /** Fills `${NAME}`. */
  env: Env;
  connectors: ConnectorSchemas;
  /** Of NAYOSE_KEY. */
  keys: Keyring;
  /** Told after another revision became active: resolves when this process has looked at it. */
  applied(): Promise<void>;
  /** The revision at work here; 0: one that is not kept. */
  atWork(): number;
}

/** A compressed export that lies ready. `busy`: another one is being made. */
export type Exporting = () => Promise<{ bytes: number; stream: ReadableStream } | { busy: true }>;

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
  /** Signs a reconcile in and works it off in the background. Throws AlreadyReconciling, or ConnectorError as `startRun`. */
  startReconcile?: ((sync: string, repair: boolean) => Promise<ReconcileRow>) | undefined;
  /** How a tool is asked anew, beside what the hub remembers of it. */
  probing?: (() => Promise<ToolOptions>) | undefined;
  /** Deduplicates a list, apart from the hub's own work; resolves with what `nayose cleanse --json` says. */
  cleanse?: Cleanse | undefined;
  configuring?: Configuring | undefined;
  /** Everything the hub knows, as `nayose export` writes it. */
  exporting?: Exporting | undefined;
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
