import { createMatcher } from '../../core/match/matcher.ts';
import type { Matcher } from '../../core/match/types.ts';
import type { Entity } from '../../core/model/entity.ts';
import type { Db } from '../../core/store/db.ts';
import { activeModel, activeModels } from '../../core/store/models.ts';

/**
 * Matchers with the weights in use: learnt ones where there are any, the shipped ones otherwise. Asked before every piece of work,
 * so that weights learnt by another process count here too; a model is read again only when its version is another.
 */
export function createMatchers(db: Db): (entities: readonly Entity[]) => Promise<Map<string, Matcher>> {
  const known = new Map<string, { version: number; matcher: Matcher }>();
  return async (entities) => {
    const versions = new Map((await activeModels(db)).map(({ entity, version }) => [entity, version]));
    const found = new Map<string, Matcher>();
    for (const entity of entities) {
      const version = versions.get(entity.name) ?? 0;
      let one = known.get(entity.name);
      if (one?.version !== version) {
        const learnt = version === 0 ? undefined : await activeModel(db, entity.name);
        // An entity that extends another base since then is matched with that one's shipped weights.
        const model = learnt?.model.base === entity.base ? learnt.model : undefined;
        one = { version, matcher: createMatcher(entity, model) };
        known.set(entity.name, one);
      }
      found.set(entity.name, one.matcher);
    }
    return found;
  };
}
