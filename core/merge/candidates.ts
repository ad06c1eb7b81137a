import type { Opinion, SourceRecord } from '../model/record.ts';
import { isEmpty, type Value } from '../model/value.ts';

/** One source's say in an attribute. `value` is resolved: a reference is a golden id already. */
export interface Candidate {
  source: string;
  connection: string;
  value: Value;
  at: string;
  edit: boolean;
  /** How many attributes its record fills: what `complete` compares. */
  filled: number;
}

/** From a reference opinion (a source key) to the golden id it belongs to now; undefined while unknown. */
export type Resolve = (attribute: string, value: Value) => Value | undefined;

/**
 * Who has a say: every value, and every clearing that was an edit. A record that never held a value says nothing, so
 * that empty never beats a value by itself.
 */
export function candidates(
  members: readonly SourceRecord[],
  attribute: string,
  resolve: Resolve,
): Candidate[] {
  const found: Candidate[] = [];
  for (const member of members) {
    const opinion = member.opinions[attribute];
    if (opinion === undefined || (isEmpty(opinion.value) && !opinion.edit)) continue;
    const value = isEmpty(opinion.value) ? null : resolve(attribute, opinion.value);
    if (value === undefined) continue;
    found.push({
      source: member.key,
      connection: member.key.slice(0, member.key.indexOf('/')),
      value,
      at: opinion.at,
      edit: opinion.edit ?? false,
      filled: Object.values(member.opinions).filter((o: Opinion) => !isEmpty(o.value)).length,
    });
  }
  return found.sort(newestFirst);
}

/** Newest first; a tie goes to the smallest source key, so that the order of arrival never matters. */
export function newestFirst(a: Candidate, b: Candidate): number {
  if (a.at !== b.at) return a.at < b.at ? 1 : -1;
  return a.source < b.source ? -1 : a.source > b.source ? 1 : 0;
}
