import type { Lane as CallLane } from '../../connectors/contract.ts';
import { type Permit, savePermits } from '../store/permits.ts';
import {
  addRun,
  endRun,
  everDelivered,
  isLatest,
  NO_COUNTS,
  type OpenRun,
  type RunMemory,
  type RunRow,
  runById,
  saveRun,
  takeRun,
  unfinishedRuns,
} from '../store/runs.ts';
import { conclude } from './conclude.ts';
import { type Next, type State, step } from './phases.ts';
import type { Engine, Sync } from './ports.ts';
import { RESOLVE_PAGE } from './resolve.ts';

/** A run in nobody's hands is kept for so long after its next step was due. */
export const KEPT_SECONDS = 600;

/** The sync is being run by another process: try later, or look at that run. */
export class AlreadyRunning extends Error {
  constructor(sync: string, run: RunRow) {
    super(
      `${sync} is already running (run ${run.id}, since ${run.startedAt}${run.owner ? `, by ${run.owner}` : ''})`,
    );
    this.name = 'AlreadyRunning';
  }
}

/** What was to be gone on with was already: nothing is left to do. */
export class Superseded extends Error {
  constructor(sync: string, id: string) {
    super(`${sync} has been run since run ${id}`);
    this.name = 'Superseded';
  }
}

export interface StartOptions {
  mode: RunRow['mode'];
  /** Reads every stream from its beginning. */
  full?: boolean | undefined;
  /** The id of a run that a guard halted, and whose plan a person approved. */
  approve?: string | undefined;
  /** Writes that a plan listed: the run makes them, and no others. Empty: none yet (see `permitRun`). */
  permits?: readonly Permit[] | undefined;
  /** The id of a run that a budget ended: the new one goes on with it, unless the sync was run since. Then it throws Superseded. */
  resumes?: string | undefined;
  /** Whoever comes takes its steps, not this process: on Workers, where each step has an invocation of its own. */
  handOver?: boolean;
}

/** Is somebody at work on it, or expected to be soon? */
export async function isLive(
  engine: Pick<Engine, 'owner' | 'isAlive'>,
  run: Pick<OpenRun, 'owner' | 'leased'>,
): Promise<boolean> {
  if (run.owner === null) return run.leased;
  return run.owner === engine.owner || engine.isAlive(run.owner);
}

/**
 * Signs a new run in, unless the same sync is running somewhere: then it throws AlreadyRunning. Runs that nobody works on any
 * more are closed on the way.
 */
export async function startRun(
  engine: Engine,
  sync: Pick<Sync, 'name'>,
  options: StartOptions,
): Promise<RunRow> {
  return engine.db.transaction(async (tx) => {
    await tx.query(`select pg_advisory_xact_lock(hashtext('nayose.run'))`);
    for (const run of await unfinishedRuns(tx)) {
      if (!(await isLive(engine, run)))
        await endRun(
          tx,
          run.id,
          { code: 'process-ended', message: 'the process that ran it ended' },
          engine.now().toISOString(),
        );
      else if (run.sync === sync.name && options.mode !== 'plan') throw new AlreadyRunning(sync.name, run);
    }
    if (options.resumes !== undefined && !(await isLatest(tx, { id: options.resumes, sync: sync.name })))
      throw new Superseded(sync.name, options.resumes);
    const run: RunRow = {
      id: engine.newId(),
      sync: sync.name,
      mode: options.mode,
      status: 'running',
      phase: 'pull',
      reasons: [],
      counts: { ...NO_COUNTS },
      apiCalls: {},
      streams: {},
      owner: options.handOver ? null : engine.owner,
      delivered: false,
      clock: null,
      startedAt: engine.now().toISOString(),
      endedAt: null,
      resumeAt: null,
    };
    const memory: RunMemory = {
      full: options.full ?? false,
      approve: options.approve ?? null,
      ...(options.permits ? { planned: true } : {}),
      first: !(await everDelivered(tx, sync.name)),
      waited: 0,
      resolved: 0,
      analyse: RESOLVE_PAGE,
      guarded: false,
      recover: false,
      failures: 0,
      fault: null,
    };
    await addRun(tx, run, memory, KEPT_SECONDS);
    if (options.permits) await savePermits(tx, run.id, options.permits);
    return run;
  });
}

