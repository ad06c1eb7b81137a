import { expect, test } from 'vitest';
import { ConnectorError } from '../../../connectors/contract.ts';
import { runSync } from '../../../core/sync/run.ts';
import { DATABASES } from '../../support/databases.ts';
import { MemoryTool, memoryHub } from '../../support/memory.ts';

const PEOPLE = 30;

test.each(DATABASES)(
  'a first sync that a tool broke off is still the first: no guard halts what is left of it, over $name',
  async ({ open }) => {
    const db = await open();
    const [a, b] = [new MemoryTool('a'), new MemoryTool('b')];
    const { engine, sync } = memoryHub(db, [a, b]);
    sync.guards = { ...sync.guards, maxChanged: 0.2 };
    const run = () => runSync(engine, sync, { mode: 'sync', signal: new AbortController().signal });
    for (let n = 0; n < PEOPLE; n++)
      a.put({ familyName: `Family${n}`, givenName: `Given${n}`, email: `p${n}@mail${n}.example` });
    let calls = 0;
    b.fate = () => {
      if (++calls > 1) throw new ConnectorError('quota', 'enough for today', { retryAfter: 60 });
      return 'ok';
    };
    expect((await run()).status).toBe('incomplete');
    expect(b.created).toBeLessThan(PEOPLE - 10);
    b.fate = () => 'ok';
    await db.query(`update outbox set due_at = now() - interval '1 second'`);
    expect(await run()).toMatchObject({ status: 'complete', reasons: [] });
    expect(b.created).toBe(PEOPLE);
    await db.close();
  },
);

test('a page that broke off is asked for again within the run', async () => {
  const db = await DATABASES[0]!.open();
  const [a, b] = [new MemoryTool('a'), new MemoryTool('b')];
  const { engine, sync } = memoryHub(db, [a, b]);
  a.put({ familyName: '薬袋', givenName: '誠', email: 'm@x.example' });
  const { read } = sync.members[0]!.tool.connector;
  let broken = 2;
  sync.members[0]!.tool.connector.read = async (...args) => {
    if (broken-- > 0) throw new ConnectorError('transient', 'the answer was cut short');
    return read!(...args);
  };
  const run = await runSync(engine, sync, { mode: 'sync', signal: new AbortController().signal });
  expect(run).toMatchObject({ status: 'complete', reasons: [] });
  expect(b.created).toBe(1);
  await db.close();
});
