import type { Change, Fields } from '../../connectors/contract.ts';
import { keyText } from '../model/record.ts';
import { sameValue } from '../model/value.ts';
import type { Db } from '../store/db.ts';
import { confirmDeletions, type DeletionRow, forgetDeletions, saveDeletions } from '../store/deletions.ts';
import { addErasureTools, erasedAmong, type NewErasureTool, shareErasing } from '../store/erasures.ts';
import { type FlipRow, saveRounds } from '../store/flips.ts';
import { bond } from '../store/matching.ts';
import type { OutboxRow } from '../store/outbox.ts';
import { inFlight, settleOutbox } from '../store/outbox-flight.ts';
import {
  foldedInto,
  goldenOfKeys,
  lockRecords,
  markDirty,
  type Saving,
  saveRecords,
  saveReferences,
  saveUnreadable,
  type UnreadableRow,
} from '../store/records.ts';
import { releaseHeldBy } from '../store/refusals.ts';
import { type Tally, tally } from '../store/tally.ts';
import { sentAs } from './adopt.ts';
import { mayPropagate } from './deletes.ts';
import { arrived } from './erase/arrived.ts';
import { blockedChanges, type Reading } from './erase/block.ts';
import { emptied, filledIn, inherit, silenced } from './inherit.ts';
import { referenceAttributes } from './inputs.ts';
import { born, type News, observe, type StoredRecord } from './observe.ts';
import { defaultsOf, theirsOf, timesOf } from './perAttribute.ts';
import { DEFAULT_EDITS, type Engine, type Member, type Sync } from './ports.ts';
import { blankRecord, matchesAnew, referencesOf } from './storedRecord.ts';

export interface Committed {
  read: number;
  deleted: number;
  unreadable: number;
  /** Records that the mapping's filter leaves out. */
  outside: number;
  /** Records of erased persons: nothing of them was taken in. */
  blocked: string[];
  /** Live records that the hub knew, and that were shown, or reported deleted or merged. */
  known: number;
  news: Record<News, number>;
  /** Records that the tool only hinted at: to be looked up. */
  touched: string[];
}

/**
 * Takes what a tool said of its records into the store, in the caller's transaction. Called for a page of a pull, a lookup, a
 * read-back after a write, and a webhook: there is no other way in.
 */
