import type { Pin } from '../merge/survive.ts';
import { type GoldenChange, lookForAlerts } from '../messages/alerts.ts';
import { type GoldenMove, tellEvents } from '../messages/events.ts';
import { parseKey } from '../model/record.ts';
import { sameJson, sameValue } from '../model/value.ts';
import type { Db } from '../store/db.ts';
import type { Decision } from '../store/decisions.ts';
import {
  addHistory,
  type GoldenRow,
  goldensAndHeirs,
  goldensById,
  type HistoryRow,
  saveGoldens,
} from '../store/goldens.ts';
import { forgetOutbox } from '../store/outbox.ts';
import {
  goldenOfKeys,
  type MemberRecord,
  markReferrersDirty,
  NOBODY,
  recordsByKey,
  type SettledRow,
  settleRecords,
} from '../store/records.ts';
import { type Tally, tally } from '../store/tally.ts';
import { assign, births, fallsApart, type Homes } from './assign.ts';
import { changesBetween, goldenValues, pinnedTo, pinsOf, type Voices } from './goldenValues.ts';
import { targetsOf } from './inputs.ts';
import { type Filled, fillOutbox, LANE, type Lane } from './intents.ts';
import type { StoredRecord } from './observe.ts';
import type { Engine, Sync } from './ports.ts';

export interface MergeInput {
  clusters: string[][];
  records: ReadonlyMap<string, MemberRecord>;
  /** The records this step resolves; clusters without one, and with the members of before, are left alone. */
  changed: ReadonlySet<string>;
  decisions: readonly Decision[];
  /** The golden records of these records, where somebody has read them already. */
  goldens?: ReadonlyMap<string, GoldenRow>;
  /** The same of the golden ids of records that they point to. */
  goldenOf?: ReadonlyMap<string, string>;
  lane: Lane;
  act?: Act;
}

/** What a person did just now: history names it, and records that it parts get their own values back. */
export interface Act {
  id: string;
  by: string;
  reason: string | null;
}

export interface Merged {
  /** Records that found their place beside another for the first time. */
  linked: number;
  /** Golden records folded into another. */
  merged: number;
  /** Messages put to the outside. */
  told: number;
  /** What its writes follow from. */
  filled?: Filled;
}

