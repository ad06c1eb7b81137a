import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Db } from '../../../core/store/db.ts';
import { planSyncs } from '../../../core/sync/dry.ts';
import { shapeOf } from '../../../core/sync/moved.ts';
import { permitsOf } from '../../../core/sync/permits.ts';
import { type KeptPlan, recheck } from '../../../core/sync/recheck.ts';
import { runSync } from '../../../core/sync/run.ts';
import { openMemory } from '../../support/databases.ts';
import { emptyStore } from '../../support/emptyStore.ts';
import { type MemoryHub, MemoryTool, memoryHub } from '../../support/memory.ts';

let db: Db;
beforeAll(async () => {
  db = await openMemory();
});
afterAll(() => db.close());

const PEOPLE = ['Ada Abel', 'Bo Berg', 'Cy Cole'].map((name) => {
  const [givenName, familyName] = name.split(' ') as [string, string];
  return { givenName, familyName, email: `${givenName}@${familyName}.example`.toLowerCase() };
});
const { signal } = new AbortController();

describe('a run of a plan', () => {
  let a: MemoryTool;
  let b: MemoryTool;
  let hub: MemoryHub;
  let ids: string[];
  beforeEach(async () => {
    await emptyStore(db);
    [a, b] = [new MemoryTool('a'), new MemoryTool('b')];
    hub = memoryHub(db, [a, b]);
    ids = PEOPLE.slice(0, 2).map((person) => a.put({ ...person, title: 'x' }));
    await sync();
    a.put({ title: 'Baker' }, ids[0]);
    a.put({ title: 'Curator' }, ids[1]);
  });

  const sync = () => runSync(hub.engine, hub.sync, { mode: 'sync', signal });
  const kept = async (): Promise<KeptPlan> => {
    const { writes } = await planSyncs(hub.engine, [hub.sync], { full: false, signal });
    return { full: false, shapes: { people: shapeOf(hub.sync) }, writes: JSON.parse(JSON.stringify(writes)) };
  };
  const check = (plan: KeptPlan) => recheck(hub.engine, [hub.sync], plan, signal);
  const carryOut = ({ writes }: KeptPlan) =>
    runSync(hub.engine, hub.sync, { mode: 'sync', permits: permitsOf(writes, 'people'), signal });
  const titles = () =>
    PEOPLE.map(({ email }) => b.live().find(({ fields }) => fields.email === email)?.fields.title);
  const permits = async () => (await db.query(`select 1 from permit`)).length;

  test('makes the writes of the plan', async () => {
    const plan = await kept();
    expect(plan.writes.map(({ op, id }) => [op, id])).toEqual([
      ['update', 'b1'],
      ['update', 'b2'],
    ]);
    expect(await check(plan)).toBeUndefined();
    expect(await carryOut(plan)).toMatchObject({ status: 'complete', counts: { created: 0, updated: 2 } });
    expect(titles()).toEqual(['Baker', 'Curator', undefined]);
    expect(await permits()).toBe(0);
  });

  test('is not begun when the world has moved on: what is new, gone and otherwise is named', async () => {
    const plan = await kept();
    a.put({ title: 'Dancer' }, ids[0]);
    a.put({ title: 'x' }, ids[1]);
    a.put({ ...PEOPLE[2]! });
    const moved = await check(plan);
    expect(moved).toMatchObject({ code: 'plan-moved', count: 3 });
    expect(moved!.message).toMatch(/1 changed, 1 new, 1 gone|1 new, 1 changed, 1 gone/);
    expect(moved!.message).toContain('update b people b1 would write otherwise: title');
    expect(moved!.message).toContain('create b people for a/people/a3 was not in the plan');
    expect(moved!.message).toContain('update b people b2 is not needed any more');
    expect(titles()).toEqual(['x', 'x', undefined]);
  });

  test('an edit of what it would overwrite is a move too', async () => {
    hub.sync.entity.survivorship = { title: [{ prefer: ['a'] }] };
    const plan = await kept();
    b.put({ title: 'Overseer' }, 'b1');
    expect(plan.writes[0]!.changes).toMatchObject([{ field: 'title', from: 'x', to: 'Baker' }]);
    expect((await check(plan))!.message).toContain('update b people b1 would write otherwise: title');
  });

  test('is not begun under another config', async () => {
    const plan = await kept();
    hub.sync.members[1]!.creates = false;
    expect(await check(plan)).toMatchObject({ code: 'plan-config' });
  });

  test('what comes between the check and the writes is left to the next run', async () => {
    const plan = await kept();
    expect(await check(plan)).toBeUndefined();
    a.put({ title: 'Dancer' }, ids[0]);
    a.put({ ...PEOPLE[2]!, title: 'Editor' });
    const run = await carryOut(plan);
    expect(run).toMatchObject({ status: 'incomplete', counts: { created: 0, updated: 1 }, resumeAt: null });
    expect(run.reasons.map(({ code, connection, count }) => [code, connection, count])).toEqual([
      ['beyond-plan', 'b', 1],
      ['beyond-plan', 'b', 1],
    ]);
    expect(titles()).toEqual(['x', 'Curator', undefined]);
    expect(await permits()).toBe(0);
    expect(await sync()).toMatchObject({ status: 'complete', counts: { created: 1, updated: 1 } });
    expect(titles()).toEqual(['Dancer', 'Curator', 'Editor']);
  });

  test('a record with one value more than planned is left whole; with one less, it is written', async () => {
    a.put({ department: 'Sales' }, ids[1]);
    const plan = await kept();
    a.put({ phone: '03-1111-2222' }, ids[0]);
    b.put({ department: 'Sales' }, 'b2');
    const run = await carryOut(plan);
    expect(run.counts).toMatchObject({ updated: 1 });
    expect(titles()).toEqual(['x', 'Curator', undefined]);
  });

  test('a value that only one record can have is left out by the plan, and by its run without asking the tool', async () => {
    for (const { stream } of hub.sync.members)
      stream.fields.find(({ name }) => name === 'email')!.unique = true;
    a.put({ familyName: 'Quist', givenName: 'Zoe', email: PEOPLE[0]!.email });
    const plan = await kept();
    const create = plan.writes.find(({ op }) => op === 'create')!;
    expect(create.changes.map(({ field }) => field).sort()).toEqual(['familyName', 'givenName']);
    expect(create.without).toEqual([{ attribute: 'email', field: 'email', holder: 'b/people/b1' }]);
    expect(await carryOut(plan)).toMatchObject({ counts: { created: 1, updated: 2, failed: 1 } });
    expect(b.live().find(({ fields }) => fields.familyName === 'Quist')!.fields.email).toBeUndefined();
    expect(b.created).toBe(3);
  });
});
