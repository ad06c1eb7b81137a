import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { packed } from '../../../core/match/packed.ts';
import type { Prepared } from '../../../core/match/prepared.ts';
import { preparedOf, savePrepared } from '../../../core/store/matching.ts';
import { migrateIn } from '../../../core/store/migrate.ts';
import { MIGRATIONS } from '../../../core/store/migrations.ts';
import { openPg } from '../../../core/store/pg.ts';
import { openEmbedded } from '../../../core/store/pglite.ts';
import { forgetRecords } from '../../../core/store/traces.ts';
import { DATABASES, emptyPostgres } from '../../support/databases.ts';
import { preparedRecord } from '../match/preparedRecord.ts';

/** Migrations before forms had a table. */
const BEFORE = MIGRATIONS.findIndex(({ name }) => name === 'forms for matching have a table of their own');
const named = (records: readonly Prepared[]) => records.map((record, i) => ({ ...record, id: `r${i}` }));
const byId = (records: readonly Prepared[]) => new Map(records.map((record) => [record.id, record]));

test.each(DATABASES)('forms for matching come back from $name as they were', async ({ open }) => {
  const db = await open();
  await fc.assert(
    fc.asyncProperty(
      fc.array(preparedRecord, { maxLength: 8 }),
      fc.array(preparedRecord),
      async (one, other) => {
        await db.query('truncate match_form');
        await savePrepared(db, named(one));
        expect(await preparedOf(db, ['r0', 'r7', 'r99'])).toEqual(
          byId(named(one).filter(({ id }) => id === 'r0' || id === 'r7')),
        );
        await savePrepared(db, named(other));
        const all = byId([...named(one), ...named(other)]);
        expect(await preparedOf(db, [...all.keys()])).toEqual(all);
      },
    ),
    { numRuns: 40 },
  );
  await db.close();
});

test.each([
  { name: 'PGlite', open: () => openEmbedded(undefined, new Date()) },
  { name: 'PostgreSQL', open: async () => openPg(await emptyPostgres()) },
])('a store of before on $name keeps its forms, and forgets them with their records', async ({ open }) => {
  const db = await open();
  await db.transaction((tx) => migrateIn(tx, BEFORE));
  const [record] = named(fc.sample(preparedRecord, { numRuns: 1, seed: 7 }));
  for (const [key, form] of Object.entries({ packed: packed(record!), whole: record, none: null }))
    await db.query(
      `insert into source_record (key, connection, object, ext_id, entity, golden_id, prepared) values ($1, 'a', 'people', $1, 'person', $2, $3)`,
      [key, `g-${key}`, form === null ? null : JSON.stringify(form)],
    );
  await db.transaction((tx) => migrateIn(tx));
  const keys = ['packed', 'whole', 'none'];
  expect(await preparedOf(db, keys)).toEqual(
    new Map([
      ['packed', { ...record, id: 'packed' }],
      ['whole', record],
    ]),
  );
  await db.transaction((tx) => forgetRecords(tx, { goldenIds: ['g-packed'], records: ['whole'] }));
  expect([...(await preparedOf(db, keys)).keys()]).toEqual([]);
  expect(await db.query('select key from source_record')).toEqual([{ key: 'none' }]);
  await db.close();
});

test('what a program of before stores while the schema is brought up is waited for', async () => {
  const url = await emptyPostgres();
  const [old, newer] = [openPg(url), openPg(url)];
  await newer.transaction((tx) => migrateIn(tx, BEFORE));
  await newer.query(
    `insert into source_record (key, connection, object, ext_id, entity) values ('late', 'a', 'people', 'late', 'person')`,
  );
  const [record] = named(fc.sample(preparedRecord, { numRuns: 1, seed: 7 }));
  let migrating: Promise<unknown> | undefined;
  await old.transaction(async (tx) => {
    await tx.query(`update source_record set prepared = $1, dirty = false`, [
      JSON.stringify(packed(record!)),
    ]);
    migrating = newer.transaction((upgrade) => migrateIn(upgrade));
    await vi.waitUntil(
      async () => (await old.query(`select 1 from pg_locks where not granted`)).length > 0,
      10_000,
    );
  });
  await migrating;
  expect((await preparedOf(newer, ['late'])).get('late')).toEqual({ ...record, id: 'late' });
  await expect(old.query(`update source_record set prepared = null`)).rejects.toThrow('prepared');
  await Promise.all([old.close(), newer.close()]);
});
