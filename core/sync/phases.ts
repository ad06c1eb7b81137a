import { ConnectorError } from '../../connectors/contract.ts';
import { cursorOf } from '../store/cursors.ts';
import { countOutbox, dueNow, hastenPending, nextDue } from '../store/outbox.ts';
import type { Reason, RunMemory, RunRow } from '../store/runs.ts';
import { refreshStatistics } from '../store/statistics.ts';
import { acquaint } from './acquaint.ts';
import { backoff } from './backoff.ts';
import type { Committed } from './commit.ts';
import { confirmPage } from './confirm.ts';
import { deliverBatch } from './deliver.ts';
import { eraseInTools, erasingStream } from './erase/tools.ts';
import { FLOOR } from './guard.ts';
import { naming } from './guardDeletes.ts';
import { foresee, judge, noteMissing } from './guarding.ts';
import { LANE, type Lane } from './intents.ts';
import type { Engine, Member, Sync } from './ports.ts';
import { pullPage } from './pull.ts';
import { lookUpUnknown, recoverOrphans } from './recover.ts';
import { RESOLVE_PAGE, resolvePage } from './resolve.ts';
import { nameAside } from './setAside.ts';
import { mergeInTools } from './toolMerges.ts';
import { hasVanished, takeOut } from './vanished.ts';
import { weighAgain, weighRunDeletes } from './weighing.ts';

/** Tries of one row within one run; what is left then makes the run incomplete, and the next one goes on. */
const MAX_ATTEMPTS = 6;
/** Tries of one page: what broke off or came back unreadable is asked for again before the stream is given up for this run. */
const PULL_TRIES = 3;
/** A run waits at most this long for rows that back off; longer waits end it incomplete. */
const MAX_WAIT_MS = 70_000;

/** A tool that refuses for its budget and does not say for how long is called again after so long. */
export const QUOTA_REST_SECONDS = 60;

/** A run in the hands of this process. */
export interface State {
  run: RunRow;
  memory: RunMemory;
  engine: Engine;
  sync: Sync;
  signal: AbortSignal;
}

/** Milliseconds to wait, `now`, or the run has nothing more to do. */
export type Next = 'now' | 'done' | number;

/** One short step of the phase the run is in; every step commits. */
export async function step(state: State): Promise<Next> {
  if (state.memory.recover) await resume(state);
  switch (state.run.phase) {
    case 'pull':
      return pull(state);
    case 'resolve':
      return resolve(state);
    case 'guard':
      return checkGuards(state);
    case 'deliver':
      return deliver(state);
    case 'confirm':
      return confirm(state);
    case 'done':
      return 'done';
  }
}

const lane = ({ memory }: State): Lane => (memory.first ? LANE.backfill : LANE.incremental);

/** After a step that broke off: what it sent without an answer is looked up before anything is sent again. */
async function resume(state: State): Promise<void> {
  // It may have committed a page that nobody counted: how much a full read showed is not known any more.
  for (const stream of Object.values(state.run.streams)) delete stream.full;
  await recoverOrphans(state.engine);
  if (state.run.phase === 'deliver' || state.run.phase === 'confirm')
    for (const member of writers(state.sync))
      if (!state.run.streams[member.mapping.name]!.failed) await lookAgain(state, member);
  state.memory.recover = false;
}

