import type { Value } from '../model/value.ts';
import type { Db } from '../store/db.ts';
import {
  type ActRow,
  type Decision,
  decisionsAbout,
  endDecisions,
  linkedTo,
  saveAct,
  saveDecisions,
} from '../store/decisions.ts';
import { thaw } from '../store/flips.ts';
import { goldenOfKeys, markDirty, membersByKey } from '../store/records.ts';
import { opposed, type Pair } from './contradictions.ts';
import { contradiction, DecisionError } from './decisionError.ts';
import { LANE } from './intents.ts';
import { named } from './named.ts';
import { type Outcome, outcomeOf } from './outcome.ts';
import type { Engine, Sync } from './ports.ts';
import { lockEntity, resolveRecords } from './resolve.ts';
import { type Asked, wishFor } from './wish.ts';

export interface Decider {
  /** Who decides, as history and provenance will say. */
  by: string;
  reason?: string | null | undefined;
}

export interface DecideOptions {
  /** Overrules decisions that contradict this one; they are kept, as ended by it. */
  force?: boolean | undefined;
  /** The version of the golden record that the person looked at. Another one by now: DecisionError `stale`. */
  ifVersion?: number | undefined;
}

/** The syncs of an entity, with live schemas. */
export type SyncsOf = (entity: string) => Promise<readonly Sync[]>;

/** What a person's words come to: decisions to make and to end. */
export interface Wish {
  entity: string;
  kind: ActRow['kind'];
  asked: string[];
  /** The records whose golden records it is about. */
  about: string[];
  links: Pair[];
  aparts: Pair[];
  pin?: { anchor: string; attribute: string; value: Value; target: string | null };
  attribute?: string;
  /** Ended in any case: that is what was asked for. */
  ends: Decision[];
  /** Contradicts this one in other ways than by linking and keeping apart. */
  against: Decision[];
  /** Says the same already. */
  standing: Decision[];
  /** Links that stand in the way are what it is for to overrule. */
  tears: boolean;
}

/**
 * Carries out what a person decided about golden records, and resolves the records concerned, in one transaction: what is
 * returned is the state of now, with the writes that the next sync will make. No tool is called but for its schema. Throws
 * DecisionError, and then nothing has changed.
 */
export async function decide(
  engine: Engine,
  syncsOf: SyncsOf,
  asked: Asked,
  who: Decider,
  options: DecideOptions = {},
): Promise<Outcome> {
  const { golden } = await named(engine.db, 'a' in asked ? asked.a : asked.golden);
  const sync = await entitySync(syncsOf, golden.entity);
  const outcome = await engine.db.transaction(async (tx) => {
    await lockEntity(tx, golden.entity);
    const wish = await wishFor(tx, sync.entity, asked);
    await checkVersion(tx, 'a' in asked ? asked.a : asked.golden, options.ifVersion);
    return carryOut(tx, engine, sync, wish, who, options.force === true);
  });
  engine.told?.();
  engine.due?.();
  return outcome;
}

async function checkVersion(tx: Db, word: string, wanted: number | undefined): Promise<void> {
  if (wanted === undefined) return;
  const { golden } = await named(tx, word);
  if (golden.version !== wanted)
    throw new DecisionError(
      'stale',
      `golden record ${golden.id} is at version ${golden.version}, not ${wanted} any more`,
      { hint: 'Look at it again, and decide on what it is now.' },
    );
}

/** All members of all syncs of an entity: a decision concerns every tool. */
export async function entitySync(syncsOf: SyncsOf, entity: string): Promise<Sync> {
  const syncs = await syncsOf(entity);
  const [first] = syncs;
  if (!first)
    throw new DecisionError('invalid', `no sync handles the entity ${entity} any more`, {
      hint: 'Put one into hub.yaml.',
    });
  return { ...first, members: syncs.flatMap(({ members }) => members) };
}

