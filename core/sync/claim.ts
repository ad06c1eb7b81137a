import type { WriteAbility } from '../../connectors/contract.ts';
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
  putOutbox,
} from '../store/outbox.ts';
import { markSending, settleOutbox, type Try } from '../store/outbox-flight.ts';
import { saveRefusals } from '../store/refusals.ts';
import { asRow, type Filled, intentsOf, isWanted, LANE, type Lane, opKey, refusalsFrom } from './intents.ts';
import type { Fresh } from './look.ts';
import { withinPermits } from './permits.ts';
import { isNewName } from './planned.ts';
import type { Engine, Member, Sync } from './ports.ts';

/** A create is tried again so long after it met another of the same person that has no answer yet. */
const TWIN_MS = 2000;
/** A batch of thousands is prepared, and what became of it stored, so many at a time: what either needs in memory does not grow with it. */
export const PAGE = 1000;

export interface Sent {
  row: OutboxRow;
  intent: Intent;
  payload: Payload;
  /** The golden record's records, as source keys; not those that the plan at hand would create. */
  records: string[];
}

export interface Claimed {
  op: OutboxRow['op'];
  /** Rows taken from the outbox. */
  claimed: number;
  sent: Sent[];
  /** Records that have a unique value which this run's plan left out, as source keys. */
  holders: string[];
}

/** One try of one row, unlike every other. */
export const tryOf = ({ goldenId, mapping, target, attempts }: Try): string =>
  JSON.stringify([goldenId, mapping, target, attempts]);

function hold(engine: Engine, sent: readonly Sent[]): void {
  for (const { row } of sent) engine.inHand?.add(tryOf(row));
}

/** What became of them is stored, or they are not claimed. */
export function letGo(engine: Engine, sent: readonly Sent[]): void {
  for (const { row } of sent) engine.inHand?.delete(tryOf(row));
}

/** The newest difference of every due row, marked as sending. Rows with nothing left to write are dropped. */
export async function claim(
  engine: Engine,
  sync: Sync,
  member: Member,
  op: OutboxRow['op'],
  lane: Lane,
  fresh: Fresh | undefined,
  most = Number.POSITIVE_INFINITY,
): Promise<Claimed> {
  const claimed: Claimed = { op, claimed: 0, sent: [], holders: [] };
  const write = member.stream.write;
  if (write === false) return claimed;
  const now = engine.now().toISOString();
  try {
    await engine.db.transaction(async (tx) => {
      const [due] = await Promise.all([
        dueRows(tx, engine, sync, member, op, write, now, lane, most),
        keepPlans(tx),
      ]);
      claimed.claimed = due.length;
      for (let from = 0; from < due.length; from += PAGE) {
        const rows = due.slice(from, from + PAGE);
        const { sent, holders } = await claimPage(tx, engine, sync, member, op, rows, fresh, now);
        claimed.sent.push(...sent);
        claimed.holders.push(...holders);
      }
      hold(engine, claimed.sent);
    });
    return claimed;
  } catch (error) {
    // Perhaps they are claimed all the same: see `recoverOrphans`.
    letGo(engine, claimed.sent);
    throw error;
  }
}

/**
 * The same in the transaction that has just filled the outbox: a commit less, and what was worked out for it need not be worked out
 * again, before a webhook is written back. For updates that need no look first. Nothing is claimed, and the rows stay due, where
 * others are due beside those just filled, or one of these records is being written to.
 */
export async function claimFilled(
  tx: Db,
  engine: Engine,
  sync: Sync,
  member: Member,
  filled: Filled,
): Promise<Claimed | undefined> {
  const write = member.stream.write;
  if (write === false || filled.flying) return undefined;
  const now = engine.now().toISOString();
  const due = await dueRows(tx, engine, sync, member, 'update', write, now, LANE.realtime);
  if (due.length === 0 || !due.every(({ goldenId }) => filled.goldens.has(goldenId))) return undefined;
  const page = await claimPage(tx, engine, sync, member, 'update', due, undefined, now, filled);
  hold(engine, page.sent);
  return { op: 'update', claimed: due.length, ...page };
}

/** Claimed rows that were not sent after all are due again, as if nothing had been. */
export async function forgo(engine: Engine, { sent }: Claimed): Promise<void> {
  await settleOutbox(
    engine.db,
    sent.map(({ row }) => ({ ...row, state: 'pending', free: true })),
    engine.now().toISOString(),
  );
  letGo(engine, sent);
}

/** Those of the due rows that are sent; the others are dropped, wait, or become what is wanted now. */
async function claimPage(
  tx: Db,
  engine: Engine,
  sync: Sync,
  member: Member,
  op: OutboxRow['op'],
  due: readonly DueRow[],
  fresh: Fresh | undefined,
  now: string,
  filled?: Filled,
): Promise<Pick<Claimed, 'sent' | 'holders'>> {
  const ids = [...new Set(due.map((row) => row.goldenId))];
  const { intents, goldens, records } = filled ?? (await intentsOf(tx, engine, sync, ids, [member]));
  if (!filled) await saveRefusals(tx, refusalsFrom(intents, goldens), now);
  const byKey = new Map(intents.map((intent) => [opKey(intent), intent]));
  const members = Map.groupBy(
    records.filter(({ extId }) => !engine.dry || !isNewName(extId)),
    ({ goldenId }) => goldenId!,
  );

  const wanted: Sent[] = [];
  const drop: OutboxRow[] = [];
  const turn: ReturnType<typeof asRow>[] = [];
  const wait: Parameters<typeof settleOutbox>[1][number][] = [];
  for (const row of due) {
    if (fresh && !fresh(row.target)) continue;
    const intent = byKey.get(opKey(row));
    // What is wanted became another op while an earlier try flew, which kept the row as it was.
    if (intent && intent.op !== row.op && isWanted(intent))
      turn.push(asRow(intent, sync, row.lane as Lane, row.since));
    else if (!intent || intent.op !== row.op) drop.push(row);
    else if (row.twin) {
      // The other's record may be there already, and then it is this golden record's.
      const dueAt = new Date(Date.parse(now) + TWIN_MS).toISOString();
      wait.push({ ...row, state: 'pending', dueAt, awaits: intent.awaits, error: null });
    } else if (op === 'delete' || Object.keys(intent.fields).length > 0) {
      const fields = { ...intent.fields };
      if (op === 'create' && member.idField) fields[member.idField] = row.goldenId;
      const all = members.get(row.goldenId) ?? [];
      const own = all.map(({ key }) => key);
      // Whom the golden record was made for it stays with, should it fall apart meanwhile.
      const anchor = all.find(({ bornAs }) => bornAs === null) ?? all[0];
      const payload: Payload = {
        fields,
        sent: intent.sent,
        echo: intent.echo,
        anchor: anchor?.key ?? null,
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
    putOutbox(tx, turn, now),
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
  most = Number.POSITIVE_INFINITY,
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
