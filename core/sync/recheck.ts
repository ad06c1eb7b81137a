import type { Reason, RunRow } from '../store/runs.ts';
import { planSyncs } from './dry.ts';
import { movedSince, sayMoved, shapeOf } from './moved.ts';
import type { PlannedWrite } from './planned.ts';
import type { Engine, Sync } from './ports.ts';

/** A plan that is to be carried out as it is. */
export interface KeptPlan {
  full: boolean;
  /** By sync: see `shapeOf`. */
  shapes: Readonly<Record<string, string>>;
  writes: readonly PlannedWrite[];
}

const NOT_WHOLE = new Set(['not-read', 'unresolved', 'stopped', 'fault', 'process-ended']);

/** Did a plan's run see everything? What it did not read may lead to more writes. */
export const isWhole = ({ streams, reasons, status }: RunRow): boolean =>
  status !== 'running' &&
  Object.values(streams).every(({ failed }) => !failed) &&
  reasons.every(({ code }) => !NOT_WHOLE.has(code));

/**
 * Called before the first write of a run of a plan: plans anew, and compares. Why the plan cannot be carried out as it is;
 * undefined: it is exactly what would be written now.
 */
export async function recheck(
  engine: Engine,
  syncs: readonly Sync[],
  plan: KeptPlan,
  signal: AbortSignal,
): Promise<Reason | undefined> {
  const other = syncs.filter((sync) => plan.shapes[sync.name] !== shapeOf(sync)).map(({ name }) => name);
  const hint = 'Nothing was written. Make the plan again, look at it, and run that one.';
  if (other.length > 0) {
    const whose = other.length === 1 ? `sync ${other[0]} is` : `syncs ${other.join(', ')} are`;
    return {
      code: 'plan-config',
      message: `the config of ${whose} another one than when the plan was made`,
      hint,
    };
  }
  const now = await planSyncs(engine, syncs, { full: plan.full, signal });
  const broken = now.runs.find((run) => !isWhole(run));
  if (broken) {
    const why = broken.reasons[0]?.message ?? 'it was stopped';
    return { code: 'plan-unread', message: `whether the plan still holds cannot be told: ${why}`, hint };
  }
  const moved = movedSince(plan.writes, now.writes);
  if (moved.length === 0) return undefined;
  return { code: 'plan-moved', count: moved.length, message: sayMoved(moved), hint };
}
