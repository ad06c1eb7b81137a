import { expect, test } from 'vitest';
import { ConnectorError } from '../../../connectors/contract.ts';
import { receive } from '../../../core/store/inbox.ts';
import { pump } from '../../../core/sync/realtime.ts';
import { runSync } from '../../../core/sync/run.ts';
import { openMemory } from '../../support/databases.ts';
import { atTick, MemoryTool, memoryHub } from '../../support/memory.ts';

const { signal } = new AbortController();

test('nobody is created while a create of whom they were merged with has no answer', async () => {
  const db = await openMemory();
  const [a, b] = [new MemoryTool('a'), new MemoryTool('b')];
  const { engine, sync } = memoryHub(db, [a, b], { hubId: true });
  const run = () => runSync(engine, sync, { mode: 'sync', signal });
  const reads = sync.members[1]!.tool.connector;
  const read = reads.read!;
  let deaf = false;
  reads.read = async (...call) => {
    if (deaf && 'by' in call[2]) throw new ConnectorError('transient', 'the tool does not answer');
    return read(...call);
  };
  const write = b.write.bind(b);
  b.write = (op) =>
    op.op === 'create' && op.fields.title === 'Bad'
      ? { key: op.key, status: 'failed', kind: 'rejected', message: 'no such title' }
      : write(op);

  const elder = a.put({ familyName: '薬袋', givenName: '美代', email: 'miyo@x.example', title: 'Bad' });
  expect(await run()).toMatchObject({ status: 'incomplete', reasons: [{ code: 'held' }] });
  a.put({ familyName: '薬袋', givenName: '美代', email: 'minai@y.example' });
  deaf = true;
  b.fate = () => 'lost';
  await run();
  b.fate = () => 'ok';
  expect(b.created).toBe(1);
  expect(await db.query(`select state from outbox order by state`)).toEqual([
    { state: 'held' },
    { state: 'unknown' },
  ]);

  // The two turn out to be one, and the elder's own create may leave again.
  const tell = async (fields: Record<string, string>) => {
    a.put(fields, elder);
    const record = a.records.get(elder)!;
    const change = { stream: 'people', id: elder, at: atTick(record.tick), op: 'upsert' as const };
    await receive(db, 'a', [{ ...change, fields: record.fields }], `a/${record.tick}`, new Date());
    await pump(engine, [sync], { signal, realtime: () => true });
  };
  await tell({ email: 'minai@y.example', title: 'Good' });
  expect(await db.query(`select id from golden where alias_of is null`)).toHaveLength(1);
  expect([b.created, b.live().length]).toEqual([1, 1]);
  deaf = false;
  expect(await run()).toMatchObject({ status: 'complete', counts: { created: 0 } });
  expect([b.created, b.live()[0]!.fields.title]).toEqual([1, 'Good']);
  expect(await run()).toMatchObject({ status: 'complete', counts: { created: 0, updated: 0 } });
  await db.close();
});
