import { expect, test } from 'vitest';
import { runSync } from '../../../core/sync/run.ts';
import { DATABASES } from '../../support/databases.ts';
import { MemoryTool, memoryHub } from '../../support/memory.ts';

test('when thousands are due one write carries them, and the rest goes in batches', async () => {
  const db = await DATABASES[0]!.open();
  const tools = [new MemoryTool('a'), new MemoryTool('b')];
  const put = (n: number) => {
    for (let i = 0; i < n; i++)
      tools[0]!.put({ familyName: `Name${tools[0]!.tick}`, email: `p${tools[0]!.tick}@x.example` });
  };
  const hub = memoryHub(db, tools, {});
  const sizes: number[] = [];
  const members = hub.sync.members.map((member) => {
    const { stream, tool } = member;
    const write: typeof tool.connector.write = (ctx, name, ops) => {
      sizes.push(ops.length);
      return tool.connector.write!(ctx, name, ops);
    };
    return {
      ...member,
      stream: { ...stream, write: stream.write && { ...stream.write, bulk: { from: 10, max: 12 } } },
      tool: { ...tool, connector: { ...tool.connector, write } },
    };
  });
  const { signal } = new AbortController();
  put(31);
  await runSync(hub.engine, { ...hub.sync, members }, { mode: 'sync', signal });
  expect(sizes).toEqual([12, 12, 4, 3]);
  expect(tools[1]!.created).toBe(31);
  await db.close();
});

test('when a batch of thousands breaks off while it is stored, what was stored stays, the rest is looked up, and nobody is made twice', async () => {
  const db = await DATABASES[0]!.open();
  const tools = [new MemoryTool('a'), new MemoryTool('b')];
  const rows = 2200;
  tools[0]!.pageSize = tools[1]!.pageSize = 1000;
  for (let i = 0; i < rows; i++)
    tools[0]!.put({ familyName: `Name${i}`, givenName: `Given${i}`, email: `p${i}@x${i}.example` });
  /** Transactions from now on until one fails; undefined: none does. */
  let left: number | undefined;
  const failing: typeof db = {
    ...db,
    transaction: (work) => {
      if (left !== undefined && --left === 0) throw new Error('the database broke off');
      return db.transaction(work);
    },
  };
  const { signal } = new AbortController();
  const run = async (over: typeof db) => {
    const hub = memoryHub(over, tools, { hubId: true });
    const members = hub.sync.members.map((member) => ({
      ...member,
      // The other tool's claims would be transactions as well.
      writes: member.tool.name === 'b',
      stream: { ...member.stream, write: member.stream.write && { ...member.stream.write, maxBatch: 5000 } },
    }));
    return runSync(hub.engine, { ...hub.sync, members }, { mode: 'sync', signal });
  };
  tools[1]!.fate = () => {
    // The first page of what the tool answered is stored, the second is not.
    left = 2;
    return 'ok';
  };
  await expect(run(failing)).rejects.toThrow('the database broke off');
  const states = await db.query(`select state, count(*)::int as n from outbox group by state`);
  expect(states).toEqual([{ state: 'unknown', n: rows - 1000 }]);
  tools[1]!.fate = () => 'ok';
  left = undefined;
  expect(await run(db)).toMatchObject({ status: 'complete' });
  expect(tools[1]!.created).toBe(rows);
  expect(tools[1]!.live()).toHaveLength(rows);
  expect(await db.query(`select 1 from outbox`)).toEqual([]);
  await db.close();
}, 120_000);
