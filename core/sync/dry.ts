import type { Op } from '../../connectors/contract.ts';
import type { FieldChange } from '../plan/plan.ts';
import type { Db } from '../store/db.ts';
import type { RunRow } from '../store/runs.ts';
import type { Engine, Sync } from './ports.ts';
import { runSync } from './run.ts';

/** A write that a sync would make, field by field. */
export interface PlannedWrite {
  sync: string;
  connection: string;
  object: string;
  mapping: string;
  op: Op['op'];
  goldenId: string;
  /** The tool's id of the record to change; null for one to create. */
  id: string | null;
  changes: FieldChange[];
}

export interface PlanResult {
  runs: RunRow[];
  writes: PlannedWrite[];
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
  const result: PlanResult = { runs: [], writes: [] };
  try {
    await engine.db.transaction(async (tx) => {
      const dry: Engine = { ...engine, db: tx as Db, dry: true, note: (write) => result.writes.push(write) };
      for (const sync of syncs)
        result.runs.push(
          await runSync(dry, sync, { mode: 'plan', full: options.full, signal: options.signal }),
        );
      throw new Undo();
    });
  } catch (error) {
    if (!(error instanceof Undo)) throw error;
  }
  return result;
}