/** One page of every stream, the connections side by side. */
async function pull(state: State): Promise<Next> {
  const { engine, sync, run, memory, signal } = state;
  if (Object.keys(run.streams).length === 0) {
    await recoverOrphans(engine);
    await eraseInTools(
      engine,
      sync.members.map((member) => erasingStream(member, sync.name)),
      signal,
    );
    await mergeInTools(engine, sync, signal);
    await acquaint(engine, sync);
  }
  for (const member of sync.members)
    run.streams[member.mapping.name] ??= {
      done: !member.reads,
      read: 0,
      ...(await recover(state, member, true)),
    };
  const open = sync.members.filter((m) => !run.streams[m.mapping.name]!.done);
  let pause = 0;
  await byConnection(engine, open, async (member) => {
    const stream = run.streams[member.mapping.name]!;
    try {
      const afresh =
        stream.read === 0 &&
        !stream.started &&
        (run.mode === 'full' || memory.full || (await wantsRescan(engine, member)));
      const page = await pullPage(engine, sync, member, afresh, signal);
      stream.started = true;
      stream.done = page.done;
      stream.read += page.read;
      if (page.held !== undefined) stream.full = { held: page.held, shown: 0 };
      if (stream.full) stream.full.shown += page.known;
      const whole = page.done ? (page.shown ?? stream.full) : undefined;
      if (whole) await noteMissing(engine, member, whole);
      run.counts.read += page.read;
      run.counts.deleted += page.deleted;
      run.counts.blocked += page.blocked.length;
      run.counts.unreadable += page.unreadable + page.problems.length;
      run.counts.unchanged += page.news.same + page.news.echo + page.news.normalised;
      countNews(run, page.news);
      nameAside(run, member, stream, page.problems);
      for (const field of page.lacking) noteLacking(state, member, field);
      engine.progress({
        run: run.id,
        sync: sync.name,
        phase: 'pull',
        connection: member.tool.name,
        object: member.mapping.object,
        done: stream.read,
      });
      stream.tries = 0;
    } catch (error) {
      const tries = (stream.tries ?? 0) + 1;
      if (
        error instanceof ConnectorError &&
        error.kind === 'transient' &&
        tries < PULL_TRIES &&
        !engine.dry
      ) {
        stream.tries = tries;
        pause = Math.max(pause, backoff(tries, engine.random(), error.retryAfter));
        return;
      }
      stream.failed = asReason(error, member, engine.now());
      stream.done = true;
    }
  });
  if (pause > 0) return pause;
  if (sync.members.every((m) => run.streams[m.mapping.name]!.done)) {
    if (run.counts.read - run.counts.unchanged > RESOLVE_PAGE) await refreshStatistics(engine.db);
    run.phase = 'resolve';
  }
  return 'now';
}

/** Said once a run. The next run works with the schema as it is now. */
function noteLacking({ engine, run }: State, { tool, mapping }: Member, field: string): void {
  const message = `${tool.name} ${mapping.object} no longer has the field ${field}, or its user may not see it: this run went on without it`;
  if (run.reasons.some((reason) => reason.message === message)) return;
  run.reasons.push({
    code: 'schema',
    connection: tool.name,
    message,
    hint: '`nayose check` shows what the mapping and the tool do not agree on. Nothing was cleared.',
  });
  engine.drifted?.(tool.name);
}

function countNews({ counts }: RunRow, { echo, normalised, partly, edit }: Committed['news']): void {
  counts.echoes += echo;
  counts.normalised += normalised;
  counts.partlyOurs += partly;
  counts.edits += edit;
}

const wantsRescan = async (engine: Engine, { mapping }: Member) =>
  (await cursorOf(engine.db, mapping.name))?.rescan ?? false;

/** Members of one connection after another, connections side by side (one after another in a dry run's transaction). */
async function byConnection(
  engine: Engine,
  members: readonly Member[],
  work: (m: Member) => Promise<void>,
): Promise<void> {
  const groups = [...Map.groupBy(members, (member) => member.tool.name).values()];
  const serial = async (group: readonly Member[]) => {
    for (const member of group) await work(member);
  };
  if (engine.dry) for (const group of groups) await serial(group);
  else await Promise.all(groups.map(serial));
}

function asReason(error: unknown, { tool, mapping }: Member, now: Date): Reason {
  if (!(error instanceof ConnectorError)) throw error;
  return {
    code: error.kind,
    connection: tool.name,
    message: `${tool.name} ${mapping.object}: ${error.message}`,
    ...(error.hint ? { hint: error.hint } : {}),
    ...(error.kind === 'quota'
      ? { until: new Date(now.getTime() + (error.retryAfter ?? QUOTA_REST_SECONDS) * 1000).toISOString() }
      : {}),
  };
}

