/**
 * What comes into the outbox after a run has passed its guards (webhooks, other syncs) is weighed too, before it leaves: records to be
 * deleted before each batch of deletes, all others once a step.
 */
import { countGolden } from '../store/goldens.ts';
import type { Reason, RunMemory, RunRow } from '../store/runs.ts';
import { countChanging, countDeleting, weighNew } from '../store/tally.ts';
import { guard, mayBePast } from './guard.ts';
import { guardDeletes } from './guardDeletes.ts';
import { show, sum, windowStart, writersOf } from './guarding.ts';
import type { Engine, Sync } from './ports.ts';

/** What was being committed while a run weighed carries a time of before. */
const OVERLAP_MS = 10_000;

/**
 * Called before each step of a run's deliveries: what is new in the outbox counts with what webhooks have had written. Reasons: the
 * run may not go on, and `memory.shown` says what is left to write.
 */
export async function weighAgain(
  engine: Engine,
  sync: Sync,
  run: RunRow,
  memory: RunMemory,
): Promise<Reason[]> {
  if (!memory.passed) return [];
  const at = engine.now().toISOString();
  const since = new Date(Date.parse(memory.passed.at) - OVERLAP_MS).toISOString();
  const window = windowStart(engine);
  const { fresh, written } = await weighNew(engine.db, run, writersOf(sync), { since, window, at });
  memory.passed.at = at;
  if (fresh === 0 || !mayBePast(sync.guards, written)) return [];
  const facts = { first: false, golden: await countGolden(engine.db, sync.entity.name), streams: [] };
  if (guard(sync.guards, { ...facts, changing: written }).length === 0) return [];
  await show(engine, sync, memory);
  const changing = await countChanging(engine.db, writersOf(sync), sync.name, window);
  return guard(sync.guards, { ...facts, changing });
}

export interface DeletesWeighed {
  halts: Reason[];
  /** A batch of deletes claims no more than were weighed. Absent: as many as it likes. */
  most?: number;
}

/** Called before each batch of deletes of a run. */
export async function weighRunDeletes(
  engine: Engine,
  sync: Sync,
  run: RunRow,
  memory: RunMemory,
): Promise<DeletesWeighed> {
  if (!memory.passed) return { halts: [] };
  const weighed = await weighDeletes(engine, sync, {
    passed: memory.passed.deleting,
    done: run.counts.archived,
    golden: () => countGolden(engine.db, sync.entity.name),
  });
  if (weighed.halts.length > 0) await show(engine, sync, memory);
  return weighed;
}

/** The same for whoever has passed no guard: `passed` is 0 then. `done`: what was deleted since, beside what webhooks had deleted. */
export async function weighDeletes(
  engine: Engine,
  sync: Sync,
  { passed, done, golden }: { passed: number; done: number; golden(): Promise<number> },
): Promise<DeletesWeighed & { most: number }> {
  const facts = await countDeleting(engine.db, writersOf(sync), sync.name, windowStart(engine));
  const deleting = { pending: facts.pending, done: facts.done + done };
  const most = deleting.pending;
  if (most === 0 || sum(deleting) <= passed) return { most, halts: [] };
  return { most, halts: guardDeletes(sync.guards, { ...deleting, golden: await golden() }) };
}
