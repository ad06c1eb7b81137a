import { forgetValues } from '../../match/forget.ts';
import { tellErased } from '../../messages/events.ts';
import type { Entity } from '../../model/entity.ts';
import type { Db } from '../../store/db.ts';
import {
  addBlocks,
  addErasure,
  addErasureTools,
  type ErasureRow,
  erasureById,
  holdErasing,
  liftBlock,
  type NewErasureTool,
  requeueRefused,
} from '../../store/erasures.ts';
import { aliasesOf, recordsByEmail } from '../../store/explain.ts';
import { addHistory, currentGolden, type GoldenRow } from '../../store/goldens.ts';
import { neighbours, preparedOf, reviewedWith } from '../../store/matching.ts';
import { forgetMessages, forgetMessagesSaying } from '../../store/messages.ts';
import {
  goldenOfKeys,
  markDirty,
  markReferrersDirty,
  recordsOfGolden,
  unmatchedRecords,
} from '../../store/records.ts';
import {
  forgetAnswers,
  forgetDecisions,
  forgetGoldens,
  forgetRecords,
  forgetWebhooks,
  forgetWords,
  forgetWrites,
  modelsOf,
  pinnedOn,
  relatedHistory,
  rewriteHistory,
  saveModels,
  type Whose,
} from '../../store/traces.ts';
import { DecisionError } from '../decisionError.ts';
import type { StoredRecord } from '../observe.ts';
import type { Blocks, Engine } from '../ports.ts';
import { lockEntity } from '../resolve.ts';
import { withoutErased } from './history.ts';
import { personMarks, recordMark, textsOf } from './marks.ts';
import { isPersonal, tellingWords } from './personal.ts';
import { type Places, type Receipt, receiptsOf } from './receipt.ts';

/** Records read and not matched yet are looked through one by one: more than this are a first sync at work. */
const MOST_UNMATCHED = 10_000;

export interface Erasing {
  entity(name: string): Entity | undefined;
  places: Places;
  /** May a record of this stream be deleted in its tool? Otherwise why not. */
  allowed(connection: string, object: string): true | string;
}

export interface Erased extends Receipt {
  /** Golden records that may be the same person, and are still there. */
  alike: string[];
}

/**
 * Forgets a golden record: in one transaction every trace of it in the hub's tables goes, what its tools hold is queued to be
 * deleted there, and keyed hashes block it against re-import. Nothing but a tombstone is left. Calls no tool: `eraseInTools` does.
 * Asked again of an erased one, it only has what tools refused tried once more. Throws DecisionError, and then nothing has changed.
 */
export async function erase(
  engine: Engine,
  rules: Erasing,
  id: string,
  who: { by: string },
): Promise<Erased> {
  const { blocks } = engine;
  if (!blocks)
    throw new DecisionError('invalid', 'nobody can be erased here: no key is at hand for the block');
  const before = await erasureById(engine.db, id);
  if (before) {
    await requeueRefused(engine.db, before.id, engine.now().toISOString());
    return { ...(await receiptOf(engine.db, rules.places, before)), alike: [] };
  }
  await blocks.ready(engine.db);
  const erased = await engine.db.transaction(async (tx) => {
    const entity = await entityOf(tx, rules, id);
    // In this order, as whoever takes in webhooks has them.
    await lockEntity(tx, entity.name);
    await holdErasing(tx);
    const golden = await currentGolden(tx, id);
    if (!golden) throw unknown(id);
    return eraseGolden(tx, engine, blocks, rules, entity, golden, who);
  });
  engine.told?.();
  engine.due?.();
  return erased;
}

const unknown = (id: string) =>
  new DecisionError('unknown', `nothing is known of "${id}"`, { hint: 'Name a golden id.' });

async function entityOf(tx: Db, rules: Erasing, id: string): Promise<Entity> {
  const golden = await currentGolden(tx, id);
  if (!golden) throw unknown(id);
  const entity = rules.entity(golden.entity);
  if (!entity)
    throw new DecisionError('invalid', `the configuration knows no entity ${golden.entity} any more`, {
      hint: 'Put it back into hub.yaml to erase records of it.',
    });
  return entity;
}

