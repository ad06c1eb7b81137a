import { ConnectorError, type Op, type Outcome, type WriteAbility } from '../../connectors/contract.ts';
import type { Intent } from '../plan/plan.ts';
import type { Db } from '../store/db.ts';
import { keepPlans } from '../store/lane.ts';
import {
  countDue,
  type DueRow,
  dropOutbox,
  dueOutbox,
  type OutboxRow,
  type Payload,
} from '../store/outbox.ts';
import { markSending, settleOutbox } from '../store/outbox-flight.ts';
import { saveRefusals } from '../store/refusals.ts';
import { intentsOf, LANE, type Lane, opKey, refusalsFrom } from './intents.ts';
import { type Fresh, lookAt, lookBeforeWriting, MAX_CONDITIONAL } from './look.ts';
import { orOwe } from './owed.ts';
import { withinPermits } from './permits.ts';
import { isNewName } from './planned.ts';
import type { Engine, Member, Sync } from './ports.ts';
import { asIfSent } from './pretend.ts';
import { bothSettled, nothingSettled, type Settlement, settle } from './settle.ts';

/** A create is tried again so long after it met another of the same person that has no answer yet. */
const TWIN_MS = 2000;
/** A batch of thousands is prepared, and what became of it stored, so many at a time: what either needs in memory does not grow with it. */
const PAGE = 1000;

export interface Sent {
  row: OutboxRow;
  intent: Intent;
  payload: Payload;
  /** The golden record's records, as source keys; not those that the plan at hand would create. */
  records: string[];
}

export interface Delivered extends Settlement {
  /** Rows taken from the outbox; 0: nothing was due. */
  claimed: number;
  /** The call as a whole failed: why, and what recovers it. */
  failure?: ConnectorError;
}

/**
 * One batch for one stream: claim (committed before the first byte leaves), send, settle. What was sent without an answer
 * is left 'unknown' and looked up before anything is sent again (law 2). Only rows of this lane, or of a faster one, are taken, and
 * no more than `most`.
 */
export async function deliverBatch(
  engine: Engine,
  sync: Sync,
  member: Member,
  op: OutboxRow['op'],
  signal: AbortSignal,
  lane: Lane = LANE.backfill,
  most?: number,
): Promise<Delivered> {
  const nothing: Delivered = { ...nothingSettled(), claimed: 0, more: true };
  let fresh: Fresh | undefined;
  try {
    if (op === 'update') fresh = await lookBeforeWriting(engine, sync, member, lane, signal);
  } catch (error) {
    if (!(error instanceof ConnectorError)) throw error;
    return { ...nothing, failure: error };
  }
  const batch = await claim(engine, sync, member, op, lane, fresh, most);
  if (batch.sent.length === 0) {
    const unseen = await lookAtHolders(engine, sync, member, batch.holders, signal);
    return { ...nothing, claimed: batch.claimed, ...(unseen ? { failure: unseen } : {}) };
  }
  const alone = batch.sent.length === 1;
  let open: readonly Sent[] = batch.sent;
  const ops = batch.sent.map(
    ({ row, payload, intent }): Op =>
      row.op === 'delete'
        ? { key: row.key, op: 'delete', id: intent.extId! }
        : row.op === 'create'
          ? { key: row.key, op: 'create', fields: payload.fields }
          : {
              key: row.key,
              op: 'update',
              id: intent.extId!,
              fields: payload.fields,
              // One write alone can carry a condition at no cost. It gives way where somebody edits without end.
              ...(alone && intent.version !== null && row.attempts <= MAX_CONDITIONAL
                ? { ifVersion: intent.version }
                : {}),
            },
  );
  try {
    const consent = batch.sent.some(({ row }) => row.lane <= LANE.consent);
    const { outcomes, failure } = engine.dry
      ? { outcomes: await asIfSent(engine, sync, member, batch.sent) }
      : await send(member, ops, consent, signal);
    let settlement = nothingSettled();
    const answers = new Map(outcomes.map((outcome) => [outcome.key, outcome]));
    while (open.length > 0) {
      const part = open.slice(0, PAGE);
      settlement = bothSettled(settlement, await settle(engine, sync, member, part, answers, failure));
      open = open.slice(PAGE);
    }
    const unseen = failure ?? (await lookAtHolders(engine, sync, member, batch.holders, signal));
    const full = batch.claimed >= (member.stream.write ? member.stream.write.maxBatch : 0);
    return {
      ...settlement,
      claimed: batch.claimed,
      more: settlement.more || full || batch.sent.length < batch.claimed,
      ...(unseen ? { failure: unseen } : {}),
    };
  } catch (error) {
    await orOwe(engine, () => forsake(engine, open));
    throw error;
  }
}

/** As the tool's refusal would have had them looked at: what they show now may be what the rest of the plan comes from. */
async function lookAtHolders(
  engine: Engine,
  sync: Sync,
  member: Member,
  holders: readonly string[],
  signal: AbortSignal,
): Promise<ConnectorError | undefined> {
  try {
    if (holders.length > 0) await lookAt(engine, sync, member, holders, signal);
    return undefined;
  } catch (error) {
    if (!(error instanceof ConnectorError)) throw error;
    return error;
  }
}

interface Claimed {
  /** Rows taken from the outbox. */
  claimed: number;
  sent: Sent[];
  /** Records that have a unique value which this run's plan left out, as source keys. */
  holders: string[];
}

