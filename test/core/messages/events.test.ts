/** What happens to golden records, told to the outside beside the change itself. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Db } from '../../../core/store/db.ts';
import { decide } from '../../../core/sync/decide.ts';
import { planSyncs } from '../../../core/sync/dry.ts';
import { runSync } from '../../../core/sync/run.ts';
import { DATABASES } from '../../support/databases.ts';
import { emptyStore } from '../../support/emptyStore.ts';
import { type MemoryHub, MemoryTool, memoryHub, recordKey } from '../../support/memory.ts';

const KEN = { familyName: '勅使河原', givenName: '健', email: 'ken@alpha.example', title: 'cold' };
const ADA = { familyName: 'Lovelace', givenName: 'Ada', email: 'ada@b.example', title: 'cold' };

interface Told {
  type: string;
  data: {
    id?: string;
    into?: string | string[];
    golden?: { id: string; values: Record<string, unknown>; records: { id: string }[] };
    previous?: unknown;
    changed?: unknown;
    records?: { id: string; golden: string }[];
  };
}

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
    await emptyStore(db);
    await db.query(`truncate message, message_attempt`);
    tool = new MemoryTool('a');
    hub = memoryHub(db, [tool]);
    woken = 0;
    hub.engine.webhooks = [{ to: 'sales', events: ['created', 'updated', 'merged', 'split'] }];
    hub.engine.told = () => {
      woken++;
    };
  });
  const signal = new AbortController().signal;
  const sync = () => runSync(hub.engine, hub.sync, { mode: 'sync', signal });
  const told = async (to = 'sales') =>
    (
      await db.query<{ body: string }>(
        `select body from message where connection = $1 order by created_at, id`,
        [to],
      )
    ).map(({ body }) => JSON.parse(body) as Told);
  const forget = () => db.query(`truncate message, message_attempt`);

  test('nobody hears of what was there before; then of what is new and what changes, once each', async () => {
    const ken = tool.put(KEN);
    await sync();
    expect(await told()).toEqual([]);
    const ada = tool.put(ADA);
    await sync();
    tool.put({ title: 'hot' }, ken);
    await sync();
    await sync();
    const [created, updated, ...more] = await told();
    expect(more).toEqual([]);
    expect(created).toMatchObject({
      type: 'golden.created',
      data: { golden: { values: { givenName: 'Ada' }, records: [{ id: ada }] }, previous: null },
    });
    expect(updated).toMatchObject({
      type: 'golden.updated',
      data: {
        golden: { values: { givenName: '健', title: 'hot' }, records: [{ id: ken }] },
        previous: { title: 'cold' },
        changed: { title: { from: 'cold', to: 'hot' } },
      },
    });
    expect(woken).toBe(2);
    tool.put({ title: 'warm' }, ken);
    await planSyncs(hub.engine, [hub.sync], { full: false, signal });
    expect(await told()).toHaveLength(2);
  });

  test('who became one with whom, and who fell apart: by people’s hands, each once, and again when it happens again', async () => {
    const [ken, ada] = [tool.put(KEN), tool.put(ADA)];
    await sync();
    const [a, b] = [recordKey(tool, ken), recordKey(tool, ada)];
    const ask = (kind: 'link' | 'apart') =>
      decide(hub.engine, async () => [hub.sync], { kind, a, b }, { by: 'mika' }, { force: true });
    await ask('link');
    const [merged] = (await told()).filter(({ type }) => type === 'golden.merged');
    expect(merged!.data.id).not.toBe(merged!.data.into);
    expect(merged!.data.golden).toMatchObject({ id: merged!.data.into });
    expect(merged!.data.golden!.records.map(({ id }) => id).sort()).toEqual([ken, ada].sort());
    await forget();
    await ask('apart');
    const [split, ...more] = (await told()).filter(({ type }) => type === 'golden.split');
    expect(more).toEqual([]);
    expect(split!.data.id).toBe(merged!.data.into);
    expect(new Set(split!.data.records!.map(({ golden }) => golden)).size).toBe(2);
    expect(split!.data.records!.map(({ id }) => id).sort()).toEqual([ken, ada].sort());
    expect(split!.data.into).toContain(merged!.data.id);
    const [again] = (await told()).filter(({ type }) => type === 'golden.created');
    expect(again!.data).toMatchObject({ previous: null, golden: { id: merged!.data.id } });
    await ask('link');
    await ask('apart');
    for (const type of ['split', 'created'])
      expect((await told()).filter((message) => message.type === `golden.${type}`)).toHaveLength(2);
  });

  test('each receiver hears only of what it asked for', async () => {
    hub.engine.webhooks = [
      { to: 'sales', events: ['created'] },
      { to: 'crew', events: ['updated'], entity: 'person' },
      { to: 'books', events: ['created', 'updated'], entity: 'company' },
    ];
    const ken = tool.put(KEN);
    await sync();
    tool.put(ADA);
    tool.put({ title: 'hot' }, ken);
    await sync();
    expect((await told('sales')).map(({ type }) => type)).toEqual(['golden.created']);
    expect((await told('crew')).map(({ type }) => type)).toEqual(['golden.updated']);
    expect(await told('books')).toEqual([]);
  });
});
