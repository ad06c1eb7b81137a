import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { ConnectorError, type Told } from '../../../connectors/contract.ts';
import type { Db } from '../../../core/store/db.ts';
import { receive, waitingInbox } from '../../../core/store/inbox.ts';
import { markDirty } from '../../../core/store/records.ts';
import { addRevision } from '../../../core/store/revisions.ts';
import { takeIn } from '../../../core/sync/intake.ts';
import { LANE } from '../../../core/sync/intents.ts';
import { pump } from '../../../core/sync/realtime.ts';
import { recoverOrphans } from '../../../core/sync/recover.ts';
import { resolvePage } from '../../../core/sync/resolve.ts';
import { runSync } from '../../../core/sync/run.ts';
import { DATABASES } from '../../support/databases.ts';
import { MemoryTool, memoryHub, recordKey } from '../../support/memory.ts';

/** Longer than an index row may be, and nothing that compresses. */
const endless = Array.from({ length: 400 }, (_, i) => createHash('sha256').update(`${i}`).digest('hex')).join(
  '',
);

const { signal } = new AbortController();
const options = { signal, realtime: () => true };

async function hub(db: Db, people = 3) {
  const [a, b] = [new MemoryTool('a'), new MemoryTool('b')];
  const { engine, sync } = memoryHub(db, [a, b]);
  engine.owed = [];
  for (let i = 0; i < people; i++)
    a.put(
      { familyName: `Family${i}`, givenName: `Given${i}`, email: `p${i}@m${i}.example`, title: 'v0' },
      `p${i}`,
    );
  await runSync(engine, sync, { mode: 'sync', signal });
  const hook = (n: number, person: number, at: string, title: string) =>
    receive(
      db,
      'a',
      [
        {
          stream: 'people',
          id: `p${person}`,
          at,
          op: 'upsert',
          fields: { title, email: `p${person}@m${person}.example` },
        },
      ],
      `hook-${n}`,
      new Date(Date.UTC(2026, 5, 1, 0, 0, n)),
    );
  const titles = async () =>
    (await db.query<{ title: string }>(`select values->>'title' as title from golden order by 1`)).map(
      ({ title }) => title,
    );
  return { a, b, engine, sync, hook, titles };
}

