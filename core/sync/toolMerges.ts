import { type Change, ConnectorError, type Op, type Outcome } from '../../connectors/contract.ts';
import { keyText, parseKey } from '../model/record.ts';
import { permittedTargets } from '../store/permits.ts';
import { type MemberRecord, membersByKey } from '../store/records.ts';
import {
  dropToolMerge,
  saveToolMerge,
  settleToolMerge,
  type ToolMerge,
  takeToolMerges,
  toolMergeOf,
} from '../store/tool-merges.ts';
import { backoff } from './backoff.ts';
import { commitChanges } from './commit.ts';
import type { Decider } from './decide.ts';
import { DecisionError } from './decisionError.ts';
import { sameAccount } from './otherAccount.ts';
import type { Engine, Member, Sync } from './ports.ts';
import { lockEntity } from './resolve.ts';

const TAKEN_MS = 300_000;
const BATCH = 20;

/** Can and may duplicates be merged in this member's own tool? */
export const mergesInTool = ({ mergeInTool, writes, stream }: Member): boolean =>
  mergeInTool === 'review' && writes && stream.write !== false && stream.write.ops.includes('merge');

/**
 * A person's answer to two records of one tool that are one golden record: fold `loser` into `winner` there, or leave them two. `undo`
 * takes an answer back that was not carried out. Calls no tool: the next run does. Throws DecisionError; of what has been
 * carried out it says what the tool cannot give back (`loses`).
 */
export async function decideToolMerge(
  engine: Engine,
  pair: { winner: string; loser: string },
  answer: 'approve' | 'refuse' | 'undo',
  who: Decider,
  rules: { allowed(connection: string, object: string): boolean; loses(connection: string): string },
): Promise<void> {
  const { winner, loser } = pair;
  const where = parse(loser);
  await engine.db.transaction(async (tx) => {
    const before = await toolMergeOf(tx, loser);
    if (answer === 'undo') {
      if (!before) throw new DecisionError('unknown', `nothing was decided of ${loser}`);
      if (await dropToolMerge(tx, loser)) return;
      throw new DecisionError('conflict', `${loser} has been merged into ${before.winner} in its tool`, {
        hint: `${rules.loses(where.connection)}. To part them again, make a second record in the tool, and keep the two apart: nayose apart.`,
      });
    }
    const other = parse(winner);
    if (winner === loser || where.connection !== other.connection || where.object !== other.object)
      throw new DecisionError('invalid', `${winner} and ${loser} are not two records of one tool`);
    if (!rules.allowed(where.connection, where.object))
      throw new DecisionError('invalid', `no sync lets ${where.object} be merged in ${where.connection}`, {
        hint: 'Its member needs mergeInTool: review, and a tool that merges over its API (HubSpot contacts).',
      });
    const first = (await membersByKey(tx, [loser])).get(loser);
    if (!first) throw new DecisionError('unknown', `nothing is known of "${loser}"`);
    await lockEntity(tx, first.entity);
    const records = await membersByKey(tx, [winner, loser]);
    const [a, b] = [records.get(winner), records.get(loser)];
    if (!a || !b || !areOne(a, b))
      throw new DecisionError('invalid', `${winner} and ${loser} are not live records of one golden record`, {
        hint: 'Only records that the hub holds to be one are merged in their tool: link them first.',
      });
    if (before && before.state !== 'failed')
      throw new DecisionError('conflict', `${before.by} ${before.state} that at ${before.at}`);
    const state = answer === 'approve' ? 'approved' : 'refused';
    const at = engine.now().toISOString();
    await saveToolMerge(tx, { winner, loser, entity: a.entity, state, by: who.by, at });
  });
}

/** They are left for a run after the one that reads the other account; that one says what is amiss with the tool. */
async function isSame(...given: Parameters<typeof sameAccount>): Promise<boolean> {
  try {
    await sameAccount(...given);
    return true;
  } catch (error) {
    if (!(error instanceof ConnectorError)) throw error;
    return false;
  }
}

/** Two live records of one golden record. */
const areOne = (a: MemberRecord, b: MemberRecord) =>
  !a.deleted && !b.deleted && a.goldenId !== null && a.goldenId === b.goldenId;

function parse(key: string) {
  try {
    return parseKey(key);
  } catch {
    throw new DecisionError('invalid', `"${key}" is not a record`, { hint: 'Write connection/object/id.' });
  }
}

