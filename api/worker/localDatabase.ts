import { PGlite } from '@electric-sql/pglite';
import { PGLiteSocketServer } from '@electric-sql/pglite-socket';
import { freePort } from '../demo/tourPort.ts';

export interface LocalDatabase {
  url: string;
  close(): Promise<void>;
}

/** The embedded database behind a socket of this machine: to a Worker it is a PostgreSQL server. It forgets everything when closed. */
export async function serveEmbedded(): Promise<LocalDatabase> {
  const lite = await PGlite.create();
  const port = await freePort(0);
  const server = new PGLiteSocketServer({ db: lite, port, host: '127.0.0.1', maxConnections: 50 });
  await server.start();
  return {
    url: `postgres://postgres@127.0.0.1:${port}/postgres`,
    async close() {
      await server.stop();
      await lite.close();
    },
  };
}
