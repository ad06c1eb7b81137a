import { ConnectorError, type Lane } from '../../connectors/contract.ts';
import type { DayState, Pause } from '../../core/store/budgets.ts';
import { keptFor } from './shares.ts';

/** Thrown for calls that are not made, since it is known that they would fail, or are not this lane's to make. */
export class Resting extends ConnectorError {}

export const isResting = (error: unknown): boolean =>
  error instanceof Resting || (error instanceof Error && error.cause !== undefined && isResting(error.cause));

const BY_ITSELF = 'The hub goes on by itself then.';
const secondsTo = (until: string, now: Date) =>
  Math.max(1, Math.ceil((Date.parse(until) - now.getTime()) / 1000));

/** The whole connection rests. */
export function restingError(pause: Pause, now: Date): Resting {
  const hint =
    pause.state === 'auth'
      ? `Mend the login of ${pause.connection}; it is tried again by itself.`
      : BY_ITSELF;
  return new Resting(pause.state, `${pause.connection} rests until ${pause.until}: ${pause.reason}`, {
    retryAfter: secondsTo(pause.until, now),
    hint,
  });
}

/** A lane has used what it may use of a day. */
export function spentError(connection: string, day: DayState, lane: Lane, now: Date): Resting {
  const { name, used, limit, resetsAt, lookAt } = day;
  const until = resetsAt ?? lookAt;
  return new Resting(
    'quota',
    `${connection}: ${used} of ${limit} calls of the ${name} budget are used, and the rest is kept for ${keptFor[lane]}; ${
      resetsAt === null ? `looked at again at ${until}` : `it renews at ${until}`
    }`,
    { retryAfter: secondsTo(until, now), hint: BY_ITSELF },
  );
}

/** Why a connection rests whose budget is used up, and until when. What the tool does not tell is said to be unknown. */
export function exhausted(
  name: string,
  resetsAt: string | null,
  lookAt: string,
  renewal: string | undefined,
): { reason: string; until: string } {
  if (resetsAt !== null)
    return { reason: `the ${name} budget is used up; it renews at ${resetsAt}`, until: resetsAt };
  const when = renewal === undefined ? 'when it renews is not known' : `it renews ${renewal}`;
  return {
    reason: `the ${name} budget is used up; ${when}, so one call looks at ${lookAt}`,
    until: lookAt,
  };
}
