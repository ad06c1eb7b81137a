import type { Provenance } from '../../model/record.ts';
import { sameJson, type Value } from '../../model/value.ts';
import type { HistoryRow } from '../../store/goldens.ts';

interface Detail {
  changes?: Record<string, { from: Value; to: Value }>;
  provenance?: Record<string, Provenance | null>;
  from?: string;
  values?: Record<string, Value>;
  records?: Record<string, string>;
  reason?: string | null;
}

/**
 * The history of other golden records without what it tells of erased ones that they once were one with: values that came from an
 * erased record, and what a golden record held when it was folded in or parted. `rows`: in order. Returns
 * the rows that are other now.
 */
export function withoutErased<R extends Pick<HistoryRow, 'goldenId' | 'detail'>>(
  rows: readonly R[],
  goldenIds: ReadonlySet<string>,
  records: ReadonlySet<string>,
): R[] {
  const sources = new Map<string, string>();
  const changed: R[] = [];
  for (const row of rows) {
    const before = (row.detail ?? {}) as Detail;
    const detail = structuredClone(before);
    const erased = (source: string | undefined) => source !== undefined && records.has(source);
    for (const [name, change] of Object.entries(detail.changes ?? {})) {
      const place = `${row.goldenId}\n${name}`;
      const source = before.provenance?.[name]?.source;
      if (erased(sources.get(place))) change.from = null;
      if (erased(source)) change.to = null;
      if (source === undefined) sources.delete(place);
      else sources.set(place, source);
    }
    for (const [name, from] of Object.entries(detail.provenance ?? {})) {
      if (!from) continue;
      if (erased(from.source)) detail.provenance![name] = null;
      else from.losers = from.losers.filter((loser) => !erased(loser.source));
    }
    for (const name of Object.keys(detail.values ?? {}))
      if (erased(sources.get(`${detail.from}\n${name}`))) delete detail.values![name];
    if (detail.from !== undefined && goldenIds.has(detail.from)) {
      delete detail.values;
      delete detail.reason;
    }
    if (detail.records && Object.keys(detail.records).some(erased)) {
      detail.records = Object.fromEntries(Object.entries(detail.records).filter(([key]) => !erased(key)));
      delete detail.reason;
    }
    if (!sameJson(before, detail)) changed.push({ ...row, detail });
  }
  return changed;
}
