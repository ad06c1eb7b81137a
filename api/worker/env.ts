import type { QueueBinding } from '../../core/jobs/queues.ts';

/** The bindings of wrangler.toml, and whatever `${NAME}` of the configuration stands for: vars and secrets of the Worker. */
export interface Env {
  HYPERDRIVE?: { connectionString: string };
  /** Where there is no Hyperdrive (local runs). */
  DATABASE_URL?: string;
  /** Absent: nothing is done in the background but what each minute's tick does itself. */
  QUEUE?: QueueBinding;
  /** Static files of the console. */
  ASSETS?: { fetch(request: Request): Promise<Response> };
  /** The admin token of that name, as on Node. */
  NAYOSE_TOKEN?: string;
  LOG_LEVEL?: string;
  /** Seconds before a failed message is tried again; doubles with each try. */
  RETRY_SECONDS?: string | number;
  [name: string]: unknown;
}

/** What the runtime hands to every handler. */
export interface Execution {
  waitUntil(work: Promise<unknown>): void;
}

export const databaseUrl = (env: Env): string | undefined =>
  env.HYPERDRIVE?.connectionString ?? env.DATABASE_URL;

/** Vars and secrets, without bindings. */
export function textsOf(env: Env): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).flatMap(([name, value]): [string, string][] =>
      typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
        ? [[name, String(value)]]
        : [],
    ),
  );
}
