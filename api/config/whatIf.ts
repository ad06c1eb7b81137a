import type { Entity } from '../../core/model/entity.ts';
import { ruledAlike } from '../../core/sync/whatIf.ts';
import type { HubConfig } from './types.ts';

/** The same entity by the config of now and by another one. */
export type BothEntities = readonly [before: Entity, after: Entity];

/** The entities that both configs have, by name. */
export function entitiesOfBoth(
  before: Pick<HubConfig, 'entities'>,
  after: Pick<HubConfig, 'entities'>,
): Map<string, BothEntities> {
  return new Map(
    Object.entries(after.entities).flatMap(([name, entity]) =>
      Object.hasOwn(before.entities, name) ? [[name, [before.entities[name]!, entity]] as const] : [],
    ),
  );
}

/** Those of them of which some rule differs. */
export const ruledOtherwise = (both: ReadonlyMap<string, BothEntities>): BothEntities[] =>
  [...both.values()].filter(([before, after]) => !ruledAlike(before, after));
