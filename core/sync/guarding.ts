import { countGolden } from '../store/goldens.ts';
import { memoryOf, type Reason, type RunMemory, type RunRow, runById } from '../store/runs.ts';
import { planShown, type ShownWrite, savePlan } from '../store/shown-plans.ts';
import {
  countChanging,
  countDeleting,
  countLive,
  forgetMissing,
  goneOf,
  mostGrown,
  settleTally,
  tally,
  weighPending,
} from '../store/tally.ts';
import { type Facts, growthLimit, guard } from './guard.ts';
import type { Engine, Member, Sync } from './ports.ts';
import { beyond, digestOf, plannedWrites } from './shownPlan.ts';

/** What webhooks wrote is weighed for an hour at least, so that runs in between do not let it through in portions. */
const WRITTEN_MS = 3_600_000;
/** And for a day at most, where no run ever comes. */
export const WRITTEN_KEPT_MS = 86_400_000;

/** From when on the writes of webhooks count for the guards. */
export const windowStart = (engine: Engine) =>
  new Date(engine.now().getTime() - WRITTEN_KEPT_MS).toISOString();

/** Called when a full read of a stream has come to its end. */
export async function noteMissing(
  engine: Engine,
  { mapping }: Member,
  { held, shown }: { held: number; shown: number },
): Promise<void> {
  const n = held - shown;
  if (n <= 0) await forgetMissing(engine.db, mapping.name);
  else
    await tally(
      engine.db,
      [{ scope: mapping.name, kind: 'missing', subject: '', of: String(held), n }],
      engine.now().toISOString(),
    );
}

/**
 * Whether a run may write, asked before its first write. Reasons: it may not, and `memory.shown` says which writes were to be made.
 * A run that carries a person's approval passes if it would write nothing beyond what was shown. What comes later is weighed by
 * core/sync/weighing.ts.
 */
export async function judge(engine: Engine, sync: Sync, run: RunRow, memory: RunMemory): Promise<Reason[]> {
  const at = engine.now();
  if (!memory.first) await weighPending(engine.db, run.id, writersOf(sync), at.toISOString());
  const facts = await factsOf(engine, sync, memory.first);
  const halts = guard(sync.guards, facts);
  let approved = false;
  if (halts.length > 0) {
    const { writes, digest } = await planNow(engine, sync);
    const refusal =
      memory.approve === null
        ? undefined
        : await disapproval(engine, sync, memory.approve, halts, writes, digest);
    approved = memory.approve !== null && refusal === undefined;
    if (!approved) {
      await show(engine, sync, memory, { writes, digest });
      const hint = `Look at \`nayose plan\`; then run \`nayose sync --approve ${run.id}\`.`;
      return refusal ? [...halts, { code: 'approval', message: refusal, hint }] : halts;
    }
  }
  await settleTally(engine.db, {
    entity: sync.entity.name,
    mappings: sync.members.map(({ mapping }) => mapping.name),
    sync: sync.name,
    at: at.toISOString(),
    writtenUntil: new Date(at.getTime() - (approved ? 0 : WRITTEN_MS)).toISOString(),
  });
  if (!memory.first) memory.passed = { at: at.toISOString(), deleting: sum(facts.deleting) };
  return [];
}

/** What a sync would be halted by that began now: for a plan, which goes on and shows what would be written all the same. */
export async function foresee(engine: Engine, sync: Sync, first: boolean): Promise<Reason[]> {
  return guard(sync.guards, await factsOf(engine, sync, first)).map((reason) => ({
    ...reason,
    message: `a guard would halt this sync: ${reason.message}`,
    hint: '`nayose sync` stops before its first write, and names the run to approve with `--approve`.',
  }));
}

/** Keeps what would be written, for a person to approve. */
export async function show(
  engine: Engine,
  sync: Sync,
  memory: RunMemory,
  now?: Awaited<ReturnType<typeof planNow>>,
): Promise<void> {
  const { writes, digest } = now ?? (await planNow(engine, sync));
  const at = engine.now().toISOString();
  await engine.db.transaction((tx) => savePlan(tx, { digest, sync: sync.name, writes }, at));
  memory.shown = digest;
}

async function planNow(engine: Engine, sync: Sync): Promise<{ writes: ShownWrite[]; digest: string }> {
  const writes = await plannedWrites(engine, sync);
  return { writes, digest: digestOf(writes) };
}

export const sum = (deleting: Facts['deleting']) => (deleting ? deleting.pending + deleting.done : 0);
const names = (members: readonly Member[]) => members.map(({ mapping }) => mapping.name);
export const writersOf = (sync: Sync) => names(sync.members.filter(({ writes }) => writes));

async function factsOf(engine: Engine, sync: Sync, first: boolean): Promise<Facts> {
  const { db } = engine;
  const nothing: Facts = { first, changing: 0, golden: 0, streams: [] };
  if (first) return nothing;
  const gone = await goneOf(db, names(sync.members));
  const streams: Facts['streams'][number][] = [];
  for (const { mapping, deleted, missing, held } of gone) {
    const { connection, object } = sync.members.find((member) => member.mapping.name === mapping)!.mapping;
    const live = await countLive(db, connection, object);
    streams.push({ mapping, connection, object, deleted, of: live + deleted, missing, held });
  }
  const writers = writersOf(sync);
  return {
    first,
    changing: await countChanging(db, writers, sync.name, windowStart(engine)),
    golden: await countGolden(db, sync.entity.name),
    deleting: await countDeleting(db, writers, sync.name, windowStart(engine)),
    streams,
    grown: await mostGrown(db, sync.entity.name, sync.name, growthLimit(sync.guards)),
  };
}

/** Why a person's approval of an earlier run does not cover this one; undefined: it does. */
async function disapproval(
  engine: Engine,
  sync: Sync,
  id: string,
  halts: readonly Reason[],
  writes: readonly ShownWrite[],
  digest: string,
): Promise<string | undefined> {
  const run = await runById(engine.db, id);
  if (run?.sync !== sync.name || run.status !== 'halted' || run.mode === 'plan')
    return `run ${id} is no run of ${sync.name} that a guard halted`;
  for (const halt of halts) {
    const shown = run.reasons.find(
      ({ code, connection, object = halt.object }) =>
        code === halt.code && connection === halt.connection && object === halt.object,
    );
    if (!shown) return `run ${id} was not halted by ${halt.code}: that is new, and was not approved`;
    if ((halt.count ?? 0) > (shown.count ?? 0))
      return `run ${id} was shown with ${shown.count} for ${halt.code}, and now there are ${halt.count}`;
  }
  const shown = (await memoryOf(engine.db, id))?.shown;
  if (shown === digest) return undefined;
  const plan = shown === undefined ? undefined : await planShown(engine.db, shown);
  if (!plan) return `what run ${id} would have written is not kept any more, so its approval covers nothing`;
  const { added, changed } = beyond(plan, writes);
  if (added.length + changed.length === 0) return undefined;
  const where = ({ goldenId, mapping }: ShownWrite) => `${goldenId} in ${mapping}`;
  const samples = [
    ...changed.slice(0, 3).map(({ write, fields }) => `${where(write)}: ${fields.join(', ')}`),
    ...added.slice(0, 3).map((write) => `${where(write)}: a new ${write.op}`),
  ];
  const counts = [
    changed.length > 0 ? `${changed.length} would write other values` : '',
    added.length > 0 ? `${added.length} were not among them` : '',
  ].filter(Boolean);
  return `the writes have moved on since run ${id} showed them: of ${writes.length}, ${counts.join(' and ')} (${samples.join('; ')})`;
}
