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
