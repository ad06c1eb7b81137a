import type { Log } from '../../connectors/contract.ts';
import { redact } from '../config/secrets.ts';

const LEVELS = ['debug', 'info', 'warn'] as const;

export interface WorkerLog extends Log {
  /** From now on these texts are cut out of every line. */
  hide(secrets: readonly string[]): void;
}

/** One JSON object a line, as Cloudflare's logs take them. */
export function createWorkerLog(level: string | undefined, write: (line: string) => void): WorkerLog {
  const least = level === 'silent' ? LEVELS.length : Math.max(0, LEVELS.indexOf((level ?? 'info') as 'info'));
  let hidden: readonly string[] = [];
  const at = (index: number) => (message: string, detail?: object) => {
    if (index >= least) write(redact(JSON.stringify({ level: LEVELS[index], message, ...detail }), hidden));
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