/** In the transaction of the caller, which holds the entity's lock. */
export async function carryOut(
  tx: Db,
  engine: Engine,
  sync: Sync,
  wish: Wish,
  who: Decider,
  force: boolean,
): Promise<Outcome> {
  const scope = await linkedTo(tx, [
    ...new Set([...wish.about, ...wish.links.flat(), ...wish.aparts.flat()]),
  ]);
  const inForce = await decisionsAbout(tx, scope);
  const known = new Set(inForce.filter(({ kind }) => kind !== 'pin').map(placeOf));
  const fresh = (kind: 'link' | 'apart', pairs: readonly Pair[]) =>
    pairs.filter(([a, b]) => !known.has(placeOf({ kind, a, b })));
  const links = fresh('link', wish.links);
  const aparts = fresh('apart', wish.aparts);
  if (links.length + aparts.length === 0 && !wish.pin && wish.ends.length === 0) {
    const places = new Set([
      ...wish.links.map(([a, b]) => placeOf({ kind: 'link', a, b })),
      ...wish.aparts.map(([a, b]) => placeOf({ kind: 'apart', a, b })),
    ]);
    return outcomeOf(tx, engine, sync, {
      keys: wish.about,
      already: [...wish.standing, ...inForce.filter((decision) => places.has(placeOf(decision)))],
      overruled: [],
    });
  }
  const against = [...opposed(inForce, { links: wish.links, aparts: wish.aparts }), ...wish.against];
  const barred = wish.tears ? against.filter(({ kind }) => kind !== 'link') : against;
  if (barred.length > 0 && !force) throw contradiction(barred);

  const at = engine.now().toISOString();
  const act: ActRow = {
    id: engine.newId(),
    entity: wish.entity,
    kind: wish.kind,
    asked: wish.asked,
    attribute: wish.pin?.attribute ?? wish.attribute ?? null,
    value: wish.pin ? (wish.pin.target ?? wish.pin.value) : null,
    by: who.by,
    reason: who.reason ?? null,
    at,
    undoneAt: null,
    undoneBy: null,
  };
  await saveAct(tx, act);
  const ended = [...against, ...wish.ends];
  await endDecisions(
    tx,
    ended.map(({ id }) => id),
    act.id,
    at,
  );
  const common = { entity: wish.entity, attribute: null, value: null, by: who.by, at, act: act.id };
  const rows: Decision[] = [
    ...links.map(([a, b]) => ({ ...common, id: '', kind: 'link' as const, a, b })),
    ...aparts.map(([a, b]) => ({ ...common, id: '', kind: 'apart' as const, a, b })),
  ];
  if (wish.pin) {
    const { anchor, attribute, value, target } = wish.pin;
    rows.push({ ...common, id: '', kind: 'pin', a: anchor, b: target, attribute, value });
    // A person's word: what flipped is written once more, until it is overwritten as often again.
    await thaw(
      tx,
      [...(await goldenOfKeys(tx, [anchor])).values()].map((goldenId) => ({ goldenId, attribute })),
    );
  }
  await saveDecisions(
    tx,
    rows.map((row, i) => ({ ...row, id: `${act.id}.${i}` })),
  );
  const keys = [...new Set([...wish.about, ...[...rows, ...ended].flatMap(recordsOf)])];
  await settle(tx, engine, sync, keys, act);
  return outcomeOf(tx, engine, sync, { keys, act, overruled: ended });
}

/** Resolves these records at once: what a person decided shows in the answer. */
export async function settle(
  tx: Db,
  engine: Engine,
  sync: Sync,
  keys: readonly string[],
  act: Pick<ActRow, 'id' | 'by' | 'reason'>,
): Promise<void> {
  await markDirty(tx, keys);
  const records = [...(await membersByKey(tx, keys)).values()];
  await resolveRecords(tx, engine, sync, records, LANE.realtime, act);
}

/** The records that a decision is about. */
export const recordsOf = ({ kind, a, b }: Decision): string[] => (kind === 'pin' ? [a] : [a, b!]);

const placeOf = ({ kind, a, b }: Pick<Decision, 'kind' | 'a' | 'b'>) =>
  a < b! ? `${kind}\n${a}\n${b}` : `${kind}\n${b}\n${a}`;
