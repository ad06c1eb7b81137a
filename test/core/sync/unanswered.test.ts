import { expect, test } from 'vitest';
import { runSync } from '../../../core/sync/run.ts';
import { openMemory } from '../../support/databases.ts';
import { MemoryTool, memoryHub } from '../../support/memory.ts';

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
