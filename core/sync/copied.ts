import { isEmpty, sameValue } from '../model/value.ts';
import type { StoredRecord } from './observe.ts';

/**
 * The attributes in which a tool shows what the hub wrote into a record, and not what the record's own people said. Matching takes no notice of
 * them: a copy of another record's value is no evidence. Told wherever people compare records by what they show.
 */
export function copiedIn({
  seen,
  written,
  opinions,
}: Pick<StoredRecord, 'seen' | 'written' | 'opinions'>): string[] {
  return Object.keys(written)
    .filter((name) => !isEmpty(seen[name] ?? null) && !sameValue(opinions[name]?.value, seen[name]))
    .sort();
}
