import type { Reason } from '../store/runs.ts';
import type { Guards } from './ports.ts';

/** Without `maxDeleted`: more than a tenth of the golden records, and at least this many, is not an ordinary day. */
const DEFAULT_SHARE = 0.1;
const LEAST = 10;

const THIS_RUN = '--approve RUN` with this run';

/** What every guard advises; `naming` puts the run's own id into it. */
export const LOOK = `Look at \`nayose plan\`; if it is what you want, run \`nayose sync ${THIS_RUN}.`;

/** The advice of a run that halted, with the id to approve. */
export const naming = (reason: Reason, run: string): Reason =>
  reason.hint === undefined
    ? reason
    : { ...reason, hint: reason.hint.replace(THIS_RUN, `--approve ${run}\``) };

/** Records. */
export interface Deleting {
  /** To be deleted in some tool. */
  pending: number;
  /** That webhooks have just had deleted. */
  done: number;
}

/**
 * Whether a run must stop before it deletes records in tools, as people deleted their counterparts. `maxDeleted: 0`: not one without
 * approval.
 */
export function guardDeletes({ maxDeleted }: Guards, facts: Deleting & { golden: number }): Reason[] {
  const most =
    maxDeleted === undefined || (maxDeleted > 0 && maxDeleted < 1)
      ? Math.max(LEAST, (maxDeleted ?? DEFAULT_SHARE) * facts.golden)
      : maxDeleted;
  const deleting = facts.pending + facts.done;
  if (facts.pending === 0 || deleting <= most) return [];
  return [
    {
      code: 'guard.deletes',
      count: deleting,
      message: `${deleting} records would be deleted in some tool, of ${facts.golden} golden records; the guard maxDeleted allows ${Math.floor(most)}`,
      hint: LOOK,
    },
  ];
}
