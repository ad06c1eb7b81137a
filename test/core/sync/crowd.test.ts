import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createMatcher } from '../../../core/match/matcher.ts';
import { DEFAULT_MODEL } from '../../../core/match/model.ts';
import type { Db } from '../../../core/store/db.ts';
import { migrateIn } from '../../../core/store/migrate.ts';
import { MIGRATIONS } from '../../../core/store/migrations.ts';
import { openPg } from '../../../core/store/pg.ts';
import { openEmbedded } from '../../../core/store/pglite.ts';
import { decide } from '../../../core/sync/decide.ts';
import { decideReview } from '../../../core/sync/reviewing.ts';
import { runSync } from '../../../core/sync/run.ts';
import { DATABASES, emptyPostgres } from '../../support/databases.ts';
import { emptyStore } from '../../support/emptyStore.ts';
import { MemoryTool, memoryHub } from '../../support/memory.ts';

const KEN = { familyName: '勅使河原', givenName: '健', email: 'ken@alpha.example' };
/** A namesake of KEN, of whom nobody can tell whether he is the same. */
const NAMESAKE = { ...KEN, email: 'k.teshigawara@beta.example' };
/** The same of a commoner name. */
const IGARASHI = { familyName: '五十嵐', givenName: '健', email: 'k.igarashi@gamma.example' };
const NAMESAKE_TOO = { ...IGARASHI, email: 'ken.i@delta.example' };
const stranger = (n: number) => ({ email: `stranger${n}@epsilon.example` });

const pairOf = ({ a, b }: { a: string; b: string }) => ({ a, b });

const doubts = (db: Db) =>
  db.query<{ a: string; b: string; weight: number; state: string }>(
    `select a, b, weight, state from review where state in ('open', 'later') order by a, b`,
  );

