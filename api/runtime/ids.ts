import { randomBytes } from 'node:crypto';

/** Ids that sort by time (UUID version 7), with a prefix that tells what they are. */
export function createIds(now: () => Date): (prefix: string) => string {
  let last = 0;
  let sequence = 0;
  return (prefix) => {
    const time = Math.max(now().getTime(), last);
    sequence = time === last ? sequence + 1 : randomBytes(1)[0]!;
    last = sequence > 0xfff ? time + 1 : time;
    if (sequence > 0xfff) sequence = 0;
    const head = last.toString(16).padStart(12, '0') + sequence.toString(16).padStart(3, '0');
    return `${prefix}_${head}${randomBytes(8).toString('hex').slice(0, 11)}`;
  };
}
