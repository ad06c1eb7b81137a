import type { Db } from '../store/db.ts';
import {
  type ActRow,
  actsById,
  type Decision,
  decisionsAbout,
  decisionsOfActs,
  endAct,
  endDecisionsOf,
  linkedTo,
  overruledBy,
  reviveDecisions,
} from '../store/decisions.ts';
import { goldenOfKeys, membersOfGolden } from '../store/records.ts';
import { reopenReviewsOf } from '../store/reviews.ts';
import { opposed, type Pair } from './contradictions.ts';
import { type Decider, entitySync, recordsOf, type SyncsOf, settle } from './decide.ts';
import { DecisionError } from './decisionError.ts';
import { type Outcome, outcomeOf } from './outcome.ts';
import type { Engine } from './ports.ts';
import { lockEntity } from './resolve.ts';

/**
 * Undoes what a person decided: its decisions end (and are kept), what it had overruled is in force again as far as nothing newer
 * contradicts it, and the records concerned are resolved. Throws DecisionError: `unknown` id, or `conflict` where somebody
 * undid it before.
 */
export async function undo(engine: Engine, syncsOf: SyncsOf, id: string, who: Decider): Promise<Outcome> {
  const asked = await actOf(engine.db, id);
  const sync = await entitySync(syncsOf, asked.entity);
  const outcome = await engine.db.transaction(async (tx) => {
    await lockEntity(tx, asked.entity);
    const act = await actOf(tx, id);
    const at = engine.now().toISOString();
    if (!(await endAct(tx, id, who.by, at)))
      throw new DecisionError('conflict', `${act.undoneBy} undid decision ${id} before, at ${act.undoneAt}`);
    const parts = await decisionsOfActs(tx, [id]);
    const ended = await endDecisionsOf(tx, id, at);
    const revived = await revive(tx, id);
    await reopenReviewsOf(tx, id);
    const keys = [...new Set([...parts, ...revived].flatMap(recordsOf))];
    await settle(tx, engine, sync, keys, { id, by: who.by, reason: who.reason ?? `undone: ${act.kind}` });
    return outcomeOf(tx, engine, sync, {
      keys,
      act: { ...act, undoneAt: at, undoneBy: who.by },
      overruled: ended,
      revived,
      still: await stillLinked(tx, parts),
    });
  });
  engine.told?.();
  engine.due?.();
  return outcome;
}

/** Where records of ended links are one golden record all the same: the links in force in it. */
async function stillLinked(tx: Db, ended: readonly Decision[]): Promise<Decision[]> {
  const ties = ended.filter(({ kind }) => kind === 'link');
  const homes = await goldenOfKeys(tx, ties.flatMap(recordsOf));
  const one = new Set(
    ties.flatMap(({ a, b }) => (homes.get(a) === homes.get(b!) ? (homes.get(a) ?? []) : [])),
  );
  if (one.size === 0) return [];
  const members = (await membersOfGolden(tx, [...one])).map(({ key }) => key);
  return (await decisionsAbout(tx, members)).filter(({ kind }) => kind === 'link');
}

async function actOf(db: Db, id: string): Promise<ActRow> {
  const act = (await actsById(db, [id])).get(id);
  if (!act)
    throw new DecisionError('unknown', `there is no decision ${id}`, {
      hint: "'nayose undo' lists the newest, GET /v1/decisions all.",
    });
  return act;
}

/** Newest first, each only if it can hold beside all that is in force by then. */
async function revive(tx: Db, act: string): Promise<Decision[]> {
  const revived: Decision[] = [];
  for (const decision of await overruledBy(tx, act)) {
    if (!(await canHold(tx, decision))) continue;
    await reviveDecisions(tx, [decision.id]);
    revived.push(decision);
  }
  return revived;
}

async function canHold(tx: Db, decision: Decision): Promise<boolean> {
  const inForce = await decisionsAbout(tx, await linkedTo(tx, recordsOf(decision)));
  const { kind, a, b, attribute } = decision;
  if (kind === 'pin')
    return !inForce.some((one) => one.kind === 'pin' && one.a === a && one.attribute === attribute);
  const same = (one: Decision) =>
    one.kind === kind && ((one.a === a && one.b === b) || (one.a === b && one.b === a));
  if (inForce.some(same)) return false;
  const pair: Pair = [a, b!];
  const wanted = kind === 'link' ? { links: [pair], aparts: [] } : { links: [], aparts: [pair] };
  return opposed(inForce, wanted).length === 0;
}