describe.each(DATABASES)('doubts among ever more records, on $name', ({ open }) => {
  let db: Db;
  beforeAll(async () => {
    db = await open();
  });
  afterAll(() => db.close());
  beforeEach(() => emptyStore(db));

  /** Weights made for so many records. */
  const world = (among: number) => {
    const tool = new MemoryTool('a');
    tool.pageSize = 50;
    const hub = memoryHub(db, [tool]);
    hub.sync.matcher = createMatcher(hub.sync.entity, { ...DEFAULT_MODEL.person, among });
    const run = () => runSync(hub.engine, hub.sync, { mode: 'sync', signal: new AbortController().signal });
    return { tool, run, hub };
  };

  test('lose a bit with each doubling, and are none once chance explains them', async () => {
    const { tool, run } = world(4);
    for (const one of [KEN, NAMESAKE, NAMESAKE_TOO, IGARASHI]) tool.put(one);
    await run();
    const [strong, weak] = await doubts(db);
    expect(strong!.weight).toBeGreaterThan(weak!.weight + 1);
    let n = 4;
    let last = [strong!, weak!];
    for (let bits = 1; last.length > 0; bits++) {
      for (; n < 4 << bits; n++) tool.put(stranger(n));
      await run();
      const now = await doubts(db);
      expect(now).toEqual(
        [strong!, weak!]
          .map((doubt) => ({ ...doubt, weight: doubt.weight - bits }))
          .filter(({ weight }) => weight >= DEFAULT_MODEL.person.review),
      );
      last = now as typeof last;
      expect(bits).toBeLessThan(20);
    }
    // Scores are as they were.
    expect(await db.query(`select weight from edge order by weight desc`)).toEqual(
      [strong!, weak!].map(({ weight }) => ({ weight })),
    );
    // An edit of one of them does not bring it back.
    tool.put({ phone: '+81312345678' }, 'a1');
    await run();
    expect(await doubts(db)).toEqual([]);
    expect(await db.query(`select * from matched`)).toEqual([
      { entity: 'person', records: n, crowd: Math.log2(n / 4) },
    ]);
  });

  test('what a score links stays one; what somebody has put off stays put off, and weighs less', async () => {
    const { tool, run, hub } = world(4);
    for (const one of [KEN, NAMESAKE, NAMESAKE_TOO, { ...NAMESAKE_TOO, phone: '+81312345678' }])
      tool.put(one);
    await run();
    const [before] = await doubts(db);
    await decideReview(hub.engine, async () => [hub.sync], before!, 'later', { by: 'mika' });
    for (let n = 4; n < 64; n++) tool.put(stranger(n));
    await run();
    expect(await doubts(db)).toEqual([{ ...before!, weight: before!.weight - 4, state: 'later' }]);
    const [golden] = await db.query<{ records: string[] }>(
      `select array_agg(key order by key) as records from source_record group by golden_id having count(*) > 1`,
    );
    expect(golden!.records).toEqual(['a/people/a3', 'a/people/a4']);
  });

  test('weights that are for more records bring doubts back', async () => {
    const { tool, run, hub } = world(2);
    for (const one of [NAMESAKE_TOO, IGARASHI]) tool.put(one);
    await run();
    const before = await doubts(db);
    expect(before).toHaveLength(1);
    for (let n = 2; n < 2 ** 8; n++) tool.put(stranger(n));
    await run();
    expect(await doubts(db)).toEqual([]);
    hub.sync.matcher = createMatcher(hub.sync.entity, { ...DEFAULT_MODEL.person, among: 2 ** 8 });
    await db.query(`update source_record set dirty = true, rescore = true`);
    await run();
    expect(await doubts(db)).toEqual(before);
  });

  test('an open doubt weighs what its records say now', async () => {
    const { tool, run } = world(1000);
    for (const one of [KEN, NAMESAKE]) tool.put(one);
    await run();
    const [before] = await doubts(db);
    tool.put({ phone: '+819012345678' }, 'a1');
    tool.put({ phone: '+818098765432' }, 'a2');
    await run();
    const [after] = await doubts(db);
    expect(after!.weight).toBeLessThan(before!.weight);
    const [edge] = await db.query<{ weight: number }>(`select weight from edge`);
    expect(after!.weight).toBe(edge!.weight);
  });

  const FOUR = [{ ...KEN, phone: '+819012345678' }, KEN, { ...NAMESAKE, phone: '+819012345678' }, NAMESAKE];
  const goldens = async () =>
    (
      await db.query<{ records: string[] }>(
        `select array_agg(ext_id order by ext_id) as records from source_record
         group by golden_id having count(*) > 1 order by 1`,
      )
    ).map(({ records }) => records.join(' '));

  test('clusters do not depend on how many others there are, nor does an edit split what a doubt holds together', async () => {
    const few = world(4);
    for (const one of FOUR) few.tool.put(one);
    await few.run();
    const before = await goldens();
    expect(before).toEqual(['a1 a2 a3 a4']);
    for (let n = 4; n < 2 ** 9; n++) few.tool.put(stranger(n));
    await few.run();
    few.tool.put({ phone: '+818011112222' }, 'a2');
    await few.run();
    expect(await goldens()).toEqual(before);

    await emptyStore(db);
    const all = world(4);
    for (const one of FOUR) all.tool.put(one);
    for (let n = 4; n < 2 ** 9; n++) all.tool.put(stranger(n));
    await all.run();
    expect(await goldens()).toEqual(before);
  });

  test('what tools have joined, and a person keeps apart, weighs what it did', async () => {
    const { tool, run, hub } = world(2);
    for (const id of ['x', 'y', 'z'])
      tool.put({ familyName: id.repeat(5), email: `${id}@${id}.example` }, id);
    await run();
    const key = (id: string) => `a/people/${id}`;
    const syncs = async () => [hub.sync];
    await decide(hub.engine, syncs, { kind: 'link', a: key('x'), b: key('z') }, { by: 'mika' });
    await decide(hub.engine, syncs, { kind: 'apart', a: key('y'), b: key('z') }, { by: 'mika' });
    tool.merge('y', 'x');
    await run();
    const before = await doubts(db);
    expect(before).toMatchObject([{ weight: 1000 }]);
    for (let n = 0; n < 100; n++) tool.put(stranger(n));
    await run();
    expect(await doubts(db)).toEqual(before);
  });

  test('a process that goes on with earlier weights takes no doubt away for good', async () => {
    const { tool, run, hub } = world(4);
    for (let n = 4; n < 2 ** 9; n++) tool.put(stranger(n));
    await run();
    const old = hub.sync.matcher;
    const learnt = createMatcher(hub.sync.entity, { ...DEFAULT_MODEL.person, among: 2 ** 9 });
    hub.sync.matcher = learnt;
    for (const one of [NAMESAKE_TOO, IGARASHI]) tool.put(one);
    await run();
    const before = await doubts(db);
    expect(before).toHaveLength(1);
    for (const matcher of [old, learnt]) {
      hub.sync.matcher = matcher;
      tool.put(stranger(matcher === old ? 5000 : 5001));
      await run();
    }
    expect(await doubts(db)).toEqual(before);
  });

  test('records that have gone do not count', async () => {
    const { tool, run } = world(64);
    for (const one of [NAMESAKE_TOO, IGARASHI]) tool.put(one);
    await run();
    const before = await doubts(db);
    for (let day = 0; day < 10; day++) {
      const ids = Array.from({ length: 40 }, (_, n) => tool.put(stranger(100 * day + n)));
      await run();
      for (const id of ids) tool.remove(id);
    }
    await run();
    expect(await doubts(db)).toEqual(before);
  });

  test('nobody who waits has to wait for it: a webhook, a person', async () => {
    const { tool, run, hub } = world(4);
    for (const one of [NAMESAKE_TOO, IGARASHI]) tool.put(one);
    await run();
    const [before] = await doubts(db);
    await db.query(`update matched set records = 1000`);
    await decideReview(hub.engine, async () => [hub.sync], before!, 'later', { by: 'mika' });
    await decide(hub.engine, async () => [hub.sync], { kind: 'apart', ...pairOf(before!) }, { by: 'mika' });
    expect(await db.query(`select records, crowd from matched`)).toEqual([{ records: 1000, crowd: 0 }]);
    tool.put(stranger(1));
    await run();
    // Counted anew by the next step that nobody waits for: it was never a thousand.
    expect(await db.query(`select records, crowd from matched`)).toEqual([{ records: 3, crowd: 0 }]);
  });

  test('whatever the order in which records arrive, the doubts are those of all at once', async () => {
    const people = [
      KEN,
      NAMESAKE,
      NAMESAKE_TOO,
      IGARASHI,
      ...Array.from({ length: 20 }, (_, n) => stranger(n)),
    ];
    const named = async (order: readonly number[], pages: readonly number[]) => {
      await emptyStore(db);
      const { tool, run } = world(3);
      let at = 0;
      for (const size of [...pages, people.length]) {
        for (const i of order.slice(at, at + size)) tool.put(people[i]!);
        at += size;
        await run();
      }
      const rows = await db.query<{ x: string; y: string; weight: number }>(
        `select a.seen ->> 'email' as x, b.seen ->> 'email' as y, r.weight from review r
         join source_record a on a.key = r.a join source_record b on b.key = r.b where r.state = 'open'`,
      );
      return rows.map(({ x, y, weight }) => `${[x, y].sort().join(' ')} ${weight.toFixed(6)}`).sort();
    };
    const indices = people.map((_, i) => i);
    const all = await named(indices, []);
    expect(all).toHaveLength(1);
    await fc.assert(
      fc.asyncProperty(
        fc.shuffledSubarray(indices, { minLength: indices.length }),
        fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 3 }),
        async (order, pages) => {
          expect(await named(order, pages)).toEqual(all);
        },
      ),
      { numRuns: 6 },
    );
  });
});

test.each([
  { name: 'PGlite', open: () => openEmbedded(undefined, new Date()) },
  { name: 'PostgreSQL', open: async () => openPg(await emptyPostgres()) },
])('a store of before on $name is counted', async ({ open }) => {
  const before = MIGRATIONS.findIndex(({ name }) => name === 'records matched, entity by entity');
  const db = await open();
  await db.transaction((tx) => migrateIn(tx, before));
  await db.query(
    `insert into source_record (key, connection, object, ext_id, entity, golden_id, prepared)
       select name, 'a', 'people', name, entity, golden, '[]'
       from (values ('p', 'person', 'g1'), ('q', 'person', 'g1'), ('r', 'company', 'g2'), ('s', 'person', null)) as x(name, entity, golden)`,
  );
  // What the hub made, and nobody has edited, is no record of its own.
  await db.query(
    `insert into source_record (key, connection, object, ext_id, entity, golden_id)
       values ('t', 'b', 'people', 't', 'person', 'g1')`,
  );
  await db.transaction((tx) => migrateIn(tx));
  expect(await db.query(`select * from matched order by entity`)).toEqual([
    { entity: 'company', records: 1, crowd: 0 },
    { entity: 'person', records: 2, crowd: 0 },
  ]);
  await db.close();
});
