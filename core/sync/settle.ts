import { ConnectorError, type Outcome } from '../../connectors/contract.ts';
import { keyText } from '../model/record.ts';
import { type DeletionRow, deletionsOf, saveDeletions } from '../store/deletions.ts';
import { addErasureTools, erasedAmong, shareErasing } from '../store/erasures.ts';
import { goldensById } from '../store/goldens.ts';
import { saveWrittenBack, type WrittenBack } from '../store/lane.ts';
import { bond } from '../store/matching.ts';
import { hasten, wake } from '../store/outbox.ts';
import { type Settled, settleOutbox } from '../store/outbox-flight.ts';
import { goldenOfKeys, lockRecords, membersByKey, saveRecords } from '../store/records.ts';
import { moveRefusals, type Refusal, releaseHeldBy, saveRefusals } from '../store/refusals.ts';
import { backoff } from './backoff.ts';
import type { Sent } from './claim.ts';
import { mayPropagate, propagates } from './deletes.ts';
import { arrived } from './erase/arrived.ts';
import { type Conflict, linkExisting } from './existing.ts';
import { silenced } from './inherit.ts';
import { fillOutbox, LANE, opKey } from './intents.ts';
import { lookAt, MAX_CONDITIONAL } from './look.ts';
import { born as asBorn, delivered, type StoredRecord, toldBy } from './observe.ts';
import type { Engine, Member, Sync } from './ports.ts';
import { blankRecord } from './storedRecord.ts';

export interface Settlement {
  created: number;
  updated: number;
  /** Records deleted in the tool, because somebody deleted their counterparts. */
  archived: number;
  /** Values the tool refused; the rest of their records goes on. */
  refused: number;
  /** Records the tool refused whole. */
  held: number;
  unknown: number;
  /** Rows that are tried again later. */
  retries: number;
  /** Something may have become due by it. */
  more: boolean;
  /** Golden records that were written to the tool. */
  written: string[];
  /** How long the webhooks took whose changes were written. */
  writtenBack: WrittenBack[];
}

type Ok = Extract<Outcome, { status: 'ok' }>;

export const nothingSettled = (): Settlement => ({
  created: 0,
  updated: 0,
  archived: 0,
  refused: 0,
  held: 0,
  unknown: 0,
  retries: 0,
  more: false,
  written: [],
  writtenBack: [],
});

/** Both together. */
export const bothSettled = (a: Settlement, b: Settlement): Settlement => ({
  created: a.created + b.created,
  updated: a.updated + b.updated,
  archived: a.archived + b.archived,
  refused: a.refused + b.refused,
  held: a.held + b.held,
  unknown: a.unknown + b.unknown,
  retries: a.retries + b.retries,
  more: a.more || b.more,
  written: [...a.written, ...b.written],
  writtenBack: [...a.writtenBack, ...b.writtenBack],
});

/**
 * What became of a batch, or of a part of it, in one transaction. `answers` by key; an op without one is treated as its call's failure
 * says.
 */
