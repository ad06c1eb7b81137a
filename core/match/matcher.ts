import type { Entity } from '../model/entity.ts';
import { BASES } from './bases.ts';
import { fieldsOf } from './fields.ts';
import { blockingKeys } from './keys.ts';
import { DEFAULT_MODEL, type Model } from './model.ts';
import { prepareRecord } from './prepare.ts';
import type { Prepared } from './prepared.ts';
import { scorer } from './score.ts';
import type { Matcher } from './types.ts';

/** Records that share a key by the dozen share a switchboard or a placeholder, not an identity. */
export const MAX_BLOCK = 60;

const NEVER: Matcher<null> = {
  prepare: () => null,
  keys: () => [],
  compare: () => ({ weight: -Infinity, probability: 0, decision: 'apart', levels: [] }),
  maxBlock: 0,
};

/** Matching for one entity. An entity of base 'none' never matches anything. */
export function createMatcher(entity: Entity, model?: Model): Matcher<Prepared> | Matcher<null> {
  const { base } = entity;
  if (base === 'none') return NEVER;
  if (model !== undefined && model.base !== base)
    throw new Error(
      `the match model is for ${model.base}, but entity ${entity.name} extends ${base}: train one with 'nayose train ${entity.name}'`,
    );
  const fields = fieldsOf(entity);
  const { explain } = scorer(BASES[base], model ?? DEFAULT_MODEL[base]);
  return {
    prepare: (input) => prepareRecord(fields, input),
    keys: (prepared) => blockingKeys(base, prepared),
    compare: (a, b) => explain(a, b),
    maxBlock: MAX_BLOCK,
  };
}
