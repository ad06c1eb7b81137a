import { randomUUID } from 'node:crypto';
import { inject } from 'vitest';
import type { Db } from '../../core/store/db.ts';
import { migrate } from '../../core/store/migrate.ts';
import { openPg } from '../../core/store/pg.ts';
import { openEmbedded } from '../../core/store/pglite.ts';

export interface TestDatabase {
  name: string;
  /** A fresh, migrated database; closing it is the caller's. */
  open(): Promise<Db>;
}

/** Makes an empty database on the run's PostgreSQL and gives its address. */
export async function freshPostgres(): Promise<string> {
  const server = inject('postgres');
  const admin = openPg(`${server}/postgres`, { max: 1 });
  const name = `t_${randomUUID().replaceAll('-', '')}`;
  try {
    await admin.query(`create database ${name}`);
  } finally {
    await admin.close();
  }
  return `${server}/${name}`;
}

/** Both drivers: what one does, the other must. */
export const DATABASES: TestDatabase[] = [
  {
    name: 'PGlite',
    async open() {
      const db = await openEmbedded(undefined, new Date());
      await migrate(db);
      return db;
    },
  },
  {
    name: 'PostgreSQL',
    async open() {
      const db = openPg(await freshPostgres());
      await migrate(db);
      return db;
    },
  },
];
