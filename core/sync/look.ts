import { ConnectorError, type Touch } from '../../connectors/contract.ts';
import { parseKey } from '../model/record.ts';
import { cursorOf, lookOf } from '../store/cursors.ts';
import { countDue, dueTargets, postpone } from '../store/outbox.ts';
import { nativesOf, recordsByKey } from '../store/records.ts';
import { backoff } from './backoff.ts';
import { commitChanges } from './commit.ts';
import { LANE, type Lane } from './intents.ts';
import { DEFAULT_EDITS, type Engine, type Member, type Sync } from './ports.ts';
import { pullPage } from './pull.ts';
import { resolvePage } from './resolve.ts';
import { lookUpTouched } from './touched.ts';

/** A stream that webhooks told of within so many seconds tells of edits by itself. */
const HEARD_SECONDS = 86_400;

/** Tries of a write on the condition that nobody has changed the record since it was read. */
export const MAX_CONDITIONAL = 3;

/** May this record be written to, as far as its last look goes? */
export type Fresh = (target: string) => boolean;
const anything: Fresh = () => true;

/**
 * Called before updates of a stream are claimed. When the last look at the stream is old, the records about to be written are read
 * again, in one call; what somebody changed meanwhile is taken in and resolved, so that the newest golden value decides. A record
 * that goes alone to a tool with versions is left to the condition on its write. Throws ConnectorError, and the rows are due later then.
 */
export async function lookBeforeWriting(
  engine: Engine,
  sync: Sync,
  member: Member,
  lane: Lane,
  signal: AbortSignal,
): Promise<Fresh> {
  if (engine.dry || !member.reads || !member.stream.write) return anything;
  if (await isFresh(engine, sync, member)) return anything;
  if (await sweepBeforeBulk(engine, sync, member, lane, signal)) return anything;
  const rows = await dueTargets(
    engine.db,
    member.mapping.name,
    member.stream.write.maxBatch,
    engine.now().toISOString(),
    lane,
    engine.within,
  );
  if (rows.length === 0) return anything;
  const due = rows.map(({ target }) => target);
  const conditional = rows.length === 1 && rows[0]!.attempts < MAX_CONDITIONAL;
  const lone = conditional ? (await recordsByKey(engine.db, due)).get(due[0]!) : undefined;
  if (lone?.version) return (target) => target === lone.key;
  try {
    const urgent = rows.some((row) => row.lane <= LANE.consent);
    await lookAt(engine, sync, urgent ? inConsentLane(member) : member, due, signal);
  } catch (error) {
    const wait = backoff(1, engine.random(), error instanceof ConnectorError ? error.retryAfter : undefined);
    await postpone(
      engine.db,
      member.mapping.name,
      due,
      new Date(engine.now().getTime() + wait).toISOString(),
    );
    throw error;
  }
  const looked = new Set(due);
  return (target) => looked.has(target);
}

/** The look before an opt-out is as urgent as the opt-out, and may use what it may. */
const inConsentLane = (member: Member): Member => ({
  ...member,
  tool: { ...member.tool, context: (signal) => member.tool.context(signal, 'consent') },
});

/** Thousands of records are written in a few calls, and looked at by as few: what the stream says has changed. */
async function sweepBeforeBulk(
  engine: Engine,
  sync: Sync,
  member: Member,
  lane: Lane,
  signal: AbortSignal,
): Promise<boolean> {
  const { mapping, stream } = member;
  const bulk = stream.write ? stream.write.bulk : undefined;
  const incremental = stream.read ? stream.read.incremental : false;
  if (!bulk || !incremental) return false;
  const { from } = bulk;
  const now = engine.now().toISOString();
  if (
    lane <= LANE.realtime ||
    (await countDue(engine.db, mapping.name, 'update', from, now, lane, engine.within)) < from
  )
    return false;
  const known = await cursorOf(engine.db, mapping.name);
  if (!known?.complete || known.rescan) return false;
  for (let done = false; !done && !signal.aborted; )
    ({ done } = await pullPage(engine, sync, member, false, signal));
  while (!signal.aborted && (await resolvePage(engine, sync, LANE.incremental)).more);
  return true;
}

/** Is a look before this stream's updates needless, as far as is known without asking anybody? */
export const needsNoLook = (engine: Engine, sync: Sync, { mapping, reads }: Member): boolean =>
  !reads ||
  ((sync.edits ?? DEFAULT_EDITS).lookAgain > 0 &&
    (engine.freshUntil?.get(mapping.name) ?? 0) > engine.now().getTime());

/** The database is asked only when what it said last does not hold any more. */
async function isFresh(engine: Engine, sync: Sync, { mapping }: Member): Promise<boolean> {
  const age = (sync.edits ?? DEFAULT_EDITS).lookAgain * 1000;
  if (age === 0) return false;
  const now = engine.now().getTime();
  if ((engine.freshUntil?.get(mapping.name) ?? 0) > now) return true;
  const { name, connection, object } = mapping;
  const since = new Date(now - HEARD_SECONDS * 1000).toISOString();
  const { lookedAt, heard } = await lookOf(engine.db, { mapping: name, connection, object }, since);
  const until = heard ? now + age : lookedAt === null ? 0 : Date.parse(lookedAt) + age;
  engine.freshUntil?.set(name, until);
  return until > now;
}

/**
 * Reads these records, takes in what they show, and resolves what somebody changed: what is written next is the newest golden value.
 * Fields that cost a call each are not asked for.
 */
export async function lookAt(
  engine: Engine,
  sync: Sync,
  member: Member,
  keys: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  const asked = engine.now();
  const natives = (list: readonly string[]) => nativesOf(engine.db, list);
  const touches = keys.map((key): Touch => {
    const { id, object } = parseKey(key);
    return { op: 'touch', stream: object, id, at: asked.toISOString(), fields: [] };
  });
  const changes = await lookUpTouched(member, touches, signal, asked, natives);
  const edited = await engine.db.transaction(async (tx) => {
    // Written to, and not looked at since: what the tool made of our write is no edit.
    const stored = await recordsByKey(tx, keys);
    const ours = new Set([...stored.values()].flatMap(({ extId, confirm }) => (confirm ? [extId] : [])));
    let found = changes.some(({ op }) => op === 'merge');
    for (const readBack of [true, false]) {
      const part = changes.filter(({ id }) => ours.has(id) === readBack);
      const options = { readBack, asked: asked.toISOString() };
      const { news, deleted } = await commitChanges(tx, engine, sync, member, part, options);
      found ||= news.new + news.edit + news.partly + deleted > 0;
    }
    return found;
  });
  while (edited && !signal.aborted && (await resolvePage(engine, sync, LANE.incremental)).more);
}
