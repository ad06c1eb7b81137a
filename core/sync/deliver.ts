import { ConnectorError, type Op, type Outcome } from '../../connectors/contract.ts';
import type { OutboxRow } from '../store/outbox.ts';
import { settleOutbox } from '../store/outbox-flight.ts';
import { type Claimed, claim, letGo, PAGE, type Sent } from './claim.ts';
import { LANE, type Lane } from './intents.ts';
import { type Fresh, lookAt, lookBeforeWriting, MAX_CONDITIONAL } from './look.ts';
import { sameAccount } from './otherAccount.ts';
import { orOwe } from './owed.ts';
import type { Engine, Member, Sync } from './ports.ts';
import { asIfSent } from './pretend.ts';
import { bothSettled, nothingSettled, type Settlement, settle } from './settle.ts';

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
  let fresh: Fresh | undefined;
  try {
    await sameAccount(
      engine,
      member.tool,
      sync.members.map(({ mapping }) => mapping.name),
      signal,
    );
    if (op === 'update') fresh = await lookBeforeWriting(engine, sync, member, lane, signal);
  } catch (error) {
    if (!(error instanceof ConnectorError)) throw error;
    return { ...nothing(), failure: error };
  }
  const batch = await claim(engine, sync, member, op, lane, fresh, most);
  return sendClaimed(engine, sync, member, batch, signal);
}

const nothing = (): Delivered => ({ ...nothingSettled(), claimed: 0, more: true });

/** A claimed batch, sent and settled. */
export async function sendClaimed(
  engine: Engine,
  sync: Sync,
  member: Member,
  batch: Claimed,
  signal: AbortSignal,
): Promise<Delivered> {
  if (batch.sent.length === 0) {
    const unseen = await lookAtHolders(engine, sync, member, batch.holders, signal);
    return { ...nothing(), claimed: batch.claimed, ...(unseen ? { failure: unseen } : {}) };
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
      letGo(engine, part);
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

/** The step broke between sending and settling: the rows must be looked up, like those of a process that died. */
async function forsake(engine: Engine, sent: readonly Sent[]): Promise<void> {
  const now = engine.now().toISOString();
  const error = { kind: 'unknown', message: 'the step broke after sending' };
  await settleOutbox(
    engine.db,
    sent.map(({ row }) => ({ ...row, state: 'unknown', awaits: [], dueAt: now, error })),
    now,
  );
  letGo(engine, sent);
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
