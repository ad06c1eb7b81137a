import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Db } from '../../../core/store/db.ts';
import { askedDeletions } from '../../../core/store/deletions.ts';
import { receive } from '../../../core/store/inbox.ts';
import { decideDeletion } from '../../../core/sync/decideDeletion.ts';
import { deliverBatch } from '../../../core/sync/deliver.ts';
import { planSyncs } from '../../../core/sync/dry.ts';
import { takeIn } from '../../../core/sync/intake.ts';
import { LANE } from '../../../core/sync/intents.ts';
import type { DeletePolicy } from '../../../core/sync/ports.ts';
import { pump } from '../../../core/sync/realtime.ts';
import { resolvePage } from '../../../core/sync/resolve.ts';
import { runSync } from '../../../core/sync/run.ts';
import { DATABASES } from '../../support/databases.ts';
import { emptyStore } from '../../support/emptyStore.ts';
import { type MemoryHub, MemoryTool, memoryHub, recordKey } from '../../support/memory.ts';

const TESHI = { familyName: '勅使河原', givenName: '蒔子', email: 'makiko@kawa.example' };
const OTHER = { familyName: 'Lindqvist', givenName: 'Maja', email: 'maja@north.example' };
const { signal } = new AbortController();

describe.each(DATABASES)('deletes that travel, on $name', ({ open }) => {
  let db: Db;
  let a: MemoryTool;
  let b: MemoryTool;
  let c: MemoryTool;
  let hub: MemoryHub;
  beforeAll(async () => {
    db = await open();
  });
  afterAll(() => db.close());
  const start = async (...policies: DeletePolicy[]) => {
    await emptyStore(db);
    [a, b, c] = [new MemoryTool('a'), new MemoryTool('b'), new MemoryTool('c')];
    hub = memoryHub(db, [a, b, c]);
    hub.sync.members.forEach((member, i) => {
      member.deletes = policies[i] ?? 'unlink';
    });
    const id = a.put(TESHI);
    a.put(OTHER);
    expect(await sync()).toMatchObject({ status: 'complete', counts: { created: 4 } });
    return id;
  };

  const sync = (approve?: string) => runSync(hub.engine, hub.sync, { mode: 'sync', signal, approve });
  const there = (tool: MemoryTool) =>
    tool
      .live()
      .map(({ fields }) => fields.email)
      .sort();
  const both = [OTHER.email, TESHI.email].sort();
  const asked = () =>
    askedDeletions(
      db,
      hub.sync.members.map(({ mapping, deletes }) => ({
        connection: mapping.connection,
        object: mapping.object,
        policy: deletes ?? 'unlink',
      })),
      null,
      100,
    );
  const say = (record: string, answer: 'approve' | 'refuse') =>
    decideDeletion(hub.engine, async () => [hub.sync], record, answer, { by: 'mika' });
  const quiet = async () =>
    expect(await sync()).toMatchObject({
      status: 'complete',
      counts: { created: 0, updated: 0, archived: 0, deleted: 0, failed: 0 },
    });

  test('archive deletes there too, unlink leaves its own, plan says so first, and nothing is done twice', async () => {
    const id = await start('unlink', 'archive', 'unlink');
    a.remove(id);
    const plan = await planSyncs(hub.engine, [hub.sync], { full: false, signal });
    expect(plan.writes.map(({ op, connection, changes, why }) => [op, connection, changes, why])).toEqual([
      ['delete', 'b', [], expect.stringMatching(`^${recordKey(a, id)} was deleted at 2026-`)],
    ]);
    expect(there(b)).toEqual(both);
    expect(await sync()).toMatchObject({
      status: 'complete',
      counts: { deleted: 1, archived: 1, created: 0 },
    });
    expect([there(a), there(b), there(c)]).toEqual([[OTHER.email], [OTHER.email], both]);
    await quiet();
    expect([b.deleted, c.deleted]).toEqual([1, 0]);
  });

  test('a deletion of a copy that the hub made travels back; what was deleted before the policy came does not', async () => {
    await start();
    b.remove(b.live().find(({ fields }) => fields.email === OTHER.email)!.id);
    await sync();
    for (const member of hub.sync.members) member.deletes = 'archive';
    a.put({ title: 'Baker' }, a.live().find(({ fields }) => fields.email === OTHER.email)!.id);
    expect(await sync()).toMatchObject({ status: 'complete', counts: { archived: 0 } });
    expect([there(a), there(c)]).toEqual([both, both]);
    b.remove(b.live().find(({ fields }) => fields.email === TESHI.email)!.id);
    expect(await sync()).toMatchObject({ status: 'complete', counts: { archived: 2 } });
    expect([there(a), there(b), there(c)]).toEqual([[OTHER.email], [], [OTHER.email]]);
    await quiet();
  });

  test('a duplicate that goes while another record of the person lives in that tool takes nobody along', async () => {
    const id = await start('archive', 'archive', 'archive');
    const twin = a.put({ ...TESHI, title: 'Curator' });
    await sync();
    a.remove(twin);
    expect(await sync()).toMatchObject({ status: 'complete', counts: { archived: 0 } });
    expect(there(b)).toEqual(both);
    a.remove(id);
    expect(await sync()).toMatchObject({ counts: { archived: 2 } });
    expect([there(b), there(c)]).toEqual([[OTHER.email], [OTHER.email]]);
  });

  test('a duplicate that goes while another record lives there outside of `where` takes nobody along', async () => {
    const id = await start('archive', 'archive', 'archive');
    const twin = a.put({ ...TESHI, title: 'Curator' });
    await sync();
    const { mapping } = hub.sync.members[0]!;
    mapping.filter = { title: { notIn: ['Closed'] } };
    mapping.admits = ({ title }) => title !== 'Closed';
    a.put({ title: 'Closed' }, id);
    expect(await sync()).toMatchObject({ status: 'complete', counts: { archived: 0 } });
    a.remove(twin);
    expect(await sync()).toMatchObject({ status: 'complete', counts: { archived: 0 } });
    expect([there(b), there(c)]).toEqual([both, both]);
    await quiet();
  });

  test('ask waits for a person: approved, the others go; refused, they stay and nobody is asked again', async () => {
    const id = await start('unlink', 'ask', 'unlink');
    const record = recordKey(a, id);
    a.remove(id);
    expect(await sync()).toMatchObject({ status: 'complete', counts: { archived: 0 } });
    expect(await asked()).toMatchObject([{ record, targets: [expect.stringMatching(/^b\/people\//)] }]);
    await expect(say('a/people/none', 'approve')).rejects.toMatchObject({ kind: 'unknown' });
    await say(record, 'refuse');
    await expect(say(record, 'approve')).rejects.toThrow(/mika refused it before/);
    expect(await asked()).toEqual([]);
    c.put({ title: 'Curator' }, c.live().find(({ fields }) => fields.email === TESHI.email)!.id);
    expect(await sync()).toMatchObject({ status: 'complete', counts: { archived: 0 } });
    expect(b.live().map(({ fields }) => fields.title)).toContain('Curator');
    // Brought back and deleted again: a new wish.
    a.put(TESHI, id);
    await sync();
    a.remove(id);
    await sync();
    expect(await asked()).toHaveLength(1);
    await say(record, 'approve');
    expect(await asked()).toEqual([]);
    expect(await sync()).toMatchObject({ status: 'complete', counts: { archived: 1 } });
    expect([there(b), there(c)]).toEqual([[OTHER.email], both]);
    await quiet();
  });

  test('what somebody changed after the deletion is never deleted without asking; brought back, all is as before', async () => {
    const id = await start('unlink', 'archive', 'unlink');
    a.remove(id);
    const copy = b.live().find(({ fields }) => fields.email === TESHI.email)!.id;
    // A tool's clock counts its changes: this one is far ahead.
    b.tick = 1000;
    b.put({ title: 'Curator' }, copy);
    expect(await sync()).toMatchObject({ status: 'complete', counts: { archived: 0 } });
    expect(await asked()).toMatchObject([{ targets: [recordKey(b, copy)] }]);
    a.put({}, id);
    await sync();
    expect([await asked(), there(b)]).toEqual([[], both]);
    await quiet();
  });

  test('maxDeleted stops a run before its first deletion; an approval lets as many pass', async () => {
    const id = await start('unlink', 'archive', 'unlink');
    hub.sync.guards = { ...hub.sync.guards, maxDeleted: 0 };
    a.remove(id);
    const halted = await sync();
    expect(halted).toMatchObject({ status: 'halted', reasons: [{ code: 'guard.deletes', count: 1 }] });
    expect(there(b)).toEqual(both);
    expect(await sync(halted.id)).toMatchObject({ status: 'complete', counts: { archived: 1 } });
    expect(there(b)).toEqual([OTHER.email]);
  });

  test('webhooks do not pass maxDeleted in portions', async () => {
    await start('unlink', 'archive', 'unlink');
    const ids = Array.from({ length: 8 }, (_, n) =>
      a.put({ email: `p${n}@x.example`, familyName: `Family${n}`, givenName: `Given${n}` }),
    );
    await sync();
    hub.sync.guards = { ...hub.sync.guards, maxDeleted: 3 };
    const hook = async (id: string) => {
      a.remove(id);
      const at = new Date().toISOString();
      await receive(db, 'a', [{ stream: 'people', id, at, op: 'delete' }], `gone/${id}`, new Date());
      return pump(hub.engine, [hub.sync], { signal, realtime: () => true });
    };
    for (const id of ids.slice(0, 3)) expect((await hook(id)).left).toEqual([]);
    expect(b.deleted).toBe(3);
    expect((await hook(ids[3]!)).left).toMatchObject([{ code: 'guard.deletes' }]);
    const halted = await sync();
    expect(halted).toMatchObject({
      status: 'halted',
      reasons: expect.arrayContaining([expect.objectContaining({ code: 'guard.deletes', count: 4 })]),
    });
    expect(b.deleted).toBe(3);
    expect(await sync(halted.id)).toMatchObject({ status: 'complete', counts: { archived: 1 } });
    expect((await hook(ids[4]!)).left).toEqual([]);
    expect(b.deleted).toBe(5);
  });

  test('what is only not found any more is never archived elsewhere without asking; once its tool says that it is deleted, it is', async () => {
    const id = await start('unlink', 'archive', 'unlink');
    const record = recordKey(a, id);
    const hook = async (change: { op: 'touch'; deleted?: true } | { op: 'delete' }, name: string) => {
      const at = new Date().toISOString();
      await receive(db, 'a', [{ stream: 'people', id, at, ...change }], name, new Date());
      return pump(hub.engine, [hub.sync], { signal, realtime: () => true });
    };
    // The user of the connection may not see it any more: the tool's feed of changes says nothing.
    const hidden = a.records.get(id)!;
    a.records.delete(id);
    await hook({ op: 'touch' }, 'edited');
    expect(await sync()).toMatchObject({ status: 'complete', counts: { archived: 0, created: 0 } });
    expect([there(b), await asked()]).toEqual([
      both,
      [expect.objectContaining({ record, state: 'presumed' })],
    ]);
    // It is back in sight, and nobody needs to say anything.
    a.records.set(id, { ...hidden, tick: ++a.tick });
    await sync();
    expect([there(b), await asked()]).toEqual([both, []]);
    a.records.delete(id);
    await hook({ op: 'touch' }, 'edited again');
    expect(await asked()).toHaveLength(1);
    a.records.set(id, { ...hidden, tick: ++a.tick, deleted: true });
    await sync();
    expect([there(b), await asked()]).toEqual([[OTHER.email], []]);
    await quiet();
  });

  test('an event of a deletion after which a look finds nothing is the tool saying so; a write that meets nothing is not', async () => {
    const id = await start('unlink', 'archive', 'archive');
    a.records.delete(id);
    const at = new Date().toISOString();
    await receive(db, 'a', [{ stream: 'people', id, at, op: 'touch', deleted: true }], 'gone', new Date());
    await pump(hub.engine, [hub.sync], { signal, realtime: () => true });
    expect([there(b), there(c)]).toEqual([[OTHER.email], [OTHER.email]]);
    const other = a.live()[0]!.id;
    a.put({ title: 'Baker' }, other);
    b.records.delete(b.live()[0]!.id);
    await sync();
    expect(await sync()).toMatchObject({ status: 'complete', counts: { archived: 0 } });
    expect([there(a), there(c)]).toEqual([[OTHER.email], [OTHER.email]]);
    expect(await asked()).toMatchObject([{ state: 'presumed', targets: [recordKey(c, c.live()[0]!.id)] }]);
  });

  test.each(['lost', 'transient', 'not-sent'] as const)(
    'an answer that is %s: deleted once, and settled',
    async (fate) => {
      const id = await start('unlink', 'archive', 'archive');
      a.remove(id);
      let bad = 3;
      b.fate = () => (bad-- > 0 ? fate : 'ok');
      for (let i = 0; i < 3; i++) await sync();
      expect([there(b), there(c), b.deleted]).toEqual([[OTHER.email], [OTHER.email], 1]);
      await quiet();
    },
    60_000,
  );

  test('an update that flies when the deletion comes does not lose it', async () => {
    const id = await start('unlink', 'archive', 'unlink');
    a.put({ title: 'Curator' }, id);
    let once = true;
    b.fate = () => {
      if (once) a.remove(id);
      once = false;
      return 'ok';
    };
    for (let i = 0; i < 2; i++) await sync();
    expect(there(b)).toEqual([OTHER.email]);
    await quiet();
  });

  test.each([[true], [false]])(
    'a write that flies when the record is deleted, or is back again, and fails: what is wanted then is done (deleted first: %s)',
    async (deleted) => {
      const id = await start('unlink', 'archive', 'unlink');
      const copy = b.live().find(({ fields }) => fields.email === TESHI.email)!.id;
      const said = async (op: 'delete' | 'upsert') => {
        if (op === 'delete') a.remove(id);
        else a.put({ title: 'Curator' }, id);
        const fields = a.records.get(id)!.fields;
        const at = new Date().toISOString();
        const event = { stream: 'people', id, at };
        await receive(
          db,
          'a',
          [op === 'delete' ? { ...event, op } : { ...event, op, fields }],
          crypto.randomUUID(),
          new Date(),
        );
        await takeIn(hub.engine, [hub.sync], 'a', signal, { atOnce: () => true });
        while ((await resolvePage(hub.engine, hub.sync, LANE.incremental)).more);
      };
      await said(deleted ? 'delete' : 'upsert');
      // Another tool's answer would bring the outbox up to date.
      await deliverBatch(hub.engine, hub.sync, hub.sync.members[2]!, 'update', signal);
      const { connector } = hub.sync.members[1]!.tool;
      const { write } = connector;
      connector.write = async (_ctx, _stream, ops) => {
        connector.write = write!;
        await said(deleted ? 'upsert' : 'delete');
        return ops.map(({ key }) => ({ key, status: 'failed', kind: 'transient', message: '503' }));
      };
      await deliverBatch(hub.engine, hub.sync, hub.sync.members[1]!, deleted ? 'delete' : 'update', signal);
      await db.query(`update outbox set due_at = now() - interval '1 second'`);
      expect(await sync()).toMatchObject({ status: 'complete', counts: { archived: deleted ? 0 : 1 } });
      expect(b.records.get(copy)).toMatchObject(
        deleted ? { deleted: false, fields: { title: 'Curator' } } : { deleted: true },
      );
      await quiet();
    },
  );
});
