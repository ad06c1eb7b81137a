/** What waits to be written when another account takes the place of the one that it was meant for. */
import { describe, expect, test } from 'vitest';
import { causeOf } from '../../../api/cli/commands/failures/causes.ts';
import { createBlocks } from '../../../api/secrets/blocks.ts';
import type { Op, Outcome } from '../../../connectors/contract.ts';
import { keepAccount, replaceAccount } from '../../../core/store/accounts.ts';
import type { Db } from '../../../core/store/db.ts';
import { retryFailures, stuckWrites } from '../../../core/store/failures.ts';
import { receive } from '../../../core/store/inbox.ts';
import { decide } from '../../../core/sync/decide.ts';
import { erase } from '../../../core/sync/erase/erase.ts';
import { eraseInTools, erasingStream } from '../../../core/sync/erase/tools.ts';
import { takeIn } from '../../../core/sync/intake.ts';
import { LANE } from '../../../core/sync/intents.ts';
import type { Engine, Sync } from '../../../core/sync/ports.ts';
import { resolvePage } from '../../../core/sync/resolve.ts';
import { runSync } from '../../../core/sync/run.ts';
import { decideToolMerge } from '../../../core/sync/toolMerges.ts';
import { errandsOf, writeBack } from '../../../core/sync/writeBack.ts';
import { DATABASES } from '../../support/databases.ts';
import { MemoryTool, memoryHub, recordKey } from '../../support/memory.ts';

const { signal } = new AbortController();
const AT = '2026-06-01T00:00:00.000Z';

/** Two tools that agree; then the credentials of b lead to another account, which a person has confirmed and nobody has asked for. */
async function moved(db: Db) {
  const [a, b] = [new MemoryTool('a'), new MemoryTool('b')];
  const { engine, sync } = memoryHub(db, [a, b]);
  engine.blocks = createBlocks([], () => new Date());
  const [, member] = sync.members as [unknown, (typeof sync.members)[number]];
  member.stream.write = { ...(member.stream.write || never()), ops: ['create', 'update', 'delete', 'merge'] };
  member.mergeInTool = 'review';
  for (let i = 0; i < 4; i++)
    a.put(
      { familyName: `Family${i}`, givenName: `Given${i}`, email: `p${i}@m${i}.example`, title: 'v0' },
      `p${i}`,
    );
  const run = () => runSync(engine, sync, { mode: 'sync', signal });
  expect(await run()).toMatchObject({ status: 'complete' });
  expect(b.created).toBe(4);

  const said: string[] = [];
  const { connector } = member.tool;
  const { read, write } = connector as Required<typeof connector>;
  connector.read = async (ctx, stream, select, fields) => {
    const page = await read.call(connector, ctx, stream, select, fields);
    if ('since' in select && page.done) said.push('read');
    return page;
  };
  connector.write = async (ctx, stream, ops): Promise<Outcome[]> => {
    said.push(...ops.map(({ op }: Op) => op));
    const [op] = ops;
    if (op?.op !== 'merge') return write.call(connector, ctx, stream, ops);
    b.merge(op.into, op.id);
    return [{ key: op.key, status: 'ok', id: op.into }];
  };
  const toBe = async () => {
    await keepAccount(db, 'b', 'before', 'x', AT);
    member.tool.account = async () => {
      await db.transaction((tx) => replaceAccount(tx, 'b', 'other', 'y', AT, ['b-people']));
      return 'other';
    };
  };
  return { a, b, engine, sync, run, said, toBe };
}

/** A webhook of the first tool tells of an edit; its write to the second waits. */
async function edited(db: Db, engine: Engine, sync: Sync): Promise<void> {
  const fields = { title: 'v1', email: 'p0@m0.example' };
  await receive(db, 'a', [{ stream: 'people', id: 'p0', at: AT, op: 'upsert', fields }], 'm1', new Date(AT));
  await takeIn(engine, [sync], 'a', signal);
  while ((await resolvePage(engine, sync, LANE.incremental)).more);
}

