import type { DifferenceRow } from '../../store/differences.ts';
import { goldenPage } from '../../store/goldens.ts';
import { outboxOf } from '../../store/outbox.ts';
import { intentsOf, opKey } from '../intents.ts';
import type { Engine, Sync } from '../ports.ts';
import { waits } from './compare.ts';

const PAGE = 500;

/** A page of golden records that some tool should have a record of and has none. `after`: the last of the page; null: that was all. */
export async function lackingPage(
  engine: Engine,
  sync: Sync,
  after: string,
): Promise<{ differences: DifferenceRow[]; after: string | null }> {
  const { db } = engine;
  const goldens = await goldenPage(db, sync.entity.name, after, PAGE);
  if (goldens.length === 0) return { differences: [], after: null };
  const ids = goldens.map(({ id }) => id);
  const creators = sync.members.filter(({ writes, creates }) => writes && creates);
  const [{ intents }, rows] = await Promise.all([
    intentsOf(db, engine, sync, ids, creators),
    outboxOf(db, ids),
  ]);
  const outbox = new Map(rows.map((row) => [opKey(row), row]));
  const differences = intents
    .filter(({ op, fields, awaits }) => op === 'create' && Object.keys(fields).length + awaits.length > 0)
    .map((intent): DifferenceRow => {
      const row = outbox.get(opKey(intent));
      return {
        mapping: intent.mapping,
        record: '',
        goldenId: intent.goldenId,
        attribute: '',
        class: row ? 'undelivered' : 'forgotten',
        reason: row ? `to be created: ${waits(row)}` : 'to be created, and no write is on its way',
      };
    });
  return { differences, after: ids.at(-1)! };
}
