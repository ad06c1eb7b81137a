import { type Change, ConnectorError } from '../../connectors/contract.ts';
import { finishInbox, giveBackInbox, type InboxRow, setAsideInbox, takeInbox } from '../store/inbox.ts';
import { keepPlans } from '../store/lane.ts';
import { nativesOf } from '../store/records.ts';
import { forgetWebhooks } from '../store/traces.ts';
import { letGo } from './claim.ts';
import { commitChanges } from './commit.ts';
import { LANE } from './intents.ts';
import { orOwe } from './owed.ts';
import type { Engine, Member, Sync } from './ports.ts';
import { lockEntity, resolveIn } from './resolve.ts';
import { countStrangers, withoutStrangers } from './strangers.ts';
import { lookUpTouched } from './touched.ts';
import { type Errand, errandIn } from './writeBack.ts';

/** Webhooks taken in one step. */
const INBOX_PAGE = 100;

export interface TakenIn {
  /** Webhooks whose changes are in the records now. 0: none waits, or the tool could not be asked (`failure`). */
  events: number;
  changes: number;
  /** Names of the syncs whose records wait to be resolved. */
  syncs: Set<string>;
  /** What the others have to write now. */
  errands: Errand[];
  /** Why the rows went back into the inbox. */
  failure?: ConnectorError;
  /** A webhook that cannot be stored, and why; it is kept for a person to look at. */
  aside?: string;
  /** This process has not looked at the newest revision of the config: what waits is for those who have. */
  outdated: boolean;
}

export interface TakeInOptions {
  limit?: number;
  /** Syncs whose records are resolved in the same transaction: one commit less on a webhook's way. */
  atOnce?(sync: Sync): boolean;
  /** Can writes to this tool leave at once? Then they are claimed in the same transaction too (`Errand.claimed`). Absent: none is. */
  isIdle?(tool: string): boolean;
}

/**
 * One page of a connection's webhooks into the records; its inbox rows are finished in the same transaction. Several processes
 * may do so at once: a row is one process's at a time. What tells of a stream that no sync reads is finished by a process that
 * works by the newest revision of the config, and left alone by the others: the newest may read it.
 */
export async function takeIn(
  engine: Engine,
  syncs: readonly Sync[],
  connection: string,
  signal: AbortSignal,
  { limit = INBOX_PAGE, atOnce, isIdle }: TakeInOptions = {},
): Promise<TakenIn> {
  const members = syncs.flatMap((sync) =>
    sync.members
      .filter(({ mapping }) => mapping.connection === connection)
      .map((member) => ({ sync, member })),
  );
  const config = engine.revision?.();
  const { rows, newest } = await takeInbox(
    engine.db,
    connection,
    {
      owner: engine.owner,
      revision: config?.looked,
      streams: config?.refused ? members.map(({ member }) => member.mapping.object) : undefined,
    },
    limit,
  );
  const outdated = config !== undefined && config.looked < newest;
  const result: TakenIn = { events: 0, changes: 0, syncs: new Set(), errands: [], outdated };
  if (rows.length === 0) return result;
  const ids = rows.map(({ id }) => id);
  try {
    const own = await withoutStrangers(members[0]?.member.tool, rows, signal);
    const concerned = members
      .map((one) => ({ ...one, said: saidOf(own.rows, one.member) }))
      .filter(({ said }) => said.length > 0);
    const asked = engine.now().toISOString();
    const looked: { sync: Sync; member: Member; changes: Change[] }[] = [];
    for (const { sync, member, said } of concerned)
      looked.push({
        sync,
        member,
        changes: await lookUpTouched(member, said, signal, engine.now(), (keys) =>
          nativesOf(engine.db, keys),
        ),
      });
    const resolving = [...new Set(concerned.map(({ sync }) => sync))].filter((sync) => atOnce?.(sync));
    let told = 0;
    const finished = await engine.db.transaction(async (tx) => {
      // Before any record is locked, as everybody does who resolves.
      const entities = [...new Set(resolving.map((sync) => sync.entity.name))].sort();
      const locks = Promise.all(entities.map((entity) => lockEntity(tx, entity)));
      const [mine] = await Promise.all([finishInbox(tx, engine.owner, ids), locks, keepPlans(tx)]);
      if (mine.size === 0) return mine;
      for (const { sync, member, changes } of looked) {
        const options = { readBack: false, asked, since: arrivals(own.rows, member) };
        const { read, blocked } = await commitChanges(tx, engine, sync, member, changes, options);
        result.changes += read;
        if (blocked.length > 0) await forgetWebhooks(tx, blocked.map(refOf(member)), [], ids);
      }
      for (const { sync } of concerned) result.syncs.add(sync.name);
      for (const sync of resolving) {
        const resolved = await resolveIn(tx, engine, sync, LANE.incremental, 'urgent');
        told += resolved.told;
        if (resolved.more) continue;
        result.syncs.delete(sync.name);
        // An errand begins with one sync's claims.
        const idle = resolving.length === 1 && isIdle ? isIdle : () => false;
        result.errands.push(await errandIn(tx, engine, sync, resolved.filled, idle));
      }
      return mine;
    });
    result.events = finished.size;
    if (told > 0) engine.told?.();
    const strangers = countStrangers(own.strangers, finished);
    if (strangers.size > 0) engine.strangers?.(connection, strangers);
    return result;
  } catch (error) {
    for (const { claimed } of result.errands)
      for (const { sent } of claimed?.values() ?? []) letGo(engine, sent);
    if (error instanceof ConnectorError || !isUnstorable(error) || rows.length > 1 || atOnce)
      await orOwe(engine, () => giveBackInbox(engine.db, engine.owner, ids));
    if (error instanceof ConnectorError) return { ...result, failure: error };
    if (!isUnstorable(error)) throw error;
    // One of them cannot be stored, or another record not resolved: each alone, and not at once, so that it holds back no other.
    if (rows.length > 1 || atOnce) return takeIn(engine, syncs, connection, signal, { limit: 1 });
    const { message } = error as Error;
    await setAsideInbox(engine.db, engine.owner, ids[0]!, message);
    return { ...result, events: 1, aside: `webhook ${ids[0]} was set aside: ${message}` };
  }
}

/** The database refuses what is to be stored (SQLSTATE classes 21, 22, 23 and 54), and would again. */
function isUnstorable(error: unknown): boolean {
  return /^(21|22|23|54)/.test(String((error as { code?: unknown }).code ?? ''));
}

const refOf =
  ({ mapping: { connection, object } }: Member) =>
  (extId: string) => ({ connection, object, extId });

/** In order of arrival. */
const saidOf = (rows: readonly InboxRow[], { mapping }: Member): Change[] =>
  rows
    .flatMap(({ changes }) => changes)
    .filter(({ stream }) => stream === mapping.object)
    .map(({ account: _, ...change }) => change);

/** When the first webhook arrived that told of a record, by the tool's id. */
function arrivals(rows: readonly InboxRow[], { mapping }: Member): Map<string, string> {
  const found = new Map<string, string>();
  for (const { changes, receivedAt } of rows)
    for (const { stream, id } of changes)
      if (stream === mapping.object && !(found.get(id)! <= receivedAt)) found.set(id, receivedAt);
  return found;
}
