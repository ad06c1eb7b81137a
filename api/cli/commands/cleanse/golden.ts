import type { MatchInput } from '../../../../core/match/types.ts';
import { survive } from '../../../../core/merge/survive.ts';
import type { Entity } from '../../../../core/model/entity.ts';
import { keyText } from '../../../../core/model/record.ts';
import { isEmpty, type Values } from '../../../../core/model/value.ts';

/** A list knows no times: all its rows speak at once. */
const AT = '1970-01-01T00:00:00.000Z';

/**
 * One merged row a cluster: an address from the row that has most of it, every other value from the fullest row that has
 * one, except where the entity has a rule of its own.
 */
export function mergeRows(entity: Entity, members: readonly MatchInput[]): Values {
  const attributes = Object.entries(entity.attributes);
  const fullest = attributes.filter(([, { group }]) => !group).map(([name]) => [name, ['complete' as const]]);
  const own = { ...entity, survivorship: { ...Object.fromEntries(fullest), ...entity.survivorship } };
  const records = members.map(({ id, source, values }) => ({
    key: keyText({ connection: source, object: 'rows', id }),
    entity: entity.name,
    deleted: false,
    opinions: Object.fromEntries(
      Object.entries(values)
        .filter(([, value]) => !isEmpty(value))
        .map(([name, value]) => [name, { value, at: AT }]),
    ),
  }));
  return survive(own, records, {}, (_, value) => value).values;
}
