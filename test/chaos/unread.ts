/** What the hub cannot have read, and what its own books show that it has. */
import type { Cast, Said } from './cast.ts';
import type { Attribute, Stream } from './shape.ts';
import { COMPANY_STREAMS, toolOf } from './shape.ts';

/** A golden record as `/v1/golden/{id}/explain` tells of it. */
export interface Explained {
  id: string;
  provenance: Provenance;
  values: Record<string, unknown>;
  records: { key: string; deleted: boolean; values: Record<string, unknown> }[];
  history: { detail: unknown }[];
}

type Provenance = Record<string, { source: string; losers: { source: string; value: unknown }[] }>;

/** A run that called itself complete: the hub has read all that was there of its streams when it began. */
export interface Complete {
  sync: 'companies' | 'people';
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
 * the two, and nothing in the hub's own books shows that it was read all the same.
 */
export function mayBeUnread<S extends Stream>(
  cast: Cast,
  said: Said,
  attribute: Attribute<S>,
  books: Reading,
): boolean {
  const removed = cast.removed.get(said.record);
  if (removed === undefined || wasRead(books, said, said.at, removed)) return false;
  const { name, same } = attribute;
  const is = (value: unknown) => same(value as string | null) === same(said.value);
  const key = keyOf(said);
  const seenLast = books.explained
    .flatMap(({ records }) => records)
    .some((record) => record.key === key && is(record.values[name]));
  return !seenLast && !isSource(books, key, name, is);
}

/**
 * May the hub never have seen what was emptied here? Only in a record that a conversion made (it may not have had a place for the
 * value at all) or that somebody entered: as far as no complete run lay between its beginning and the emptying, and the books show
 * nothing that stood there.
 */
export function mayBeUnfilled<S extends Stream>(
  cast: Cast,
  said: Said,
  attribute: Attribute<S>,
  books: Reading,
): boolean {
  const begun = cast.converted.get(said.record) ?? cast.entered.get(said.record);
  if (said.value !== null || begun === undefined || wasRead(books, said, begun, said.at)) return false;
  const { name, same } = attribute;
  return !isSource(books, keyOf(said), name, (value) => same(value as string | null) !== '');
}

/** Between the hub's look at a record and its write to it there is a moment (docs/edits.md); on a busy machine it is this long. */
const MOMENT_MS = 1000;

/** Of what the record shows no longer: may a write of the hub's that was under way have taken its place before anybody could see it? */
export const mayBeOverrun = (cast: Cast, { record, at }: Said): boolean =>
  cast.writtenAt(record).some((wrote) => wrote >= at && wrote - at < MOMENT_MS);

const streamOf = ({ record }: Said) => record.split('/')[0] as Stream;
const keyOf = (said: Said) => `${toolOf(streamOf(said))}/${said.record}`;

/** A run that reads this record's stream, and called itself complete, began after the one moment, and ended before the other. */
function wasRead({ complete }: Reading, said: Said, from: number, until: number): boolean {
  const own = (COMPANY_STREAMS as readonly Stream[]).includes(streamOf(said)) ? 'companies' : 'people';
  return complete.some(({ sync, began, ended }) => sync === own && began > from && ended < until);
}

/** What any golden record says of the sources of its values, now and in its history. */
function isSource(
  { explained }: Reading,
  key: string,
  attribute: string,
  is: (value: unknown) => boolean,
): boolean {
  const tells = (value: unknown, from: Provenance[string] | null | undefined) =>
    from &&
    [{ source: from.source, value }, ...from.losers].some((one) => one.source === key && is(one.value));
  return explained.some(
    ({ values, provenance, history }) =>
      tells(values[attribute], provenance[attribute]) ||
      history.some(({ detail }) => {
        const { changes, provenance: then } = detail as {
          changes?: Record<string, { to: unknown }>;
          provenance?: Record<string, Provenance[string] | null>;
        };
        return changes?.[attribute] && tells(changes[attribute].to, then?.[attribute]);
      }),
  );
}
