import { expect, test } from 'vitest';
import { retryDelivery, stuckPage } from '../../../core/store/deliveries.ts';
import { DATABASES } from '../../support/databases.ts';

test.each(DATABASES)('$name: stuck writes page by page, and due again one by one', async ({ open }) => {
  const db = await open();
  try {
    await db.query(
      `insert into outbox (golden_id, mapping, target, entity, op, key, state, error, attempts, due_at, created_at, updated_at)
       select id, mapping, '', 'person', 'create', id, state, error::jsonb, 6, '2026-01-02', '2026-01-01', '2026-01-01'
       from (values ('g1', 'crm', 'held', '{"kind":"rejected","message":"no"}'), ('g2', 'crm', 'pending', null),
         ('g3', 'crm', 'pending', '{"kind":"transient","message":"503"}'), ('g4', 'ma', 'waiting', null),
         ('g5', 'crm', 'sending', null)) as x(id, mapping, state, error)`,
    );
    const both = { mappings: ['crm', 'ma'] };
    const first = await stuckPage(db, both, undefined, 2);
    expect(first).toMatchObject([
      { goldenId: 'g1', state: 'held', error: { message: 'no' } },
      { goldenId: 'g3', state: 'pending' },
    ]);
    const rest = await stuckPage(db, both, first.at(-1), 9);
    expect(rest.map(({ goldenId }) => goldenId)).toEqual(['g4', 'g5']);
    expect(await stuckPage(db, { mappings: ['ma'], state: 'held' }, undefined, 9)).toEqual([]);

    const now = '2026-01-05T00:00:00.000Z';
    const key = (goldenId: string, mapping = 'crm') => ({ goldenId, mapping, target: '' });
    expect(await retryDelivery(db, key('g1'), now)).toBe(true);
    expect(await retryDelivery(db, key('g4', 'ma'), now)).toBe(true);
    expect(await retryDelivery(db, key('g5'), now)).toBe(false);
    expect(await retryDelivery(db, key('g1', 'ma'), now)).toBe(false);
    const rows = await db.query(`select golden_id, state, attempts, due_at from outbox order by golden_id`);
    expect(rows.filter(({ due_at }) => due_at === now)).toEqual([
      { golden_id: 'g1', state: 'pending', attempts: 0, due_at: now },
      // Its reference is still missing: a retry does not make it.
      { golden_id: 'g4', state: 'waiting', attempts: 0, due_at: now },
    ]);
  } finally {
    await db.close();
  }
});
