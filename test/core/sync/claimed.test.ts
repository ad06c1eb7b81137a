/** Writes that webhooks set off are claimed in the transaction that resolves them, where nothing else need be asked first. */
import { describe, expect, test } from 'vitest';
import { DatabaseLost, type Db } from '../../../core/store/db.ts';
import { receive } from '../../../core/store/inbox.ts';
import { deliverBatch } from '../../../core/sync/deliver.ts';
import { type TakeInOptions, takeIn } from '../../../core/sync/intake.ts';
import type { Engine, Sync } from '../../../core/sync/ports.ts';
import { recoverOrphans } from '../../../core/sync/recover.ts';
import { runSync } from '../../../core/sync/run.ts';
import { dismiss, writeBack } from '../../../core/sync/writeBack.ts';
import { DATABASES } from '../../support/databases.ts';
import { MemoryTool, memoryHub } from '../../support/memory.ts';

const { signal } = new AbortController();

interface World {
  db: Db;
  engine: Engine;
  sync: Sync;
  b: MemoryTool;
  /** Somebody gives person `n` this title in the first tool, and a webhook tells of it. */
  edit(n: number, title: string): Promise<void>;
  take(options?: Partial<TakeInOptions>): ReturnType<typeof takeIn>;
  outbox(): Promise<unknown[]>;
  titles(): unknown[];
}

async function world(db: Db): Promise<World> {
  const [a, b] = [new MemoryTool('a'), new MemoryTool('b')];
  const { engine, sync } = memoryHub(db, [a, b]);
  engine.owed = [];
  engine.inHand = new Set();
  const person = (n: number) => ({
    familyName: `Family${n}`,
    givenName: `Given${n}`,
    email: `p${n}@m${n}.example`,
    title: 'v0',
  });
  for (let n = 0; n < 4; n++) a.put(person(n), `p${n}`);
  await runSync(engine, sync, { mode: 'sync', signal });
  engine.freshUntil = new Map([['b-people', Date.now() + 600_000]]);
  let hooks = 0;
  return {
    db,
    engine,
    sync,
    b,
    async edit(n, title) {
      a.put({ title }, `p${n}`);
      const at = new Date().toISOString();
      const fields = { ...person(n), title };
      await receive(
        db,
        'a',
        [{ stream: 'people', id: `p${n}`, at, op: 'upsert', fields }],
        `hook-${++hooks}`,
        new Date(),
      );
    },
    take: (options = {}) =>
      takeIn(engine, [sync], 'a', signal, { atOnce: () => true, isIdle: () => true, ...options }),
    outbox: () => db.query(`select target, state, owner, attempts, since is null as unclocked from outbox`),
    titles: () => b.live().map(({ fields }) => fields.title),
  };
}

const SENDING = [{ target: 'b/people/b1', state: 'sending', owner: 'test', attempts: 1, unclocked: true }];
const PENDING = [{ target: 'b/people/b1', state: 'pending', owner: null, attempts: 0, unclocked: false }];

