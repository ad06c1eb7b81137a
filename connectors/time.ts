const DAY = /^(\d{4})[-/](\d{1,2})[-/](\d{1,2})(?:[T ]+(\d{1,2}):(\d{2})(?::(\d{2})(\.\d+)?)?)?$/;
const ZONED = /(Z|GMT|UTC|[+-]\d{2}:?\d{2})$/;
const two = (text: string | undefined) => (text ?? '0').padStart(2, '0');

/**
 * A moment as files and senders write it: ISO 8601, `2024/1/2 3:04`, an RFC 2822 date, or seconds or
 * milliseconds since 1970. A time without a zone is in `offset` (`+09:00`), by default UTC: never in the zone of
 * the machine, which differs between one's desk and the server. undefined when it is none of these.
 */
export function readTime(value: unknown, offset = 'Z'): Date | undefined {
  const time = typeof value === 'number' ? fromEpoch(value) : fromText(String(value ?? '').trim(), offset);
  return time !== undefined && isStorable(time) ? time : undefined;
}

/** The database takes no year 0, and nobody means one before it or of five digits. */
export const isStorable = (time: Date) => time.getUTCFullYear() >= 1 && time.getUTCFullYear() <= 9999;

/** Seconds until the year 5138, milliseconds from 1973 on. */
const fromEpoch = (value: number) => new Date(value < 1e11 ? value * 1000 : value);

function fromText(text: string, offset: string): Date | undefined {
  if (/^\d{9,13}$/.test(text)) return fromEpoch(Number(text));
  const parts = DAY.exec(text);
  if (parts === null) return ZONED.test(text) ? new Date(text) : undefined;
  const [, year, month, day, hour, minute, second, fraction] = parts;
  // Date reads the 31st of February as the 2nd of March.
  if (new Date(Date.UTC(Number(year), Number(month) - 1, Number(day))).getUTCDate() !== Number(day))
    return undefined;
  const clock = `${two(hour)}:${two(minute)}:${two(second)}${fraction ?? ''}`;
  return new Date(`${year}-${two(month)}-${two(day)}T${clock}${offset}`);
}
