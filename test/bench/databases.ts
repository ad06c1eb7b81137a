import { openPg } from '../../core/store/pg.ts';
import { startPostgres } from '../support/server.ts';

export interface BenchServer {
  /** Of the database `bench`. */
  url: string;
  /** Makes one more database, and gives its address. `like`: a copy of another, to which nobody is connected. */
  database(name: string, like?: string): Promise<string>;
  close(): Promise<void>;
}

/** A PostgreSQL server for one bench, with a fresh database. `settings`: of the server, where they are not the default. */
export async function benchPostgres(settings: Readonly<Record<string, string>> = {}): Promise<BenchServer> {
  const server = await startPostgres({ settings });
  const database = async (name: string, like?: string) => {
    const admin = openPg(`${server.url}/postgres`, { max: 1 });
    await admin.query(`create database ${name}${like === undefined ? '' : ` template ${like}`}`);
    await admin.close();
    return `${server.url}/${name}`;
  };
  return { url: await database('bench'), database, close: server.stop };
}

export const rate = (n: number, ms: number) => Math.round((n / ms) * 1000);
export const times = (a: number, b: number) => `${(a / b).toFixed(2)}×`;
