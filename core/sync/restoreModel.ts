import type { Entity } from '../model/entity.ts';
import type { Db } from '../store/db.ts';
import { activeModel, deactivateModels, modelBase, reactivateModel, reopenEntity } from '../store/models.ts';
import { DecisionError } from './decisionError.ts';
import { lockEntity } from './resolve.ts';

/** Versions as people name them; 0: the shipped weights. */
export interface Restored {
  entity: string;
  versionBefore: number;
  version: number;
  /** Records that are matched anew by the next sync; 0: the version was in use already. */
  reopened: number;
}

/**
 * Puts earlier match weights of an entity to use again, or the shipped ones (version 0), and reopens every record of it. All versions
 * are kept. Throws DecisionError: `unknown` version, `invalid` where it was learnt for another base.
 */
export async function restoreModel(db: Db, entity: Entity, version: number): Promise<Restored> {
  return db.transaction(async (tx) => {
    await lockEntity(tx, entity.name);
    const versionBefore = (await activeModel(tx, entity.name))?.version ?? 0;
    const result = { entity: entity.name, versionBefore, version };
    if (versionBefore === version) return { ...result, reopened: 0 };
    const base = version === 0 ? entity.base : await modelBase(tx, entity.name, version);
    if (base === undefined)
      throw new DecisionError('unknown', `${entity.name} has no version ${version} of its weights`, {
        hint: `'nayose train ${entity.name} --versions' lists them, and GET /v1/entities/${entity.name}/weights.`,
      });
    if (base !== entity.base)
      throw new DecisionError(
        'invalid',
        `version ${version} was learnt while ${entity.name} extended ${base}; it extends ${entity.base} now`,
        { hint: `Choose another version, or learn anew: nayose train ${entity.name}` },
      );
    await deactivateModels(tx, entity.name);
    if (version !== 0) await reactivateModel(tx, entity.name, version);
    return { ...result, reopened: await reopenEntity(tx, entity.name) };
  });
}
