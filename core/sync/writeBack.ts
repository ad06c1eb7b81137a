import { ConnectorError } from '../../connectors/contract.ts';
import type { Db } from '../store/db.ts';
import { countGolden } from '../store/goldens.ts';
import { type LaneFacts, laneFacts } from '../store/lane.ts';
import { dueNow } from '../store/outbox.ts';
import { countChanging, tally } from '../store/tally.ts';
import { type Claimed, claimFilled, forgo } from './claim.ts';
import { confirmPage } from './confirm.ts';
import { propagates } from './deletes.ts';
import { deliverBatch, sendClaimed } from './deliver.ts';
import { guard, mayBePast } from './guard.ts';
import { windowStart } from './guarding.ts';
import { type Filled, LANE } from './intents.ts';
import { needsNoLook } from './look.ts';
import { orOwe } from './owed.ts';
import type { Engine, Member, Sync } from './ports.ts';
import { lookUpUnknown } from './recover.ts';
import { resolvePage } from './resolve.ts';
import { weighDeletes } from './weighing.ts';

/** Why something was not done now; it stays in the inbox or the outbox, and the next round or run goes on. */
export interface Left {
  sync?: string;
  connection?: string;
  code: string;
  message: string;
}

/** A write that carried a webhook's change, as the tool written to answered it. */
export interface Latency {
  connection: string;
  mapping: string;
  /** From the commit of the (earliest) webhook to the tool's answer. */
  milliseconds: number;
}

export interface WroteBack {
  created: number;
  updated: number;
  latencies: Latency[];
  left: Left[];
}

export const nothingWritten = (): WroteBack => ({ created: 0, updated: 0, latencies: [], left: [] });

const namesOf = (members: readonly Member[]) => members.map(({ mapping }) => mapping.name);
const writersOf = (sync: Sync) => sync.members.filter(({ writes }) => writes);

export type Due = Awaited<ReturnType<typeof dueNow>>[number];

/** What a sync has to write now, and what decides whether it may; no `facts`: still to be asked. */
export interface Errand {
  sync: Sync;
  /** The most urgent first. */
  due: Due[];
  facts?: LaneFacts;
  /** By mapping: updates that are claimed already. Whoever has the errand sends them, or gives them back (`dismiss`). */
  claimed?: ReadonlyMap<string, Claimed>;
}

const dueOf = (db: Db, engine: Engine, syncs: readonly Sync[]): Promise<Due[]> =>
  dueNow(db, namesOf(syncs.flatMap(writersOf)), engine.now().toISOString(), LANE.backfill);

/** The errands of these syncs, in one look. */
export async function errandsOf(engine: Engine, syncs: readonly Sync[]): Promise<Errand[]> {
  const due = await dueOf(engine.db, engine, syncs);
  return syncs.map((sync) => {
    const own = namesOf(sync.members);
    return { sync, due: due.filter(({ mapping }) => own.includes(mapping)) };
  });
}

/**
 * A sync's errand with its facts, as the transaction that has just filled the outbox sees them. `isIdle`: this tool's writes can leave at
 * once, so that they are claimed in this transaction where nothing else need be asked first.
 */
export async function errandIn(
  tx: Db,
  engine: Engine,
  sync: Sync,
  filled: Filled | undefined,
  isIdle: (tool: string) => boolean,
): Promise<Errand> {
  const [due, facts] = await Promise.all([dueOf(tx, engine, [sync]), factsOf(tx, engine, sync)]);
  const claimed = new Map<string, Claimed>();
  if (filled && mayAtOnce(sync, facts))
    for (const [tool, members] of Map.groupBy(writersOf(sync), (member) => member.tool.name)) {
      const names = namesOf(members);
      const first = due.find(({ mapping }) => names.includes(mapping));
      const member = members.find(({ mapping }) => mapping.name === first?.mapping);
      // The first call of a process may find that another account is there: no facts of before count then.
      if (member?.tool.account && !member.tool.knowsAccount?.()) continue;
      if (first?.op !== 'update' || !member || !isIdle(tool) || !needsNoLook(engine, sync, member)) continue;
      // Of what is read here, the facts and the look before have told that it is the account's still (see `sameAccount`).
      if (!member.reads && member.tool.account) continue;
      const batch = await claimFilled(tx, engine, sync, member, filled);
      if (batch && batch.sent.length > 0) claimed.set(first.mapping, batch);
    }
  return { sync, due, facts, claimed };
}

