import { randomUUID } from 'node:crypto';
import { inject } from 'vitest';
import type { Db } from '../../core/store/db.ts';
import { migrate } from '../../core/store/migrate.ts';
import { openPg } from '../../core/store/pg.ts';
import { openEmbedded } from '../../core/store/pglite.ts';
import { copyImage, dumpIn } from './image.ts';

export interface TestDatabase {
  name: string;
  /** A fresh, migrated database; closing it is the caller's. */
  open(): Promise<Db>;
}

async function makePostgres(template: string): Promise<string> {
  const server = inject('postgres');
  const admin = openPg(`${server}/postgres`, { max: 1 });
  const name = `t_${randomUUID().replaceAll('-', '')}`;
  try {
    await admin.query(`create database ${name} template ${template}`);
  } finally {
    await admin.close();
  }
  return `${server}/${name}`;
}

/** Makes a database with the hub's schema on the run's PostgreSQL, and gives its address. */
export const freshPostgres = () => makePostgres(inject('template'));

/** As a customer's server has it before the hub comes: with nothing in it. */
export const emptyPostgres = () => makePostgres('template1');

/** An embedded database in memory, with the hub's schema. */
export async function openMemory(): Promise<Db> {
  const db = await openEmbedded(undefined, new Date(), await dumpIn(inject('image')));
  await migrate(db);
  return db;
}

/** Puts an embedded database with the hub's schema into a folder that NAYOSE_DATA names: quicker than that a hub makes it. */
export const fillFolder = (folder: string) => copyImage(inject('image'), folder);

/** Both drivers: what one does, the other must. */
export const DATABASES: TestDatabase[] = [
  { name: 'PGlite', open: openMemory },
  { name: 'PostgreSQL', open: async () => openPg(await freshPostgres()) },
];
