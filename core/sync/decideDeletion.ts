import { type Deletion, decideDeletionRow, lockDeletion } from '../store/deletions.ts';
import { type Decider, entitySync, type SyncsOf } from './decide.ts';
import { DecisionError } from './decisionError.ts';
import { fillOutbox, LANE } from './intents.ts';
import type { Engine } from './ports.ts';
import { lockEntity } from './resolve.ts';

/**
 * A person's answer to a deletion: its counterparts go too, or they stay and nobody is asked again. Throws DecisionError:
 * `unknown` where there is no such deletion (any more), `conflict` where somebody was quicker.
 */
export async function decideDeletion(
  engine: Engine,
  syncsOf: SyncsOf,
  record: string,
  answer: 'approve' | 'refuse',
  who: Decider,
): Promise<Deletion> {
  const none = () =>
    new DecisionError('unknown', `no deletion of ${record} waits for anybody`, {
      hint: 'It may be back in its tool, or erased. `nayose deletes` lists those that wait.',
    });
  const known = await lockDeletion(engine.db, record);
  if (!known) throw none();
  const sync = await entitySync(syncsOf, known.entity);
  const decided = await engine.db.transaction(async (tx) => {
    await lockEntity(tx, known.entity);
    const row = await lockDeletion(tx, record);
    if (!row) throw none();
    if (row.state === 'approved' || row.state === 'refused')
      throw new DecisionError('conflict', `${row.by} ${row.state} it before, at ${row.decidedAt}`);
    const at = engine.now().toISOString();
    const state = answer === 'approve' ? 'approved' : 'refused';
    await decideDeletionRow(tx, { record, state, by: who.by, at });
    await fillOutbox(tx, engine, sync, [row.goldenId], LANE.realtime);
    return { ...row, state, by: who.by, decidedAt: at } as const;
  });
  engine.due?.();
  return decided;
}
