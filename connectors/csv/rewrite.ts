/**
 * Changes rows of a file without touching the others: what nobody asked to change is copied byte for byte, bad rows too. The new file
 * is written beside the old one and takes its place whole, so that no reader ever sees half of it.
 */
import { type FileHandle, open, readdir, realpath, rename, stat, unlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { ConnectorError } from '../contract.ts';
import { type CsvFile, fileVersion } from './read.ts';

export interface Rewrite {
  /** Bytes in place of a row, '' to take it away; undefined: it stays as it is. */
  replace(fields: Record<string, string | null>): Buffer | undefined;
  /** Called once all rows were seen: what is put at the end, each with its newline. */
  append(): Buffer[];
}

const COPY = 256 * 1024;
const TEMPORARY = '.nayose.tmp';
/** A temporary file that is older than this was left by a process that died. */
const LEFT_MS = 3_600_000;
let made = 0;

/**
 * Rewrites a file that was opened. Nothing is written when nothing changes. Throws ConnectorError 'transient' when somebody else wrote
 * the file meanwhile, and 'rejected' when the folder may not be written to.
 */
export async function rewrite(path: string, file: CsvFile, work: Rewrite): Promise<void> {
  const before = (await file.state()).version;
  // Where the path is a link, what it points to is replaced, and not the link.
  const target = await realpath(path);
  const folder = dirname(target);
  const temporary = join(folder, `.${basename(target)}.${process.pid}-${++made}${TEMPORARY}`);
  const source = await open(target);
  let copy: FileHandle | undefined;
  try {
    const { mode, size } = await source.stat();
    copy = await open(temporary, 'wx+', mode).catch((cause: NodeJS.ErrnoException) => {
      throw cannotWrite(folder, cause);
    });
    let copied = 0;
    let changed = false;
    let rowStart = file.start.offset;
    for await (const row of file.rows()) {
      const instead = 'problem' in row ? undefined : work.replace(row.fields);
      if (instead !== undefined) {
        await copyRange(source, copy, copied, rowStart);
        await copy.write(instead);
        copied = row.end.offset;
        changed = true;
      }
      rowStart = row.end.offset;
    }
    const more = work.append();
    if (!changed && more.length === 0) return;
    await copyRange(source, copy, copied, size);
    if (more.length > 0 && (await endsOpen(copy))) await copy.write(file.newline);
    for (const bytes of more) await copy.write(bytes);
    await copy.sync();
    await copy.close();
    copy = undefined;
    if (fileVersion(await stat(target, { bigint: true })) !== before)
      throw new ConnectorError(
        'transient',
        `${basename(path)} was written by somebody else at the same time`,
        {
          hint: 'It is tried again.',
        },
      );
    await rename(temporary, target);
    await syncFolder(folder);
  } catch (error) {
    if (error instanceof ConnectorError) throw error;
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOSPC' || code === 'EDQUOT')
      throw new ConnectorError('transient', `there is no room left to write ${basename(path)}`, {
        hint: 'Make room on the disk; the file is as it was.',
        cause: error,
      });
    if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS')
      throw cannotWrite(folder, error as NodeJS.ErrnoException);
    throw error;
  } finally {
    await copy?.close();
    await source.close();
    await removeTemporary(temporary);
  }
}

/** Removes what processes that died have left in this folder. */
export async function sweepTemporary(folder: string, now: Date): Promise<void> {
  for (const name of await readdir(folder)) {
    if (!name.startsWith('.') || !name.endsWith(TEMPORARY)) continue;
    const path = join(folder, name);
    const { mtimeMs } = await stat(path);
    if (now.getTime() - mtimeMs > LEFT_MS) await removeTemporary(path);
  }
}

async function removeTemporary(path: string): Promise<void> {
  await unlink(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
  });
}

export function cannotWrite(folder: string, cause: NodeJS.ErrnoException): ConnectorError {
  return new ConnectorError('rejected', `${folder} may not be written to (${cause.code})`, {
    hint: 'Give the user that the hub runs as the right to write into the folder, or leave `writable` out.',
    cause,
  });
}

async function copyRange(from: FileHandle, to: FileHandle, start: number, end: number): Promise<void> {
  const buffer = Buffer.allocUnsafe(Math.min(COPY, Math.max(0, end - start)));
  for (let at = start; at < end; ) {
    const { bytesRead } = await from.read(buffer, 0, Math.min(buffer.length, end - at), at);
    if (bytesRead === 0) return;
    await to.write(buffer, 0, bytesRead);
    at += bytesRead;
  }
}

/** Does the last line lack its newline? */
async function endsOpen(file: FileHandle): Promise<boolean> {
  const { size } = await file.stat();
  if (size === 0) return false;
  const last = Buffer.alloc(1);
  await file.read(last, 0, 1, size - 1);
  return last[0] !== 0x0a && last[0] !== 0x0d;
}

/** A rename is safe from a power cut once its folder is written too. Some systems cannot sync folders. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'EISDIR' || error.code === 'EPERM' || error.code === 'EACCES') return undefined;
    throw error;
  });
  if (handle === undefined) return;
  try {
    await handle.sync().catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EINVAL' && error.code !== 'EPERM') throw error;
    });
  } finally {
    await handle.close();
  }
}
