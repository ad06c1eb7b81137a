import type { Fields } from '../../connectors/contract.ts';
import type { Opinions } from '../model/record.ts';
import { isEmpty, sameValue, type Values } from '../model/value.ts';
import { type Late, landedLate, without } from './late.ts';

/** What the hub wrote into an attribute, and what the tool made of it; no `made`: not looked at since. */
export interface Written {
  sent: Values[string];
  made?: Values[string];
}

/** One write of ours: the golden values sent, and what the tool is expected to show for it. */
export interface Write {
  sent: Values;
  echo: Values;
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
  /** When the hub last wrote into it, by its own clock. */
  wroteAt: string | null;
  deleted: boolean;
  mergedInto: string | null;
  /** What its people had said when it was folded into another: nobody's opinion any more, until its winner takes it over. */
  folded?: Opinions | null;
  /** Writes of ours that were looked for in vain, and may land late. */
  late?: Late[] | null;
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
  /** When the hub asked (its own clock): a look from before our last write shows what is no more. */
  asked: string;
  /** When what it shows is stored (the hub's clock, too). */
  now: string;
  /** Sent and not answered yet: seeing exactly this is an echo. */
  unanswered?: Write | undefined;
  /** Somebody else changed the record after our last write: what differs from it is theirs. */
  othersLast?: boolean;
  /** Attributes that people wrote last; undefined: the look does not tell. */
  theirs?: ReadonlySet<string> | undefined;
  /** What the tool puts into a record whose creator says nothing of it, as far as it tells. */
  defaults?: Values;
  /** This look cannot tell who emptied a field, and another one can: what we wrote and is empty now is left to that. */
  undecided?: boolean;
}

/**
 *   new         first sight, of the record or of an attribute that was never read before
 *   same        nothing that a mapping reads has changed, or older than what is known
 *   echo        our own write, as sent
 *   normalised  our own write, as the tool changed it
 *   partly      our own write in some attributes, somebody's edit in others
 *   edit        somebody changed it, brought it back, or cleared it
 */
export type News = 'new' | 'same' | 'echo' | 'normalised' | 'partly' | 'edit';

/** What the hub had written into an attribute, and what somebody, or the tool's own automation, made of it. */
export interface Overwritten {
  attribute: string;
  wrote: Values[string];
  became: Values[string];
  at: string;
}

export interface Observed {
  next: StoredRecord;
  news: News;
  overwritten: Overwritten[];
  /** A write of ours has landed late: what is wanted now is to be written once more. */
  landed?: boolean;
}

/**
 * One look at one record against what is stored. Only attributes that really changed get a new time, so reading a
 * record again costs nothing, and what the hub itself wrote is never taken for somebody's opinion.
 */
