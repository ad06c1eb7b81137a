import type { Reason } from '../store/runs.ts';
import { type Deleting, guardDeletes, LOOK } from './guardDeletes.ts';
import type { Guards } from './ports.ts';

/** Without `maxChanged`: more than half of the records, and at least this many, is not an ordinary day. */
export const DEFAULT_MAX_CHANGED = 0.5;
export const DEFAULT_LEAST = 1000;

/** Without `maxDeleted` and `maxMissing`: more than half of a stream's records, and at least this many. */
const DEFAULT_GONE = 0.5;
const LEAST_GONE = 100;

/** Without `maxGrowth`: more records than this do not turn out to be the same person between two runs. */
export const DEFAULT_MAX_GROWTH = 25;

/** A share never stops fewer records than this: one edit among three is no flood. None at all (0, 0%) is a count. */
export const FLOOR = 10;

/** One stream of the sync, as it stands before the run's first write. */
export interface StreamFacts {
  mapping: string;
  connection: string;
  object: string;
  /** Records that the tool reported deleted since a run last passed its guards. */
  deleted: number;
  /** Of so many, these among them. */
  of: number;
  /** Records that the last full read did not show. */
  missing: number;
  /** Of so many that the hub held before it. */
  held: number;
}

export interface Facts {
  /** No run of this sync has ever been complete; a first sync changes everything, and is never stopped. */
  first: boolean;
  /** Golden records that would be written to some tool, or that webhooks have just been. */
  changing: number;
  golden: number;
  /** Absent: none. */
  deleting?: Deleting;
  streams: readonly StreamFacts[];
  /** The golden record that grew most, if beyond its limit. */
  grown?: { golden: string; joined: number; others: number } | undefined;
}

/** Why a run must stop before its first write: every guard that it is past. None: it may go on. */
export function guard(guards: Guards, facts: Facts): Reason[] {
  if (facts.first) return [];
  return [
    ...changed(guards, facts),
    ...facts.streams.flatMap((stream) => [...deleted(guards, stream), ...missing(guards, stream)]),
    ...(facts.deleting ? guardDeletes(guards, { ...facts.deleting, golden: facts.golden }) : []),
    ...grown(guards, facts),
  ];
}

/** A share of `of`, or a count as it is. */
const limit = (setting: number, of: number) =>
  setting > 0 && setting < 1 ? Math.max(FLOOR, setting * of) : setting;

export const growthLimit = ({ maxGrowth }: Guards) => maxGrowth ?? DEFAULT_MAX_GROWTH;

function changed({ maxChanged }: Guards, facts: Facts): Reason[] {
  const most =
    maxChanged === undefined
      ? Math.max(DEFAULT_LEAST, DEFAULT_MAX_CHANGED * facts.golden)
      : limit(maxChanged, facts.golden);
  if (facts.changing <= most) return [];
  return [
    {
      code: 'guard.maxChanged',
      count: facts.changing,
      message: `${facts.changing} of ${facts.golden} golden records would be written to some tool; the guard maxChanged allows ${Math.floor(most)}`,
      hint: LOOK,
    },
  ];
}

/**
 * Deletes that people made in a tool. `maxDeleted: 0` means that the hub is to write none, which says nothing of what people do
 * in their own tools: the default stands then.
 */
function deleted({ maxDeleted }: Guards, { connection, object, deleted: count, of }: StreamFacts): Reason[] {
  const most = maxDeleted ? limit(maxDeleted, of) : Math.max(LEAST_GONE, DEFAULT_GONE * of);
  if (count <= most) return [];
  return [
    {
      code: 'guard.maxDeleted',
      connection,
      object,
      count,
      message: `${connection} says that ${count} of ${of} records of ${object} are deleted; the guard maxDeleted allows ${Math.floor(most)}`,
      hint: `If that was a mistake, bring them back in ${connection} and run again. ${LOOK}`,
    },
  ];
}

function missing(
  { maxMissing }: Guards,
  { connection, object, missing: count, held }: StreamFacts,
): Reason[] {
  // None at all of what it had: an empty answer, however few they were.
  const floor = count >= held ? 0 : FLOOR;
  const most = maxMissing === undefined ? Math.max(floor, DEFAULT_GONE * held) : limit(maxMissing, held);
  if (count <= most) return [];
  return [
    {
      code: 'guard.maxMissing',
      connection,
      object,
      count,
      message: `${count} records of ${object} that the hub holds were not shown by ${connection}, although everything was read; it held ${held}, and the guard maxMissing allows ${Math.floor(most)}`,
      hint: `See whether ${connection} is the right account, and whether its user may still see all records; an empty export may only be late. ${LOOK}`,
    },
  ];
}

function grown(guards: Guards, { grown: most }: Facts): Reason[] {
  if (!most) return [];
  const others = most.others > 0 ? `, and so it is with ${most.others} more` : '';
  return [
    {
      code: 'guard.maxGrowth',
      count: most.joined,
      message: `${most.joined} records joined the golden record ${most.golden} since the last run${others}; the guard maxGrowth allows ${growthLimit(guards)}`,
      hint: `\`nayose explain ${most.golden}\` says why; \`nayose split\` and \`nayose apart\` part what is not the same. ${LOOK}`,
    },
  ];
}

/** Can the guard maxChanged be past its limit by so many, whatever is counted more exactly? */
export function mayBePast({ maxChanged }: Guards, changing: number): boolean {
  if (maxChanged === undefined) return changing > DEFAULT_LEAST;
  return maxChanged > 0 && maxChanged < 1 ? changing > FLOOR : changing > maxChanged;
}
