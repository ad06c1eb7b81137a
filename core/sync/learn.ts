import { type Retrained, retrain } from '../match/retrain.ts';
import type { Entity } from '../model/entity.ts';
import type { Db } from '../store/db.ts';
import { activateModel, activeModel, preparedSample, reopenEntity } from '../store/models.ts';
import { DecisionError } from './decisionError.ts';
import { lockEntity } from './resolve.ts';

/** Fewer records than this teach nothing that the shipped weights do not know better. */
const FEWEST = 20;

export interface Learnt extends Omit<Retrained, 'model'> {
  entity: string;
  records: number;
  /** The version in use before; null: the shipped weights. */
  versionBefore: number | null;
  /** Put to use as this version; null: only shown. */
  version: number | null;
  /** Records that are matched anew by the next sync. */
  reopened: number;
}

/**
 * Learns an entity's match weights from its stored records, and shows what they would change. `apply`: puts them to use and
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
  const records = await preparedSample(db, entity.name, options.sample);
  if (records.length < FEWEST)
    throw new DecisionError(
      'invalid',
      `${entity.name} has ${records.length} records; at least ${FEWEST} are needed to learn from`,
      { hint: 'Sync first.' },
    );
  const current = inUse?.model.base === entity.base ? inUse.model : undefined;
  const { model, ...shown } = retrain(entity, current, records);
  const found: Learnt = {
    entity: entity.name,
    records: records.length,
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