export async function settle(
  engine: Engine,
  sync: Sync,
  member: Member,
  sent: readonly Sent[],
  answers: ReadonlyMap<string, Outcome>,
  failure?: ConnectorError,
): Promise<Settlement> {
  const result = nothingSettled();
  const done: { item: Sent; outcome: Ok }[] = [];
  const rows: Settled[] = [];
  const refusals: Refusal[] = [];
  const gone: { key: string; into: string | undefined }[] = [];
  const conflicts: Conflict[] = [];
  const overtaken: Sent[] = [];
  const now = engine.now();
  for (const item of sent) {
    const { row, intent } = item;
    const outcome = answers.get(row.key) ?? whole(row.key, failure);
    const later = (state: Settled['state'], error: Settled['error'], wait = 0, free = false): Settled => ({
      ...row,
      state,
      error,
      free,
      awaits: [],
      dueAt: new Date(now.getTime() + wait).toISOString(),
    });
    if (outcome.status === 'ok') {
      done.push({ item, outcome });
      rows.push(later(null, null));
      result.written.push(row.goldenId);
      if (row.since !== null)
        result.writtenBack.push({
          mapping: row.mapping,
          milliseconds: Math.max(0, now.getTime() - Date.parse(row.since)),
        });
      if (row.op === 'create') result.created++;
      else if (row.op === 'delete') result.archived++;
      else result.updated++;
    } else if (outcome.status === 'unknown') {
      rows.push(later('unknown', { kind: 'unknown', message: 'sent, and no answer came' }));
      result.unknown++;
    } else {
      const error = {
        kind: outcome.kind,
        message: outcome.message,
        ...(outcome.fields ? { fields: outcome.fields } : {}),
      };
      const culprits = intent.changes.filter((change) => outcome.fields?.includes(change.field));
      const refused =
        outcome.kind === 'rejected' ||
        (outcome.kind === 'conflict' && row.op === 'update' && culprits.length > 0);
      const rest = row.op === 'update' || culprits.length < intent.changes.length;
      if (refused && culprits.length > 0 && rest) {
        for (const { attribute, field } of culprits)
          refusals.push({
            goldenId: row.goldenId,
            mapping: row.mapping,
            target: row.target,
            attribute,
            value: intent.sent[attribute] ?? null,
            field,
            message: outcome.message,
            holder:
              outcome.kind === 'conflict' && outcome.id !== undefined ? keyIn(member, outcome.id) : null,
          });
        rows.push(later('pending', error));
        result.refused += culprits.length;
      } else if (outcome.kind === 'conflict' && outcome.id !== undefined && row.op === 'create') {
        conflicts.push({ item, id: outcome.id, message: outcome.message, fields: outcome.fields });
        rows.push(later('pending', error, backoff(row.attempts, engine.random())));
      } else if (outcome.kind === 'conflict' && row.op === 'update' && row.attempts <= MAX_CONDITIONAL) {
        overtaken.push(item);
        rows.push(later('pending', error, backoff(row.attempts, engine.random())));
      } else if (refused || (outcome.kind === 'conflict' && row.attempts >= 3)) {
        rows.push(later('held', error));
        result.held++;
      } else if (outcome.kind === 'gone') {
        gone.push({ key: row.target, into: outcome.id });
        rows.push(later(null, null));
      } else {
        const wait = backoff(row.attempts, engine.random(), failure?.retryAfter);
        rows.push(later('pending', error, wait, outcome.kind === 'quota' || outcome.kind === 'auth'));
        result.retries++;
      }
    }
  }

  await engine.db.transaction(async (tx) => {
    const at = now.toISOString();
    const keys = done.map(({ outcome }) => keyIn(member, outcome.id));
    const [, settled, stored, anchors, goldens] = await Promise.all([
      engine.dry ? undefined : shareErasing(tx),
      settleOutbox(tx, rows, at),
      lockRecords(tx, [...keys, ...gone.map(({ key }) => key)]),
      goldenOfKeys(
        tx,
        done.flatMap(({ item }) => item.payload.anchor ?? []),
      ),
      goldensById(
        tx,
        done.map(({ item }) => item.row.goldenId),
      ),
      saveRefusals(tx, refusals, at),
    ]);
    const landed = new Map(settled.map((row) => [opKey(row), row]));
    const save: (StoredRecord & { dirty: boolean })[] = [];
    const bonds: [string, string][] = [];
    const winners = await membersByKey(
      tx,
      gone.flatMap(({ into }) => (into === undefined ? [] : [keyIn(member, into)])),
    );
    const lost = done.filter(({ item }) => item.row.op === 'create' && !goldens.has(item.row.goldenId));
    const erased = await erasedAmong(
      tx,
      lost.map(({ item }) => item.row.goldenId),
    );
    for (const { item, outcome } of done) {
      if (!goldens.has(item.row.goldenId)) continue;
      const key = keyIn(member, outcome.id);
      const before = stored.get(key);
      if (item.row.op === 'delete') {
        const gone = { deleted: true, at: outcome.at ?? at, wroteAt: at, confirm: false };
        if (before) save.push({ ...before, ...gone, dirty: true });
        continue;
      }
      const fields = { ...item.payload.fields, ...outcome.fields };
      const made = outcome.fields && (await member.mapping.in({ ...before?.native, ...fields })).values;
      const { anchor } = item.payload;
      const mark = { version: outcome.version ?? null, ...(outcome.at ? { at: outcome.at } : {}) };
      if (item.row.op === 'create' && !before) {
        const told = toldBy(member.mapping.sources, made, item.payload, fields);
        const record = {
          ...asBorn(blankRecord(sync, member, outcome.id), item.payload, fields, told, at),
          ...mark,
        };
        // Without a time of the write, only a look of its own tells the tool's defaults from edits to come.
        if (told && made && !outcome.at && Object.keys(told).length < Object.keys(made).length)
          record.confirm = true;
        // Merged into another meanwhile: it is that one's, which must not be created beside it.
        const owner = anchor === null ? item.row.goldenId : (anchors.get(anchor) ?? null);
        save.push({ ...record, goldenId: owner, dirty: owner !== item.row.goldenId });
      } else if (before && (item.row.op === 'create' || landed.has(opKey(item.row)))) {
        const stranger = item.row.op === 'create' && before.goldenId !== item.row.goldenId;
        save.push({ ...delivered(before, item.payload, fields, made, at), ...mark, dirty: stranger });
      }
      if (item.row.op === 'create' && anchor) bonds.push([key, anchor]);
    }
    const deletions: DeletionRow[] = [];
    const deleting = new Set(sent.filter(({ row }) => row.op === 'delete').map(({ row }) => row.target));
    for (const { key, into } of gone) {
      const before = stored.get(key);
      if (!before) continue;
      const winner = into === undefined ? null : keyIn(member, into);
      if (winner) bonds.push([key, winner]);
      // Somebody deleted it, it seems, and no look has told so yet.
      if (!winner && !before.deleted && !deleting.has(key) && mayPropagate(sync, member))
        deletions.push({ record: key, entity: sync.entity.name, at, state: 'presumed' });
      const after = { ...before, deleted: true, mergedInto: winner };
      save.push({ ...(winner && winners.has(winner) ? silenced(after) : after), dirty: true });
    }
    const born = done.filter(({ item }) => item.row.op === 'create');
    await Promise.all([
      saveRecords(tx, save),
      addErasureTools(
        tx,
        lost.flatMap(({ item, outcome }) => {
          const erasure = erased.get(item.row.goldenId);
          return erasure === undefined ? [] : [arrived(erasure, member.mapping, outcome.id)];
        }),
        at,
      ),
      saveDeletions(tx, deletions),
      releaseHeldBy(tx, [...keys, ...gone.map(({ key }) => key)]),
      bond(tx, sync.entity.name, bonds),
      moveRefusals(
        tx,
        born.map(({ item, outcome }) => ({ ...item.row, target: keyIn(member, outcome.id) })),
      ),
      wake(
        tx,
        born.map(({ item }) => item.row.goldenId),
        at,
      ),
      saveWrittenBack(tx, result.writtenBack, at),
    ]);
    // A deletion that came while an update flew could not take its place.
    const deleted = sync.members.some(propagates)
      ? await deletionsOf(
          tx,
          done.map(({ item }) => item.row.goldenId),
        )
      : new Map();
    const again = done.filter(
      ({ item }) =>
        item.intent.awaits.length > 0 ||
        (item.row.op === 'update' && deleted.has(item.row.goldenId)) ||
        goldens.get(item.row.goldenId)?.version !== item.payload.version,
    );
    result.more = again.length + born.length > 0;
    await fillOutbox(
      tx,
      engine,
      sync,
      again.map(({ item }) => item.row.goldenId),
      LANE.incremental,
      // The clocks of webhooks that arrived while these writes flew.
      new Map(
        again.flatMap(({ item }) => {
          const since = landed.get(opKey(item.row))?.since;
          return since ? [[item.row.goldenId, since] as const] : [];
        }),
      ),
    );
  });
  result.more ||= conflicts.length + overtaken.length + gone.length + result.refused > 0;
  await lookAtOvertaken(engine, sync, member, overtaken);
  result.refused += await linkExisting(engine, sync, member, conflicts);
  return result;
}

/** Somebody changed these records after they were read: they are looked at, and what still differs then is due at once. */
async function lookAtOvertaken(
  engine: Engine,
  sync: Sync,
  member: Member,
  items: readonly Sent[],
): Promise<void> {
  if (items.length === 0) return;
  const rows = items.map(({ row }) => row);
  try {
    await lookAt(
      engine,
      sync,
      member,
      rows.map(({ target }) => target),
      AbortSignal.timeout(60_000),
    );
    await hasten(engine.db, rows, engine.now().toISOString());
  } catch (error) {
    // The rows stay pending with a wait: the next try meets the same answer, and looks again.
    if (!(error instanceof ConnectorError)) throw error;
  }
}

const keyIn = ({ mapping }: Member, id: string) =>
  keyText({ connection: mapping.connection, object: mapping.object, id });

function whole(key: string, failure: ConnectorError | undefined): Outcome {
  if (!failure) return { key, status: 'unknown' };
  return { key, status: 'failed', kind: failure.kind, message: failure.message };
}
