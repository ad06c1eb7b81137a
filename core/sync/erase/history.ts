import type { Provenance } from '../../model/record.ts';
import { sameJson, sameValue, type Value } from '../../model/value.ts';
import type { HistoryRow } from '../../store/goldens.ts';
import type { Whose } from '../../store/traces.ts';

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
 * erased record or were pinned on one (`pins`), and what a golden record held when it was folded in or parted. `rows`: in order.
 * Returns the rows that are other now.
 */
export function withoutErased<R extends Pick<HistoryRow, 'goldenId' | 'detail'>>(
  rows: readonly R[],
  whose: Whose,
  pins: readonly { attribute: string; value: Value }[],
): R[] {
  const goldenIds = new Set(whose.goldenIds);
  const records = new Set(whose.records);
  const erased = (source: string) => records.has(source);
  const isTheirs = (name: string, from: Provenance | null | undefined, value: Value) =>
    from !== null &&
    from !== undefined &&
    (erased(from.source) ||
      (from.rule === 'pin' &&
        pins.some(({ attribute, value: pinned }) => attribute === name && sameValue(pinned, value))));
  const theirs = new Set<string>();
  const changed: R[] = [];
  for (const row of rows) {
    const before = (row.detail ?? {}) as Detail;
    const detail = structuredClone(before);
    for (const [name, change] of Object.entries(detail.changes ?? {})) {
      const place = `${row.goldenId}\n${name}`;
      if (theirs.has(place)) change.from = null;
      if (isTheirs(name, before.provenance?.[name], change.to)) {
        change.to = null;
        detail.provenance![name] = null;
        theirs.add(place);
      } else theirs.delete(place);
    }
    for (const from of Object.values(detail.provenance ?? {}))
      if (from) from.losers = from.losers.filter((loser) => !erased(loser.source));
    for (const name of Object.keys(detail.values ?? {}))
      if (theirs.has(`${detail.from}\n${name}`)) delete detail.values![name];
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
