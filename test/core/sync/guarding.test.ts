import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Db } from '../../../core/store/db.ts';
import { receive } from '../../../core/store/inbox.ts';
import type { Guards } from '../../../core/sync/ports.ts';
import { intake, pump } from '../../../core/sync/realtime.ts';
import { finishRun, runSync } from '../../../core/sync/run.ts';
import { startRun, stepRun } from '../../../core/sync/steps.ts';
import { errandsOf, writeBack } from '../../../core/sync/writeBack.ts';
import { DATABASES } from '../../support/databases.ts';
import { emptyStore } from '../../support/emptyStore.ts';
import { atTick, MemoryTool, memoryHub } from '../../support/memory.ts';

const { signal } = new AbortController();

describe.each(DATABASES)('guards halt a run before its first write, on $name', ({ open }) => {
  let db: Db;
  let a: MemoryTool;
  let b: MemoryTool;
  beforeEach(async () => {
    db ??= await open();
    [a, b] = [new MemoryTool('a'), new MemoryTool('b')];
  });
  afterEach(() => emptyStore(db));
  afterAll(() => db?.close());

  const person = (n: number) => ({
    email: `p${n}@x.example`,
    familyName: `Family${n}`,
    givenName: `Given${n}`,
  });

  async function synced(people: number, guards: Partial<Guards>) {
    const hub = memoryHub(db, [a, b]);
    const ids = Array.from({ length: people }, (_, n) => a.put(person(n)));
    const run = (options: { approve?: string; full?: boolean } = {}) =>
      runSync(hub.engine, hub.sync, { mode: options.full ? 'full' : 'sync', ...options, signal });
    expect(await run()).toMatchObject({ status: 'complete' });
    Object.assign(hub.sync.guards, guards);
    const writes = () => [a, b].map(({ created, updated }) => created + updated);
    return { ...hub, ids, run, writes };
  }

  const halting = (code: string, count: number) => ({
    status: 'halted',
    delivered: false,
    counts: expect.objectContaining({ created: 0, updated: 0 }),
    reasons: [
      expect.objectContaining({
        code,
        count,
        message: expect.any(String),
        hint: expect.stringMatching(/approve/),
      }),
    ],
  });

  test('maxDeleted: a tool reports a part of its records deleted', async () => {
    const { ids, run, writes } = await synced(60, { maxDeleted: 0.25 });
    for (const id of ids.slice(0, 15)) a.remove(id);
    expect(await run()).toMatchObject({ status: 'complete', counts: { deleted: 15 } });
    for (const id of ids.slice(15, 40)) a.remove(id);
    a.put({ title: 'Baker' }, ids[59]);
    const before = writes();
    const halted = await run();
    expect(halted).toMatchObject(halting('guard.maxDeleted', 25));
    expect(halted.reasons[0]!.message).toContain('25 of 45 records of people');
    // The next run reads nothing of it any more, and halts all the same.
    expect(await run()).toMatchObject(halting('guard.maxDeleted', 25));
    expect(writes()).toEqual(before);
    expect(await run({ approve: halted.id })).toMatchObject({ status: 'complete', counts: { updated: 1 } });
    expect(await run()).toMatchObject({ status: 'complete', counts: { updated: 0 } });
  });

  test('two streams of one tool are each approved with their own count', async () => {
    const c = new MemoryTool('c');
    const { engine, sync } = memoryHub(db, [a, b, c]);
    const leads = sync.members[2]!;
    Object.assign(leads.mapping, { connection: 'a', object: 'leads' });
    Object.assign(leads, { writes: false, creates: false });
    const ids = Array.from({ length: 20 }, (_, n) => a.put(person(n)));
    const others = Array.from({ length: 40 }, (_, n) => c.put(person(100 + n)));
    const run = (approve?: string) => runSync(engine, sync, { mode: 'sync', signal, approve });
    expect(await run()).toMatchObject({ status: 'complete' });
    Object.assign(sync.guards, { maxDeleted: 3 });
    for (const id of ids.slice(0, 5)) a.remove(id);
    for (const id of others.slice(0, 15)) c.remove(id);
    const halted = await run();
    expect(halted.reasons.map(({ code, object, count }) => [code, object, count]).sort()).toEqual([
      ['guard.maxDeleted', 'leads', 15],
      ['guard.maxDeleted', 'people', 5],
    ]);
    // More of the smaller one is not covered by the count of the larger.
    for (const id of ids.slice(5, 12)) a.remove(id);
    const moved = await run(halted.id);
    expect(moved.reasons.at(-1)).toMatchObject({
      code: 'approval',
      message: expect.stringMatching(/with 5 for guard.maxDeleted, and now there are 12/),
    });
    expect(await run(moved.id)).toMatchObject({ status: 'complete' });
  });

  test('a halt outlasts a run that broke off before its guards: webhooks still wait', async () => {
    const { engine, sync, ids, run, writes } = await synced(60, { maxDeleted: 0.25 });
    for (const id of ids.slice(15, 40)) a.remove(id);
    a.put({ title: 'Baker' }, ids[59]);
    const halted = await run();
    expect(halted).toMatchObject(halting('guard.maxDeleted', 25));
    const before = writes();
    const stopped = await runSync(engine, sync, { mode: 'sync', signal: AbortSignal.abort() });
    expect(stopped).toMatchObject({
      status: 'incomplete',
      reasons: [{ code: 'stopped' }, { code: 'pending' }],
    });
    a.put({ title: 'Cook' }, ids[58]);
    const { fields, tick } = a.records.get(ids[58]!)!;
    const change = { stream: 'people', id: ids[58]!, at: atTick(tick), op: 'upsert' as const, fields };
    await receive(db, 'a', [change], 'a/cook', new Date());
    const pumped = () => pump(engine, [sync], { signal, realtime: () => true });
    expect(await pumped()).toMatchObject({ events: 1, updated: 0, left: [{ code: 'halted' }] });
    expect(writes()).toEqual(before);
    const again = await run();
    expect(again).toMatchObject({ status: 'halted' });
    expect(await run({ approve: again.id })).toMatchObject({ status: 'complete', counts: { updated: 2 } });
    a.put({ title: 'Butcher' }, ids[57]);
    const { tick: last } = a.records.get(ids[57]!)!;
    await receive(
      db,
      'a',
      [{ ...change, id: ids[57]!, at: atTick(last), fields: a.records.get(ids[57]!)!.fields }],
      'a/butcher',
      new Date(),
    );
    expect(await pumped()).toMatchObject({ updated: 1, left: [] });
  });

  test('maxDeleted: records that came back are not counted', async () => {
    const { ids, run } = await synced(60, { maxDeleted: 0.25 });
    for (const id of ids.slice(0, 30)) a.remove(id);
    expect(await run()).toMatchObject({ status: 'halted' });
    for (const [n, id] of ids.slice(0, 30).entries()) a.put(person(n), id);
    expect(await run()).toMatchObject({ status: 'complete' });
  });

  test('maxMissing: a full read shows none of what a tool had, or far fewer', async () => {
    const { ids, run, writes } = await synced(40, {});
    for (const id of ids) a.records.delete(id);
    b.put({ title: 'Baker' }, b.live()[0]!.id);
    const before = writes();
    expect(await run({ full: true })).toMatchObject(halting('guard.maxMissing', 40));
    expect(writes()).toEqual(before);
    // Another account, full of strangers: what is missing is missing.
    for (let n = 0; n < 40; n++) a.put(person(100 + n), `stranger${n}`);
    const halted = await run({ full: true });
    expect(halted).toMatchObject(halting('guard.maxMissing', 40));
    expect(await run()).toMatchObject(halting('guard.maxMissing', 40));
    expect(writes()).toEqual(before);
    // The right one again.
    for (const [id] of a.records) if (id.startsWith('stranger')) a.records.delete(id);
    for (const [n, id] of ids.entries()) a.put(person(n), id);
    const right = await run({ full: true });
    expect(right).toMatchObject(halting('guard.maxMissing', 40));
    expect(await run({ approve: right.id, full: true })).toMatchObject({ status: 'complete' });
  });

  test('maxGrowth: many records turn out to be one person', async () => {
    const { run, writes } = await synced(3, { maxGrowth: 5 });
    for (let n = 0; n < 6; n++) a.put(person(0));
    const before = writes();
    const halted = await run();
    expect(halted).toMatchObject(halting('guard.maxGrowth', 6));
    const [most] = await db.query(
      `select golden_id from source_record group by golden_id order by count(*) desc limit 1`,
    );
    expect(halted.reasons[0]!.message).toContain(String(most?.golden_id));
    expect(writes()).toEqual(before);
    expect(await run({ approve: halted.id })).toMatchObject({ status: 'complete' });
    for (let n = 0; n < 5; n++) a.put(person(1));
    expect(await run()).toMatchObject({ status: 'complete' });
  });

  test('maxGrowth: what joined is weighed by every sync of the entity, whichever runs first', async () => {
    const { engine, sync, run } = await synced(3, {});
    const other = { ...sync, name: 'others', guards: { ...sync.guards, maxGrowth: 5 } };
    const second = (approve?: string) => runSync(engine, other, { mode: 'sync', signal, approve });
    expect(await second()).toMatchObject({ status: 'complete' });
    for (let n = 0; n < 6; n++) a.put(person(0));
    expect(await run()).toMatchObject({ status: 'complete' });
    const halted = await second();
    expect(halted).toMatchObject(halting('guard.maxGrowth', 6));
    expect(await second(halted.id)).toMatchObject({ status: 'complete' });
    expect(await second()).toMatchObject({ status: 'complete' });
    // Each has weighed it; nothing is left to count.
    expect(await run()).toMatchObject({ status: 'complete' });
    expect(await db.query(`select 1 from tally where kind = 'joined'`)).toEqual([]);
  });

  test('an approval covers what was shown, and no other content; what changed since is named', async () => {
    const { ids, run, writes } = await synced(12, { maxChanged: 5 });
    for (const id of ids.slice(0, 7)) a.put({ title: 'Baker' }, id);
    const first = await run();
    expect(first).toMatchObject(halting('guard.maxChanged', 7));
    // As many records, another value in one of them, and another record instead of one.
    a.put({ title: 'Butcher' }, ids[0]);
    a.put({ title: null }, ids[1]);
    a.put({ title: 'Baker' }, ids[8]);
    const before = writes();
    const moved = await run({ approve: first.id });
    expect(moved).toMatchObject({
      status: 'halted',
      reasons: [{ code: 'guard.maxChanged', count: 7 }, { code: 'approval' }],
    });
    const { message, hint } = moved.reasons[1]!;
    expect(message).toMatch(/of 7, 1 would write other values and 1 were not among them/);
    expect(message).toMatch(/in b-people: title; .* in b-people: a new update/);
    expect(hint).toContain(moved.id);
    expect(writes()).toEqual(before);
    // Fewer than were shown are no surprise.
    a.put({ title: null }, ids[8]);
    expect(await run({ approve: moved.id })).toMatchObject({ status: 'complete', counts: { updated: 6 } });
    expect(b.noops).toBe(0);
  });

  test('an approval of one guard is none of another', async () => {
    const { ids, run } = await synced(30, { maxChanged: 5, maxGrowth: 5 });
    for (const id of ids.slice(10, 20)) a.put({ title: 'Baker' }, id);
    const first = await run();
    expect(first.reasons.map(({ code }) => code)).toEqual(['guard.maxChanged']);
    for (let n = 0; n < 6; n++) a.put(person(0));
    const { status, reasons } = await run({ approve: first.id });
    expect([status, reasons.map(({ code }) => code)]).toEqual([
      'halted',
      ['guard.maxChanged', 'guard.maxGrowth', 'approval'],
    ]);
    expect(reasons[2]!.message).toContain('guard.maxGrowth');
  });

  test('webhooks do not pass maxChanged in portions, and neither does the run after them', async () => {
    const { engine, sync, ids, run } = await synced(20, { maxChanged: 5 });
    const hook = async (id: string, title: string) => {
      a.put({ title }, id);
      const { fields, tick } = a.records.get(id)!;
      const at = atTick(tick);
      await receive(
        db,
        'a',
        [{ stream: 'people', id, at, op: 'upsert', fields }],
        `a/${id}/${title}`,
        new Date(),
      );
      return pump(engine, [sync], { signal, realtime: () => true });
    };
    for (const id of ids.slice(0, 5)) expect((await hook(id, 'Baker')).left).toEqual([]);
    // The same person again is no further one.
    expect(await hook(ids[0]!, 'Cook')).toMatchObject({ updated: 1, left: [] });
    const written = b.updated;
    expect(await hook(ids[5]!, 'Baker')).toMatchObject({
      updated: 0,
      left: [{ sync: 'people', code: 'guard.maxChanged' }],
    });
    const halted = await run();
    expect(halted).toMatchObject(halting('guard.maxChanged', 6));
    expect(await hook(ids[6]!, 'Baker')).toMatchObject({ updated: 0, left: [{ code: 'halted' }] });
    expect(b.updated).toBe(written);
    const again = await run();
    expect(again).toMatchObject(halting('guard.maxChanged', 7));
    expect(await run({ approve: again.id })).toMatchObject({ status: 'complete', counts: { updated: 2 } });
    expect(await hook(ids[7]!, 'Baker')).toMatchObject({ updated: 1, left: [] });
  });

  /** A run that has passed its guards, and has yet to write: `rest` goes on with it. */
  const upToDelivery = async ({ engine, sync }: Awaited<ReturnType<typeof synced>>, approve?: string) => {
    const { id } = await startRun(engine, sync, { mode: 'sync', approve });
    const step = () => stepRun(engine, sync, id, { signal, keep: true });
    for (let phase = ''; phase !== 'deliver'; ) ({ phase } = (await step()).run);
    return () => finishRun(engine, sync, id, signal);
  };
  const tell = async ({ engine, sync }: Awaited<ReturnType<typeof synced>>, ids: readonly string[]) => {
    for (const id of ids) {
      const { fields, tick, deleted } = a.records.get(id)!;
      const change = deleted ? { op: 'delete' as const } : { op: 'upsert' as const, fields };
      await receive(db, 'a', [{ stream: 'people', id, at: atTick(tick), ...change }], `${tick}`, new Date());
    }
    await intake(engine, [sync], 'a', { signal, realtime: () => true });
  };

  test('what webhooks bring while a run delivers is weighed before it leaves', async () => {
    const hub = await synced(30, { maxChanged: 5 });
    const { ids, run } = hub;
    for (const id of ids.slice(0, 4)) a.put({ title: 'Baker' }, id);
    let rest = await upToDelivery(hub);
    // Nobody new, and four who are: what was weighed before does not count again.
    for (const id of ids.slice(2, 8)) a.put({ title: 'Cook' }, id);
    await tell(hub, ids.slice(2, 8));
    expect(await rest()).toMatchObject({ status: 'complete', counts: { updated: 8 } });
    for (const id of ids.slice(10, 11)) a.put({ title: 'Baker' }, id);
    await db.query(`delete from tally`);
    rest = await upToDelivery(hub);
    for (const id of ids.slice(11, 17)) a.put({ title: 'Cook' }, id);
    await tell(hub, ids.slice(11, 17));
    const halted = await rest();
    expect(halted).toMatchObject(halting('guard.maxChanged', 7));
    expect(await run()).toMatchObject({ status: 'halted' });
    // An approved run goes beyond the guard as far as was approved.
    rest = await upToDelivery(hub, halted.id);
    a.put({ title: 'Cook' }, ids[20]);
    await tell(hub, ids.slice(20, 21));
    expect(await rest()).toMatchObject({ status: 'complete', counts: { updated: 8 } });
    expect(b.noops).toBe(0);
    expect(await db.query(`select 1 from tally where kind = 'weighed'`)).toEqual([]);
  });

  test('a deletion that comes while a run delivers is weighed before it leaves', async () => {
    const hub = await synced(30, { maxDeleted: 2 });
    const { ids, sync, run } = hub;
    sync.members[1]!.deletes = 'archive';
    for (const id of ids.slice(0, 2)) a.remove(id);
    let rest = await upToDelivery(hub);
    expect(await rest()).toMatchObject({ status: 'complete', counts: { archived: 2 } });
    a.remove(ids[2]!);
    rest = await upToDelivery(hub);
    for (const id of ids.slice(3, 5)) a.remove(id);
    await tell(hub, ids.slice(3, 5));
    const halted = await rest();
    expect(halted).toMatchObject({ status: 'halted', reasons: [{ code: 'guard.deletes', count: 3 }] });
    expect(b.deleted).toBe(2);
    rest = await upToDelivery(hub, halted.id);
    a.remove(ids[5]!);
    await tell(hub, ids.slice(5, 6));
    expect(await rest()).toMatchObject({ status: 'halted', reasons: [{ code: 'guard.deletes', count: 4 }] });
    expect(b.deleted).toBe(2);
    const again = await run();
    expect(await run({ approve: again.id })).toMatchObject({ status: 'complete', counts: { archived: 4 } });
  });

  test('a deletion that comes while webhooks are written back is weighed before it leaves', async () => {
    const hub = await synced(30, { maxDeleted: 1 });
    const { engine, sync, ids } = hub;
    const [, writer] = sync.members;
    writer!.deletes = 'archive';
    const { connector } = writer!.tool;
    const write = connector.write!;
    let once = true;
    connector.write = async (...call) => {
      if (once) {
        once = false;
        for (const id of ids.slice(0, 2)) a.remove(id);
        await tell(hub, ids.slice(0, 2));
      }
      return write(...call);
    };
    for (const id of ids.slice(4, 8)) a.put({ title: 'Baker' }, id);
    await tell(hub, ids.slice(4, 8));
    const [errand] = await errandsOf(engine, [sync]);
    const { left, updated } = await writeBack(engine, errand!, signal);
    expect([updated, b.deleted]).toEqual([4, 0]);
    expect(left).toMatchObject([{ code: 'guard.deletes', count: 2 }]);
  });

  test('an hour of quiet, and webhooks count from nought after the next run', async () => {
    const { engine, sync, ids, run } = await synced(20, { maxChanged: 5 });
    for (const id of ids.slice(0, 4)) {
      a.put({ title: 'Baker' }, id);
      const { fields, tick } = a.records.get(id)!;
      const change = { stream: 'people', id, at: atTick(tick), op: 'upsert' as const, fields };
      await receive(db, 'a', [change], `a/${id}`, new Date());
    }
    expect(await pump(engine, [sync], { signal, realtime: () => true })).toMatchObject({
      updated: 4,
      left: [],
    });
    expect(await run()).toMatchObject({ status: 'complete' });
    for (const id of ids.slice(4, 8)) a.put({ title: 'Baker' }, id);
    expect(await run()).toMatchObject({ status: 'halted' });
    await db.query(`update tally set at = at - interval '61 minutes' where kind = 'written'`);
    // It counts for a day as long as no run has passed.
    expect(await run()).toMatchObject({ status: 'halted' });
    await db.query(`update tally set at = at - interval '1 day' where kind = 'written'`);
    expect(await run()).toMatchObject({ status: 'complete', counts: { updated: 4 } });
    expect(await db.query(`select * from tally where kind <> 'passed'`)).toEqual([]);
  });
});
