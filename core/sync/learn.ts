import type { Prepared } from '../match/prepared.ts';
import { type Retrained, retrain } from '../match/retrain.ts';
import type { Decided } from '../match/train.ts';
import type { Entity } from '../model/entity.ts';
import type { Db } from '../store/db.ts';
import { matchedOf } from '../store/matched.ts';
import {
  activateModel,
  activeModel,
  decidedPairs,
  preparedRecords,
  preparedSample,
  reopenEntity,
} from '../store/models.ts';
import { DecisionError } from './decisionError.ts';
import { lockEntity } from './resolve.ts';

/** Fewer records than this teach nothing that the shipped weights do not know better. */
const FEWEST = 20;

/** The newest decisions; as many teach what more would. */
const MOST_DECIDED = 10_000;

export interface Learnt extends Omit<Retrained, 'model'> {
  entity: string;
  records: number;
  /** Pairs of which people have said that they are one, or two. */
  decisions: number;
  /** The version in use before; null: the shipped weights. */
  versionBefore: number | null;
  /** Put to use as this version; null: only shown. */
  version: number | null;
  /** Records that are matched anew by the next sync. */
  reopened: number;
}

/**
 * Learns an entity's match weights from its stored records and what people have decided of them, and shows what they would change. `apply`: puts them to use and
 * reopens every record of the entity; the versions before are kept. Throws DecisionError where there is nothing to learn from.
 */
export async function learn(
  db: Db,
  entity: Entity,
  options: { apply: boolean; by: string; now: Date; sample: number },
): Promise<Learnt> {
  if (entity.base === 'none')
    throw new DecisionError('invalid', `records of the entity ${entity.name} are never matched`, {
      hint: 'Let it extend person, company or deal in hub.yaml.',
    });
  const inUse = await activeModel(db, entity.name);
  const decided = await decidedPairs(db, entity.name, MOST_DECIDED);
  const records = await withDecided(db, await preparedSample(db, entity.name, options.sample), decided);
  if (records.length < FEWEST)
    throw new DecisionError(
      'invalid',
      `${entity.name} has ${records.length} records; at least ${FEWEST} are needed to learn from`,
      { hint: 'Sync first.' },
    );
  const current = inUse?.model.base === entity.base ? inUse.model : undefined;
  const { model, ...shown } = retrain(entity, current, records, decided, await matchedOf(db, entity.name));
  const found: Learnt = {
    entity: entity.name,
    records: records.length,
    decisions: decided.length,
    versionBefore: inUse?.version ?? null,
    version: null,
    reopened: 0,
    ...shown,
  };
  if (!options.apply) return found;
  return db.transaction(async (tx) => {
    await lockEntity(tx, entity.name);
    const row = { entity: entity.name, model, by: options.by, at: options.now.toISOString() };
    const version = await activateModel(tx, row);
    return { ...found, version, reopened: await reopenEntity(tx, entity.name) };
  });
}

/** The sample, and the records that decisions name beside it. */
async function withDecided(
  db: Db,
  sample: readonly Prepared[],
  decided: readonly Decided[],
): Promise<Prepared[]> {
  const there = new Set(sample.map(({ id }) => id));
  const named = new Set(decided.flatMap(({ a, b }) => [a, b]).filter((key) => !there.has(key)));
  return [...sample, ...(await preparedRecords(db, [...named]))];
}
