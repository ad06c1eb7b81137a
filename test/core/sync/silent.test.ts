/** Law 2: a process that fell silent and speaks again settles only what is still its own. */
import { describe, expect, test } from 'vitest';
import type { Outcome } from '../../../connectors/contract.ts';
import { deliverBatch } from '../../../core/sync/deliver.ts';
import { LANE } from '../../../core/sync/intents.ts';
import { lookUpUnknown, recoverOrphans } from '../../../core/sync/recover.ts';
import { resolvePage } from '../../../core/sync/resolve.ts';
import { runSync } from '../../../core/sync/run.ts';
import { DATABASES } from '../../support/databases.ts';
import { MemoryTool, memoryHub } from '../../support/memory.ts';

const { signal } = new AbortController();

/** A hub whose second tool is about to be written to, seen by the process that falls silent and by the one that takes over. */
async function world(open: (typeof DATABASES)[number]['open'], op: 'create' | 'update') {
  const db = await open();
  const [a, b] = [new MemoryTool('a'), new MemoryTool('b')];
  const hub = memoryHub(db, [a, b], { owner: 'silent', hubId: true });
  const other = memoryHub(db, [a, b], { owner: 'other', hubId: true });
  const person = { familyName: '薬袋', givenName: '誠', email: 'm@x.example', title: 'v0' };
  if (op === 'update') a.put(person);
  await runSync(hub.engine, hub.sync, { mode: 'sync', signal });
  if (op === 'update') a.put({ title: 'v1' }, 'a1');
  else a.put(person);
  const noWrites = { ...hub.sync, members: hub.sync.members.map((one) => ({ ...one, writes: false })) };
  await runSync(hub.engine, noWrites, { mode: 'sync', signal });
  await db.query(`update source_record set dirty = true`);
  await resolvePage(hub.engine, hub.sync, LANE.incremental);
  /** The other process finds the silent one dead, and nothing of its write in the tool. */
  const takeOver = async () => {
    expect(await recoverOrphans(other.engine)).toBe(1);
    expect((await lookUpUnknown(other.engine, other.sync, other.sync.members[1]!, signal)).settled).toBe(1);
  };
  const send = ({ engine, sync }: typeof hub) => deliverBatch(engine, sync, sync.members[1]!, op, signal);
  const row = () => db.query(`select state, owner, attempts from outbox where mapping = 'b-people'`);
  return { db, b, hub, other, takeOver, send, row };
}

/** Two processes: a server. */
const POSTGRES = DATABASES.filter(({ name }) => name === 'PostgreSQL');

describe.each(POSTGRES)('a process falls silent while it writes', ({ open }) => {
  test.each<[string, Partial<Outcome>]>([
    ['was taken', { status: 'ok', id: 'b1' }],
    ['failed', { status: 'failed', kind: 'transient', message: '503' }],
    ['got no answer', { status: 'unknown' }],
  ])('that its write %s says nothing of the one that is in flight since', async (_, answer) => {
    const { db, b, hub, other, takeOver, send, row } = await world(open, 'update');
    let second: Promise<unknown> = Promise.resolve();
    let land = () => {};
    const landing = new Promise<void>((resolve) => {
      land = resolve;
    });
    const taken = new Promise<void>((resolve) => {
      const theirs = other.sync.members[1]!.tool.connector;
      const write = theirs.write!;
      theirs.write = async (...said) => {
        resolve();
        await landing;
        return write(...said);
      };
    });
    hub.sync.members[1]!.tool.connector.write = async (_ctx, _stream, ops) => {
      await takeOver();
      second = send(other);
      await taken;
      return ops.map(({ key }) => ({ key, ...answer }) as Outcome);
    };
    await send(hub);
    expect(await row()).toEqual([{ state: 'sending', owner: 'other', attempts: 2 }]);
    land();
    await second;
    expect(await row()).toEqual([]);
    expect(b.live().map(({ fields }) => fields.title)).toEqual(['v1']);
    await db.close();
  });

  test('a create that was taken after all is not made again', async () => {
    const { db, b, hub, other, takeOver, send, row } = await world(open, 'create');
    const { connector } = hub.sync.members[1]!.tool;
    const write = connector.write!;
    connector.write = async (...said) => {
      await takeOver();
      return write.apply(connector, said);
    };
    await send(hub);
    expect(await row()).toEqual([]);
    expect((await send(other)).claimed).toBe(0);
    await runSync(other.engine, other.sync, { mode: 'sync', signal });
    expect([b.created, b.updated]).toEqual([1, 0]);
    await db.close();
  });
});
