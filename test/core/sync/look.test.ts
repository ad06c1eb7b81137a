/** Records are looked at again before they are written to, and it costs as little as it can. */
import { expect, test } from 'vitest';
import { receive } from '../../../core/store/inbox.ts';
import { LANE } from '../../../core/sync/intents.ts';
import { resolvePage } from '../../../core/sync/resolve.ts';
import { runSync } from '../../../core/sync/run.ts';
import { errandsOf, writeBack } from '../../../core/sync/writeBack.ts';
import { DATABASES } from '../../support/databases.ts';
import { MemoryTool, memoryHub } from '../../support/memory.ts';

const { signal } = new AbortController();
const POSTGRES = DATABASES.filter(({ name }) => name === 'PostgreSQL');

async function world(open: (typeof POSTGRES)[number]['open'], lookAgain: number) {
  const db = await open();
  const [a, b] = [new MemoryTool('a'), new MemoryTool('b')];
  a.pageSize = b.pageSize = 50;
  const { engine, sync } = memoryHub(db, [a, b]);
  sync.edits = { lookAgain, rounds: 4, within: 3600 };
  const people = ['薬袋', '勅使河原', 'Okafor', 'Lindqvist', 'Nguyen', '五十嵐'];
  for (const [i, familyName] of people.entries())
    for (const tool of [a, b])
      tool.put({ familyName, givenName: `G${i}`, email: `p${i}@mail${i}.example`, title: 'v0' });
  const run = async () => {
    a.tick = b.tick = Math.max(a.tick, b.tick);
    b.calls = 0;
    return runSync(engine, sync, { mode: 'sync', signal });
  };
  expect((await run()).counts.golden).toBe(people.length);
  const shown = () => b.live().map(({ fields }) => fields.title);
  return { db, engine, sync, stream: sync.members[1]!.stream, a, b, people, run, shown };
}

/** A person edits the last record just before the read that follows the pull. */
function overtake({ b }: Awaited<ReturnType<typeof world>>, connector: { read?: unknown }, nth: number) {
  const own = connector as { read: (...asked: unknown[]) => Promise<unknown> };
  const read = own.read;
  let n = 0;
  own.read = (...asked) => {
    if (++n === nth) {
      b.tick += 100;
      b.put({ title: 'theirs' }, `b${b.live().length}`);
    }
    return read.apply(connector, asked);
  };
}

test.each(POSTGRES)('thousands are looked at by one read of what has changed', async ({ open }) => {
  const it = await world(open, 0);
  it.stream.write = { ...(it.stream.write || never()), maxBatch: 2, bulk: { from: 5, max: 100 } };
  for (const i of it.people.keys()) it.a.put({ title: 'ours' }, `a${i + 1}`);
  overtake(it, it.sync.members[1]!.tool.connector, 2);
  await it.run();
  expect(it.shown()).toEqual([...Array(it.people.length - 1).fill('ours'), 'theirs']);
  expect(it.a.live().at(-1)!.fields.title).toBe('theirs');
  // The pull, the look, one write of all.
  expect(it.b.calls).toBe(3);
  await it.db.close();
});

test.each(POSTGRES)(
  'a stream that webhooks told of today needs no look; one that none told of does',
  async ({ open }) => {
    const it = await world(open, 1);
    const later = { ...it.engine, now: () => new Date(Date.now() + 5000) };
    const write = async (title: string) => {
      for (const tool of [it.a, it.b]) tool.tick = Math.max(it.a.tick, it.b.tick);
      it.a.put({ title }, 'a1');
      const quiet = { ...it.sync, members: it.sync.members.map((one) => ({ ...one, writes: false })) };
      await runSync(it.engine, quiet, { mode: 'sync', signal });
      await it.db.query(`update source_record set dirty = true`);
      // The stream was read a while ago; only the other is read now.
      const [first, second] = it.sync.members;
      it.b.calls = 0;
      const members = [first!, { ...second!, reads: true }];
      const read = second!.tool.connector.read!;
      const looks: unknown[] = [];
      second!.tool.connector.read = async (...asked) => {
        if ('by' in asked[2]) looks.push(asked[2]);
        return read(...asked);
      };
      await resolvePage(it.engine, it.sync, LANE.incremental);
      const [errand] = await errandsOf(later, [{ ...it.sync, members }]);
      await writeBack(later, errand!, signal);
      second!.tool.connector.read = read;
      expect(it.shown()[0]).toBe(title);
      return looks.length;
    };
    expect(await write('v1')).toBe(1);
    const at = new Date().toISOString();
    await receive(it.db, 'b', [{ stream: 'others', id: 'x', at, op: 'touch' }], 'b/1', new Date());
    expect(await write('v2')).toBe(1);
    await receive(it.db, 'b', [{ stream: 'people', id: 'b6', at, op: 'touch' }], 'b/2', new Date());
    expect(await write('v3')).toBe(0);
    await it.db.close();
  },
);

function never(): never {
  throw new Error('the stream cannot be written to');
}