describe.each(DATABASES)('on $name', ({ open }) => {
  test('a write that waits is not sent before the other account has been read', async () => {
    const db = await open();
    const { b, engine, sync, run, said, toBe } = await moved(db);
    await edited(db, engine, sync);
    await toBe();
    for (let again = 0; again < 2; again++) {
      const [errand] = await errandsOf(engine, [sync]);
      expect(errand!.due).toMatchObject([{ mapping: 'b-people', op: 'update' }]);
      const { left } = await writeBack(engine, errand!, signal);
      expect(left).toMatchObject([{ message: expect.stringContaining('has not been read to its end yet') }]);
    }
    expect(said).toEqual([]);
    expect(await run()).toMatchObject({ status: 'complete' });
    expect(said).toEqual(['read', 'update']);
    expect(b.live().filter(({ fields: { title } }) => title === 'v1')).toHaveLength(1);
    await db.close();
  });

  test('what waits for an object that is only written to is held for a person', async () => {
    const db = await open();
    const { engine, sync, said, toBe } = await moved(db);
    const [, member] = sync.members as [unknown, (typeof sync.members)[number]];
    member.reads = false;
    await db.query(`delete from cursor where mapping = 'b-people'`);
    await edited(db, engine, sync);
    await toBe();
    const [errand] = await errandsOf(engine, [sync]);
    expect(errand!.due).toMatchObject([{ mapping: 'b-people', op: 'update' }]);
    await writeBack(engine, errand!, signal);
    expect(said).toEqual([]);
    const [held] = await stuckWrites(db);
    expect(held).toMatchObject({ state: 'held', error: { kind: 'other-account' } });
    const { cause, fix } = causeOf({ ...held!.error!, field: '', connection: 'b', object: 'people' });
    expect([cause, fix]).toEqual([
      'meant for another account',
      expect.stringContaining("run 'nayose failures --retry'"),
    ]);

    await retryFailures(db, ['b-people'], AT);
    await writeBack(engine, (await errandsOf(engine, [sync]))[0]!, signal);
    expect(said).toEqual(['update']);
    await db.close();
  });

  test('nor is a merge or an erasure that a person asked for', async () => {
    const db = await open();
    const { a, b, engine, sync, run, said, toBe } = await moved(db);
    const by = { by: 'mika', reason: null };
    const [one, two, gone] = ['p0', 'p1', 'p2'].map((id) => recordKey(a, id)) as [string, string, string];
    const goldenOf = async (key: string) =>
      (await db.query<{ id: string }>(`select golden_id as id from source_record where key = $1`, [key]))[0]!
        .id;
    await decide(engine, async () => [sync], { kind: 'link', a: one, b: two }, by, { force: true });
    const there = await db.query<{ key: string }>(
      `select key from source_record where golden_id = $1 and connection = 'b' and not deleted order by key`,
      [await goldenOf(one)],
    );
    const [winner, loser] = there.map(({ key }) => key) as [string, string];
    await decideToolMerge(engine, { winner, loser }, 'approve', by, { allowed: () => true, loses: () => '' });
    await erase(
      engine,
      { entity: () => sync.entity, places: {}, allowed: (connection) => connection === 'b' || 'only read' },
      await goldenOf(gone),
      by,
    );
    await toBe();

    const streams = sync.members.map((member) => erasingStream(member, sync.name));
    expect((await eraseInTools(engine, streams, signal)).left).toMatchObject([
      { connection: 'b', message: expect.stringContaining('has not been read to its end yet') },
    ]);
    await run();
    expect(said.filter((what) => what === 'merge' || what === 'delete')).toEqual([]);
    expect(said[0]).toBe('read');
    // Erasures back off.
    await db.query(`update erasure_tool set due_at = now() - interval '1 second'`);
    await run();
    expect(said).toEqual(expect.arrayContaining(['merge', 'delete']));
    expect(b.live()).toHaveLength(2);
    await db.close();
  });
});

function never(): never {
  throw new Error('it can be written to');
}