describe.each(DATABASES)('webhooks are taken in, on $name', ({ open }) => {
  test('two that tell the same unreadable value of a record hold back nobody, and the last look counts', async () => {
    const db = await open();
    const { engine, sync, hook } = await hub(db);
    const { mapping } = sync.members[0]!;
    const read = mapping.in;
    mapping.in = async (fields) => ({
      ...(await read(fields)),
      problems: String(fields.title).startsWith('bad')
        ? [{ attribute: 'title', message: 'no title', found: String(fields.title) }]
        : [],
    });
    const unreadable = () => db.query(`select record, found from unreadable order by record`);
    await hook(1, 0, '2026-06-01T00:00:01.000Z', 'bad 1');
    await hook(2, 0, '2026-06-01T00:00:02.000Z', 'bad 2');
    await hook(3, 1, '2026-06-01T00:00:03.000Z', 'bad 3');
    await hook(4, 1, '2026-06-01T00:00:04.000Z', 'good');
    expect(await pump(engine, [sync], options)).toMatchObject({ events: 4, left: [] });
    expect(await db.query(`select 1 from inbox where state <> 'done'`)).toEqual([]);
    expect(await unreadable()).toEqual([{ record: 'a/people/p0', found: 'bad 2' }]);
    await db.close();
  });

  test('of another account nothing is believed, and of a message that mixes two the own part counts', async () => {
    const db = await open();
    const { engine, sync } = await hub(db);
    const { tool } = sync.members[0]!;
    const strangers: unknown[] = [];
    engine.strangers = (connection, told) => strangers.push([connection, ...told]);
    const at = '2026-06-01T00:00:01.000Z';
    const edit = (person: number, account: string): Told => ({
      stream: 'people',
      id: `p${person}`,
      at,
      account,
      op: 'upsert',
      fields: { title: `of ${account}`, email: `p${person}@m${person}.example` },
    });
    await receive(
      db,
      'a',
      [
        edit(0, '111'),
        edit(1, '222'),
        { stream: 'people', id: 'p1', at, account: '333', op: 'delete' },
        { stream: 'people', id: 'p2', at, account: '222', op: 'merge', into: { stream: 'people', id: 'p0' } },
      ],
      'mixed',
      new Date(at),
    );

    // Nobody knows yet whose they are: they wait, and are believed in no part.
    tool.account = async () => {
      throw new ConnectorError('auth', 'account-info is forbidden');
    };
    expect(await takeIn(engine, [sync], 'a', signal)).toMatchObject({
      events: 0,
      failure: { message: 'account-info is forbidden' },
    });
    expect(await waitingInbox(db)).toEqual([{ connection: 'a', n: 1 }]);
    expect(strangers).toEqual([]);

    tool.account = async () => '111';
    expect(await pump(engine, [sync], options)).toMatchObject({ events: 1, changes: 1, left: [] });
    const records = await db.query(
      `select key, seen->>'title' as title from source_record where connection = 'a' and not deleted order by key`,
    );
    expect(records).toEqual([
      { key: 'a/people/p0', title: 'of 111' },
      { key: 'a/people/p1', title: 'v0' },
      { key: 'a/people/p2', title: 'v0' },
    ]);
    expect(await waitingInbox(db)).toEqual([]);
    expect(strangers).toEqual([['a', ['222', 2], ['333', 1]]]);
    await db.close();
  });

  test('one that cannot be stored is set aside with its reason, and holds back no other', async () => {
    const db = await open();
    const { engine, sync, hook, titles } = await hub(db);
    await hook(1, 0, '2026-06-01T00:00:00.000Z', 'first');
    await receive(
      db,
      'a',
      [{ stream: 'people', id: endless, at: '2026-06-01T00:00:00.000Z', op: 'upsert', fields: {} }],
      'hook-2',
      new Date(Date.UTC(2026, 5, 1, 0, 0, 2)),
    );
    await hook(3, 2, '2026-06-01T00:00:00.000Z', 'last');
    const { left } = await pump(engine, [sync], options);
    expect(await titles()).toEqual(['first', 'last', 'v0']);
    expect(left).toMatchObject([{ connection: 'a', code: 'set-aside' }]);
    expect(await waitingInbox(db)).toEqual([]);
    expect(
      await db.query(`select id, state, reason is not null as told from inbox where state <> 'done'`),
    ).toEqual([{ id: 'hook-2', state: 'failed', told: true }]);
    await db.close();
  });

  test('what a fault of the database left in this process’s hands is given back by the next sweep', async () => {
    const db = await open();
    const { engine, sync, hook, titles } = await hub(db);
    await hook(1, 0, '2026-06-01T00:00:00.000Z', 'first');
    const down: Db = {
      ...db,
      transaction: () => Promise.reject(new Error('the database went away')),
      query: (text, params) =>
        /owner = null/.test(text) ? Promise.reject(new Error('still away')) : db.query(text, params),
    };
    await expect(takeIn({ ...engine, db: down }, [sync], 'a', signal)).rejects.toThrow('went away');
    expect(await waitingInbox(db)).toEqual([]);
    // The work that is owed was begun on the database of then, which answers again.
    down.query = db.query;
    await recoverOrphans(engine);
    await pump(engine, [sync], options);
    expect(await titles()).toEqual(['first', 'v0', 'v0']);
    await db.close();
  });

  test('a webhook’s record is resolved before a backlog, and takes none of it into the fast lane', async () => {
    const db = await open();
    const { a, engine, sync, hook } = await hub(db, 30);
    await markDirty(
      db,
      Array.from({ length: 29 }, (_, i) => recordKey(a, `p${i}`)),
    );
    await hook(1, 29, '2026-06-01T00:00:00.000Z', 'urgent');
    await takeIn(engine, [sync], 'a', signal);
    expect((await resolvePage(engine, sync, LANE.incremental, 'urgent')).records).toBe(1);
    expect((await resolvePage(engine, sync, LANE.incremental, 'urgent')).records).toBe(0);
    expect(await db.query(`select lane, count(*) as n from outbox group by lane`)).toEqual([
      { lane: LANE.realtime, n: 1 },
    ]);
    expect((await resolvePage(engine, sync, LANE.incremental)).records).toBe(29);
    await db.close();
  });

  test('a process on an older revision of the config finishes nothing unread; the newest one may forget what nobody reads', async () => {
    const db = await open();
    const { engine, sync, hook } = await hub(db);
    const apply = (number: number) =>
      addRevision(db, {
        number,
        files: {},
        digest: `${number}`,
        note: '',
        by: 'me',
        at: '2026-06-01T00:00:00Z',
        replaced: number - 1 || null,
        copyOf: null,
      });
    const deal = (id: string) =>
      receive(
        db,
        'a',
        [{ stream: 'deals', id: 'd1', at: '2026-06-01T00:00:00.000Z', op: 'upsert', fields: { title: id } }],
        id,
        new Date(Date.UTC(2026, 5, 1)),
      );
    const states = async () =>
      Object.fromEntries(
        (await db.query<{ id: string; state: string }>(`select id, state from inbox`)).map(
          ({ id, state }) => [id, state],
        ),
      );
    await apply(1);
    await apply(2);
    await deal('deal-1');
    await hook(1, 0, '2026-06-01T00:00:00.000Z', 'first');

    const outdated = { ...engine, revision: () => ({ looked: 1, refused: false }) };
    expect(await takeIn(outdated, [sync], 'a', signal)).toMatchObject({ events: 0, outdated: true });
    expect(await states()).toEqual({ 'deal-1': 'new', 'hook-1': 'new' });

    // It has looked, and cannot take the new one up: what it knows goes on.
    const refusing = { ...engine, revision: () => ({ looked: 2, refused: true }) };
    expect(await takeIn(refusing, [sync], 'a', signal)).toMatchObject({ events: 1, outdated: false });
    expect(await takeIn(refusing, [sync], 'a', signal)).toMatchObject({ events: 0, outdated: false });
    expect(await states()).toEqual({ 'deal-1': 'new', 'hook-1': 'done' });

    // The newest reads deals: here they are people by another name.
    const [member] = sync.members;
    const deals = { ...member!, mapping: { ...member!.mapping, object: 'deals', name: 'a-deals' } };
    const newest = { ...engine, revision: () => ({ looked: 2, refused: false }) };
    await pump(newest, [{ ...sync, members: [...sync.members, deals] }], options);
    expect(await db.query(`select key from source_record where object = 'deals'`)).toHaveLength(1);

    await deal('deal-2');
    expect(await takeIn(newest, [sync], 'a', signal)).toMatchObject({ events: 1 });
    expect(await states()).toMatchObject({ 'deal-1': 'done', 'deal-2': 'done' });
    await db.close();
  });
});
