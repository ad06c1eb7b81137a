import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { resolve } from 'node:path';
import { type Db, StoreError } from '../../core/store/db.ts';
import { migrate } from '../../core/store/migrate.ts';
import { openPg } from '../../core/store/pg.ts';
import { type Embedded, openEmbedded } from '../../core/store/pglite.ts';
import { beat, leave, processOf } from '../../core/store/processes.ts';
import { emptyHands, type Hands } from '../../core/sync/hands.ts';

export interface Store {
  db: Db;
  /** What users call it: the server without its password, or the folder. */
  place: string;
  /** How this process signs what it has in flight. */
  owner: string;
  isAlive(owner: string): Promise<boolean>;
  /** What is in the hands of all hubs that work as this owner: while the config changes they are two. */
  hands: Hands;
  /** Tells commands on the same embedded folder where this process serves. */
  serving(url: string, key?: string): Promise<void>;
  close(): Promise<void>;
}

const BEAT_MS = 5_000;
/** A process that has been silent for so long is taken for dead, whatever its host. */
const DEAD_AFTER_SECONDS = 30;

type Env = Record<string, string | undefined>;

/** DATABASE_URL: that server. Otherwise the embedded database in NAYOSE_DATA. Brings the schema up to date. */
export async function openStore(env: Env, now: () => Date): Promise<Store> {
  const { db, place } = await openDatabase(env, now);
  try {
    await migrate(db);
  } catch (error) {
    await db.close();
    throw error;
  }
  return env.DATABASE_URL ? shared(db, place, now) : alone(db as Embedded, place, now);
}

/** The database as it is: no schema is brought up to date, and no process signed in. `place` as in Store. */
export async function openDatabase(env: Env, now: () => Date): Promise<{ db: Db; place: string }> {
  const url = env.DATABASE_URL;
  if (url) return { db: openServer(url, env.NAYOSE_PG_PREPARE !== 'off'), place: shownUrl(url) };
  const folder = embeddedFolder(env);
  return { db: await openEmbedded(folder, now()), place: folder };
}

export const embeddedFolder = (env: Env) => resolve(env.NAYOSE_DATA ?? '.nayose');

function openServer(url: string, prepare: boolean): Db {
  if (!/^postgres(ql)?:\/\//.test(url))
    throw new StoreError(
      `DATABASE_URL is not an address of PostgreSQL`,
      'Expected postgres://user:password@host:port/database.',
    );
  return openPg(url, { prepare });
}

function shownUrl(url: string): string {
  const shown = new URL(url);
  shown.password = '';
  shown.search = '';
  return shown.href;
}

const signature = (now: Date) => `${hostname()}:${process.pid}:${now.getTime().toString(36)}`;

/** The folder's lock says that every other process that ever signed a row is dead. */
function alone(db: Embedded, place: string, now: () => Date): Store {
  const owner = signature(now());
  return {
    db,
    place,
    owner,
    isAlive: async (other) => other === owner,
    hands: emptyHands(),
    serving: async (url, key) => db.lock?.serving(url, key),
    close: () => db.close(),
  };
}

async function shared(db: Db, place: string, now: () => Date): Promise<Store> {
  const owner = signature(now());
  await beat(db, owner, hostname(), process.pid);
  const timer = setInterval(() => {
    // A missed beat is harmless by itself; whoever needs the database reports its absence.
    beat(db, owner, hostname(), process.pid).catch(() => undefined);
  }, BEAT_MS);
  timer.unref();
  return {
    db,
    place,
    owner,
    async isAlive(other) {
      if (other === owner) return true;
      const row = await processOf(db, other);
      if (!row || row.silent > DEAD_AFTER_SECONDS) return false;
      return row.host !== hostname() || (runs(row.pid) && other.split(':')[1] === String(row.pid));
    },
    hands: emptyHands(),
    serving: async () => undefined,
    async close() {
      clearInterval(timer);
      await leave(db, owner).catch(() => undefined);
      await db.close();
    },
  };
}

/** A zombie still has a pid, but runs no more. */
function runs(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2, stat.lastIndexOf(')') + 3) !== 'Z';
  } catch (error) {
    // Not Linux, or it ended just now.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return process.platform !== 'linux';
    throw error;
  }
}
