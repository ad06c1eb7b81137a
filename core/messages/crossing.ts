import type { Values } from '../model/value.ts';
import type { AlertRule } from './rule.ts';

/**
 * Does this change cross into the rule's condition? It does when the condition is true of it and was not so already while
 * the record stood still. The answer follows from the values alone, so nothing has to be remembered, and a step that is
 * done again after a crash gives the same answer.
 *
 * `before`: the values of every golden record that the records of this one belonged to. After a merge or a split they are
 * several, or another's, and the change must be a crossing from each of them: who was told of one is not told again.
 */
export async function crosses(
  rule: Pick<AlertRule, 'holds'>,
  after: Values,
  before: readonly Values[],
): Promise<{ fires: boolean; error?: string }> {
  for (const previous of before.length === 0 ? [undefined] : before) {
    const now = await rule.holds(after, previous);
    if (!now.ok) return { fires: false, error: now.message };
    if (!now.value) return { fires: false };
    if (previous === undefined) continue;
    const still = await rule.holds(previous, previous);
    // A condition that could not be answered before was not true before.
    if (still.ok && still.value) return { fires: false };
  }
  return { fires: true };
}
