import { expect, test } from 'vitest';
import { runSync } from '../../../core/sync/run.ts';
import { DATABASES } from '../../support/databases.ts';
import { MemoryTool, memoryHub } from '../../support/memory.ts';

test.each(DATABASES)(
  'records merged in one tool bring their counterparts in the other together, over $name',
  async ({ open }) => {
    const db = await open();
    const tools = [new MemoryTool('a'), new MemoryTool('b')];
    const [a, b] = tools as [MemoryTool, MemoryTool];
    const { engine, sync } = memoryHub(db, tools);
    const run = () => runSync(engine, sync, { mode: 'sync', signal: new AbortController().signal });
    const miyo = { familyName: '薬袋', givenName: '美代', email: 'miyo@x.example', title: 'A' };
    const ken = { familyName: '佐藤', givenName: '健', email: 'ken@y.example', title: 'B' };
    // Both were entered by people in both tools: what links them is that they are alike.
    for (const tool of tools) for (const person of [miyo, ken]) tool.put(person);
    expect((await run()).counts).toMatchObject({ golden: 2, created: 0, updated: 0 });
    b.merge('b1', 'b2');
    expect(await run()).toMatchObject({ status: 'complete', counts: { golden: 1, created: 0 } });
    const titles = [...a.live(), ...b.live()].map(({ fields }) => fields.title);
    expect([titles.length, new Set(titles).size]).toEqual([3, 1]);
    expect((await run()).counts).toMatchObject({ golden: 1, created: 0, updated: 0 });
    await db.close();
  },
);