/** Gives back what an errand has claimed: it is not sent by it. */
export async function dismiss(engine: Engine, { claimed }: Errand): Promise<void> {
  for (const batch of claimed?.values() ?? []) await orOwe(engine, () => forgo(engine, batch));
}

/**
 * Delivers a sync's due writes until none is due, the most urgent first, tools side by side. While a run of the sync is in hand,
 * only what webhooks set off: the rest is the run's. Does nothing, and says why, where the sync may not write now.
 */
export async function writeBack(engine: Engine, errand: Errand, signal: AbortSignal): Promise<WroteBack> {
  const claimed = new Map(errand.claimed);
  try {
    return await deliverErrand(engine, errand, claimed, signal);
  } finally {
    await dismiss(engine, { ...errand, claimed });
  }
}

/** Takes out of `claimed` what it sends. */
async function deliverErrand(
  engine: Engine,
  { sync, due, facts: known }: Errand,
  claimed: Map<string, Claimed>,
  signal: AbortSignal,
): Promise<WroteBack> {
  const result = nothingWritten();
  const writers = writersOf(sync);
  if (due.length === 0) return result;
  const facts = known ?? (await factsOf(engine.db, engine, sync));
  const obstacle = await obstacleTo(engine, sync, facts);
  if (obstacle) return { ...result, left: [{ sync: sync.name, ...obstacle }] };
  const lane = (await inHand(engine, facts)) ? LANE.realtime : LANE.backfill;
  const golden = facts.delivered ? goldenOf(engine, sync, facts.last) : undefined;
  const so = { result, claimed, weighed: facts.changing, written: 0, golden };
  await Promise.all(
    [...Map.groupBy(writers, ({ tool }) => tool.name).values()].map((members) =>
      deliverDue(engine, sync, members, due, lane, signal, so),
    ),
  );
  return result;
}

/** One tool's members, until none of their writes is due. A tool that fails as a whole rests until the next round. */
async function deliverDue(
  engine: Engine,
  sync: Sync,
  members: readonly Member[],
  first: readonly Due[],
  lane: (typeof LANE)[keyof typeof LANE],
  signal: AbortSignal,
  so: {
    result: WroteBack;
    claimed: Map<string, Claimed>;
    weighed: number;
    written: number;
    golden: (() => Promise<number>) | undefined;
  },
): Promise<void> {
  const { result } = so;
  const names = namesOf(members);
  let due = first.filter(({ mapping }) => names.includes(mapping));
  while (due.length > 0) {
    let more = false;
    for (const { mapping, op } of due) {
      if (signal.aborted) return;
      const member = members.find((one) => one.mapping.name === mapping)!;
      // More may have come since this began.
      const { halts, most } =
        op === 'delete' && so.golden
          ? await weighDeletes(engine, sync, { passed: 0, done: 0, golden: so.golden })
          : { halts: [] };
      if (halts[0]) {
        result.left.push({ sync: sync.name, ...halts[0] });
        return;
      }
      const batch = so.claimed.get(mapping);
      so.claimed.delete(mapping);
      const sent = batch
        ? await sendClaimed(engine, sync, member, batch, signal)
        : await deliverBatch(engine, sync, member, op, signal, lane, most);
      more ||= sent.more;
      result.created += sent.created;
      result.updated += sent.updated;
      so.written += sent.written.length;
      await tally(
        engine.db,
        sent.written.map((subject) => ({
          scope: sync.name,
          kind: 'written',
          subject,
          ...(op === 'delete' ? { of: op } : {}),
        })),
        engine.now().toISOString(),
      );
      for (const { mapping: name, milliseconds } of sent.writtenBack)
        result.latencies.push({ connection: member.tool.name, mapping: name, milliseconds });
      if (sent.failure) {
        result.left.push(leftBy(sync, member, sent.failure));
        return;
      }
    }
    // More than was weighed when this began: webhooks keep coming, and must not pass in portions.
    if (more && so.written > so.weighed) {
      const facts = await factsOf(engine.db, engine, sync);
      const obstacle = await obstacleTo(engine, sync, facts);
      if (obstacle) {
        result.left.push({ sync: sync.name, ...obstacle });
        return;
      }
      so.weighed = so.written + facts.changing;
    }
    due = more ? await dueNow(engine.db, names, engine.now().toISOString(), lane) : [];
  }
}

