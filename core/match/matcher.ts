import type { Entity } from '../model/entity.ts';
import { BASES } from './bases.ts';
import { crowd } from './crowd.ts';
import { fieldsOf } from './fields.ts';
import { blockingKeys, blockLimit } from './keys.ts';
import { DEFAULT_MODEL, type Model } from './model.ts';
import { preparer } from './prepare.ts';
import type { Prepared } from './prepared.ts';
import { scorer } from './score.ts';
import type { Matcher } from './types.ts';

/** Matching for one entity. An entity of base 'none' has no keys and matches nothing. */
export function createMatcher(entity: Entity, model?: Model): Matcher<Prepared> {
  const { base } = entity;
  const prepare = preparer(fieldsOf(entity));
  if (base === 'none')
    return {
      prepare,
      keys: () => [],
      compare: () => ({ weight: -100, probability: 0, decision: 'apart', levels: [] }),
      limit: blockLimit,
      link: Number.POSITIVE_INFINITY,
      review: Number.POSITIVE_INFINITY,
      crowd: () => 0,
    };
  if (model !== undefined && model.base !== base)
    throw new Error(
      `the match model is for ${model.base}, but entity ${entity.name} extends ${base}: train one with 'nayose train ${entity.name}'`,
    );
  const used = model ?? DEFAULT_MODEL[base];
  return {
    prepare,
    keys: (prepared) => blockingKeys(base, prepared),
    compare: scorer(BASES[base], used).explain,
    limit: blockLimit,
    link: used.link,
    review: used.review,
    crowd: (records) => crowd(used, records),
  };
}