/** Looks up what was sent without an answer; at the start of a run also what an earlier one wrote and never looked at. */
async function recover(state: State, member: Member, starting = false): Promise<{ failed?: Reason }> {
  if (!member.writes || (state.engine.dry && !starting)) return {};
  try {
    await lookUpUnknown(state.engine, state.sync, member, state.signal);
    const { engine, sync, run, signal } = state;
    const count = (news: Committed['news']) => countNews(run, news);
    if (starting) while ((await confirmPage(engine, sync, member, signal, count, true)) > 0);
    return {};
  } catch (error) {
    return { failed: asReason(error, member, state.engine.now()) };
  }
}

/**
 * What was sent and not answered is looked up. What turned up changed by somebody's hand is a stranger until it is matched, and
 * what cannot be looked up must be read anew: both before anything is sent again.
 */
async function lookAgain(state: State, member: Member): Promise<void> {
  const { run, engine } = state;
  const stream = run.streams[member.mapping.name]!;
  const recovered = await recover(state, member);
  if (run.phase !== 'pull') run.phase = 'resolve';
  if (recovered.failed) stream.failed = recovered.failed;
  else if (await wantsRescan(engine, member)) {
    Object.assign(stream, { done: false, started: false, read: 0 });
    run.phase = 'pull';
  }
}

async function resolve(state: State): Promise<Next> {
  const { engine, sync, run, memory } = state;
  const result = await resolvePage(engine, sync, lane(state));
  run.counts.linked += result.linked;
  run.counts.merged += result.merged;
  run.counts.reviews += result.reviews;
  memory.resolved += result.records;
  if (memory.resolved >= memory.analyse) {
    await refreshStatistics(engine.db);
    memory.analyse = Math.max(memory.analyse * 4, RESOLVE_PAGE * 4);
  }
  if (result.records === 0) run.phase = memory.guarded ? 'deliver' : 'guard';
  else engine.progress({ run: run.id, sync: sync.name, phase: 'resolve', done: memory.resolved });
  return 'now';
}

const writers = (sync: Sync) => sync.members.filter((member) => member.writes);
const names = (members: readonly Member[]) => members.map((member) => member.mapping.name);

async function checkGuards(state: State): Promise<Next> {
  const { engine, sync, run, memory } = state;
  if (memory.guarded) return takeOutVanished(state);
  for (const member of sync.members)
    if (member.reads && !(await cursorOf(engine.db, member.mapping.name))?.complete) {
      run.reasons.push({
        code: 'not-read',
        connection: member.tool.name,
        message: `${member.tool.name} ${member.mapping.object} has not been read to its end yet, so nothing was written to any tool`,
        hint: 'What a tool holds must be known before anything is created in another: mend the cause and run again.',
      });
      run.phase = 'done';
    }
  if (run.phase === 'done') return 'now';
  memory.guarded = true;
  if (engine.dry) run.reasons.push(...(await foresee(engine, sync, memory.first)));
  else if (halt(run, await judge(engine, sync, run, memory))) return 'done';
  return takeOutVanished(state);
}

/** Past the guards, which have weighed it as missing: a page of what readings did not show any more is taken out. */
async function takeOutVanished(state: State): Promise<Next> {
  const { engine, sync, run, signal } = state;
  const due: Member[] = [];
  for (const member of sync.members)
    if (member.reads && !run.streams[member.mapping.name]!.failed && (await hasVanished(engine.db, member)))
      due.push(member);
  const [member] = due;
  run.phase = 'deliver';
  if (!member) return 'now';
  try {
    const { deleted, done, reason } = await takeOut(engine, sync, member, signal);
    run.counts.deleted += deleted;
    if (reason) run.reasons.push(reason);
    run.phase = done && due.length === 1 ? 'resolve' : 'guard';
  } catch (error) {
    run.streams[member.mapping.name]!.failed = asReason(error, member, engine.now());
    run.phase = 'guard';
  }
  return 'now';
}