async function eraseGolden(
  tx: Db,
  engine: Engine,
  blocks: Blocks,
  rules: Erasing,
  entity: Entity,
  golden: GoldenRow,
  { by }: { by: string },
): Promise<Erased> {
  const at = engine.now().toISOString();
  const aliases = await aliasesOf(tx, golden.id);
  const goldenIds = [golden.id, ...aliases];
  const matched = await recordsOfGolden(tx, goldenIds);
  const texts = textsOfMarks(entity, golden, matched);
  const members = [...matched, ...(await unmatchedAlike(tx, entity, texts))];
  for (const [text, kind] of textsOfMarks(entity, golden, members)) texts.set(text, kind);
  const whose: Whose = { goldenIds, records: members.map(({ key }) => key) };
  const alike = await alikeOf(tx, entity, whose, golden, members);
  const words = tellingWords(entity, golden, members);

  await addErasure(tx, { id: golden.id, entity: entity.name, aliases, by, at });
  const tools = members.map((record) => inTool(rules, golden, members, record));
  await addErasureTools(tx, tools, at);
  const hashes = await blocks.hash(tx, [...texts.keys()]);
  await addBlocks(
    tx,
    golden.id,
    [...texts.values()].map((kind, i) => ({ hash: hashes[i]!, kind })),
  );

  await forgetModels(tx, entity.name, whose.records);
  const left = (await neighbours(tx, whose.records)).filter((key) => !whose.records.includes(key));
  await forgetWrites(tx, whose);
  await markReferrersDirty(tx, whose.records);
  const pins = await pinnedOn(tx, whose.records);
  await forgetDecisions(tx, whose);
  await forgetRecords(tx, whose);
  await forgetMessages(tx, goldenIds);
  await forgetMessagesSaying(tx, [
    ...words.map((word) => JSON.stringify(word).slice(1, -1)),
    ...members.map(({ extId }) => `"id":${JSON.stringify(extId)}`),
  ]);
  await forgetAnswers(tx, whose);
  await rewriteHistory(tx, withoutErased(await relatedHistory(tx, whose), whose, pins));
  await forgetGoldens(tx, goldenIds);
  await forgetWebhooks(
    tx,
    members.map(({ connection, object, extId }) => ({ connection, object, extId })),
    words.filter((word) => word.includes('@')),
  );
  await forgetWords(tx, words);
  await addHistory(
    tx,
    goldenIds.map((goldenId) => ({
      goldenId,
      entity: entity.name,
      version: golden.version + 1,
      kind: 'erased',
      detail: {},
      at,
    })),
  );
  const { id, version } = golden;
  await tellErased(tx, engine, { id, entity: entity.name, aliases, version: version + 1 }, at);
  // Whom it stood between may be somebody else's now.
  await markDirty(tx, left);
  const receipt = await receiptOf(tx, rules.places, (await erasureById(tx, golden.id))!);
  return { ...receipt, alike };
}

function textsOfMarks(
  entity: Entity,
  golden: GoldenRow,
  records: readonly StoredRecord[],
): Map<string, string> {
  const marks = [
    ...records.flatMap(({ key, seen, opinions }) => [
      recordMark(key),
      ...personMarks(entity, seen),
      ...personMarks(
        entity,
        Object.fromEntries(Object.entries(opinions).map(([name, { value }]) => [name, value])),
      ),
    ]),
    ...personMarks(entity, golden.values),
  ];
  return new Map(marks.map(({ text, kind }) => [text, kind]));
}

/** Records that were read, and would be recognised as this person's if they came now: they have no golden record yet. */
async function unmatchedAlike(
  tx: Db,
  entity: Entity,
  texts: ReadonlyMap<string, string>,
): Promise<StoredRecord[]> {
  const records = await unmatchedRecords(tx, entity.name, MOST_UNMATCHED + 1);
  if (records.length > MOST_UNMATCHED)
    throw new DecisionError('conflict', 'many records have been read, and not matched yet', {
      hint: 'Some may be of the same person. Let the sync match them first, and erase then.',
    });
  return records.filter(({ seen }) => personMarks(entity, seen).some(({ text }) => texts.has(text)));
}

function inTool(
  rules: Erasing,
  golden: GoldenRow,
  members: readonly StoredRecord[],
  record: StoredRecord,
): NewErasureTool {
  const { connection, object, extId, mergedInto } = record;
  const base = {
    erasure: golden.id,
    connection,
    object,
    extId,
    personal: isPersonal(extId, golden, members),
  };
  if (mergedInto) return { ...base, state: 'erased', reason: 'merged into another record in its own tool' };
  const allowed = rules.allowed(connection, object);
  return allowed === true
    ? { ...base, state: 'queued', reason: null }
    : { ...base, state: 'kept', reason: allowed };
}

/** Golden records in doubt with this one, or with a mail address of it. */
async function alikeOf(
  tx: Db,
  entity: Entity,
  { goldenIds, records }: Whose,
  golden: GoldenRow,
  members: readonly StoredRecord[],
): Promise<string[]> {
  const addresses = new Set(
    [golden.values, ...members.map(({ seen }) => seen)].flatMap((values) =>
      Object.entries(entity.attributes)
        .filter(([, { type }]) => type === 'email')
        .flatMap(([name]) => textsOf(values[name])),
    ),
  );
  const keys = await reviewedWith(tx, records);
  for (const address of addresses) keys.push(...(await recordsByEmail(tx, address)).map(({ key }) => key));
  const found = await goldenOfKeys(tx, [...new Set(keys)]);
  return [...new Set(found.values())].filter((id) => !goldenIds.includes(id)).sort();
}

async function forgetModels(tx: Db, entity: string, records: readonly string[]): Promise<void> {
  const prepared = [...(await preparedOf(tx, records)).values()];
  const rows = (await modelsOf(tx, entity)).flatMap((row) => {
    const model = forgetValues(row.model, prepared);
    return model ? [{ ...row, model }] : [];
  });
  await saveModels(tx, rows);
}

const receiptOf = async (db: Db, places: Places, row: ErasureRow): Promise<Receipt> =>
  (await receiptsOf(db, places, [row]))[0]!;

/** Whoever was erased may be imported again. Throws DecisionError: `unknown`, or `conflict` where it was lifted before. */
export async function lift(
  engine: Engine,
  places: Places,
  id: string,
  who: { by: string },
): Promise<Receipt> {
  const row = await erasureById(engine.db, id);
  if (!row) throw new DecisionError('unknown', `nothing was erased as "${id}"`);
  const at = engine.now().toISOString();
  if (!(await engine.db.transaction((tx) => liftBlock(tx, row.id, who.by, at))))
    throw new DecisionError('conflict', `${row.liftedBy} lifted this block before, at ${row.liftedAt}`);
  return receiptOf(engine.db, places, (await erasureById(engine.db, id))!);
}