/** Gives every cluster its golden record: ids, values, history, then the outbox. In the step's transaction. */
export async function mergeClusters(tx: Db, engine: Engine, sync: Sync, input: MergeInput): Promise<Merged> {
  const { records, changed } = input;
  const now = engine.now().toISOString();
  const homes = new Map<string, Homes>();
  for (const { key, goldenId, bornAs } of records.values())
    if (goldenId) homes.set(key, { now: goldenId, born: bornAs === NOBODY ? null : (bornAs ?? goldenId) });
  const belongs = new Map([...homes].map(([key, home]) => [key, home.now] as const));
  const pointedTo = [...targetsOf(sync.entity, [...records.values()]), ...pinnedTo(input.decisions)];
  const [current, rest, parted] = await Promise.all([
    input.goldens ?? goldensById(tx, [...new Set(belongs.values())]),
    goldenOfKeys(
      tx,
      pointedTo.filter((key) => !input.goldenOf?.has(key)),
    ),
    fallsApart(input.clusters, homes)
      ? goldensAndHeirs(tx, [...new Set([...homes.values()].flatMap(({ born }) => born ?? []))])
      : new Map<string, GoldenRow>(),
  ]);
  // Of those that their records were born as, aliases alone can come back: the others live elsewhere.
  const known = new Map([...[...parted].filter(([, { aliasOf }]) => aliasOf !== null), ...current]);
  const goldenOf = new Map([...(input.goldenOf ?? []), ...rest]);
  const { ids, aliases, splits } = assign(input.clusters, homes, known, engine.newId, (key) => {
    const record = records.get(key);
    return record !== undefined && Object.keys(record.opinions).length > 0;
  });
  const held = await partedRecords();

  const save: GoldenRow[] = [];
  const history: HistoryRow[] = [];
  const settle: SettledRow[] = [];
  const touched: string[] = [];
  const joined: Tally[] = [];
  const news: GoldenChange[] = [];
  const moves: GoldenMove[] = [];
  let linked = 0;
  input.clusters.forEach((members, index) => {
    const id = ids[index]!;
    const moved = members.filter((key) => belongs.get(key) !== id);
    // Where somebody has gone, what they said has gone too.
    if (moved.length === 0 && !splits.has(id) && !members.some((key) => changed.has(key))) return;
    touched.push(id);
    const rows = members.map((key) => records.get(key)!);
    if (members.length > 1 && input.lane !== LANE.backfill && !input.act)
      joined.push(
        ...moved.map((key): Tally => ({ scope: sync.entity.name, kind: 'joined', subject: key, of: id })),
      );
    for (const key of moved) engine.notes?.moved(key, belongs.get(key) ?? null);
    const arrived = moved.filter((key) => !belongs.has(key) && changed.has(key)).length;
    linked += arrived === members.length ? arrived - 1 : arrived;
    const { row, events, changes } = golden(
      sync,
      id,
      rows,
      known.get(id),
      members.flatMap((key) => {
        const from = known.get(belongs.get(key) ?? '');
        return from && from.id !== id ? [from] : [];
      }),
      pinsOf(input.decisions, members, goldenOf),
      goldenOf,
      now,
      members.some((key) => held.has(key))
        ? { records: members.flatMap((key) => held.get(key) ?? []), act: { by: input.act!.by, at: now } }
        : undefined,
    );
    if (row) save.push(row);
    history.push(...events);
    if (row && changes) news.push({ after: row, changes, ...comesFrom(members) });
    const birth = births(members, id, !known.has(id), homes);
    for (const key of members)
      if (changed.has(key) || belongs.get(key) !== id || isTold(key))
        settle.push({
          key,
          stamp: records.get(key)!.stamp,
          goldenId: id,
          birth: birth(key),
          clean: changed.has(key),
        });
  });
  const folded = [...aliases].filter(isNews);
  for (const [loser, survivor] of folded) {
    const old = known.get(loser)!;
    engine.notes?.folded(loser);
    const left = { values: {}, provenance: {}, version: old.version + 1 };
    save.push({ ...old, ...left, aliasOf: survivor, live: false, updatedAt: now });
    history.push(
      entry(loser, 'merged', { into: survivor, ...by() }),
      entry(survivor, 'merged', {
        from: loser,
        ...(old.aliasOf === null && { values: old.values }),
        ...by(),
      }),
    );
    const { records: kept, causes } = comesFrom(membersOf([survivor]));
    moves.push({
      kind: 'merged',
      id: loser,
      mark: String(old.version + 1),
      into: survivor,
      survivor: save.find(({ id }) => id === survivor) ?? known.get(survivor),
      records: kept,
      causes,
    });
  }
  for (const [id, parts] of splits) {
    const went = whoWentWhere(id);
    const split = entry(id, 'split', { into: parts, records: went, ...by() });
    history.push(split);
    const { causes } = comesFrom(membersOf(parts));
    const fell = parts.find((part) => part !== id)!;
    // A copy that moves between two changes neither's version: the act tells one move from the next.
    const mark = [split.version, fell, versionOf(fell), ...(input.act ? [input.act.id, now] : [])].join('_');
    moves.push({ kind: 'split', id, mark, into: parts, went, causes });
  }

  // Sent together, carried out one after the other: what fills the outbox reads what was saved.
  const [, , , , , filled, alerted, told] = await Promise.all([
    saveGoldens(tx, save),
    settleRecords(tx, settle),
    addHistory(tx, history),
    forgetOutbox(
      tx,
      folded.map(([loser]) => loser),
    ),
    markReferrersDirty(tx, referredAnew()),
    fillOutbox(tx, engine, sync, touched, input.lane, clocks()),
    lookForAlerts(tx, engine, sync, news),
    tellEvents(tx, engine, sync, news, moves),
    tally(tx, joined, now),
  ]);
  return { linked, merged: folded.length, told: alerted + told, filled };

  function membersOf(goldens: readonly string[]): string[] {
    return input.clusters.flatMap((members, index) => (goldens.includes(ids[index]!) ? members : []));
  }

  function comesFrom(members: readonly string[]): Pick<GoldenChange, 'before' | 'records' | 'causes'> {
    const until = new Set(members.flatMap((key) => belongs.get(key) ?? []));
    return {
      before: [...until].flatMap((id) => known.get(id) ?? []),
      records: members.filter((key) => !records.get(key)!.deleted),
      causes: members.filter((key) => changed.has(key)).map(streamOf),
    };
  }

  /** An alias of before that still leads to its survivor is none; one whose survivor lives elsewhere stays with it. */
  function isNews([loser, survivor]: readonly [string, string]): boolean {
    let next = known.get(loser)!.aliasOf;
    if (next === null) return true;
    while (next !== null && !ids.includes(next)) {
      const heir: GoldenRow | undefined = known.get(next);
      if (!heir) return false;
      next = heir.aliasOf ?? aliases.get(next) ?? null;
    }
    return next !== null && next !== survivor;
  }

  /** Golden id → when the earliest webhook arrived that changed a record of it. */
  function clocks(): Map<string, string> {
    const found = new Map<string, string>();
    input.clusters.forEach((members, index) => {
      for (const key of members) {
        const since = changed.has(key) ? records.get(key)!.since : null;
        const before = found.get(ids[index]!);
        if (since !== null && (before === undefined || since < before)) found.set(ids[index]!, since);
      }
    });
    return found;
  }

  function entry(goldenId: string, kind: HistoryRow['kind'], detail: unknown): HistoryRow {
    return { goldenId, entity: sync.entity.name, version: versionOf(goldenId), kind, detail, at: now };
  }

  function versionOf(goldenId: string): number {
    return (save.find((row) => row.id === goldenId) ?? known.get(goldenId))?.version ?? 1;
  }

  /** It stays, but what it came to falls apart: by that it may be known whose it is. */
  function isTold(key: string): boolean {
    const home = homes.get(key);
    return home?.born === null && splits.has(home.now);
  }

  /** What a person's act parts, whole: the records of golden records that fall apart. Rules clear nothing. */
  async function partedRecords(): Promise<Map<string, StoredRecord>> {
    const keys = [...belongs].filter(([, id]) => splits.has(id)).map(([key]) => key);
    return input.act ? recordsByKey(tx, keys) : new Map();
  }

  function by(): { by?: string; reason?: string | null; decision?: string } {
    return input.act ? { by: input.act.by, reason: input.act.reason, decision: input.act.id } : {};
  }

  function whoWentWhere(from: string): Record<string, string> {
    const found: Record<string, string> = {};
    input.clusters.forEach((members, index) => {
      for (const key of members) if (belongs.get(key) === from) found[key] = ids[index]!;
    });
    return found;
  }

  /** Records of this entity that others point to and whose golden id, or company name, is another than before. */
  function referredAnew(): string[] {
    const renamed = new Set(
      save.filter((row) => !sameValue(known.get(row.id)?.values.name, row.values.name)).map((row) => row.id),
    );
    return settle
      .filter(({ key, goldenId }) => belongs.get(key) !== goldenId || renamed.has(goldenId))
      .map(({ key }) => key);
  }
}

