import { type Change, ConnectorError, type Cursor } from '../../../connectors/contract.ts';
import { keyText } from '../../model/record.ts';
import { isEmpty, type Values } from '../../model/value.ts';
import type { Db } from '../../store/db.ts';
import { type DifferenceRow, dirtyAmong } from '../../store/differences.ts';
import { anyBlock } from '../../store/erasures.ts';
import { frozenOf } from '../../store/flips.ts';
import { outboxOf } from '../../store/outbox.ts';
import { cursorTimes } from '../../store/overview.ts';
import { goldenOfKeys, recordsByKey } from '../../store/records.ts';
import { refusalsOf } from '../../store/refusals.ts';
import { blockedAmong } from '../erase/block.ts';
import { personMarks, recordMark } from '../erase/marks.ts';
import { referenceAttributes } from '../inputs.ts';
import { intentsOf } from '../intents.ts';
import { lookUp } from '../lookup.ts';
import type { StoredRecord } from '../observe.ts';
import type { Engine, Member, Sync } from '../ports.ts';
import { lookUpTouched } from '../touched.ts';
import { compare, type Known } from './compare.ts';

export interface Swept {
  /** Source keys that the tool has shown, live or gone. */
  shown: string[];
  differences: DifferenceRow[];
  /** Of each record, each attribute that was compared; '' for the record as a whole. */
  verdicts: { record: string; attribute: string; equal: boolean }[];
}

/** The next page of everything that a tool holds; the engine's own cursor stays where it is. Throws ConnectorError. */
export async function readPage(
  member: Member,
  since: Cursor | null,
  signal: AbortSignal,
  now: () => Date,
): Promise<{ changes: Change[]; cursor: Cursor; done: boolean; asked: string; aside: number }> {
  const { mapping, tool } = member;
  const asked = now().toISOString();
  const page = await tool.connector.read!.call(
    tool.connector,
    tool.context(signal),
    mapping.object,
    { since },
    fieldsOf(member),
  );
  const changes = await lookUpTouched(member, page.changes, signal, now());
  if ((page.lacking ?? []).length > 0)
    throw new ConnectorError('rejected', `it no longer shows ${page.lacking!.join(', ')}`, {
      hint: 'Correct the mapping, or give the connection’s user access to the fields.',
    });
  return { changes, cursor: page.cursor, done: page.done, asked, aside: page.problems?.length ?? 0 };
}

const fieldsOf = ({ mapping, idField }: Member) =>
  idField ? [...new Set([...mapping.readFields, idField])] : mapping.readFields;

/**
 * Compares what a tool said with what the hub holds. Where the hub has written, or learned more, since the tool was asked, it
 * is asked once more: what is on its way meanwhile is no difference.
 */
export async function comparePage(
  engine: Engine,
  sync: Sync,
  member: Member,
  changes: readonly Change[],
  asked: string,
  signal: AbortSignal,
): Promise<Swept> {
  const { mapping } = member;
  const keyOf = (id: string) => keyText({ connection: mapping.connection, object: mapping.object, id });
  let newest = new Map(changes.map((change) => [change.id, change]));
  const stored = await recordsByKey(engine.db, [...newest.keys()].map(keyOf));
  const outdated = [...newest.values()].filter((change) => {
    const known = stored.get(keyOf(change.id));
    if (!known) return false;
    return (known.wroteAt !== null && known.wroteAt >= asked) || (known.at !== null && change.at < known.at);
  });
  const by = member.stream.read ? member.stream.read.lookupBy[0] : undefined;
  if (outdated.length > 0 && by !== undefined) {
    const ids = outdated.map(({ id }) => id);
    const again = await lookUp(member, by, ids, signal);
    newest = new Map([...newest, ...again.map((change) => [change.id, change] as const)]);
    for (const [key, record] of await recordsByKey(engine.db, ids.map(keyOf))) stored.set(key, record);
  }
  return examine(engine, sync, member, [...newest.values()], stored);
}

