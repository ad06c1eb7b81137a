import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { recordsByKey } from '../../../core/store/records.ts';
import { commitChanges } from '../../../core/sync/commit.ts';
import type { lookUp } from '../../../core/sync/lookup.ts';
import { lookUpUnknown } from '../../../core/sync/recover.ts';
import { runSync } from '../../../core/sync/run.ts';
import { openMemory } from '../../support/databases.ts';
import { atTick, MemoryTool, memoryHub, recordKey } from '../../support/memory.ts';

const shown = (tool: MemoryTool, id: string) => {
  const { fields, tick } = tool.records.get(id)!;
  return { stream: 'people', id, at: atTick(tick), op: 'upsert' as const, fields };
};

test('a create stays unanswered, and somebody edits the record before it is found: the edit is theirs', async () => {
  const db = await openMemory();
  const [a, b] = [new MemoryTool('a'), new MemoryTool('b')];
  const { engine, sync } = memoryHub(db, [a, b], { hubId: true });
  const run = () => runSync(engine, sync, { mode: 'sync', signal: new AbortController().signal });
  a.put({
    familyName: '薬袋',
    givenName: '美代',
    email: 'miyo@x.example',
    title: 'A',
    department: '人事部',
  });
  b.normalise = (field, value) => (field === 'department' ? `${value}  ` : value);
  const write = b.write.bind(b);
  b.write = (op) => {
    const outcome = write(op);
    if (op.op === 'create' && outcome.status === 'ok') b.put({ title: 'B' }, outcome.id);
    return outcome;
  };
  let answers = 0;
  b.fate = () => (answers++ === 0 ? 'lost' : 'ok');
  for (let n = 0; n < 3; n++) await run();
  expect([a.live().length, b.live().length, b.created]).toEqual([1, 1, 1]);
  expect([...a.live(), ...b.live()].map(({ fields }) => fields.title)).toEqual(['B', 'B']);
  const counts = [a.updated, b.updated];
  expect(a.live()[0]!.fields.department).toBe('人事部');
  expect((await run()).counts).toMatchObject({ golden: 1, created: 0, updated: 0 });
  expect([a.updated, b.updated]).toEqual(counts);
  await db.close();
});

test('an update stays unanswered and is found; a look that was asked before it and comes in later is no edit', async () => {
  const db = await openMemory();
  const [a, b] = [new MemoryTool('a'), new MemoryTool('b')];
  const { engine, sync } = memoryHub(db, [a, b], { hubId: true });
  const { signal } = new AbortController();
  const run = () => runSync(engine, sync, { mode: 'sync', signal });
  const id = a.put({ familyName: '薬袋', givenName: '美代', email: 'miyo@x.example', title: 'A' });
  await run();
  const mine = sync.members[1]!;
  const [copy] = b.live();
  a.put({ title: 'B' }, id);
  let asked = '';
  let late: Awaited<ReturnType<typeof lookUp>> = [];
  const write = b.write.bind(b);
  b.write = (op) => {
    asked = new Date().toISOString();
    late = [{ ...shown(b, op.op === 'update' ? op.id : '') }];
    return write(op);
  };
  b.fate = () => 'lost';
  await run();
  await sleep(2);
  await lookUpUnknown(engine, sync, mine, signal);
  const { news } = await commitChanges(db, engine, sync, mine, late, { readBack: false, asked });
  expect([news.edit, news.partly]).toEqual([0, 0]);
  b.fate = () => 'ok';
  await run();
  expect([...a.live(), ...b.live()].map(({ fields }) => fields.title)).toEqual(['B', 'B']);
  const stored = (await recordsByKey(db, [recordKey(b, copy!.id)])).get(recordKey(b, copy!.id))!;
  expect(stored.opinions).toEqual({});
  expect([a.updated, b.updated]).toEqual([0, 1]);
  await db.close();
});
