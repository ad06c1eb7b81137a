import { expect, test } from 'vitest';
import { DatabaseLost, type Db } from '../../../core/store/db.ts';
import { openPg } from '../../../core/store/pg.ts';
import { freshPostgres } from '../../support/databases.ts';

test('of two transactions that wait for each other, the one that the database ends may be tried again', async () => {
  const db = openPg(await freshPostgres());
  await db.query(`create table lamp (id int primary key, n int)`);
  await db.query(`insert into lamp values (1, 0), (2, 0)`);
  const light = (tx: Db, id: number) => tx.query(`update lamp set n = n + 1 where id = $1`, [id]);
  let holding = 0;
  let both = () => {};
  const together = new Promise<void>((done) => {
    both = done;
  });
  const crossing = (first: number, second: number) =>
    db.transaction(async (tx) => {
      await light(tx, first);
      if (++holding === 2) both();
      await together;
      await light(tx, second);
    });
  const ended = await Promise.allSettled([crossing(1, 2), crossing(2, 1)]);
  const lost = ended.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []));
  expect(lost).toEqual([expect.any(DatabaseLost)]);
  expect(await db.query(`select n from lamp order by id`)).toEqual([{ n: 1 }, { n: 1 }]);
  await db.close();
});
