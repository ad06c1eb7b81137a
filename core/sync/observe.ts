import type { Fields } from '../../connectors/contract.ts';
import type { Opinions } from '../model/record.ts';
import { isEmpty, sameValue, type Values } from '../model/value.ts';

/** What the hub wrote into an attribute, and what the tool made of it; no `made`: not looked at since. */
export interface Written {
  sent: Values[string];
  made?: Values[string];
}

/** A record of a tool as the store keeps it. */
export interface StoredRecord {
  key: string;
  connection: string;
  object: string;
  extId: string;
  entity: string;
  goldenId: string | null;
  /** What the tool's own people last said. */
  opinions: Opinions;
  /** What the tool shows now, in canonical values. */
  seen: Values;
  /** What the tool shows now, in its own fields. */
  native: Fields;
  written: Record<string, Written>;
  /** The tool's time of the state last seen; null after our own write, until someone changes it. */
  at: string | null;
  version: string | null;
  deleted: boolean;
  mergedInto: string | null;
  /** Written without the tool telling what it made of it. */
  confirm: boolean;
}

export interface Look {
  at: string;
  version?: string | undefined;
  native: Fields;
  /** Canonical values of every attribute that the mapping reads. */
  values: Values;
  /** The tool's own time per attribute, where it has that. */
  times?: Record<string, string> | undefined;
  /** The hub itself asked to see what became of its write: a difference is the tool's normalising. */
  readBack: boolean;
  /** Sent and not answered yet (canonical): seeing exactly this is an echo. */
  unanswered?: Values | undefined;
}

/**
 *   new         first sight
 *   same        nothing that a mapping reads has changed, or older than what is known
 *   echo        our own write, as sent
 *   normalised  our own write, as the tool changed it
 *   edit        somebody changed it, brought it back, or cleared it
 */
export type News = 'new' | 'same' | 'echo' | 'normalised' | 'edit';

export interface Observed {
  next: StoredRecord;
  news: News;
}

/**
 * One look at one record against what is stored. Only attributes that really changed get a new time, so reading a
 * record again costs nothing, and what the hub itself wrote is never taken for somebody's opinion.
 */
export function observe(stored: StoredRecord | undefined, blank: () => StoredRecord, look: Look): Observed {
  if (!stored) return firstSight(blank(), look);
  if (stored.at !== null && look.at < stored.at && !look.readBack) return { next: stored, news: 'same' };
  const next: StoredRecord = {
    ...stored,
    opinions: { ...stored.opinions },
    seen: { ...stored.seen },
    native: { ...stored.native, ...look.native },
    written: { ...stored.written },
    confirm: false,
  };
  let echo = false;
  let normalised = false;
  let edit = stored.deleted && !stored.mergedInto;
  if (edit) next.deleted = false;
  for (const [attribute, value] of Object.entries(look.values)) {
    const written = stored.written[attribute];
    const unanswered =
      look.unanswered && attribute in look.unanswered ? look.unanswered[attribute]! : undefined;
    if (written && !('made' in written) && sameValue(value, written.sent)) {
      next.written[attribute] = { sent: written.sent, made: value };
      next.seen[attribute] = value;
      echo = true;
    } else if (written && !('made' in written) && look.readBack) {
      next.written[attribute] = { sent: written.sent, made: value };
      next.seen[attribute] = value;
      normalised = true;
    } else if (sameValue(value, stored.seen[attribute])) {
    } else if (unanswered !== undefined && sameValue(value, unanswered)) {
      next.written[attribute] = { sent: unanswered, made: value };
      next.seen[attribute] = value;
      echo = true;
    } else {
      next.opinions[attribute] = { value, at: look.times?.[attribute] ?? look.at, edit: true };
      next.seen[attribute] = value;
      delete next.written[attribute];
      edit = true;
    }
  }
  if (edit) return { next: { ...next, at: look.at, version: look.version ?? null }, news: 'edit' };
  if (echo || normalised) return { next, news: normalised ? 'normalised' : 'echo' };
  return { next: stored.confirm ? next : stored, news: stored.confirm ? 'echo' : 'same' };
}

function firstSight(blank: StoredRecord, look: Look): Observed {
  const opinions: Opinions = {};
  for (const [attribute, value] of Object.entries(look.values))
    if (!isEmpty(value)) opinions[attribute] = { value, at: look.times?.[attribute] ?? look.at };
  return {
    next: {
      ...blank,
      opinions,
      seen: look.values,
      native: look.native,
      at: look.at,
      version: look.version ?? null,
    },
    news: 'new',
  };
}

/** A record the hub made itself: it has no opinion of its own yet. `made`: what the tool answered, where it did. */
export function born(
  blank: StoredRecord,
  sent: Values,
  fields: Fields,
  made: Values | undefined,
): StoredRecord {
  const written: Record<string, Written> = {};
  const seen: Values = { ...made };
  for (const [attribute, value] of Object.entries(sent)) {
    written[attribute] =
      made && attribute in made ? { sent: value, made: made[attribute]! } : { sent: value };
    if (!made || !(attribute in made)) seen[attribute] = value;
  }
  return { ...blank, seen, native: fields, written, confirm: made === undefined };
}

/** After an update was delivered. */
export function delivered(
  stored: StoredRecord,
  sent: Values,
  fields: Fields,
  made: Values | undefined,
): StoredRecord {
  const patch = born(stored, sent, fields, made);
  return {
    ...stored,
    seen: { ...stored.seen, ...patch.seen },
    native: { ...stored.native, ...fields },
    written: { ...stored.written, ...patch.written },
    confirm: stored.confirm || patch.confirm,
  };
}
