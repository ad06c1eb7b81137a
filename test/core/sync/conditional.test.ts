import { expect, test } from 'vitest';
import { saveRefusals } from '../../../core/store/refusals.ts';
import { deliverBatch } from '../../../core/sync/deliver.ts';
import { LANE } from '../../../core/sync/intents.ts';
import { DEFAULT_EDITS } from '../../../core/sync/ports.ts';
import { pullPage } from '../../../core/sync/pull.ts';
import { resolvePage } from '../../../core/sync/resolve.ts';
import { runSync } from '../../../core/sync/run.ts';
import { openMemory } from '../../support/databases.ts';
import { MemoryTool, memoryHub } from '../../support/memory.ts';

const { signal } = new AbortController();

test('law 4: a write that has used up its conditional tries is looked at again before it leaves', async () => {
  const db = await openMemory();
  const [a, b] = [new MemoryTool('a'), new MemoryTool('b')];
  const { engine, sync } = memoryHub(db, [a, b]);
  sync.edits = { ...DEFAULT_EDITS, lookAgain: 0 };
  const run = () => runSync(engine, sync, { mode: 'sync', signal });
  const id = a.put({ email: 'p@x.example', familyName: 'Family', givenName: 'Given', title: 'Clerk' });
  expect(await run()).toMatchObject({ status: 'complete' });
  a.put({ title: 'Baker' }, id);
  await pullPage(engine, sync, sync.members[0]!, false, signal);
  await resolvePage(engine, sync, LANE.incremental);
  // The tool counts versions, was away for some tries, and somebody has edited the record meanwhile.
  b.tick = 1000;
  const copy = b.live()[0]!.id;
  b.put({ title: 'Butcher' }, copy);
  await db.query(`update source_record set version = 'v1' where connection = 'b'`);
  await db.query(`update outbox set attempts = 3`);
  await deliverBatch(engine, sync, sync.members[1]!, 'update', signal);
  expect(b.records.get(copy)!.fields.title).toBe('Butcher');
  await run();
  expect(a.records.get(id)!.fields.title).toBe('Butcher');
  await db.close();
});

test('a value that is refused in two fields at once is one refusal', async () => {
  const db = await openMemory();
  const row = {
    goldenId: 'g',
    mapping: 'm',
    target: '',
    attribute: 'address',
    value: 'x',
    field: 'street',
    message: 'no',
  };
  await saveRefusals(db, [row, { ...row, field: 'city' }], new Date().toISOString());
  expect(await db.query(`select attribute from refusal`)).toEqual([{ attribute: 'address' }]);
  await db.close();
});
