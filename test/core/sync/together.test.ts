import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Db } from '../../../core/store/db.ts';
import { runSync } from '../../../core/sync/run.ts';
import { openMemory } from '../../support/databases.ts';
import { emptyStore } from '../../support/emptyStore.ts';
import { type MemoryHub, MemoryTool, memoryHub } from '../../support/memory.ts';

let db: Db;
beforeAll(async () => {
  db = await openMemory();
});
afterAll(() => db.close());
beforeEach(() => emptyStore(db));

const sync = (hub: MemoryHub) =>
  runSync(hub.engine, hub.sync, { mode: 'sync', signal: new AbortController().signal });

interface GoldenLine {
  id: string;
  alias_of: string | null;
  live: boolean;
  values: Record<string, unknown>;
}
const goldens = () =>
  db.query<GoldenLine & Record<string, unknown>>(
    `select id, alias_of, live, values from golden order by created_at, id`,
  );
const homes = () =>
  db.query<{ key: string; golden_id: string | null; deleted: boolean; dirty: boolean }>(
    `select key, golden_id, deleted, dirty from source_record order by key`,
  );

/** The edit is the newest word of all: both tools share one clock. */
function edit(
  tools: readonly MemoryTool[],
  tool: MemoryTool,
  id: string,
  fields: Record<string, string>,
): void {
  const tick = Math.max(...tools.map((one) => one.tick));
  for (const one of tools) one.tick = tick;
  tool.put(fields, id);
}

describe('two golden records, delivered to both tools, that an edit makes alike', () => {
  const KEN = { familyName: '勅使河原', givenName: '健', email: 'ken@alpha.example', title: '部長' };
  const NAMESAKE = {
    familyName: '勅使河原',
    givenName: '健',
    email: 'k.teshigawara@beta.example',
    phone: '+81312345678',
  };

  test.each([
    { name: 'both first seen in one tool', from: [0, 0], where: 0 },
    { name: 'each first seen in its own tool', from: [0, 1], where: 1 },
    { name: 'the edit is made in the copy that the hub made', from: [0, 0], where: 1 },
  ] as const)('become one: $name', async ({ from, where }) => {
    const tools = [new MemoryTool('a'), new MemoryTool('b')];
    const hub = memoryHub(db, tools);
    tools[from[0]]!.put(KEN);
    tools[from[1]]!.put(NAMESAKE);
    await sync(hub);
    expect((await sync(hub)).status).toBe('complete');
    const before = await goldens();
    expect(before.map(({ alias_of, live }) => [alias_of, live])).toEqual([
      [null, true],
      [null, true],
    ]);
    expect(tools.map((tool) => tool.live().length)).toEqual([2, 2]);

    const second = tools[where]!.live().find(({ fields }) => fields.email === NAMESAKE.email)!;
    edit(tools, tools[where]!, second.id, { email: KEN.email });
    const result = await sync(hub);
    expect(result.status).toBe('complete');
    expect(result.counts).toMatchObject({ merged: 1, created: 0, failed: 0 });

    const after = await goldens();
    expect(after.map((row) => row.id)).toEqual(before.map((row) => row.id));
    const survivor = after.filter((row) => row.live);
    expect(survivor.length).toBe(1);
    expect(survivor[0]).toMatchObject({
      id: before[0]!.id,
      alias_of: null,
      values: { ...KEN, phone: NAMESAKE.phone },
    });
    expect(after.find((row) => !row.live)).toMatchObject({ alias_of: survivor[0]!.id });

    const records = await homes();
    expect(records.length).toBe(4);
    for (const record of records)
      expect(record).toMatchObject({ golden_id: survivor[0]!.id, deleted: false, dirty: false });
    expect(await db.query(`select * from outbox where state <> 'held'`)).toEqual([]);

    for (const tool of tools)
      for (const { fields } of tool.live()) expect(fields).toMatchObject({ ...KEN, phone: NAMESAKE.phone });

    const written = tools.map((tool) => tool.created + tool.updated);
    for (let i = 0; i < 2; i++) {
      const again = await sync(hub);
      expect(again.status).toBe('complete');
      expect(again.counts).toMatchObject({ created: 0, updated: 0, merged: 0, linked: 0 });
    }
    expect(tools.map((tool) => tool.created + tool.updated)).toEqual(written);
    expect(tools.map((tool) => tool.noops)).toEqual([0, 0]);
    expect(await goldens()).toEqual(after);
  });
});