export interface StepOptions {
  /** When it is aborted no further step is begun; calls in hand end by the contexts of the sync's tools. */
  signal: AbortSignal;
  /** More steps are taken in one go as long as less time than this has passed. */
  budgetMs?: number;
  /** The run stays signed by this process; otherwise it goes into nobody's hands, and anybody may take the next step. */
  keep?: boolean;
  /** The step before broke off, and could not be marked so. */
  recover?: boolean;
  /** The run ends here, with this reason, instead of taking a step. */
  stop?: RunRow['reasons'][number];
}

export interface Stepped {
  run: RunRow;
  /** `busy`: somebody else is at work on it; there is nothing to do here. */
  next: Next | 'busy';
}

/**
 * Takes the run, does one short step (or a few, see `budgetMs`), and saves. Any invocation of any process may call it, also twice
 * at once: one of them gets the run. A run whose owner has died is taken over. Throws on faults of the hub itself; the step then
 * counts as not taken, and can be tried again.
 */
export async function stepRun(
  engine: Engine,
  sync: Sync,
  id: string,
  options: StepOptions,
): Promise<Stepped> {
  const taken = await take(engine, id);
  if (!taken) return elsewhere(engine, id);
  const { signal } = options;
  const own = taken.memory.planned ? { ...engine, within: id } : engine;
  const state: State = { ...taken, engine: own, sync: inLane(sync, laneOf(taken)), signal };
  const { run, memory } = state;
  if (options.recover) memory.recover = true;
  const started = engine.now().getTime();
  let next: Next = 'now';
  for (;;) {
    const before = structuredClone({ run, memory });
    const calls = new Map(sync.members.map(({ tool }) => [tool.name, tool]));
    const already = new Map([...calls].map(([name, tool]) => [name, tool.calls()]));
    const count = () => {
      for (const [name, tool] of calls)
        run.apiCalls[name] = (run.apiCalls[name] ?? 0) + tool.calls() - already.get(name)!;
    };
    try {
      if (options.stop) run.reasons.push(options.stop);
      next = options.stop ? 'done' : await step(state);
      if (next === 'done') await conclude(own, sync, run);
      Object.assign(memory, { failures: 0, fault: null });
      count();
      const more =
        next === 'now' && !signal.aborted && engine.now().getTime() - started < (options.budgetMs ?? 0);
      const rest = !more && !options.keep && next !== 'done';
      const ms = typeof next === 'number' ? next : 0;
      if (!(await saveRun(engine.db, run, memory, rest ? { ms, keptSeconds: KEPT_SECONDS } : undefined)))
        return elsewhere(engine, id);
      if (!more) return { run, next };
    } catch (error) {
      count();
      await unwind(engine, before, run, error as Error, options).catch(() => {
        throw error;
      });
      throw error;
    }
  }
}

/** A run that reads or writes everything is less urgent than one that looks for news. */
const laneOf = ({ run, memory }: Pick<State, 'run' | 'memory'>) =>
  memory.first || memory.full || run.mode === 'full' ? 'backfill' : 'incremental';

function inLane(sync: Sync, lane: CallLane): Sync {
  const members = sync.members.map((member) => ({
    ...member,
    tool: {
      ...member.tool,
      context: (signal: AbortSignal, own?: CallLane) => member.tool.context(signal, own ?? lane),
    },
  }));
  return { ...sync, members };
}

/** What the broken step did is counted; where the run stands is as before it, and what it sent is looked up first. */
async function unwind(
  engine: Engine,
  before: { run: RunRow; memory: RunMemory },
  { counts, apiCalls }: RunRow,
  error: Error,
  options: StepOptions,
): Promise<void> {
  const memory: RunMemory = {
    ...before.memory,
    recover: true,
    failures: before.memory.failures + 1,
    fault: error.message,
  };
  const rest = options.keep ? undefined : { ms: 0, keptSeconds: KEPT_SECONDS };
  await saveRun(engine.db, { ...before.run, counts, apiCalls }, memory, rest);
}

/** Takes the run from nobody, or over from an owner who died in the middle of a step. */
async function take(engine: Engine, id: string): Promise<Pick<State, 'run' | 'memory'> | undefined> {
  const free = await takeRun(engine.db, id, engine.owner);
  if (free) return free;
  const run = await runById(engine.db, id);
  if (run?.status !== 'running' || run.owner === null || (await engine.isAlive(run.owner))) return undefined;
  const taken = await takeRun(engine.db, id, engine.owner, run.owner);
  if (taken) taken.memory.recover = true;
  return taken;
}

async function elsewhere(engine: Engine, id: string): Promise<Stepped> {
  const run = await runById(engine.db, id);
  if (!run) throw new Error(`there is no run ${id}`);
  return { run, next: run.status === 'running' ? 'busy' : 'done' };
}
