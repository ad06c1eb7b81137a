/** Records that vanish from a tool without a list of deletions: a reading of everything tells by not showing them. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createBlocks } from '../../../api/secrets/blocks.ts';
import { ConnectorError, type Page } from '../../../connectors/contract.ts';
import type { Db } from '../../../core/store/db.ts';
import { askedDeletions } from '../../../core/store/deletions.ts';
import { planSyncs } from '../../../core/sync/dry.ts';
import { erase } from '../../../core/sync/erase/erase.ts';
import { runSync } from '../../../core/sync/run.ts';
import { DATABASES } from '../../support/databases.ts';
import { emptyStore } from '../../support/emptyStore.ts';
import { type MemoryHub, MemoryTool, memoryHub, recordKey } from '../../support/memory.ts';

const { signal } = new AbortController();
const person = (n: number) => ({
  email: `p${n}@x.example`,
  familyName: `Family${n}`,
  givenName: `Given${n}`,
});

describe.each(DATABASES)('what a whole reading does not show any more, on $name', ({ open }) => {
  let db: Db;
  let a: MemoryTool;
  let b: MemoryTool;
  let hub: MemoryHub;
  let ids: string[];
  beforeAll(async () => {
    db = await open();
  });
  afterAll(() => db.close());
  beforeEach(async () => {
    await emptyStore(db);
    [a, b] = [new MemoryTool('a'), new MemoryTool('b')];
    a.pageSize = 3;
    hub = memoryHub(db, [a, b]);
    const { read } = hub.sync.members[0]!.stream;
    if (read) read.deletes = 'none';
    ids = Array.from({ length: 8 }, (_, n) => a.put(person(n)));
    expect(await run()).toMatchObject({ status: 'complete', counts: { created: 8 } });
  });

  const run = (options: { full?: boolean; approve?: string } = {}) =>
    runSync(hub.engine, hub.sync, { mode: options.full ? 'full' : 'sync', approve: options.approve, signal });
  const deleted = async () =>
    (
      await db.query<{ id: string }>(
        `select ext_id as id from source_record where connection = 'a' and deleted order by ext_id`,
      )
    ).map(({ id }) => id);
  const sightings = () => db.query(`select key from sighting order by key`);
  /** Every page that `a` shows from now on passes through here. */
  const reading = (change: (page: Page, whole: boolean) => Page) => {
    const { connector } = hub.sync.members[0]!.tool;
    const { read } = connector;
    connector.read = async (ctx, stream, select, fields) =>
      change(await read!.call(connector, ctx, stream, select, fields), 'since' in select);
    return () => {
      connector.read = read!;
    };
  };

  test('it is deleted, presumably: nobody deletes its counterparts without a person, nor makes it again', async () => {
    hub.sync.members[1]!.deletes = 'archive';
    a.records.delete(ids[2]!);
    const plan = await planSyncs(hub.engine, [hub.sync], { full: true, signal });
    expect(plan.runs).toMatchObject([{ status: 'complete', counts: { deleted: 1 } }]);
    expect(await deleted()).toEqual([]);
    expect(await run({ full: true })).toMatchObject({
      status: 'complete',
      counts: { deleted: 1, created: 0, updated: 0, archived: 0 },
    });
    expect(await deleted()).toEqual([ids[2]]);
    const asked = await askedDeletions(
      db,
      [{ connection: 'b', object: 'people', policy: 'archive' }],
      null,
      10,
    );
    expect(asked).toMatchObject([{ record: recordKey(a, ids[2]!), state: 'presumed' }]);
    expect(b.live()).toHaveLength(8);
    expect(await sightings()).toEqual([]);
    const quiet = { status: 'complete', counts: { deleted: 0, created: 0, updated: 0, archived: 0 } };
    expect(await run({ full: true })).toMatchObject(quiet);
    // Back again, with the time that it always had.
    a.put(person(2), ids[2]);
    expect(await run({ full: true })).toMatchObject(quiet);
    expect(await deleted()).toEqual([]);
  });

  test('none at all, or less than half: the run halts with all of it alive, until it is approved', async () => {
    for (const id of ids.slice(1)) a.records.delete(id);
    Object.assign(hub.sync.guards, { maxMissing: 0.5 });
    for (let n = 10; n < 30; n++) a.put(person(n));
    await run();
    for (const [id, { fields }] of a.records) if (fields.email !== person(0).email) a.records.delete(id);
    const halted = await run({ full: true });
    expect(halted).toMatchObject({
      status: 'halted',
      counts: { deleted: 0 },
      reasons: [{ code: 'guard.maxMissing', count: 27 }],
    });
    // Nothing is read any more, and it stays halted.
    expect(await run()).toMatchObject({
      status: 'halted',
      reasons: [{ code: 'guard.maxMissing', count: 27 }],
    });
    expect(await deleted()).toEqual([]);
    const again = await run({ full: true });
    expect(again).toMatchObject({ status: 'halted', reasons: [{ count: 27 }] });
    expect(await run({ approve: again.id })).toMatchObject({ status: 'complete', counts: { deleted: 27 } });
    expect(await deleted()).toHaveLength(27);
    expect(await run()).toMatchObject({ status: 'complete' });
  });

  test('a reading that breaks off and is gone on with by the next run has shown what either has', async () => {
    a.records.delete(ids[7]!);
    let pages = 0;
    const whole = reading((page) => {
      if (++pages === 2) throw new ConnectorError('auth', 'the session ended');
      return page;
    });
    expect(await run({ full: true })).toMatchObject({ status: 'incomplete', counts: { deleted: 0 } });
    whole();
    expect(await run()).toMatchObject({ status: 'complete', counts: { deleted: 1 } });
    expect(await deleted()).toEqual([ids[7]]);
  });

  test('of somebody who was erased, and is shown still, nothing is kept while the reading goes on', async () => {
    hub.engine.blocks = createBlocks([], () => new Date());
    const [golden] = await db.query<{ id: string }>(
      `select golden_id as id from source_record where key = $1`,
      [recordKey(a, ids[0]!)],
    );
    const rules = { entity: () => hub.sync.entity, places: {}, allowed: () => 'it must be kept' };
    await erase(hub.engine, rules, golden!.id, { by: 'mika' });
    let pages = 0;
    reading((page) => {
      if (++pages === 2) throw new ConnectorError('auth', 'the session ended');
      return page;
    });
    expect(await run({ full: true })).toMatchObject({ status: 'incomplete', counts: { blocked: 2 } });
    expect(await sightings()).toEqual([{ key: recordKey(a, ids[1]!) }, { key: recordKey(a, ids[2]!) }]);
  });

  test('what the reading missed and a look by id finds stays', async () => {
    reading((page, whole) =>
      whole ? { ...page, changes: page.changes.filter(({ id }) => id !== ids[4]) } : page,
    );
    expect(await run({ full: true })).toMatchObject({ status: 'complete', counts: { deleted: 0 } });
    expect(await deleted()).toEqual([]);
    expect(await sightings()).toEqual([]);
  });

  test('while rows cannot be read nothing is taken for deleted: it may be one of them', async () => {
    a.records.delete(ids[1]!);
    const mended = reading((page, whole) =>
      whole && page.done ? { ...page, problems: [{ line: 3, message: 'broken' }] } : page,
    );
    const run1 = await run({ full: true });
    expect(run1).toMatchObject({ status: 'incomplete', counts: { deleted: 0 } });
    expect(run1.reasons.map(({ message }) => message)).toContain(
      '1 record of people is not shown any more, but 1 row could not be read: nothing is taken for deleted',
    );
    expect(await deleted()).toEqual([]);
    mended();
    expect(await run({ full: true })).toMatchObject({ status: 'complete', counts: { deleted: 1 } });
  });

  test('readings leave no room behind them that is never used again', async () => {
    const size = async () =>
      (await db.query<{ n: number }>(`select pg_relation_size('sighting')::int as n`))[0]!.n;
    Object.assign(hub.sync.guards, { maxMissing: 1000 });
    for (const id of ids.slice(0, 2)) {
      a.records.delete(id);
      expect(await run({ full: true })).toMatchObject({ counts: { deleted: 1 } });
    }
    if (db.driver === 'pglite') expect(await size()).toBe(0);
    expect(await sightings()).toEqual([]);
  });

  test('more than one page of looks', async () => {
    Object.assign(hub.sync.guards, { maxMissing: 1000 });
    for (let n = 100; n < 320; n++) a.put(person(n));
    a.pageSize = 100;
    await run();
    for (const [id] of [...a.records].slice(-210)) a.records.delete(id);
    expect(await run({ full: true })).toMatchObject({ status: 'complete', counts: { deleted: 210 } });
    expect(await run({ full: true })).toMatchObject({ status: 'complete', counts: { deleted: 0 } });
  });
});
