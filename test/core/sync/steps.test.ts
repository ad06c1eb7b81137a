import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Db } from '../../../core/store/db.ts';
import { memoryOf, runById } from '../../../core/store/runs.ts';
import type { Engine } from '../../../core/sync/ports.ts';
import { AlreadyRunning, startRun, stepRun } from '../../../core/sync/steps.ts';
import { DATABASES } from '../../support/databases.ts';
import { emptyStore } from '../../support/emptyStore.ts';
import { MemoryTool, memoryHub } from '../../support/memory.ts';

const { signal } = new AbortController();

describe.each(DATABASES)('a run, step by step, over $name', ({ open }) => {
  let db: Db;
  let tools: MemoryTool[];
  let alive: Set<string>;
  beforeEach(async () => {
    db ??= await open();
    alive = new Set();
    tools = [new MemoryTool('a'), new MemoryTool('b')];
    tools[0]!.put({ familyName: '佐藤', givenName: '健', email: 'ken@x.example' });
  });
  afterEach(() => emptyStore(db));
  afterAll(() => db?.close());

  const hubOf = (owner: string, inner = db) => {
    const hub = memoryHub(inner, tools, { owner });
    const engine: Engine = { ...hub.engine, isAlive: async (other) => other === owner || alive.has(other) };
    return { ...hub, engine };
  };
  const begin = async () => {
    const { engine, sync } = hubOf('starter');
    return (await startRun(engine, sync, { mode: 'sync', handOver: true })).id;
  };
  const step = (owner: string, id: string, inner = db) => {
    const { engine, sync } = hubOf(owner, inner);
    return stepRun(engine, sync, id, { signal });
  };

  test('every step by another owner, to complete: nobody holds it in between, and nobody else may start it', async () => {
    const id = await begin();
    for (let n = 0; n < 50; n++) {
      const { run, next } = await step(`owner-${n}`, id);
      if (next === 'done') break;
      expect(run.status).toBe('running');
      expect((await runById(db, id))!.owner).toBe(null);
      const { engine, sync } = hubOf('another');
      await expect(startRun(engine, sync, { mode: 'sync' })).rejects.toThrow(AlreadyRunning);
    }
    expect(await runById(db, id)).toMatchObject({ status: 'complete', counts: { read: 1, created: 1 } });
    expect(tools.map((tool) => tool.created)).toEqual([0, 1]);
    expect((await step('late', id)).next).toBe('done');
  });

  test('while a living owner holds it, everybody else is sent away; once it is dead, the next one takes over', async () => {
    const id = await begin();
    await db.query(`update run set owner = 'holder' where id = $1`, [id]);
    alive.add('holder');
    expect((await step('other', id)).next).toBe('busy');
    expect((await runById(db, id))!.owner).toBe('holder');
    alive.delete('holder');
    expect((await step('other', id)).next).toBe('now');
    expect((await runById(db, id))!.owner).toBe(null);
  });

  test('a step that breaks is not taken: counted, free for the next try, and its fault remembered', async () => {
    const id = await begin();
    const broken: Db = { ...db, transaction: () => Promise.reject(new Error('the disk is full')) };
    for (const failures of [1, 2]) {
      await expect(step('unlucky', id, broken)).rejects.toThrow('the disk is full');
      expect(await memoryOf(db, id)).toMatchObject({ failures, fault: 'the disk is full', recover: true });
      expect(await runById(db, id)).toMatchObject({ owner: null, phase: 'pull', streams: {} });
    }
    await step('lucky', id);
    expect(await memoryOf(db, id)).toMatchObject({ failures: 0, fault: null, recover: false });
  });

  test('who was taken for dead saves nothing over the one who took over', async () => {
    const id = await begin();
    const stolen: Db = {
      ...db,
      async query(text, params) {
        if (text.startsWith('update run set status'))
          await db.query(`update run set owner = 'thief' where id = $1`, [id]);
        return db.query(text, params);
      },
    };
    const before = await runById(db, id);
    alive.add('thief');
    expect((await step('slow', id, stolen)).next).toBe('busy');
    expect(await runById(db, id)).toMatchObject({ owner: 'thief', counts: before!.counts });
  });
});
