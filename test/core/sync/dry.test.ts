import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Db } from '../../../core/store/db.ts';
import { addErasure, addErasureTools } from '../../../core/store/erasures.ts';
import { saveToolMerge } from '../../../core/store/tool-merges.ts';
import { planSyncs } from '../../../core/sync/dry.ts';
import { permitsOf } from '../../../core/sync/permits.ts';
import { runSync } from '../../../core/sync/run.ts';
import { openMemory } from '../../support/databases.ts';
import { emptyStore } from '../../support/emptyStore.ts';
import { type MemoryHub, MemoryTool, memoryHub, recordKey } from '../../support/memory.ts';

let db: Db;
beforeAll(async () => {
  db = await openMemory();
});
afterAll(() => db.close());

const person = (givenName: string, familyName: string) => ({
  ...{ givenName, familyName, title: 'x' },
  email: `${givenName}@${familyName}.example`.toLowerCase(),
});
const { signal } = new AbortController();

describe('what a plan lists', () => {
  let a: MemoryTool;
  let b: MemoryTool;
  let hub: MemoryHub;
  beforeEach(async () => {
    await emptyStore(db);
    [a, b] = [new MemoryTool('a'), new MemoryTool('b')];
    hub = memoryHub(db, [a, b]);
  });
  const sync = (permits?: Parameters<typeof runSync>[2]['permits']) =>
    runSync(hub.engine, hub.sync, { mode: 'sync', permits, signal });
  const plan = () => planSyncs(hub.engine, [hub.sync], { full: false, signal });

  test('links with their reason, doubts and golden records that become one; what is made by the plan alone is named by what is there', async () => {
    const ada = a.put(person('Ada', 'Abel'));
    const too = b.put(person('Ada', 'Abel'));
    const bo = a.put(person('Bo', 'Berg'));
    const first = await plan();
    const [adaKey, tooKey, boKey] = [recordKey(a, ada), recordKey(b, too), recordKey(a, bo)];
    expect(first.links).toEqual([
      {
        ...{ sync: 'people', goldenId: `new:${adaKey}`, record: tooKey, with: adaKey },
        why: expect.stringMatching(/^alike, weight \d/),
      },
    ]);
    expect(first.writes).toMatchObject([
      { op: 'create', connection: 'b', goldenId: `new:${boKey}`, id: null, records: [boKey] },
    ]);
    expect([first.merges, first.splits, first.reviews]).toEqual([[], [], []]);
    expect((await db.query(`select 1 from golden union select 1 from source_record`)).length).toBe(0);

    await sync();
    const joan = a.put(person('Joan', 'Quist'));
    const tove = b.put(person('Tove', 'Rask'));
    await sync();
    const ids = await db.query<{ id: string; key: string }>(
      `select golden_id as id, key from source_record where key = any($1::text[])`,
      [[recordKey(a, joan), recordKey(b, tove)]],
    );
    expect(new Set(ids.map(({ id }) => id)).size).toBe(2);
    b.put(person('Joan', 'Quist'), tove);
    const { merges } = await plan();
    expect(merges).toMatchObject([{ sync: 'people', why: expect.stringContaining('alike, weight') }]);
    expect(new Set([merges[0]!.goldenId, merges[0]!.into])).toEqual(new Set(ids.map(({ id }) => id)));
  });

  test('a write whose answer never came: it is looked up, as the sync does', async () => {
    a.put(person('Ada', 'Abel'));
    await sync();
    a.put(person('Bo', 'Berg'));
    a.put(person('Cy', 'Cole'));
    hub.sync.guards.maxChanged = 1;
    expect((await sync()).status).toBe('halted');
    hub.sync.guards.maxChanged = 1000;
    const payload = (email: string) => ({ fields: { email }, sent: {}, echo: {}, anchor: null, version: 1 });
    for (const email of ['bo@berg.example', 'cy@cole.example'])
      await db.query(
        `update outbox set state = 'unknown', attempts = 1, payload = $1::jsonb
         where golden_id = (select id from golden where values ->> 'email' = $2)`,
        [JSON.stringify(payload(email)), email],
      );
    const { writes } = await plan();
    expect(writes.map(({ op, changes }) => [op, changes.find(({ field }) => field === 'email')!.to])).toEqual(
      [
        ['create', 'bo@berg.example'],
        ['create', 'cy@cole.example'],
      ],
    );
    expect(await sync()).toMatchObject({ status: 'complete', counts: { created: 2 } });
  });

  test('a merge that a person approved in its tool, and a run of an older plan leaves it', async () => {
    const [one, two] = [a.put(person('Ada', 'Abel')), a.put(person('Ada', 'Abel'))];
    await sync();
    const before = await plan();
    for (const { stream } of hub.sync.members)
      if (stream.write) stream.write = { ...stream.write, ops: [...stream.write.ops, 'merge'] };
    for (const member of hub.sync.members) member.mergeInTool = 'review';
    const [winner, loser] = [recordKey(a, one), recordKey(a, two)];
    const at = hub.engine.now().toISOString();
    await saveToolMerge(db, { winner, loser, entity: 'person', state: 'approved', by: 'mika', at });
    expect((await plan()).writes).toMatchObject([
      { op: 'merge', connection: 'a', id: two, into: one, why: 'mika approved it', changes: [] },
    ]);
    expect(await db.query(`select state from tool_merge`)).toEqual([{ state: 'approved' }]);
    await sync(permitsOf(before.writes, 'people'));
    expect(await db.query(`select state from tool_merge`)).toEqual([{ state: 'approved' }]);
  });

  test('records of an erased person that wait to be deleted, and a run of an older plan leaves them', async () => {
    const id = a.put(person('Ada', 'Abel'));
    await sync();
    const before = await plan();
    const at = hub.engine.now().toISOString();
    await addErasure(db, { id: 'g_gone', entity: 'person', aliases: [], by: 'mika', at });
    const gone = { erasure: 'g_gone', connection: 'a', object: 'people', extId: id, personal: false };
    await addErasureTools(db, [{ ...gone, state: 'queued', reason: null }], at);
    expect((await plan()).writes).toMatchObject([
      { op: 'delete', connection: 'a', goldenId: 'g_gone', id, why: 'the person was erased' },
    ]);
    await sync(permitsOf(before.writes, 'people'));
    expect(a.deleted).toBe(0);
    await sync(permitsOf((await plan()).writes, 'people'));
    expect(a.deleted).toBe(1);
  });
});