const factsOf = (db: Db, engine: Engine, sync: Sync): Promise<LaneFacts> =>
  laneFacts(
    db,
    sync.name,
    namesOf(sync.members.filter(({ reads }) => reads)),
    namesOf(writersOf(sync)),
    windowStart(engine),
  );

const leftBy = (sync: Sync, { tool }: Member, { kind, message }: ConnectorError): Left => ({
  sync: sync.name,
  connection: tool.name,
  code: kind,
  message,
});

/**
 * What comes after deliveries: answers that never came are looked up, and what a tool made of our writes is looked at where it
 * did not say; records that a webhook's change concerns indirectly are resolved. Returns how many records it settled. Not
 * hurried: a pull would find the same. Tools are asked side by side; `tool`: only this one.
 */
export async function lookAfter(
  engine: Engine,
  sync: Sync,
  signal: AbortSignal,
  tool?: string,
): Promise<{ settled: number; left: Left[] }> {
  const left: Left[] = [];
  let settled = 0;
  const facts = await factsOf(engine.db, engine, sync);
  // A run in hand does this itself; two at once could both find nothing, and both send again.
  if (await inHand(engine, facts)) return { settled, left };
  const asked = writersOf(sync).filter((member) => tool === undefined || member.tool.name === tool);
  const look = async (members: readonly Member[]) => {
    for (const member of members) {
      if (signal.aborted) break;
      try {
        const unknown = await lookUpUnknown(engine, sync, member, signal);
        settled += unknown.settled + (await confirmPage(engine, sync, member, signal));
      } catch (error) {
        if (!(error instanceof ConnectorError)) throw error;
        left.push(leftBy(sync, member, error));
      }
    }
  };
  await Promise.all([...Map.groupBy(asked, (member) => member.tool.name).values()].map(look));
  for (let more = true; more && !signal.aborted; ) {
    const resolved = await resolvePage(engine, sync, LANE.incremental);
    settled += resolved.records;
    more = resolved.more;
  }
  return { settled, left };
}

const inHand = async (engine: Engine, { running, leased }: LaneFacts) =>
  leased || (await anyAlive(engine, running));

export async function anyAlive(engine: Engine, owners: readonly string[]): Promise<boolean> {
  for (const owner of owners) if (await engine.isAlive(owner)) return true;
  return false;
}

/** Do these facts alone tell that the sync may write now, all of it? Otherwise more has to be asked: see `obstacleTo`. */
const mayAtOnce = (
  sync: Sync,
  { unread, last, running, leased, delivered, changing, written }: LaneFacts,
): boolean =>
  unread.length === 0 &&
  last?.status !== 'halted' &&
  running.length === 0 &&
  !leased &&
  (!delivered || !(sync.members.some(propagates) || mayBePast(sync.guards, changing + written)));

/** Counting them anew would cost more than the write that waits; a run that broke off has not counted. */
const goldenOf = (engine: Engine, sync: Sync, last: LaneFacts['last']) => async () =>
  last?.golden || (await countGolden(engine.db, sync.entity.name));

/**
 * Why this sync may not write now, if it may not: a tool whose records are not all known yet (a create could be a duplicate),
 * or a guard, whose halt a webhook must not slip past.
 */
async function obstacleTo(
  engine: Engine,
  sync: Sync,
  { unread, last, delivered, changing, written }: LaneFacts,
): Promise<{ code: string; message: string } | undefined> {
  const missing = sync.members.find(({ mapping }) => unread.includes(mapping.name));
  if (missing) {
    const { connection, object } = missing.mapping;
    return { code: 'not-read', message: `${connection} ${object} has not been read to its end yet` };
  }
  if (last?.status === 'halted')
    return { code: 'halted', message: `run ${last.id} was halted by a guard and waits for approval` };
  if (!delivered) return undefined;
  const golden = goldenOf(engine, sync, last);
  if (sync.members.some(propagates)) {
    const [halt] = (await weighDeletes(engine, sync, { passed: 0, done: 0, golden })).halts;
    if (halt) return halt;
  }
  if (!mayBePast(sync.guards, changing + written)) return undefined;
  const [halt] = guard(sync.guards, {
    first: false,
    changing: await countChanging(engine.db, namesOf(writersOf(sync)), sync.name, windowStart(engine)),
    golden: await golden(),
    streams: [],
  });
  return halt;
}
