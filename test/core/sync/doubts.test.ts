import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Db } from '../../../core/store/db.ts';
import { migrateIn } from '../../../core/store/migrate.ts';
import { MIGRATIONS } from '../../../core/store/migrations.ts';
import { openPg } from '../../../core/store/pg.ts';
import { openEmbedded } from '../../../core/store/pglite.ts';
import { decideReview } from '../../../core/sync/reviewing.ts';
import { runSync } from '../../../core/sync/run.ts';
import { undo } from '../../../core/sync/undo.ts';
import { DATABASES, emptyPostgres } from '../../support/databases.ts';
import { emptyStore } from '../../support/emptyStore.ts';
import { MemoryTool, memoryHub } from '../../support/memory.ts';

const KEN = { familyName: '勅使河原', givenName: '健', email: 'ken@alpha.example' };
/** A namesake of KEN, of whom nobody can tell whether he is the same. */
const NAMESAKE = { familyName: '勅使河原', givenName: '健', email: 'k.teshigawara@beta.example' };

const doubts = (db: Db) =>
  db.query<{ a: string; b: string; reason: string }>(
    `select a, b, reason from review where state = 'open' order by a, b`,
  );

describe.each(DATABASES)('doubtful pairs on $name', ({ open }) => {
  let db: Db;
  beforeAll(async () => {
    db = await open();
  });
  afterAll(() => db.close());
  beforeEach(() => emptyStore(db));

  const world = () => {
    const tool = new MemoryTool('a');
    tool.pageSize = 50;
    const hub = memoryHub(db, [tool]);
    const run = () => runSync(hub.engine, hub.sync, { mode: 'sync', signal: new AbortController().signal });
    return { tool, run, hub };
  };

  test('wait for a person, whether their records came together or one long after the other', async () => {
    const one = world();
    one.tool.put(KEN);
    one.tool.put(NAMESAKE);
    await one.run();
    const together = await doubts(db);
    expect(together).toEqual([{ a: 'a/people/a1', b: 'a/people/a2', reason: 'doubtful score' }]);

    await emptyStore(db);
    const other = world();
    other.tool.put(KEN);
    await other.run();
    expect(await doubts(db)).toEqual([]);
    other.tool.put(NAMESAKE);
    await other.run();
    expect(await doubts(db)).toEqual(together);
    // Resolved again, alone: still a doubt.
    other.tool.put({ phone: '+81312345678' }, 'a2');
    await other.run();
    expect(await doubts(db)).toEqual(together);
  });

  test('are closed once a third record brings the two together', async () => {
    const { tool, run } = world();
    tool.put(KEN);
    tool.put({ ...NAMESAKE, phone: '+819012345678' });
    await run();
    expect(await doubts(db)).toHaveLength(1);
    tool.put({ ...KEN, phone: '+819012345678' });
    await run();
    expect(await db.query(`select distinct golden_id from source_record`)).toHaveLength(1);
    expect(await doubts(db)).toEqual([]);
  });

  test('… and wait again, all of them, when what a person linked is undone', async () => {
    const { tool, run, hub } = world();
    for (const one of [KEN, KEN, NAMESAKE, NAMESAKE]) tool.put(one);
    await run();
    const before = await doubts(db);
    expect(before).toHaveLength(4);
    const [syncs, who] = [async () => [hub.sync], { by: 'mika' }];
    const pair = { a: 'a/people/a1', b: 'a/people/a3' };
    const linked = await decideReview(hub.engine, syncs, pair, 'link', who);
    expect(await doubts(db)).toEqual([]);
    await undo(hub.engine, syncs, linked!.act!.id, who);
    expect(await doubts(db)).toEqual(before);
  });
});

test.each([
  { name: 'PGlite', open: () => openEmbedded(undefined, new Date()) },
  { name: 'PostgreSQL', open: async () => openPg(await emptyPostgres()) },
])('a store of before on $name is given the doubts that its pages had lost', async ({ open }) => {
  const before = MIGRATIONS.findIndex(({ name }) => name === 'doubts that fell between two pages');
  const db = await open();
  await db.transaction((tx) => migrateIn(tx, before));
  await db.query(
    `insert into source_record (key, connection, object, ext_id, entity, golden_id)
       select name, 'a', 'people', name, 'person', golden from (values ('p', 'g1'), ('q', 'g2'), ('r', 'g2'), ('s', 'g3')) as x(name, golden)`,
  );
  await db.query(
    `insert into edge (a, b, entity, weight, decision, origin) values
       ('p', 'q', 'person', 1, 'review', 'score'), ('q', 'r', 'person', 2, 'review', 'score'),
       ('p', 'r', 'person', 3, 'review', 'score'), ('r', 's', 'person', 4, 'review', 'score'),
       ('p', 's', 'person', 5, 'review', 'score')`,
  );
  await db.query(
    `insert into decision (id, entity, kind, a, b, by, at) values ('d', 'person', 'apart', 's', 'r', 'me', now())`,
  );
  await db.query(
    `insert into review (a, b, entity, weight, reason, state, at) values ('p', 's', 'person', 5, 'doubtful score', 'later', now())`,
  );
  await db.transaction((tx) => migrateIn(tx, before + 1));
  // q and r are one; r and s are kept apart; of p and s somebody has thought already.
  expect(await db.query(`select a, b, weight, reason, state from review order by a, b`)).toEqual([
    { a: 'p', b: 'q', weight: 1, reason: 'doubtful score', state: 'open' },
    { a: 'p', b: 'r', weight: 3, reason: 'doubtful score', state: 'open' },
    { a: 'p', b: 's', weight: 5, reason: 'doubtful score', state: 'later' },
  ]);
  await db.close();
});
