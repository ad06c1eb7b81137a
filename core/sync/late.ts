import { sameValue } from '../model/value.ts';
import type { Db } from '../store/db.ts';
import type { OutboxRow } from '../store/outbox.ts';
import { lockRecords, saveRecords } from '../store/records.ts';
import type { Look, StoredRecord, Write } from './observe.ts';

/** A write that got no answer, and that a look did not find carried out: it may be all the same, later (a queue, a proxy). */
export interface Late extends Write {
  /** When it was given up. */
  at: string;
}

/** So long a write that was given up may still land and be known as ours. */
const LATE_MS = 15 * 60_000;

/** So many a record: those given up last. */
const KEPT = 3;

/**
 * Called in the transaction that makes unanswered updates due again. What the tool does not show of them is remembered with
 * their records, for later writes overtake them: landing after those, they would look like somebody's edit.
 */
export async function rememberLate(db: Db, rows: readonly OutboxRow[], now: string): Promise<void> {
  const sent = rows.filter(({ op, payload }) => op === 'update' && payload !== null);
  if (sent.length === 0) return;
  const records = await lockRecords(db, [...new Set(sent.map(({ target }) => target))]);
  for (const { target, payload } of sent) {
    const record = records.get(target);
    const { sent: values, echo } = payload!;
    const shown =
      record && Object.entries(echo).every(([name, value]) => sameValue(record.seen[name], value));
    if (!record || shown) continue;
    const late = [...stillLate(record, now), { sent: values, echo, at: now }].slice(-KEPT);
    records.set(target, { ...record, late });
  }
  await saveRecords(
    db,
    [...records.values()].map((record) => ({ ...record, dirty: false })),
  );
}

const stillLate = ({ late }: StoredRecord, now: string): Late[] =>
  (late ?? []).filter(({ at }) => Date.parse(now) - Date.parse(at) < LATE_MS);

/**
 * The write of ours that has landed late, if this look shows one: every value that it carried, and none that the tool says somebody
 * else wrote.
 */
export function landedLate(stored: StoredRecord, look: Look): Late | undefined {
  if (look.othersLast && !look.theirs) return undefined;
  return stillLate(stored, look.now)
    .toReversed()
    .find(({ echo }) => {
      const shown = Object.entries(echo).filter(([name]) => name in look.values);
      return (
        shown.some(([name, value]) => !sameValue(value, stored.seen[name])) &&
        shown.every(([name, value]) => sameValue(value, look.values[name]) && !look.theirs?.has(name))
      );
    });
}

/** What may still land once this has. */
export const without = (stored: StoredRecord, landed: Late, now: string): Late[] | null => {
  const rest = stillLate(stored, now).filter((one) => one !== landed);
  return rest.length > 0 ? rest : null;
};
