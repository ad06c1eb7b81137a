import type { Log } from '../../connectors/contract.ts';
import { redact } from '../config/secrets.ts';
import { scrub, scrubbed } from '../ops/redact.ts';

const LEVELS = ['debug', 'info', 'warn'] as const;

export interface WorkerLog extends Log {
  /** From now on these texts are cut out of every line. */
  hide(secrets: readonly string[]): void;
}

const line = (level: string, message: string, detail?: object) => ({
  level,
  time: new Date().toISOString(),
  ...(scrubbed(detail ?? {}) as object),
  message: scrub(message),
});

/** One JSON object a line, as Cloudflare's logs take them, and as Node's look too. */
export function createWorkerLog(level: string | undefined, write: (line: string) => void): WorkerLog {
  const least = level === 'silent' ? LEVELS.length : Math.max(0, LEVELS.indexOf((level ?? 'info') as 'info'));
  let hidden: readonly string[] = [];
  const at = (index: number) => (message: string, detail?: object) => {
    if (index >= least) write(redact(JSON.stringify(line(LEVELS[index]!, message, detail)), hidden));
  };
  return {
    debug: at(0),
    info: at(1),
    warn: at(2),
    hide(secrets) {
      hidden = secrets;
    },
  };
}
