/** Alerts beside the changes they tell of: first sync, crossings, merges, splits, and a transaction that is lost. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { AlertRule } from '../../../core/messages/rule.ts';
import { alertCounts } from '../../../core/store/alerts.ts';
import type { Db } from '../../../core/store/db.ts';
import { messagePage } from '../../../core/store/messages.ts';
import { planSyncs } from '../../../core/sync/dry.ts';
import { LANE } from '../../../core/sync/intents.ts';
import { resolvePage } from '../../../core/sync/resolve.ts';
import { runSync } from '../../../core/sync/run.ts';
import { parseCondition } from '../../../mappings/alert.ts';
import { DATABASES } from '../../support/databases.ts';
import { type MemoryHub, MemoryTool, memoryHub } from '../../support/memory.ts';

function rule(name: string, when: string): AlertRule {
  const parsed = parseCondition(when, undefined);
  if ('message' in parsed) throw new Error(parsed.message);
  return { name, entity: 'person', to: 'sales', format: 'standard', ...parsed.condition };
}

const KEN = { familyName: '勅使河原', givenName: '健', email: 'ken@alpha.example', title: 'cold' };

describe.each(DATABASES)('$name', ({ open }) => {
  let db: Db;
  let tool: MemoryTool;
  let hub: MemoryHub;
  let woken: number;
  beforeAll(async () => {
    db = await open();
  });
  afterAll(() => db.close());
  beforeEach(async () => {
    await db.query(
      `truncate source_record, reference, match_key, match_form, edge, golden, decision, review, outbox, refusal, unreadable, cursor, inbox,
         run, history, process, message, message_attempt, alert, endpoint`,
    );
    tool = new MemoryTool('a');
    hub = memoryHub(db, [tool]);
    woken = 0;
    hub.engine.alerts = [rule('hot', "title = 'hot'")];
    hub.engine.told = () => {
      woken++;
    };
  });
  const signal = new AbortController().signal;
  const sync = () => runSync(hub.engine, hub.sync, { mode: 'sync', signal });
  const messages = async () => (await messagePage(db, {}, undefined, 100)).reverse();

  test('a first sync tells nobody, and neither does what it brought; a crossing is told once', async () => {
    const already = tool.put({ ...KEN, title: 'hot' });
    const other = tool.put({
      familyName: 'Lovelace',
      givenName: 'Ada',
      email: 'ada@b.example',
      title: 'cold',
    });
    await sync();
    expect(await messages()).toEqual([]);
    tool.put({ phone: '+81312345678' }, already);
    tool.put({ title: 'hot' }, other);
    await sync();
    tool.put({ phone: '+81312345679' }, other);
    await sync();
    const [only, ...more] = await messages();
    expect(more).toEqual([]);
    expect(only).toMatchObject({ connection: 'sales', type: 'alert.hot', state: 'pending', attempts: 0 });
    expect(woken).toBe(1);
    const [{ body }] = (await db.query<{ body: string }>(`select body from message`)) as [{ body: string }];
    expect(JSON.parse(body)).toMatchObject({
      type: 'alert.hot',
      data: {
        golden: {
          id: only!.goldenId,
          entity: 'person',
          values: { givenName: 'Ada', title: 'hot' },
          records: [{ connection: 'a', object: 'people', id: other }],
        },
        previous: { title: 'cold' },
        changed: { title: { from: 'cold', to: 'hot' } },
      },
    });
    tool.put({ title: 'cold' }, other);
    await sync();
    tool.put({ title: 'hot' }, other);
    await sync();
    expect((await messages()).map(({ goldenId }) => goldenId)).toEqual([only!.goldenId, only!.goldenId]);
    expect(await alertCounts(db)).toMatchObject([{ name: 'hot', fired: 2, errors: 0 }]);
  });

  test('a tool that joins later tells nobody of what it holds; a new record after that is told', async () => {
    tool.put(KEN);
    await sync();
    const second = new MemoryTool('b');
    const more = memoryHub(db, [tool, second], { owner: 'later' });
    Object.assign(hub, { engine: { ...more.engine, alerts: hub.engine.alerts! }, sync: more.sync });
    second.put({ familyName: 'Hopper', givenName: 'Grace', email: 'grace@c.example', title: 'hot' });
    second.put({ ...KEN, title: 'hot' });
    await sync();
    expect(await messages()).toEqual([]);
    second.put({ familyName: 'Curie', givenName: 'Marie', email: 'marie@d.example', title: 'hot' });
    await sync();
    expect(await messages()).toHaveLength(1);
  });

  test('who was told of is not told again after a merge, nor after the split that undoes it', async () => {
    const one = tool.put(KEN);
    const two = tool.put({ familyName: '勅使河原', givenName: '健', email: 'k@beta.example', title: 'cold' });
    await sync();
    tool.put({ title: 'hot' }, one);
    await sync();
    expect(await messages()).toHaveLength(1);
    tool.put({ email: KEN.email }, two);
    await sync();
    const [row] = await db.query<{ n: number }>(`select count(*) as n from golden where alias_of is null`);
    expect(row!.n).toBe(1);
    const now = new Date().toISOString();
    await db.query(
      `insert into decision (id, entity, kind, a, b, by, at) values ('d1', 'person', 'apart', $1, $2, 'me', $3)`,
      [`a/people/${one}`, `a/people/${two}`, now],
    );
    await db.query(`update source_record set dirty = true, rescore = true`);
    while ((await resolvePage(hub.engine, hub.sync, LANE.incremental)).records > 0);
    const [parted] = await db.query<{ n: number }>(`select count(*) as n from golden where alias_of is null`);
    expect(parted!.n).toBe(2);
    expect(await messages()).toHaveLength(1);
  });

  test('law 1: the message and the change are committed together, or neither is', async () => {
    const id = tool.put(KEN);
    await sync();
    tool.put({ title: 'hot' }, id);
    const { engine } = hub;
    const broken: Db = {
      ...db,
      transaction: (work) =>
        db.transaction(async (tx) => {
          const result = await work(tx);
          const [{ n }] = (await tx.query<{ n: number }>(`select count(*) as n from message`)) as [
            { n: number },
          ];
          if (n > 0) throw new Error('the power went out');
          return result;
        }),
    };
    hub.engine = { ...engine, db: broken };
    await expect(sync()).rejects.toThrow('the power went out');
    expect(await messages()).toEqual([]);
    expect(woken).toBe(0);
    hub.engine = engine;
    await sync();
    expect(await messages()).toHaveLength(1);
    expect(woken).toBe(1);
  });

  test('a plan tells nobody', async () => {
    const id = tool.put(KEN);
    await sync();
    tool.put({ title: 'hot' }, id);
    await planSyncs(hub.engine, [hub.sync], { full: false, signal });
    expect(await messages()).toEqual([]);
    expect(woken).toBe(0);
  });

  test('a rule that breaks is counted and named, and stops neither the sync nor another rule', async () => {
    hub.engine.alerts = [rule('broken', '$number(title) > 1'), rule('hot', "title = 'hot'")];
    const id = tool.put(KEN);
    await sync();
    tool.put({ title: 'hot' }, id);
    expect((await sync()).status).toBe('complete');
    expect(await messages()).toMatchObject([{ type: 'alert.hot' }]);
    expect(await alertCounts(db)).toMatchObject([
      { name: 'broken', fired: 0, firedAt: null, errors: 1, error: expect.stringContaining('failed') },
      { name: 'hot', fired: 1, errors: 0, error: null },
    ]);
  });
});
