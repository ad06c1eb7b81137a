import { pino } from 'pino';
import type { Log } from '../../connectors/contract.ts';
import { redact } from '../config/secrets.ts';
import { scrub, scrubbed } from '../ops/redact.ts';

/**
 * Structured lines on standard error. What tools say may hold anything, so every text is rid of e-mail addresses, phone numbers
 * and tokens, and every line is searched for the config's secrets before it leaves.
 */
export function createLog(
  level: string,
  secrets: readonly string[],
  write = (line: string) => void process.stderr.write(line),
): Log {
  const logger = pino(
    {
      level,
      base: null,
      messageKey: 'message',
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    { write: (line: string) => write(redact(line, secrets)) },
  );
  const say = (at: 'debug' | 'info' | 'warn') => (message: string, detail?: object) => {
    if (logger.isLevelEnabled(at)) logger[at](scrubbed(detail ?? {}) as object, scrub(message));
  };
  return { debug: say('debug'), info: say('info'), warn: say('warn') };
}