export function observe(stored: StoredRecord | undefined, blank: () => StoredRecord, look: Look): Observed {
  if (!stored) return firstSight(blank(), look);
  if (stored.wroteAt !== null && look.asked < stored.wroteAt) {
    // What it shows is no more; what stands there now is asked for, for it may show an edit that nothing else will tell of soon.
    const differs = Object.entries(look.values).some(([name, value]) => !sameValue(value, stored.seen[name]));
    return { next: differs ? { ...stored, confirm: true } : stored, news: 'same', overwritten: [] };
  }
  if (stored.at !== null && look.at < stored.at && !look.readBack)
    return { next: stored, news: 'same', overwritten: [] };
  const next: StoredRecord = {
    ...stored,
    opinions: { ...stored.opinions },
    seen: { ...stored.seen },
    native: { ...stored.native, ...look.native },
    written: { ...stored.written },
    confirm: false,
  };
  // Made by the hub, and nobody has changed it since: what else it shows are the tool's defaults, nobody's opinion.
  const ours = stored.at === null;
  // Where the tool counts versions: what it shows now includes a write of ours that no look has shown yet.
  const unseen = stored.wroteAt !== null && stored.version === null && look.version !== undefined;
  // A tool's automation that clears works on our own write; after somebody else's, an empty field was emptied by them.
  const mayBe = (sent: Values[string] | undefined, shown: Values[string]) =>
    resembles(sent, shown) && !(look.othersLast && isEmpty(shown) && !isEmpty(sent));
  const isOpen = (sent: Values[string] | undefined, shown: Values[string]) =>
    look.undecided === true && isEmpty(shown) && !isEmpty(sent);
  const late = landedLate(stored, look);
  let landed = false;
  let echo = false;
  let normalised = false;
  // An attribute that was never looked at: a mapping reads it only now, or the answer to our create left it out.
  const madeHere = stored.wroteAt !== null && Object.keys(stored.opinions).length === 0;
  const untouched = stored.at !== null && look.at <= stored.at;
  const isFirst = (attribute: string, value: Values[string]) =>
    !(attribute in stored.seen) &&
    !(attribute in stored.written) &&
    !(madeHere && look.theirs?.has(attribute)) &&
    !(look.unanswered && attribute in look.unanswered.echo) &&
    (isEmpty(value) || !madeHere || untouched);
  // Where a tool tells whose the last change was, and not of which field: what our write did not bring, and is not what the tool
  // puts there by itself, counts as said by them.
  const isSaid = (attribute: string, value: Values[string]) =>
    look.theirs
      ? look.theirs.has(attribute)
      : look.othersLast === true && !isEmpty(value) && !sameValue(value, look.defaults?.[attribute]);
  const awaited = stored.confirm && look.undecided === true;
  let open = false;
  let shown = false;
  let begun = false;
  let edit = stored.deleted && !stored.mergedInto;
  const overwritten: Overwritten[] = [];
  if (edit) next.deleted = false;
  for (const [attribute, value] of Object.entries(look.values)) {
    const written = stored.written[attribute];
    const { unanswered } = look;
    if (written && !('made' in written) && sameValue(value, stored.seen[attribute])) {
      next.written[attribute] = { sent: written.sent, made: value };
      next.seen[attribute] = value;
      echo = true;
    } else if (late && attribute in late.echo && !sameValue(value, stored.seen[attribute])) {
      if (look.undecided) open = true;
      else {
        next.written[attribute] = { sent: late.sent[attribute] ?? value, made: value };
        next.seen[attribute] = value;
        landed = true;
      }
    } else if (written && !('made' in written) && isOpen(stored.seen[attribute], value)) {
      open = true;
    } else if (written && !('made' in written) && look.readBack && mayBe(stored.seen[attribute], value)) {
      next.written[attribute] = { sent: written.sent, made: value };
      next.seen[attribute] = value;
      normalised = true;
    } else if (look.readBack && !written && ours && !isSaid(attribute, value)) {
      // A default of the tool's, or somebody's first word; where another look can tell, it is left to that.
      if (look.undecided && !isEmpty(value)) next.confirm = true;
      else next.seen[attribute] = value;
    } else if (isFirst(attribute, value) && madeHere && awaited && !isEmpty(value)) {
      next.confirm = true;
    } else if (isFirst(attribute, value)) {
      next.seen[attribute] = value;
      shown = true;
      if (isEmpty(value) || madeHere) continue;
      next.opinions[attribute] = { value, at: look.times?.[attribute] ?? look.at };
      begun = true;
    } else if (sameValue(value, stored.seen[attribute])) {
    } else if (unanswered && attribute in unanswered.echo && isOpen(unanswered.echo[attribute], value)) {
      open = true;
    } else if (unanswered && attribute in unanswered.echo && mayBe(unanswered.echo[attribute], value)) {
      next.written[attribute] = { sent: unanswered.sent[attribute] ?? value, made: value };
      next.seen[attribute] = value;
      // As if it had been answered now: a look that is still under way may show what stood there before.
      next.wroteAt = look.now;
      echo = true;
    } else {
      const at = look.times?.[attribute] ?? look.at;
      if (written) overwritten.push({ attribute, wrote: written.sent, became: value, at });
      next.opinions[attribute] = { value, at, edit: true };
      next.seen[attribute] = value;
      delete next.written[attribute];
      edit = true;
    }
  }
  if (late && landed) {
    next.wroteAt = look.now;
    next.late = without(stored, late, look.now);
    echo = true;
  }
  // Not decided yet: what was written stands as it was, in the tool's fields too.
  if (open) Object.assign(next, { confirm: true, native: stored.native });
  if (edit)
    return {
      next: { ...next, at: look.at, version: look.version ?? null },
      news: echo || normalised || unseen ? 'partly' : 'edit',
      overwritten,
      landed,
    };
  next.version = look.version ?? stored.version;
  if (begun) return { next: { ...next, at: look.at }, news: 'new', overwritten };
  if (echo || normalised) return { next, news: normalised ? 'normalised' : 'echo', overwritten, landed };
  if (stored.confirm || unseen) return { next, news: 'echo', overwritten };
  if (shown || next.confirm) return { next, news: 'same', overwritten };
  // A version that is out of date would have every conditional write refused.
  return {
    next: next.version === stored.version ? stored : { ...stored, version: next.version },
    news: 'same',
    overwritten,
  };
}

