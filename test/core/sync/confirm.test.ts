import { expect, test } from 'vitest';
import { receive } from '../../../core/store/inbox.ts';
import { confirmPage } from '../../../core/sync/confirm.ts';
import { takeIn } from '../../../core/sync/intake.ts';
import { runSync } from '../../../core/sync/run.ts';
import { DATABASES } from '../../support/databases.ts';
import { MemoryTool, memoryHub, recordKey } from '../../support/memory.ts';

test.each(DATABASES)(
  'a deletion that a webhook tells while the tool is being asked stays, on $name',
  async ({ open }) => {
    const db = await open();
    const tool = new MemoryTool('a');
    const { engine, sync } = memoryHub(db, [tool]);
    const { signal } = new AbortController();
    const id = tool.put({ familyName: '薬袋', givenName: '誠' });
    const key = recordKey(tool, id);
    await runSync(engine, sync, { mode: 'sync', signal });
    await db.query(`update source_record set confirm = true where key = $1`, [key]);
    const [member] = sync.members;
    const { connector } = member!.tool;
    const read = connector.read!;
    connector.read = async (...asked) => {
      tool.remove(id);
      const at = '2026-06-01T00:00:00.000Z';
      await receive(db, 'a', [{ stream: 'people', id, at, op: 'delete' }], 'a/1', new Date());
      expect((await takeIn(engine, [sync], 'a', signal)).events).toBe(1);
      return read.apply(connector, asked);
    };
    expect(await confirmPage(engine, sync, member!, signal)).toBe(1);
    expect(await db.query(`select deleted, confirm, dirty from source_record where key = $1`, [key])).toEqual(
      [{ deleted: true, confirm: false, dirty: true }],
    );
    await db.close();
  },
);
