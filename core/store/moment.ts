import type { Db } from './db.ts';

/** Several reads of one moment, in a transaction that the database lets write nothing. Not inside another transaction. */
export function atOneMoment<T>(db: Db, work: (tx: Db) => Promise<T>): Promise<T> {
  return db.transaction(async (tx) => {
    await tx.query(`set transaction isolation level repeatable read, read only`);
    return work(tx);
  });
}
