import { pino } from 'pino';
import type { Log } from '../../connectors/contract.ts';
import { redact } from '../config/secrets.ts';

/** Structured lines on standard error. Every line is searched for the config's secrets before it leaves. */
export function createLog(
  level: string,
  secrets: readonly string[],
  write = (line: string) => void process.stderr.write(line),
): Log {
  const logger = pino(
    { level, base: null, timestamp: pino.stdTimeFunctions.isoTime },
    { write: (line: string) => write(redact(line, secrets)) },
  );
  return {
    debug: (message, detail) => logger.debug(detail ?? {}, message),
    info: (message, detail) => logger.info(detail ?? {}, message),
    warn: (message, detail) => logger.warn(detail ?? {}, message),
  };
}
