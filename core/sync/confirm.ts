import { lookedInVain, unconfirmed } from '../store/records.ts';
import { type Committed, commitChanges } from './commit.ts';
import { lookUp } from './lookup.ts';
import { isNewName } from './planned.ts';
import type { Engine, Member, Sync } from './ports.ts';

/** Records read back in one step. */
export const CONFIRM_PAGE = 2000;

/**
 * Looks at what the tool made of our writes, where it did not say so itself: its own normalising is then known, and never
 * taken for somebody's edit. Returns how many records it looked at; 0 when none is left.
 */
export async function confirmPage(
  engine: Engine,
  sync: Sync,
  member: Member,
  signal: AbortSignal,
  count?: (news: Committed['news']) => void,
  /** Of a plan: nothing was written yet by it, so what is to be looked at is there. */
  starting = false,
): Promise<number> {
  const { connection, object } = member.mapping;
  const records = await unconfirmed(engine.db, connection, object, CONFIRM_PAGE);
  const by = member.stream.read ? member.stream.read.lookupBy[0] : undefined;
  if (records.length === 0) return 0;
  const asked = engine.now().toISOString();
  const changes =
    (engine.dry && !starting) || by === undefined || !member.reads
      ? []
      : await lookUp(
          member,
          by,
          records.flatMap(({ extId }) => (engine.dry && isNewName(extId) ? [] : [extId])),
          signal,
          { whose: true },
        );
  await engine.db.transaction(async (tx) => {
    const { news } = await commitChanges(tx, engine, sync, member, changes, {
      readBack: true,
      asked,
      whose: true,
    });
    count?.(news);
    const looked = new Set(changes.map((change) => change.id));
    // Nothing else of them: a webhook may have changed them while the tool was asked.
    await lookedInVain(
      tx,
      records.filter(({ extId }) => !looked.has(extId)).map(({ key }) => key),
    );
  });
  return records.length;
}