/** The newest difference of every due row, marked as sending. Rows with nothing left to write are dropped. */
async function claim(
  engine: Engine,
  sync: Sync,
  member: Member,
  op: OutboxRow['op'],
  lane: Lane,
  fresh: Fresh | undefined,
  most = Number.POSITIVE_INFINITY,
): Promise<Claimed> {
  const write = member.stream.write;
  if (write === false) return { claimed: 0, sent: [], holders: [] };
  const now = engine.now().toISOString();
  return engine.db.transaction(async (tx) => {
    const [due] = await Promise.all([
      dueRows(tx, engine, sync, member, op, write, now, lane, most),
      keepPlans(tx),
    ]);
    const claimed: Claimed = { claimed: due.length, sent: [], holders: [] };
    for (let from = 0; from < due.length; from += PAGE) {
      const rows = due.slice(from, from + PAGE);
      const { sent, holders } = await claimPage(tx, engine, sync, member, op, rows, fresh, now);
      claimed.sent.push(...sent);
      claimed.holders.push(...holders);
    }
    return claimed;
  });
}

/** Those of the due rows that are sent; the others are dropped, or wait. */
async function claimPage(
  tx: Db,
  engine: Engine,
  sync: Sync,
  member: Member,
  op: OutboxRow['op'],
  due: readonly DueRow[],
  fresh: Fresh | undefined,
  now: string,
): Promise<Omit<Claimed, 'claimed'>> {
  const ids = [...new Set(due.map((row) => row.goldenId))];
  const { intents, goldens, records } = await intentsOf(tx, engine, sync, ids, [member]);
  await saveRefusals(tx, refusalsFrom(intents, goldens), now);
  const byKey = new Map(intents.map((intent) => [opKey(intent), intent]));
  const members = Map.groupBy(
    records.filter(({ extId }) => !engine.dry || !isNewName(extId)),
    ({ goldenId }) => goldenId!,
  );

  const wanted: Sent[] = [];
  const drop: OutboxRow[] = [];
  const wait: Parameters<typeof settleOutbox>[1][number][] = [];
  for (const row of due) {
    if (fresh && !fresh(row.target)) continue;
    const intent = byKey.get(opKey(row));
    if (!intent || intent.op !== row.op) drop.push(row);
    else if (row.twin) {
      // The other's record may be there already, and then it is this golden record's.
      const dueAt = new Date(Date.parse(now) + TWIN_MS).toISOString();
      wait.push({ ...row, state: 'pending', dueAt, awaits: intent.awaits, error: null });
    } else if (op === 'delete' || Object.keys(intent.fields).length > 0) {
      const fields = { ...intent.fields };
      if (op === 'create' && member.idField) fields[member.idField] = row.goldenId;
      const own = (members.get(row.goldenId) ?? []).map(({ key }) => key);
      const payload: Payload = {
        fields,
        sent: intent.sent,
        echo: intent.echo,
        anchor: own[0] ?? null,
        version: goldens.get(row.goldenId)!.version,
        ...(row.payload?.late ? { late: true } : {}),
      };
      const mine = { key: opKey(row), attempts: row.attempts + 1, owner: engine.owner };
      wanted.push({ row: { ...row, ...mine, payload }, intent, payload, records: own });
    } else if (intent.awaits.length > 0)
      wait.push({ ...row, state: 'waiting', awaits: intent.awaits, dueAt: now, error: null, free: true });
    else drop.push(row);
  }
  const { within: sent, holders } = await withinPermits(tx, engine, member, wanted);
  await Promise.all([
    dropOutbox(tx, drop),
    settleOutbox(tx, wait, now),
    markSending(
      tx,
      sent.map(({ row, payload }) => ({ ...row, payload })),
      engine.owner,
      now,
    ),
  ]);
  return { sent, holders };
}

/** A batch; where thousands are due and the tool takes them at once, so many. */
async function dueRows(
  tx: Db,
  { within }: Engine,
  sync: Sync,
  { mapping: { name: mapping, connection } }: Member,
  op: OutboxRow['op'],
  { maxBatch, bulk }: WriteAbility,
  now: string,
  lane: Lane,
  most: number,
): Promise<DueRow[]> {
  const siblings = sync.members
    .filter((other) => other.mapping.connection === connection && other.mapping.name !== mapping)
    .map((other) => other.mapping.name);
  const due = (limit: number) =>
    dueOutbox(tx, mapping, op, Math.min(limit, most), now, lane, within, siblings);
  const batch = await due(maxBatch);
  if (!bulk || batch.length < maxBatch || lane <= LANE.realtime) return batch;
  if ((await countDue(tx, mapping, op, bulk.from, now, lane, within)) < bulk.from) return batch;
  return due(bulk.max);
}

/** The step broke between sending and settling: the rows must be looked up, like those of a process that died. */
async function forsake(engine: Engine, sent: readonly Sent[]): Promise<void> {
  const now = engine.now().toISOString();
  const error = { kind: 'unknown', message: 'the step broke after sending' };
  await settleOutbox(
    engine.db,
    sent.map(({ row }) => ({ ...row, state: 'unknown', awaits: [], dueAt: now, error })),
    now,
  );
}

async function send(
  member: Member,
  ops: Op[],
  consent: boolean,
  signal: AbortSignal,
): Promise<{ outcomes: Outcome[]; failure?: ConnectorError }> {
  try {
    const outcomes = await member.tool.connector.write!(
      member.tool.context(signal, consent ? 'consent' : undefined),
      member.mapping.object,
      ops,
    );
    return { outcomes };
  } catch (error) {
    if (!(error instanceof ConnectorError)) throw error;
    const lost: Outcome[] = error.maybeApplied ? ops.map(({ key }) => ({ key, status: 'unknown' })) : [];
    return { outcomes: lost, failure: error };
  }
}
