import type { Reason } from '../store/runs.ts';
import type { Guards } from './ports.ts';

/** Without `maxChanged`: more than half of the records, and at least this many, is not an ordinary day. */
export const DEFAULT_MAX_CHANGED = 0.5;
export const DEFAULT_LEAST = 1000;

/** A share never stops fewer records than this: one edit among three is no flood. None at all (0, 0%) is a count. */
const FLOOR = 10;

/**
 * Whether a run must stop before its first write. `first`: no run of this sync has ever been complete; a first
 * sync changes everything, and is never stopped.
 */
export function guard(
  guards: Guards,
  facts: { first: boolean; changing: number; golden: number },
): Reason | undefined {
  if (facts.first) return undefined;
  const limit = (setting: number, of: number) =>
    setting > 0 && setting < 1 ? Math.max(FLOOR, setting * of) : setting;
  const changed = guards.maxChanged;
  const most =
    changed === undefined
      ? Math.max(DEFAULT_LEAST, DEFAULT_MAX_CHANGED * facts.golden)
      : limit(changed, facts.golden);
  if (facts.changing > most)
    return {
      code: 'guard.maxChanged',
      count: facts.changing,
      message: `${facts.changing} of ${facts.golden} golden records would be written to some tool; the guard maxChanged allows ${Math.floor(most)}`,
      hint: 'Look at `nayose plan`; if it is what you want, run `nayose sync --approve RUN` with this run.',
    };
  return undefined;
}

/** Does the guard's answer depend on how many golden records there are? Counting them is not free. */
export function weighsGolden({ maxChanged }: Guards, changing: number): boolean {
  if (maxChanged === undefined) return changing > DEFAULT_LEAST;
  return maxChanged > 0 && maxChanged < 1 && changing > FLOOR;
}