export async function commitChanges(
  tx: Db,
  engine: Engine,
  sync: Sync,
  member: Member,
  changes: readonly Change[],
  options: {
    readBack: boolean;
    asked: string;
    /** The look was one that tells of others' changes, where the tool has such (`Select.whose`). */
    whose?: boolean;
    /** When the webhook arrived that told of a record, by the tool's id of it. */
    since?: ReadonlyMap<string, string>;
    /** Deletions that the guards have weighed already, as missing. */
    weighed?: boolean;
  },
): Promise<Committed> {
  const { mapping } = member;
  const key = (id: string) => keyText({ connection: mapping.connection, object: mapping.object, id });
  const mergeKeys = changes.flatMap((c) =>
    c.op === 'merge'
      ? [keyText({ connection: mapping.connection, object: c.into.stream, id: c.into.id })]
      : [],
  );
  const [, stored, flying] = await Promise.all([
    engine.dry ? undefined : shareErasing(tx),
    lockRecords(tx, [...new Set([...changes.map((c) => key(c.id)), ...mergeKeys])]),
    changes.length === 0 ? [] : inFlight(tx, mapping.name),
  ]);
  const flyingByTarget = new Map(flying.filter((row) => row.target !== '').map((row) => [row.target, row]));
  const creates = flying.filter((row) => row.op === 'create' && row.payload);

  const result: Committed = {
    read: changes.length,
    deleted: 0,
    unreadable: 0,
    outside: 0,
    blocked: [],
    known: 0,
    news: { new: 0, same: 0, echo: 0, normalised: 0, partly: 0, edit: 0 },
    touched: [],
  };
  const now = engine.now().toISOString();
  // Folded into records that the hub never saw, and that were folded into others before it could.
  const unseen = changes.flatMap(({ op, id }) => (op === 'merge' && !stored.has(key(id)) ? [key(id)] : []));
  const strayed = await foldedInto(tx, unseen);
  /** Those that are still there, before or by this page. */
  const strayedInto = (winner: string) =>
    [...strayed.filter(({ key }) => !save.has(key)), ...save.values()].filter(
      ({ mergedInto }) => mergedInto === winner,
    );
  const readings = new Map<Change, Reading>();
  const strangers = changes
    .filter(({ op, id }) => op === 'upsert' && !stored.has(key(id)))
    .map((change) => ({ key: key(change.id), change }));
  const [blocked, erased] = await Promise.all([
    blockedChanges(tx, engine, sync, mapping, strangers, readings),
    erasedAmong(
      tx,
      creates.map(({ goldenId }) => goldenId),
    ),
  ]);
  const toErase: NewErasureTool[] = [];
  /** A create of ours that was under way when its golden record was erased has arrived: it goes too. */
  const eraseToo = (row: OutboxRow, extId: string) => {
    creates.splice(creates.indexOf(row), 1);
    adopted.push(row);
    toErase.push(arrived(erased.get(row.goldenId)!, mapping, extId));
  };
  const undecided = member.stream.read !== false && member.stream.read.whose === true && !options.whose;
  const was = new Map([...stored.values()].map(({ key, deleted }) => [key, deleted]));
  const found = new Map(stored);
  const pointsElsewhere = (record: StoredRecord) =>
    referenceAttributes(sync.entity).some(
      (name) => !sameValue(found.get(record.key)?.opinions[name]?.value, record.opinions[name]?.value),
    );
  const save = new Map<string, StoredRecord & Saving>();
  const bonds: [string, string][] = [];
  const deletions: DeletionRow[] = [];
  /** Deletions, presumed perhaps, of which the tool tells now. */
  const told: Pick<DeletionRow, 'record' | 'at'>[] = [];
  const adopted: OutboxRow[] = [];
  const sighted = new Set<string>();
  const deleted: Tally[] = [];
  /** By record: what its last look shows. */
  const unreadable = new Map<string, UnreadableRow[]>();
  /** Records that their tool folded into another, as they were. */
  const folds: StoredRecord[] = [];
  const fresh: string[] = [];
  const flips: FlipRow[] = [];
  for (const change of changes) {
    const id = key(change.id);
    const before = save.get(id) ?? stored.get(id);
    if (before && !before.deleted && !sighted.has(id)) result.known++;
    sighted.add(id);
    const put = (record: StoredRecord, dirty: boolean) => {
      const earlier = save.get(id);
      stored.set(id, record);
      save.set(id, {
        ...record,
        dirty: dirty || (earlier?.dirty ?? false),
        rescore: (earlier?.rescore ?? false) || matchesAnew(before, record),
        since: dirty ? (options.since?.get(change.id) ?? null) : (earlier?.since ?? null),
      });
    };
    if (blocked.has(id)) {
      result.blocked.push(change.id);
      const reading = readings.get(change);
      const create =
        change.op === 'upsert' && reading
          ? creates.find((row) => sentAs(row, member, change.fields, reading.values))
          : undefined;
      if (create && erased.has(create.goldenId)) eraseToo(create, change.id);
      continue;
    }
    if (change.op === 'touch') {
      result.touched.push(change.id);
      continue;
    }
    if (change.op === 'merge') {
      const winner = keyText({
        connection: mapping.connection,
        object: change.into.stream,
        id: change.into.id,
      });
      const strays = before ? [] : strayedInto(id).filter((stray) => stray.key !== winner);
      const own = before ?? (strays.length > 0 ? blankRecord(sync, member, change.id) : undefined);
      if (!own || own.mergedInto === winner || winner === id) continue;
      for (const stray of strays) {
        const moved = { ...stray, mergedInto: winner };
        const kept = stray.folded ? silenced(moved) : moved;
        save.set(stray.key, { since: null, ...save.get(stray.key), ...kept, rescore: true, dirty: true });
        folds.push(moved);
        bonds.push([stray.key, winner]);
      }
      const folded = { ...own, deleted: true, mergedInto: winner, at: change.at, confirm: false };
      // Until its winner has been seen, it is as one that was deleted: the winner may be gone before it ever is.
      put(stored.has(winner) ? silenced(folded) : folded, true);
      folds.push(folded);
      bonds.push([id, winner]);
      continue;
    }
    if (change.op === 'delete') {
      if (before?.deleted && !change.presumed) told.push({ record: id, at: change.at });
      if (!before || before.deleted || (before.at !== null && change.at < before.at)) continue;
      // Back in sight, it may show the time that it always had.
      const at = change.presumed ? before.at : change.at;
      put({ ...before, deleted: true, at, confirm: false }, true);
      result.deleted++;
      // What we delete ourselves is nobody's wish for the others.
      if (flyingByTarget.get(id)?.op === 'delete') continue;
      if (!options.weighed) deleted.push({ scope: mapping.name, kind: 'deleted', subject: id });
      const state = change.presumed ? 'presumed' : 'open';
      if (mayPropagate(sync, member))
        deletions.push({ record: id, entity: sync.entity.name, at: change.at, state });
      continue;
    }
    // A field that this look does not show is as it was last seen.
    const { values, problems } =
      (before ? undefined : readings.get(change)) ??
      (await mapping.in({ ...before?.native, ...change.fields }));
    const blank = (): StoredRecord => blankRecord(sync, member, change.id);
    const create = before ? undefined : creates.find((row) => sentAs(row, member, change.fields, values));
    if (create && erased.has(create.goldenId)) {
      eraseToo(create, change.id);
      continue;
    }
    // A record that `where` leaves out is nobody's concern; one that the hub knows leaves it, and its counterparts stay.
    if (!create && mapping.admits?.({ ...before?.native, ...change.fields }) === false) {
      if (!before) result.outside++;
      const old = before && ((before.at !== null && change.at < before.at) || isPast(before, options.asked));
      if (!before || old) continue;
      // A message that does not say why it is outside must not bring it back.
      const native = { ...before.native, ...only(change.fields, Object.keys(mapping.filter ?? {})) };
      if (before.deleted) {
        if (JSON.stringify(native) !== JSON.stringify(before.native)) put({ ...before, native }, false);
        continue;
      }
      put({ ...before, native, deleted: true, at: change.at, confirm: false }, true);
      result.outside++;
      deleted.push({ scope: mapping.name, kind: 'deleted', subject: id });
      continue;
    }
    unreadable.set(
      id,
      problems.map(({ attribute, field, found, message }) => ({
        record: id,
        attribute,
        field: field ?? null,
        found,
        message,
      })),
    );
    // What cannot be read is not empty: nobody has cleared it.
    for (const { attribute } of problems) delete values[attribute];
    if (create) {
      creates.splice(creates.indexOf(create), 1);
      adopted.push(create);
      // Seen long after it was made: what a tool would not have made of our values, somebody has edited meanwhile.
      const made = born(blank(), create.payload!, {}, undefined, options.asked);
      const look = { ...change, native: change.fields, values, times: timesOf(member, change) };
      const { next, news } = observe(made, blank, {
        ...look,
        readBack: true,
        asked: options.asked,
        now,
        theirs: theirsOf(member, change),
        undecided,
      });
      // Merged into another meanwhile: it is that one's, which must not be created beside it.
      const { anchor } = create.payload!;
      const owner = anchor === null ? undefined : (await goldenOfKeys(tx, [anchor])).get(anchor);
      put({ ...next, goldenId: owner ?? create.goldenId, at: change.at, wroteAt: now }, true);
      if (anchor) bonds.push([id, anchor]);
      result.news[news === 'edit' || news === 'partly' ? 'partly' : 'echo']++;
      continue;
    }
    const { next, news, overwritten, landed } = observe(before, blank, {
      at: change.at,
      version: change.version,
      native: change.fields,
      values,
      times: timesOf(member, change),
      readBack: options.readBack,
      asked: options.asked,
      now,
      unanswered: flyingByTarget.get(id)?.payload ?? undefined,
      othersLast: change.othersLast ?? false,
      theirs: theirsOf(member, change),
      ...(options.readBack && change.othersLast && !change.theirs
        ? { defaults: await defaultsOf(member) }
        : {}),
      undecided,
    });
    result.news[news]++;
    if (news === 'new') fresh.push(id);
    for (const { attribute, at, wrote, became } of overwritten)
      flips.push({ record: id, attribute, round: { at, seen: now, wrote, became } });
    if (next !== before) put(next, landed || news === 'new' || news === 'edit' || news === 'partly');
  }

  // The winner may be seen first, or (a converted lead's contact, in another stream) long after.
  for (const [key, losers] of Map.groupBy(
    [...folds, ...(await foldedInto(tx, fresh))],
    (one) => one.mergedInto!,
  )) {
    const winner = stored.get(key);
    for (const loser of winner ? losers : []) {
      const own = save.get(loser.key) ?? loser;
      if (own.mergedInto === key && !own.folded)
        save.set(loser.key, {
          since: null,
          ...save.get(loser.key),
          ...silenced(own),
          rescore: true,
          dirty: true,
        });
    }
    const heard = winner && inherit(winner, losers);
    const heir = heard && fresh.includes(key) ? emptied(heard, losers, filledIn(sync, member)) : heard;
    if (heir && heir !== winner)
      save.set(key, { since: null, ...save.get(key), ...heir, rescore: true, dirty: true });
  }

  const problems = [...unreadable.values()].flat();
  result.unreadable = problems.length;
  engine.observed?.(mapping.connection, result.news);
  const { rounds, within } = sync.edits ?? DEFAULT_EDITS;
  const since = new Date(Date.parse(now) - within * 1000).toISOString();
  await Promise.all([
    saveRecords(tx, [...save.values()]),
    releaseHeldBy(
      tx,
      [...save.values()].flatMap(({ key, dirty }) => (dirty ? [key] : [])),
    ),
    saveReferences(tx, referencesOf(sync, [...save.values()].filter(pointsElsewhere))),
    saveUnreadable(tx, [...unreadable.keys()], problems),
    tally(tx, deleted, now),
    bond(tx, sync.entity.name, bonds),
    saveRounds(tx, flips, rounds, since, now),
    addErasureTools(tx, toErase, now),
    saveDeletions(tx, deletions),
    confirmDeletions(tx, mayPropagate(sync, member) ? told : []).then((records) => markDirty(tx, records)),
    forgetDeletions(
      tx,
      [...save.values()].filter(({ key, deleted }) => !deleted && was.get(key)).map(({ key }) => key),
    ),
    settleOutbox(
      tx,
      adopted.map((row) => ({ ...row, state: null, dueAt: now, awaits: [], error: null })),
      now,
    ),
  ]);
  return result;
}

const only = (fields: Fields, names: readonly string[]): Fields =>
  Object.fromEntries(Object.entries(fields).filter(([name]) => names.includes(name)));

/** Was the look asked for before our last write? Then it shows what is no more. */
const isPast = ({ wroteAt }: StoredRecord, asked: string) => wroteAt !== null && asked < wroteAt;
