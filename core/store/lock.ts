import { readFileSync } from 'node:fs';
import { link, mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { StoreError } from './db.ts';

/** Who holds an embedded folder. `started` tells a process from a later one that was given the same pid. */
const HOLDER = z.object({
  pid: z.int().positive(),
  host: z.string(),
  started: z.string(),
  since: z.string(),
  /** Where it serves, when it does: commands on the same folder are sent there. */
  url: z.string().optional(),
  /** Proves to it that the sender may read this folder. The file is for its owner's eyes only then. */
  key: z.string().optional(),
});
export type Holder = z.infer<typeof HOLDER>;

/** The start time of a process in the kernel's ticks; '' where the system has no /proc. */
function startOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  }
}

function alive(holder: Holder): boolean {
  if (holder.host !== hostname()) return true;
  try {
    process.kill(holder.pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
  return holder.started === '' || holder.started === startOf(holder.pid);
}

async function read(path: string): Promise<Holder | undefined> {
  try {
    return HOLDER.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    if ((error as NodeJS.ErrnoException).code === 'ENOTDIR')
      throw new StoreError(
        `${path} cannot be: a part of that path is a file`,
        'Point NAYOSE_DATA to a folder.',
        error,
      );
    if (error instanceof SyntaxError || error instanceof z.ZodError)
      throw new StoreError(
        `${path} is not a lock of Nayose`,
        'If no hub runs on this folder, delete the file.',
        error,
      );
    throw error;
  }
}

/** Who holds the folder now, or nobody. Says nothing of the next moment. */
export async function holderOf(folder: string): Promise<Holder | undefined> {
  const holder = await read(join(folder, 'lock.json'));
  return holder && alive(holder) ? holder : undefined;
}

/** Like `mkdir -p`. Node's own recursive mkdir spins for ever where a parent exists and refuses children (/proc). */
async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST' && (await stat(path)).isDirectory()) return;
    const parent = dirname(path);
    const orphan = code === 'ENOENT' && parent !== path && !(await exists(parent));
    if (!orphan) throw error;
    await makeFolder(parent);
    await mkdir(path);
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}

async function writeDraft(path: string, text: string): Promise<void> {
  try {
    await writeFile(path, text, { mode: 0o600 });
  } catch (error) {
    throw new StoreError(
      `the folder of ${path} cannot be written (${(error as Error).message})`,
      'Point NAYOSE_DATA to a folder that this user may write, on a disk with some space left.',
      error,
    );
  }
}

export interface FolderLock {
  /** Tells other commands where this process serves, and the key that it takes commands with. */
  serving(url: string, key?: string): Promise<void>;
  release(): Promise<void>;
}

/**
 * Takes the folder for this process, or throws a StoreError that names who holds it. A lock whose process is dead is
 * taken over; the lock appears whole or not at all (a hard link), and only the dead lock that was read is removed.
 */
export async function lockFolder(folder: string, now: Date): Promise<FolderLock> {
  try {
    await makeFolder(folder);
  } catch (error) {
    throw new StoreError(
      `the folder ${folder} cannot be made (${(error as Error).message})`,
      'Point NAYOSE_DATA to a folder that this user may write.',
      error,
    );
  }
  const path = join(folder, 'lock.json');
  const mine: Holder = {
    pid: process.pid,
    host: hostname(),
    started: startOf(process.pid),
    since: now.toISOString(),
  };
  const draft = `${path}.${process.pid}`;
  await writeDraft(draft, JSON.stringify(mine));
  try {
    for (let attempt = 0; attempt < 5; attempt++) {
      try {
        await link(draft, path);
        return {
          async serving(url, key) {
            await writeFile(draft, JSON.stringify({ ...mine, url, key }), { mode: 0o600 });
            await rename(draft, path);
          },
          release: () => rm(path, { force: true }),
        };
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      }
      const holder = await read(path);
      if (!holder) continue;
      if (alive(holder))
        throw new StoreError(
          `${folder} is in use by process ${holder.pid} on ${holder.host}, since ${holder.since}`,
          holder.url
            ? `A hub serves it at ${holder.url}: send it the command, or stop it first.`
            : 'Wait for it to end, or give this one another folder (NAYOSE_DATA) or a server (DATABASE_URL).',
        );
      const dead = `${path}.dead.${process.pid}`;
      await rename(path, dead).catch((error: NodeJS.ErrnoException) => {
        if (error.code !== 'ENOENT') throw error;
      });
      const taken = await read(dead);
      if (taken && JSON.stringify(taken) !== JSON.stringify(holder))
        await link(dead, path).catch(() => undefined);
      await rm(dead, { force: true });
    }
    throw new StoreError(`${folder} is being opened by several processes at once`, 'Try again.');
  } finally {
    await rm(draft, { force: true });
  }
}
