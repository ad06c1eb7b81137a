/**
 * One process at a time rewrites a file: two that read it at once would each put its own copy in place, and what the first had
 * written would be gone after it was reported done. The lock is a file beside it, which grows as long as its holder lives.
 */
import { type FileHandle, open, realpath, stat, unlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileVersion } from './read.ts';
import { cannotWrite, writtenByAnother } from './rewrite.ts';

const BEAT_MS = 1000;
/** A lock that stood still for so long was left by a process that died. */
const DEAD_MS = 6000;
const LONGEST_WAIT_MS = 60_000;
const LOOK_MS = 20;

/**
 * Waits for the file's lock, works, and lets go of it. `held` throws where somebody took the lock for a dead one's meanwhile: to be
 * asked just before the new file takes its place. Throws ConnectorError 'transient' when the wait takes too long, and 'rejected' when the folder
 * may not be written to.
 */
export async function whileLocked<T>(
  path: string,
  signal: AbortSignal,
  work: (held: () => Promise<void>) => Promise<T>,
): Promise<T> {
  // By whatever links a process comes, the lock is the same.
  const target = await realpath(path).catch(async (error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
    return join(await realpath(dirname(path)), basename(path));
  });
  const place = join(dirname(target), `.${basename(target)}.nayose.lock`);
  const lock = await take(place, basename(path), signal);
  const beat = setInterval(() => {
    // A beat that fails is one less: whoever takes the lock over for it is told apart by `held`.
    lock.write('.').catch(() => undefined);
  }, BEAT_MS);
  const isMine = async () => (await versionAt(place))?.ino === (await lock.stat({ bigint: true })).ino;
  try {
    return await work(async () => {
      if (!(await isMine())) throw writtenByAnother(basename(path));
    });
  } finally {
    clearInterval(beat);
    if (await isMine()) await remove(place);
    await lock.close();
  }
}

async function take(place: string, name: string, signal: AbortSignal): Promise<FileHandle> {
  const began = performance.now();
  let seen: string | undefined;
  let since = began;
  for (;;) {
    signal.throwIfAborted();
    try {
      return await open(place, 'wx');
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code !== 'EEXIST') throw cannotWrite(dirname(place), error as NodeJS.ErrnoException);
    }
    const version = (await versionAt(place))?.version;
    const now = performance.now();
    if (version !== seen) [seen, since] = [version, now];
    else if (version !== undefined && now - since > DEAD_MS) await remove(place);
    if (now - began > LONGEST_WAIT_MS) throw writtenByAnother(name);
    await sleep(LOOK_MS, undefined, { signal });
  }
}

async function versionAt(path: string): Promise<{ version: string; ino: bigint } | undefined> {
  try {
    const found = await stat(path, { bigint: true });
    return { version: fileVersion(found), ino: found.ino };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

async function remove(path: string): Promise<void> {
  await unlink(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
  });
}