/**
 * Could a tool have made `shown` of what was sent? It drops, trims, folds width and case, cuts, and rounds; anything else is somebody's
 * edit (or a rule of the tool that rewrites, whose word counts as an edit's).
 */
function resembles(sent: Values[string] | undefined, shown: Values[string]): boolean {
  if (sameValue(sent, shown) || isEmpty(shown)) return true;
  if (typeof sent === 'number' && typeof shown === 'number') return Math.abs(sent - shown) <= 0.5;
  if (typeof sent !== 'string' || typeof shown !== 'string') return false;
  const fold = (text: string) =>
    text
      .normalize('NFKC')
      .toLowerCase()
      .replace(/[\s\p{P}\p{S}]+/gu, '');
  const [a, b] = [fold(sent), fold(shown)];
  return a === b || (b.length > 0 && a.startsWith(b));
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
    overwritten: [],
  };
}

/**
 * What the answer to a create tells, of all that can be read: values sent, and those of fields that it shows. Of the others nobody
 * knows what the tool put there.
 */
export function toldBy(
  sources: Readonly<Record<string, string[]>> | undefined,
  made: Values | undefined,
  { sent, echo }: Write,
  fields: Fields,
): Values | undefined {
  if (!made || !sources) return made;
  const isTold = (attribute: string) =>
    attribute in sent ||
    attribute in echo ||
    !sources[attribute]?.length ||
    sources[attribute].some((field) => field in fields);
  return Object.fromEntries(Object.entries(made).filter(([attribute]) => isTold(attribute)));
}

/**
 * A record the hub made itself: it has no opinion of its own yet. `made`: what the tool answered, in canonical values, where it
 * did (what it holds beside our write are the tool's defaults); otherwise the record is read back (`confirm`).
 */
export function born(
  blank: StoredRecord,
  write: Write,
  fields: Fields,
  made: Values | undefined,
  wroteAt: string,
): StoredRecord {
  return delivered({ ...blank, seen: { ...made }, native: {} }, write, fields, made, wroteAt);
}

/** After a write was delivered. */
export function delivered(
  stored: StoredRecord,
  { sent, echo }: Write,
  fields: Fields,
  made: Values | undefined,
  wroteAt: string,
): StoredRecord {
  const written = { ...stored.written };
  const seen = { ...stored.seen };
  for (const attribute of new Set([...Object.keys(sent), ...Object.keys(echo)])) {
    const expected = attribute in echo ? echo[attribute]! : sent[attribute]!;
    const value = attribute in sent ? sent[attribute]! : expected;
    written[attribute] = made ? { sent: value, made: made[attribute] ?? null } : { sent: value };
    seen[attribute] = made ? (made[attribute] ?? null) : expected;
  }
  return {
    ...stored,
    seen,
    native: { ...stored.native, ...fields },
    written,
    wroteAt,
    confirm: stored.confirm || made === undefined,
  };
}
