import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Db, StoreError } from '../../../core/store/db.ts';
import { json } from '../../../core/store/json.ts';
import { migrate } from '../../../core/store/migrate.ts';
import { MIGRATIONS } from '../../../core/store/migrations.ts';
import { DATABASES } from '../../support/databases.ts';

describe.each(DATABASES)('the store kit over $name', ({ open }) => {
  let db: Db;
  beforeAll(async () => {
    db = await open();
  });
  afterAll(() => db.close());

  test('types come back the same: int8, numeric, timestamptz, date, jsonb, text[]', async () => {
    const [row] = await db.query(
      `select 9007199254740991::int8 as big, 12.50::numeric as money, true as yes, null::text as nothing,
         timestamptz '2026-01-02 03:04:05.678+09' as at, date '2026-01-02' as day, '{"a":[1,"二"]}'::jsonb as doc, $1::text[] as list,
         count(*) as n from (values (1),(2)) as v`,
      [['a"b', 'c,d', '株式会社']],
    );
    expect(row).toEqual({
      big: 9007199254740991,
      money: 12.5,
      yes: true,
      nothing: null,
      at: '2026-01-01T18:04:05.678Z',
      day: '2026-01-02',
      doc: { a: [1, '二'] },
      list: ['a"b', 'c,d', '株式会社'],
      n: 2,
    });
  });

  test('a jsonb parameter is JSON text; NUL and lone surrogates cannot stop a page', async () => {
    const bad = { name: 'a\u0000b', cut: 'x\ud83d', ok: '𠮷\\u0000', in: [{ 'k\u0000': 1, '\ud83d': 2 }] };
    const [row] = await db.query<{ doc: unknown }>(`select $1::jsonb as doc`, [json(bad)]);
    expect(row!.doc).toEqual({ name: 'ab', cut: 'x\ufffd', ok: '𠮷\\u0000', in: [{ k: 1, '\ufffd': 2 }] });
  });

  test('a transaction that throws leaves nothing; a nested one only undoes itself', async () => {
    await db.query(`create table t (n int)`);
    await expect(
      db.transaction(async (tx) => {
        await tx.query(`insert into t values (1)`);
        throw new Error('stop');
      }),
    ).rejects.toThrow('stop');
    await db.transaction(async (tx) => {
      await tx.query(`insert into t values (2)`);
      await expect(
        tx.transaction(async (inner) => {
          await inner.query(`insert into t values (3)`);
          await inner.query(`select 1/0`);
        }),
      ).rejects.toThrow(/zero/);
      await Promise.all(
        [4, 5].map((n) => tx.transaction((inner) => inner.query(`insert into t values (${n})`))),
      );
    });
    expect(await db.query(`select n from t order by n`)).toEqual([{ n: 2 }, { n: 4 }, { n: 5 }]);
  });

  test('a statement that fails does not break the next one', async () => {
    await expect(db.query(`select * from nowhere`)).rejects.toThrow(/nowhere/);
    expect(await db.query(`select 1 as one`)).toEqual([{ one: 1 }]);
  });

  test('an advisory lock keeps two writers apart', async () => {
    const order: string[] = [];
    const work = (name: string) =>
      db.transaction(async (tx) => {
        await tx.query(`select pg_advisory_xact_lock(hashtext('kit'))`);
        order.push(`${name} in`);
        await tx.query(`select 1`);
        order.push(`${name} out`);
      });
    await Promise.all([work('a'), work('b')]);
    expect(order).toEqual(
      order[0] === 'a in' ? ['a in', 'a out', 'b in', 'b out'] : ['b in', 'b out', 'a in', 'a out'],
    );
  });

  test('migrating again changes nothing; a database of a newer version is refused', async () => {
    await migrate(db);
    expect(await db.query(`select count(*) as n from migration`)).toEqual([{ n: MIGRATIONS.length }]);
    await db.query(`insert into migration (id, name) values (999, 'from the future')`);
    await expect(migrate(db)).rejects.toThrow(StoreError);
    await db.query(`delete from migration where id = 999`);
  });
});