describe.each(DATABASES)('claimed with what resolved them, on $name', ({ open }) => {
  test('nothing is claimed before the process has asked whose account the tool leads to', async () => {
    const { db, take, edit, outbox, sync } = await world(await open());
    const { tool } = sync.members[1]!;
    tool.account = async () => 'its own';
    tool.knowsAccount = () => false;
    await edit(1, 'v1');
    await take();
    expect(await outbox()).toMatchObject([{ state: 'pending', owner: null }]);
    tool.knowsAccount = () => true;
    await edit(1, 'v2');
    await take();
    expect(await outbox()).toMatchObject([{ state: 'sending', owner: 'test' }]);
    await db.close();
  });

  test('an update is in flight when its webhook is committed, and sent once', async () => {
    const { db, engine, take, edit, outbox, titles, b, sync } = await world(await open());
    await edit(0, 'v1');
    const { errands } = await take();
    expect(await outbox()).toEqual(SENDING);
    expect(await writeBack(engine, errands[0]!, signal)).toMatchObject({ updated: 1, left: [] });
    expect([await outbox(), titles(), b.updated, b.noops]).toEqual([[], ['v1', 'v0', 'v0', 'v0'], 1, 0]);
    expect((await runSync(engine, sync, { mode: 'sync', signal })).counts).toMatchObject({ updated: 0 });
    await db.close();
  });

  test('what is not sent after all is due again, as if nothing had been claimed', async () => {
    const { db, engine, take, edit, outbox, titles, b } = await world(await open());
    await edit(0, 'v1');
    const { errands } = await take();
    // The process is asked to stop before it comes to send.
    await writeBack(engine, errands[0]!, AbortSignal.abort());
    expect(await outbox()).toEqual(PENDING);
    await edit(0, 'v2');
    await dismiss(engine, (await take()).errands[0]!);
    expect(await outbox()).toEqual(PENDING);
    const [errand] = (await take()).errands;
    expect(errand).toBeUndefined();
    await edit(1, 'v1');
    const { claimed: _, ...bare } = (await take({ isIdle: () => false })).errands[0]!;
    await writeBack(engine, bare, signal);
    expect([await outbox(), titles(), b.updated]).toEqual([[], ['v2', 'v1', 'v0', 'v0'], 2]);
    await db.close();
  });

  test('a guard that stands in the way gives the claim back', async () => {
    const { db, engine, take, edit, outbox } = await world(await open());
    await edit(0, 'v1');
    const [errand] = (await take()).errands;
    const halted = { ...errand!, facts: { ...errand!.facts!, unread: ['a-people'] } };
    expect((await writeBack(engine, halted, signal)).left).toMatchObject([{ code: 'not-read' }]);
    expect(await outbox()).toEqual(PENDING);
    await db.close();
  });

  test.each(['takeIn', 'deliver'])(
    'claimed by a commit of %s whose answer got lost: looked up, and due again',
    async (which) => {
      const { db, engine, take, edit, outbox, titles, b, sync } = await world(await open());
      await edit(0, 'v1');
      if (which === 'deliver') await take({ isIdle: () => false });
      const { transaction } = engine.db;
      engine.db = {
        ...engine.db,
        async transaction(work) {
          await transaction(work);
          throw new DatabaseLost('the database does not answer', 'Wait.');
        },
      };
      const deliver = () => deliverBatch(engine, sync, sync.members[1]!, 'update', signal);
      await expect(which === 'deliver' ? deliver() : take()).rejects.toThrow(DatabaseLost);
      engine.db = { ...engine.db, transaction };
      expect(await outbox()).toMatchObject([{ state: 'sending', owner: 'test' }]);
      expect(await recoverOrphans(engine)).toBe(1);
      expect(await outbox()).toMatchObject([{ state: 'unknown', owner: null }]);
      expect(await recoverOrphans(engine)).toBe(0);
      await runSync(engine, sync, { mode: 'sync', signal });
      expect([await outbox(), titles(), b.updated]).toEqual([[], ['v1', 'v0', 'v0', 'v0'], 1]);
      await db.close();
    },
  );

  test('what is being sent is nobody else’s to look up', async () => {
    const { db, engine, take, edit, outbox } = await world(await open());
    await edit(0, 'v1');
    const { errands } = await take();
    expect(await recoverOrphans(engine)).toBe(0);
    expect(await outbox()).toEqual(SENDING);
    await writeBack(engine, errands[0]!, signal);
    expect(engine.inHand).toEqual(new Set());
    await db.close();
  });

  test('what is settled while a sweep looks for forgotten tries stays as it was settled', async () => {
    const { db, engine, take, edit, outbox, sync } = await world(await open());
    await edit(0, 'v1');
    await take({ isIdle: () => false });
    const { connector } = sync.members[1]!.tool;
    const sent = Promise.withResolvers<void>();
    const answered = Promise.withResolvers<void>();
    connector.write = async (_ctx, _stream, ops) => {
      sent.resolve();
      await answered.promise;
      return ops.map(({ key }) => ({ key, status: 'failed', kind: 'rejected', message: 'no' }));
    };
    const delivering = deliverBatch(engine, sync, sync.members[1]!, 'update', signal);
    await sent.promise;
    const slow: Db = {
      ...db,
      async query(sql, args) {
        const rows = await db.query(sql, args);
        if (/^select golden_id/.test(sql)) {
          answered.resolve();
          await delivering;
        }
        return rows as never;
      },
    };
    expect(await recoverOrphans({ ...engine, db: slow })).toBe(0);
    expect(await outbox()).toMatchObject([{ state: 'held' }]);
    await db.close();
  });

  test.each<[string, (world: World) => unknown, Partial<TakeInOptions>?]>([
    ['the tool is being written to', () => undefined, { isIdle: () => false }],
    ['a look is needed first', ({ engine }) => engine.freshUntil!.clear()],
    ['a look is always taken', ({ sync }) => (sync.edits = { lookAgain: 0, rounds: 4, within: 60 })],
    [
      'nobody has looked whether the tool’s account is the one that is known',
      ({ sync }) => {
        const member = sync.members[1]!;
        member.reads = false;
        member.tool.account = async () => 'other';
      },
    ],
    ['a guard has to be weighed', ({ sync }) => (sync.guards.maxChanged = 0)],
    ['a stream was never read to its end', ({ db }) => db.query(`update cursor set complete = false`)],
    [
      'a run is in hand',
      ({ db }) => db.query(`update run set status = 'running', lease_until = null, owner = 'another'`),
    ],
    [
      'another write of the record has no answer yet',
      ({ db }) =>
        db.query(
          `insert into outbox (golden_id, mapping, target, entity, op, key, lane, state, awaits, attempts, due_at, created_at, updated_at)
           select golden_id, 'a-people', 'a/people/p0', 'person', 'update', 'k', 1, 'unknown', '{}', 1, now(), now(), now()
           from source_record where key = 'a/people/p0'`,
        ),
    ],
    [
      'others are due beside it',
      async ({ edit, take }) => {
        await edit(1, 'v1');
        await take({ isIdle: () => false });
      },
    ],
  ])('nothing is claimed where %s', async (_, prepare, options = {}) => {
    const here = await world(await open());
    await prepare(here);
    await here.edit(0, 'v1');
    const { errands } = await here.take(options);
    expect([...errands.flatMap(({ claimed }) => [...(claimed ?? [])])]).toEqual([]);
    const states = await here.db.query(
      `select distinct state from outbox where mapping = 'b-people' and target = 'b/people/b1'`,
    );
    expect(states).toEqual([{ state: 'pending' }]);
    await here.db.close();
  });
});
