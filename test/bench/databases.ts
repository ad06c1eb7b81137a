import { openPg } from '../../core/store/pg.ts';
import { startPostgres } from '../support/server.ts';

/** A PostgreSQL server for one bench, with a fresh database. */
export async function benchPostgres(): Promise<{ url: string; close(): Promise<void> }> {
  const server = await startPostgres();
  const admin = openPg(`${server.url}/postgres`, { max: 1 });
  await admin.query('create database bench');
  await admin.close();
  return { url: `${server.url}/bench`, close: server.stop };
}

export const rate = (n: number, ms: number) => Math.round((n / ms) * 1000);
export const times = (a: number, b: number) => `${(a / b).toFixed(2)}×`;
