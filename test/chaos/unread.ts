/** What people said in records that somebody deleted before the hub had read it: gone with the record, and nobody's fault. */
import type { Cast, Said } from './cast.ts';
import type { Attribute, Stream } from './shape.ts';
import { toolOf } from './shape.ts';

/** A golden record as `/v1/golden/{id}/explain` tells of it. */
export interface Explained {
  id: string;
  provenance: Provenance;
  values: Record<string, unknown>;
  records: { key: string; deleted: boolean; values: Record<string, unknown> }[];
  history: { detail: unknown }[];
}

type Provenance = Record<string, { source: string; losers: { source: string; value: unknown }[] }>;

/** A run that called itself complete: the hub has read all that was there when it began. */
export interface Complete {
  began: number;
  ended: number;
}

/** What the hub's own books show of its reading. */
export interface Reading {
  explained: readonly Explained[];
  complete: readonly Complete[];
}

/**
 * May the hub never have read this? Only where its record was deleted by a person, no run that called itself complete lay between
 * the two, and nothing in the hub's own books shows that it was read all the same: neither the record as it was last seen, nor what any
 * golden record says of the sources of its values, now or in its history.
 */
export function mayBeUnread<S extends Stream>(
  cast: Cast,
  said: Said,
  attribute: Attribute<S>,
  books: Reading,
): boolean {
  const removed = cast.removed.get(said.record);
  if (removed === undefined) return false;
  if (books.complete.some(({ began, ended }) => began > said.at && ended < removed)) return false;
  const key = `${toolOf(said.record.split('/')[0] as Stream)}/${said.record}`;
  const same = (value: unknown) => attribute.same(value as string | null) === attribute.same(said.value);
  const tells = (values: Record<string, unknown>, provenance: Provenance) => {
    const from = provenance[attribute.name];
    return (
      from !== undefined &&
      [{ source: from.source, value: values[attribute.name] }, ...from.losers].some(
        ({ source, value }) => source === key && same(value),
      )
    );
  };
  return !books.explained.some(
    ({ values, provenance, records, history }) =>
      records.some((record) => record.key === key && same(record.values[attribute.name])) ||
      tells(values, provenance) ||
      history.some(({ detail }) => {
        const { changes, provenance: then } = detail as {
          changes?: Record<string, { to: unknown }>;
          provenance?: Record<string, Provenance[string] | null>;
        };
        const from = then?.[attribute.name];
        const change = changes?.[attribute.name];
        return from && change && tells({ [attribute.name]: change.to }, { [attribute.name]: from });
      }),
  );
}