async function examine(
  engine: Engine,
  sync: Sync,
  member: Member,
  changes: readonly Change[],
  stored: ReadonlyMap<string, StoredRecord>,
): Promise<Swept> {
  const { db } = engine;
  const { mapping } = member;
  const keyOf = (id: string) => keyText({ connection: mapping.connection, object: mapping.object, id });
  const readTo = (await cursorTimes(db)).find((one) => one.mapping === mapping.name)?.at ?? null;
  const swept: Swept = { shown: [], differences: [], verdicts: [] };
  const put = (
    record: string,
    goldenId: string | null,
    row: Omit<DifferenceRow, 'mapping' | 'record' | 'goldenId'>,
  ) => swept.differences.push({ mapping: mapping.name, record, goldenId, ...row });

  const live: {
    change: Extract<Change, { op: 'upsert' }>;
    values: Values;
    unreadable: Map<string, string>;
  }[] = [];
  for (const change of changes) {
    const key = keyOf(change.id);
    const known = stored.get(key);
    if (change.op === 'upsert' && mapping.admits?.({ ...known?.native, ...change.fields }) === false) {
      swept.shown.push(key);
      if (known && !known.deleted)
        put(key, known.goldenId, {
          attribute: '',
          class: 'unread',
          reason: 'it no longer passes the filter of the mapping',
        });
    } else if (change.op === 'upsert') {
      const { values, problems } = await mapping.in(change.fields);
      const unreadable = new Map(problems.map(({ attribute, message }) => [attribute, message]));
      live.push({ change, values, unreadable });
      swept.shown.push(key);
    } else if (change.op === 'delete') {
      swept.shown.push(key);
      if (known && !known.deleted)
        put(key, known.goldenId, {
          attribute: '',
          class: 'missed-delete',
          reason: `deleted at ${change.at}`,
        });
    } else if (change.op === 'merge') {
      swept.shown.push(key);
      const winner = keyText({
        connection: mapping.connection,
        object: change.into.stream,
        id: change.into.id,
      });
      if (known && known.mergedInto !== winner && winner !== key)
        put(key, known.goldenId, {
          attribute: '',
          class: 'missed-merge',
          reason: `merged into ${winner} at ${change.at}`,
        });
    }
  }
  const strangers = live.filter(({ change }) => !stored.has(keyOf(change.id)));
  const known = await knownOf(
    db,
    engine,
    sync,
    member,
    live.flatMap(({ change }) => stored.get(keyOf(change.id)) ?? []),
  );
  const erased = await erasedAmong(
    db,
    engine,
    sync,
    strangers.map(({ change, values }) => ({ key: keyOf(change.id), values })),
  );
  for (const { change, values, unreadable } of live) {
    const key = keyOf(change.id);
    const about = known(key, values);
    if (!about && erased.has(key)) {
      put(key, null, {
        attribute: '',
        class: 'erased',
        reason: 'the hub forgot this person, and takes nothing of it in',
      });
      swept.verdicts.push({ record: key, attribute: '', equal: false });
      continue;
    }
    if (!about) {
      const missed = readTo !== null && change.at < readTo;
      const carried = member.idField === undefined ? null : change.fields[member.idField];
      put(key, typeof carried === 'string' && carried !== '' ? carried : null, {
        attribute: '',
        class: missed ? 'orphan' : 'unread',
        reason: missed
          ? `is there since ${change.at}; the hub read the stream at ${readTo}, and did not see it`
          : `is there since ${change.at}, and the hub has not read so far`,
        fields: Object.fromEntries(Object.entries(change.fields).filter(([name]) => name !== member.idField)),
      });
      swept.verdicts.push({ record: key, attribute: '', equal: false });
      continue;
    }
    const { compared, differences } = compare(member, change, values, unreadable, { ...about, readTo });
    for (const found of differences) put(key, about.golden?.id ?? null, found);
    const unequal = new Set(differences.map(({ attribute }) => attribute));
    for (const attribute of compared)
      swept.verdicts.push({ record: key, attribute, equal: !unequal.has(attribute) });
    swept.verdicts.push({ record: key, attribute: '', equal: differences.length === 0 });
  }
  return swept;
}

/** What the hub holds of these records and would write to them, in a handful of queries. */
async function knownOf(
  db: Db,
  engine: Engine,
  sync: Sync,
  member: Member,
  records: readonly StoredRecord[],
): Promise<(key: string, shown: Values) => Omit<Known, 'readTo'> | undefined> {
  const ids = [...new Set(records.flatMap(({ goldenId }) => goldenId ?? []))];
  const keys = records.map(({ key }) => key);
  const references = referenceAttributes(sync.entity);
  const pointed = records.flatMap(({ seen }) =>
    references.flatMap((name) => (isEmpty(seen[name]) ? [] : [String(seen[name])])),
  );
  const [{ intents, goldens }, rows, refusals, dirty, goldenOf, frozen] = await Promise.all([
    intentsOf(db, engine, sync, ids, member.writes ? [member] : []),
    outboxOf(db, ids),
    refusalsOf(db, ids),
    dirtyAmong(db, keys),
    goldenOfKeys(db, pointed),
    frozenOf(db, ids),
  ]);
  const mine = <T extends { mapping: string; target: string }>(list: readonly T[]) =>
    Map.groupBy(
      list.filter(({ mapping }) => mapping === member.mapping.name),
      ({ target }) => target,
    );
  const [intentOf, outboxBy, refusalsBy] = [mine(intents), mine(rows), mine(refusals)];
  const byKey = new Map(records.map((record) => [record.key, record]));
  return (key) => {
    const stored = byKey.get(key);
    if (!stored) return undefined;
    const golden = stored.goldenId === null ? undefined : goldens.get(stored.goldenId);
    return {
      stored,
      dirty: dirty.has(key),
      golden,
      intent: intentOf.get(key)?.[0],
      outbox: outboxBy.get(key)?.[0],
      refusals: refusalsBy.get(key) ?? [],
      frozen: frozen.get(golden?.id ?? '') ?? new Set(),
      goldenOf: (target) => goldenOf.get(target),
    };
  };
}

/** Strangers that tell of somebody who was erased. */
async function erasedAmong(
  db: Db,
  engine: Engine,
  sync: Sync,
  strangers: readonly { key: string; values: Values }[],
): Promise<Map<string, string>> {
  if (strangers.length === 0 || !(await anyBlock(db))) return new Map();
  const marks = new Map(
    strangers.map(({ key, values }) => [key, [recordMark(key), ...personMarks(sync.entity, values)]]),
  );
  return blockedAmong(db, engine, marks);
}
