/** What a write costs in API calls, by collections and as a Bulk API 2.0 job: the cheaper way is taken. */

/** Rows that one collection carries. */
export const COLLECTION = 200;
/** Rows that one job is given: thousands are cheap, and all of them are in memory at once. */
export const LARGEST_JOB = 5_000;

const FIRST_WAIT_MS = 250;
const LONGEST_WAIT_MS = 5_000;
/** Opening a job, filling it, closing it. */
const TO_BEGIN = 3;
/** Fetching what was done, and what was refused. */
const TO_END = 2;

/** How long jobs take: they wait in Salesforce's queue, and then go through their rows. */
export interface JobPace {
  queuedMs: number;
  rowsPerSecond: number;
}

/** Until a job of this connection has shown it. */
export const USUAL_PACE: JobPace = { queuedMs: 1_000, rowsPerSecond: 1_000 };

/** Milliseconds between looking at a job and looking again. */
export const waitBefore = (look: number): number =>
  look === 0 ? 0 : Math.min(FIRST_WAIT_MS * 1.5 ** (look - 1), LONGEST_WAIT_MS);

/** How often a job that takes so long is looked at. */
export function looksFor(ms: number): number {
  let looks = 1;
  for (let passed = 0; passed < ms; looks += 1) passed += waitBefore(looks);
  return looks;
}

export const collectionCalls = (rows: number): number => Math.ceil(rows / COLLECTION);

export const jobCalls = (rows: number, pace: JobPace): number =>
  TO_BEGIN + looksFor(pace.queuedMs + (rows / pace.rowsPerSecond) * 1000) + TO_END;

export const paysAsJob = (rows: number, pace: JobPace): boolean =>
  jobCalls(rows, pace) < collectionCalls(rows);

/** From how many rows on a job is cheaper; undefined: none that is small enough is. */
export function jobFrom(pace: JobPace): number | undefined {
  for (let rows = COLLECTION + 1; rows <= LARGEST_JOB; rows += COLLECTION)
    if (paysAsJob(rows, pace)) return rows;
  return undefined;
}

/** Jobs know no header that overrules duplicate rules. */
export const takesJobs = ({ bulk, allowDuplicates }: { bulk: boolean; allowDuplicates: boolean }): boolean =>
  bulk && !allowDuplicates;

const paces = new WeakMap<object, JobPace>();

export const paceOf = (config: object): JobPace => paces.get(config) ?? USUAL_PACE;

/** A job of this connection took so long: the next ones are reckoned by it. */
export function learnPace(config: object, rows: number, ms: number): void {
  const working = Math.max(1, ms - USUAL_PACE.queuedMs);
  paces.set(config, { queuedMs: Math.min(ms, USUAL_PACE.queuedMs), rowsPerSecond: (rows / working) * 1000 });
}
