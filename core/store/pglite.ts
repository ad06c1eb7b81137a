import { statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { type Db, ended, nestable, type Row, StoreError } from './db.ts';
import { type FolderLock, lockFolder } from './lock.ts';
import { talkTo } from './protocol.ts';

export interface Embedded extends Db {
  lock: FolderLock | undefined;
}

/**
 * The embedded database: PostgreSQL in WASM over a folder, or in memory without one. One process holds a folder at a
 * time (two would lose rows silently); a second gets a StoreError that names the first. `image`: the dump of another one, which
 * a new one begins with instead of nothing.
 */
export async function openEmbedded(folder: string | undefined, now: Date, image?: Blob): Promise<Embedded> {
  const lock = folder === undefined ? undefined : await lockFolder(folder, now);
  let lite: PGlite;
  try {
    if (folder !== undefined) await refuseFullDisk(folder);
    lite = await PGlite.create({
      ...(folder === undefined ? {} : { dataDir: join(folder, 'db') }),
      ...(image ? { loadDataDir: image } : {}),
    });
  } catch (error) {
    await lock?.release();
    throw explain(error, folder);
  }
  const { run } = talkTo(lite);
  /** One connection: a statement, a script or a whole transaction at a time. */
  let turn: Promise<unknown> = Promise.resolve();
  const alone = <T>(work: () => Promise<T>): Promise<T> => {
    const mine = turn.then(work).catch((error) => {
      throw explain(error, folder);
    });
    turn = mine.catch(() => undefined);
    return mine;
  };
  return {
    driver: 'pglite',
    lock,
    query: (text, params = []) => alone(() => run(text, params)),
    script: (text) =>
      alone(async () => {
        try {
          return (await lite.exec(text)).flatMap(({ rows }) => rows as Row[]);
        } catch (error) {
          await lite.exec('rollback');
          throw error;
        }
      }),
    transaction: (work) =>
      alone(async () => {
        if (folder !== undefined) await refuseFullDisk(folder);
        await run('begin', []);
        let over = false;
        const inner: Db['query'] = async (text, params = []) => {
          if (over) throw ended();
          return run(text, params);
        };
        try {
          const result = await work(nestable('pglite', inner));
          over = true;
          await run('commit', []);
          return result;
        } catch (error) {
          over = true;
          await run('rollback', []);
          throw error;
        }
      }),
    room: async () => {
      if (folder !== undefined) await refuseFullDisk(folder);
    },
    async close() {
      await turn;
      await lite.close();
      await lock?.release();
    },
  };
}

/**
 * The least free space that a transaction starts with: more than the largest of them writes. On a disk that fills up
 * under it, PostgreSQL in WASM does not fail but spins for ever (seen with 18.3), so it must never come to that.
 */
const LEAST_FREE = 64 * 1024 * 1024;

async function refuseFullDisk(folder: string): Promise<void> {
  const disk = await statfs(folder);
  const free = disk.bavail * disk.bsize;
  if (free < LEAST_FREE)
    throw new StoreError(
      `the disk of ${folder} has ${Math.floor(free / 1024 / 1024)} MB left, and the database needs at least ${LEAST_FREE / 1024 / 1024} MB`,
      'Free some space, or point NAYOSE_DATA to another disk, and run the command again: what was committed is kept, nothing is half done.',
    );
}

/** A WASM crash prints its whole minified source: only its first line says anything. */
function explain(error: unknown, folder: string | undefined): unknown {
  if (error instanceof StoreError) return error;
  const message = String((error as Error).message ?? error)
    .split('\n')[0]!
    .slice(0, 300);
  const code = (error as { code?: string }).code;
  if (code === '53100' || /No space left|ENOSPC/i.test(message))
    return new StoreError(
      `the disk is full (${message})`,
      `Free some space on the disk of ${folder ?? 'the database'} and run the command again: nothing was half done.`,
      error,
    );
  if (/Aborted\(|RuntimeError|unreachable/.test(message))
    return new StoreError(
      `the embedded database stopped (${message})`,
      'Run the command again; what was committed is kept. If it stays so, check the free space and memory of this machine.',
      error,
    );
  return error;
}