function golden(
  sync: Sync,
  id: string,
  members: readonly MemberRecord[],
  known: GoldenRow | undefined,
  others: readonly GoldenRow[],
  pins: Record<string, Pin>,
  goldenOf: ReadonlyMap<string, string>,
  now: string,
  parted: Voices['parted'],
): { row?: GoldenRow; events: HistoryRow[]; changes?: GoldenChange['changes'] } {
  // What an alias held when it was folded in is no state to go on from: its records say what it holds now.
  const before = known?.aliasOf === null ? known : undefined;
  const { values, provenance } = goldenValues(sync.entity, {
    ...{ members, pins, goldenOf, parted },
    before: [...(before ? [before] : []), ...others],
  });
  const live = members.some((member) => !member.deleted);
  const changes = changesBetween(before?.values ?? {}, values);
  const same =
    before !== undefined &&
    Object.keys(changes).length === 0 &&
    before.live === live &&
    sameJson(before.provenance, provenance);
  if (same) return { events: [] };
  const version = (known?.version ?? 0) + 1;
  const row: GoldenRow = {
    id,
    entity: sync.entity.name,
    values,
    provenance,
    version,
    aliasOf: null,
    live,
    createdAt: known?.createdAt ?? now,
    updatedAt: now,
  };
  if (before && Object.keys(changes).length === 0 && before.live === live) return { row, events: [] };
  const kind = !before ? 'created' : live || !before.live ? 'updated' : 'emptied';
  const about = { goldenId: id, entity: sync.entity.name, version, at: now };
  const sources = Object.fromEntries(Object.keys(changes).map((name) => [name, provenance[name] ?? null]));
  const events: HistoryRow[] = [{ ...about, kind, detail: { changes, provenance: sources } }];
  if (!before && !live) events.push({ ...about, kind: 'emptied', detail: { changes: {}, provenance: {} } });
  return { row, events, changes };
}

function streamOf(key: string): string {
  const { connection, object } = parseKey(key);
  return `${connection}/${object}`;
}
