import type { Db } from '../../store/db.ts';
import { comparedOf, countClasses, differencePage, type FoundDifference } from '../../store/differences.ts';
import type { ReconcileRow } from '../../store/reconciles.ts';
import type { Reason } from '../../store/runs.ts';

export interface ReconcileReport {
  reconcile: string;
  sync: string;
  /** 'complete': everything was read; anything else is 'running' or 'incomplete', with the reasons. */
  status: ReconcileRow['status'];
  repair: boolean;
  startedAt: string;
  endedAt: string | null;
  /** Values that the tools show, and how many of them are what the golden records say. */
  values: { compared: number; equal: number };
  /** Live records that the tools show, and how many of them differ in nothing. */
  records: { compared: number; equal: number };
  differences: number;
  /** Class → count. */
  classes: Record<string, number>;
  streams: {
    mapping: string;
    /** false: not to its end, so nothing is said of what was not seen. */
    whole: boolean;
    records: { compared: number; equal: number };
    fields: { attribute: string; compared: number; equal: number }[];
    classes: Record<string, number>;
  }[];
  repaired: number;
  /** The run that delivered the repairs. */
  run: string | null;
  apiCalls: Record<string, number>;
  reasons: Reason[];
}

/** What a reconcile has found, or has found so far. */
export async function reportOf(db: Db, row: ReconcileRow): Promise<ReconcileReport> {
  const [compared, classes] = await Promise.all([comparedOf(db, row.id), countClasses(db, row.id)]);
  const sum = (rows: readonly { records: number; equal: number }[]) => ({
    compared: rows.reduce((n, { records }) => n + records, 0),
    equal: rows.reduce((n, { equal }) => n + equal, 0),
  });
  const counts = (rows: readonly { class: string; n: number }[]) => {
    const found: Record<string, number> = {};
    for (const { class: kind, n } of rows) found[kind] = (found[kind] ?? 0) + n;
    return found;
  };
  return {
    reconcile: row.id,
    sync: row.sync,
    status: row.status,
    repair: row.repair,
    startedAt: row.startedAt,
    endedAt: row.endedAt,
    values: sum(compared.filter(({ attribute }) => attribute !== '')),
    records: sum(compared.filter(({ attribute }) => attribute === '')),
    differences: classes.reduce((all, { n }) => all + n, 0),
    classes: counts(classes),
    streams: row.state.streams.map(({ mapping, phase, failed }) => {
      const own = compared.filter((one) => one.mapping === mapping);
      const unread = row.reasons.some(({ code }) => code === 'not-read') && own.length === 0;
      return {
        mapping,
        whole: phase === 'done' && failed === undefined && !unread,
        records: sum(own.filter(({ attribute }) => attribute === '')),
        fields: own
          .filter(({ attribute }) => attribute !== '')
          .map(({ attribute, records, equal }) => ({ attribute, compared: records, equal })),
        classes: counts(classes.filter((one) => one.mapping === mapping)),
      };
    }),
    repaired: row.state.repaired,
    run: row.state.run,
    apiCalls: row.apiCalls,
    reasons: row.state.rests ? [...row.reasons, row.state.rests] : row.reasons,
  };
}

/** Every difference, at most `limit`, in order of finding. */
export async function allDifferences(db: Db, id: string, limit: number): Promise<FoundDifference[]> {
  const found: FoundDifference[] = [];
  while (found.length < limit) {
    const page = await differencePage(db, id, found.at(-1)?.id ?? 0, Math.min(1000, limit - found.length));
    found.push(...page);
    if (page.length === 0) break;
  }
  return found;
}