/**
 * Carries out what people approved, before a run reads: the reading then sees the merge as it sees one that a person made there. A
 * merge is safe to ask for again, since the connector looks first at who answers to both ids. Returns how many were merged.
 */
export async function mergeInTools(engine: Engine, sync: Sync, signal: AbortSignal): Promise<number> {
  let merged = 0;
  const only = engine.within === undefined ? null : await permittedTargets(engine.db, engine.within, 'merge');
  for (const member of sync.members.filter(mergesInTool)) {
    const { connection, object, name } = member.mapping;
    if (!(await isSame(engine, member.tool, [name], signal))) continue;
    const prefix = keyText({ connection, object, id: '' });
    const now = engine.now();
    const until = new Date(now.getTime() + TAKEN_MS).toISOString();
    const rows = await takeToolMerges(engine.db, prefix, BATCH, now.toISOString(), until, only);
    for (const row of rows) {
      if (signal.aborted) return merged;
      const records = await membersByKey(engine.db, [row.winner, row.loser]);
      const [a, b] = [records.get(row.winner), records.get(row.loser)];
      // People may have parted them since it was approved, and the tool can undo nothing.
      const outcome =
        a && b && areOne(a, b)
          ? engine.dry
            ? await mergeHere(engine, sync, member, row, a)
            : await mergeThere(member, row, signal)
          : otherwise(row, b);
      const wait = backoff(row.attempts, engine.random());
      await settleToolMerge(engine.db, {
        loser: row.loser,
        ...becomes(outcome),
        dueAt: new Date(engine.now().getTime() + wait).toISOString(),
      });
      if (outcome.status === 'ok') merged++;
    }
  }
  return merged;
}

async function mergeThere(
  { tool, mapping }: Member,
  { winner, loser }: ToolMerge,
  signal: AbortSignal,
): Promise<Outcome> {
  const op: Op = { key: loser, op: 'merge', id: parseKey(loser).id, into: parseKey(winner).id };
  try {
    const [outcome] = await tool.connector.write!(tool.context(signal), mapping.object, [op]);
    return outcome ?? { key: loser, status: 'unknown' };
  } catch (error) {
    if (!(error instanceof ConnectorError)) throw error;
    return { key: loser, status: 'failed', kind: error.kind, message: error.message };
  }
}

/** Of a plan: the two are folded as a reading of the merge would fold them. A tool may give the winner another id than that. */
async function mergeHere(
  engine: Engine,
  sync: Sync,
  member: Member,
  { winner, loser, by }: ToolMerge,
  record: MemberRecord,
): Promise<Outcome> {
  const { connection, object, name } = member.mapping;
  const [id, into] = [parseKey(loser).id, parseKey(winner).id];
  engine.notes?.write({
    ...{ sync: sync.name, connection, object, mapping: name, op: 'merge' },
    ...{ goldenId: record.goldenId!, id, into, records: [winner, loser] },
    ...{ why: `${by} approved it`, changes: [] },
  });
  const at = engine.now().toISOString();
  const change: Change = { stream: object, id, at, op: 'merge', into: { stream: object, id: into } };
  await engine.db.transaction((tx) =>
    commitChanges(tx, engine, sync, member, [change], { readBack: false, asked: at }),
  );
  return { key: loser, status: 'ok', id: into };
}

/** One that was sent before, and whose answer was lost, may have been carried out. */
const otherwise = (
  { loser, attempts }: ToolMerge & { attempts: number },
  now: MemberRecord | undefined,
): Outcome =>
  attempts > 1 && now?.mergedInto
    ? { key: loser, status: 'ok', id: parseKey(now.mergedInto).id }
    : {
        key: loser,
        status: 'failed',
        kind: 'gone',
        message: 'since it was approved they were parted here, or one of them went: nothing was merged',
      };

function becomes(outcome: Outcome): Pick<ToolMerge, 'state' | 'reason'> {
  if (outcome.status === 'ok') return { state: 'done', reason: `it is ${outcome.id} there now` };
  if (outcome.status === 'unknown') return { state: 'approved', reason: 'sent, and no answer came' };
  const { kind, message } = outcome;
  const final = kind === 'rejected' || kind === 'conflict' || kind === 'gone';
  return { state: final ? 'failed' : 'approved', reason: message };
}
