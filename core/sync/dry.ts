import type { Db } from '../store/db.ts';
import type { RunRow } from '../store/runs.ts';
import { joinsOf, namesOfNew, reviewsAmong } from './joins.ts';
import type {
  Notes,
  PlannedLink,
  PlannedMerge,
  PlannedReview,
  PlannedSplit,
  PlannedWrite,
} from './planned.ts';
import type { Engine, Sync } from './ports.ts';
import { runSync } from './run.ts';

export type { PlannedWrite } from './planned.ts';

export interface PlanResult {
  runs: RunRow[];
  writes: PlannedWrite[];
  links: PlannedLink[];
  merges: PlannedMerge[];
  splits: PlannedSplit[];
  reviews: PlannedReview[];
}

/** Thrown to undo the transaction of a dry run; never leaves this file. */
class Undo extends Error {}

/**
 * Works out what these syncs would do: the very same steps, inside one transaction that is rolled back, with writers that
 * only take notes. Nothing is written to any tool, and the hub's own records stay as they were. Reading is real.
 */
export async function planSyncs(
  engine: Engine,
  syncs: readonly Sync[],
  options: { full: boolean; signal: AbortSignal },
): Promise<PlanResult> {
  const result: PlanResult = { runs: [], writes: [], links: [], merges: [], splits: [], reviews: [] };
  try {
    await engine.db.transaction(async (tx) => {
      const made = new Set<string>();
      const newId = () => {
        const id = engine.newId();
        made.add(id);
        return id;
      };
      for (const sync of syncs) {
        const { notes, noted } = notebook();
        const dry: Engine = { ...engine, db: tx as Db, dry: true, newId, notes };
        result.runs.push(
          await runSync(dry, sync, { mode: 'plan', full: options.full, signal: options.signal }),
        );
        const { links, merges, splits } = await joinsOf(tx, sync, noted);
        result.writes.push(...noted.writes);
        result.links.push(...links);
        result.merges.push(...merges);
        result.splits.push(...splits);
        result.reviews.push(...(await reviewsAmong(tx, sync, noted.doubts)));
      }
      rename(result, await namesOfNew(tx, made));
      throw new Undo();
    });
  } catch (error) {
    if (!(error instanceof Undo)) throw error;
  }
  return result;
}

/** What one sync's dry run has told. */
export interface Noted {
  writes: PlannedWrite[];
  /** Record → the golden record that it was in before; null: none. */
  moved: Map<string, string | null>;
  folded: Set<string>;
  doubts: Map<string, { a: string; b: string }>;
}

function notebook(): { notes: Notes; noted: Noted } {
  const noted: Noted = { writes: [], moved: new Map(), folded: new Set(), doubts: new Map() };
  const notes: Notes = {
    claims: new Map(),
    left: new Map(),
    write: (write) => noted.writes.push(write),
    moved(record, from) {
      if (!noted.moved.has(record)) noted.moved.set(record, from);
    },
    folded: (golden) => noted.folded.add(golden),
    doubted(pairs) {
      for (const { a, b } of pairs) noted.doubts.set(`${a}\n${b}`, { a, b });
    },
  };
  return { notes, noted };
}

/** Ids that were made for the dry run alone mean nothing to anybody: what has them is named by a record of its own. */
function rename(result: PlanResult, names: ReadonlyMap<string, string>): void {
  const named = (id: string) => names.get(id) ?? id;
  for (const write of result.writes) {
    for (const change of write.changes) if (change.to === write.goldenId) change.to = named(write.goldenId);
    write.goldenId = named(write.goldenId);
  }
  for (const one of [...result.links, ...result.merges, ...result.splits]) one.goldenId = named(one.goldenId);
  for (const one of result.merges) one.into = named(one.into);
  for (const one of result.splits) one.from = named(one.from);
}