/** Past a guard: the run ends here, and a person decides. Several tools may meet it at once. */
function halt(run: RunRow, halts: readonly Reason[]): boolean {
  if (halts.length > 0 && run.status !== 'halted') {
    run.reasons.push(...halts.map((reason) => naming(reason, run.id)));
    run.status = 'halted';
    run.phase = 'done';
  }
  return run.status === 'halted';
}

async function deliver(state: State): Promise<Next> {
  const { engine, sync, run, memory, signal } = state;
  if (halt(run, await weighAgain(engine, sync, run, memory))) return 'done';
  // Opt-outs leave before anything else does, whatever tool and object the others are for.
  const urgent = await dueNow(engine.db, names(writers(sync)), engine.now().toISOString(), LANE.consent);
  let claimed = 0;
  for (const lane of urgent.length > 0 ? [LANE.consent, LANE.backfill] : [LANE.backfill])
    if (claimed === 0 && run.phase === 'deliver')
      await byConnection(engine, writers(sync), (member) => write(member, lane));
  if (run.status === 'halted') return 'done';
  if (run.phase !== 'deliver') return 'now';
  if (claimed > 0) return 'now';
  const resolved = await resolvePage(engine, sync, lane(state));
  if (resolved.records > 0) {
    run.phase = 'resolve';
    run.counts.linked += resolved.linked;
    return 'now';
  }
  const reachable = writers(sync).filter((m) => !run.streams[m.mapping.name]!.failed);
  const due = await nextDue(engine.db, names(reachable), MAX_ATTEMPTS, engine.within);
  if (due !== undefined) {
    const wait = Math.max(0, Date.parse(due) - engine.now().getTime());
    if (memory.waited + wait <= MAX_WAIT_MS) {
      memory.waited += wait;
      if (!engine.dry) return wait + 1;
      // A plan waits for nothing: its transaction would stay open meanwhile.
      await hastenPending(engine.db, names(reachable), engine.now().toISOString());
      return 'now';
    }
  }
  run.phase = 'confirm';
  const left = (await countOutbox(engine.db, names(writers(sync)))).filter(
    ({ state }) => state !== 'held' && state !== 'waiting',
  );
  run.delivered = left.reduce((sum, { n }) => sum + n, 0) <= FLOOR;
  return 'now';

  async function write(member: Member, only: Lane): Promise<void> {
    const stream = run.streams[member.mapping.name]!;
    for (const op of ['create', 'update', 'delete'] as const) {
      if (stream.failed || signal.aborted) return;
      const { halts, most } =
        op === 'delete' ? await weighRunDeletes(engine, sync, run, memory) : { halts: [] };
      if (halt(run, halts)) return;
      const result = await deliverBatch(engine, sync, member, op, signal, only, most);
      claimed += result.claimed;
      run.counts.created += result.created;
      run.counts.updated += result.updated;
      run.counts.archived += result.archived;
      if (result.failure && ['auth', 'quota', 'rejected'].includes(result.failure.kind))
        stream.failed = asReason(result.failure, member, engine.now());
      if (result.unknown > 0) await lookAgain(state, member);
      if (result.claimed > 0)
        engine.progress({
          run: run.id,
          sync: sync.name,
          phase: 'deliver',
          connection: member.tool.name,
          object: member.mapping.object,
          done: result.created + result.updated + result.archived,
        });
    }
  }
}

async function confirm(state: State): Promise<Next> {
  const { engine, sync, run, signal } = state;
  let looked = 0;
  await byConnection(engine, writers(sync), async (member) => {
    const stream = run.streams[member.mapping.name]!;
    if (stream.failed) return;
    try {
      looked += await confirmPage(engine, sync, member, signal, (news) => countNews(run, news));
    } catch (error) {
      stream.failed = asReason(error, member, engine.now());
    }
  });
  if (looked > 0) return 'now';
  const resolved = await resolvePage(engine, sync, lane(state));
  run.phase = resolved.records > 0 ? 'resolve' : 'done';
  return 'now';
}
