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
 * Rewrites a file that was opened while its lock was held (see lock.ts). Nothing is written when nothing changes. Throws ConnectorError
 * 'transient' when somebody else wrote the file meanwhile, and 'rejected' when the folder may not be written to.
 */
export async function rewrite(
  path: string,
  file: CsvFile,
  work: Rewrite,
  held: () => Promise<void>,
): Promise<void> {
  const before = (await file.state()).version;
  // Where the path is a link, what it points to is replaced, and not the link.
  const target = await realpath(path);
  const folder = dirname(target);
  const temporary = beside(target);
  const source = await open(target);
  let copy: FileHandle | undefined;
  try {
    const { mode, size } = await source.stat();
    copy = await open(temporary, 'wx+', mode).catch((cause: NodeJS.ErrnoException) => {
      throw cannotWrite(folder, cause);
    });
    // What the user's mask took away: others may write the file too.
    await copy.chmod(mode);
    let copied = 0;
    let changed = false;
    let rowStart = file.start.offset;
    for await (const rows of file.batches())
      for (const row of rows) {
        const instead = 'problem' in row ? undefined : work.replace(row.fields);
        if (instead !== undefined) {
          await copyRange(source, copy, copied, rowStart);
          await put(copy, instead);
          copied = row.end.offset;
          changed = true;
        }
        rowStart = row.end.offset;
      }
    const more = work.append();
    if (!changed && more.length === 0) return;
    await copyRange(source, copy, copied, size);
    if (more.length > 0 && (await endsOpen(copy))) await put(copy, Buffer.from(file.newline));
    for (const bytes of more) await put(copy, bytes);
    await copy.sync();
    await copy.close();
    copy = undefined;
    if (fileVersion(await stat(target, { bigint: true })) !== before) throw writtenByAnother(basename(path));
    await held();
    await rename(temporary, target);
    await syncFolder(folder);
  } catch (error) {
    if (error instanceof ConnectorError) throw error;
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOSPC' || code === 'EDQUOT' || code === 'EFBIG')
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

/** Puts a new file in its place whole, unless there is one. Called while its lock is held. */
export async function makeFile(path: string, bytes: Buffer): Promise<void> {
  if (await stat(path).catch(absent)) return;
  const temporary = beside(path);
  const file = await open(temporary, 'wx').catch((cause: NodeJS.ErrnoException) => {
    throw cannotWrite(dirname(path), cause);
  });
  try {
    await put(file, bytes);
    await file.sync();
    await file.close();
    await rename(temporary, path);
    await syncFolder(dirname(path));
  } finally {
    await file.close();
    await removeTemporary(temporary);
  }
}

const beside = (path: string) =>
  join(dirname(path), `.${basename(path)}.${process.pid}-${++made}${TEMPORARY}`);

function absent(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error;
}

/** Removes what processes that died have left in this folder. */
export async function sweepTemporary(folder: string, now: Date): Promise<void> {
  for (const name of await readdir(folder)) {
    if (!name.startsWith('.') || !name.endsWith(TEMPORARY)) continue;
    const path = join(folder, name);
    // Another process may have just put it in its place.
    const found = await stat(path).catch(absent);
    if (found && now.getTime() - found.mtimeMs > LEFT_MS) await removeTemporary(path);
  }
}

async function removeTemporary(path: string): Promise<void> {
  await unlink(path).catch(absent);
}

/** It is tried again, with the file as it is then. */
export const writtenByAnother = (name: string) =>
  new ConnectorError('transient', `${name} was written by somebody else at the same time`, {
    hint: 'It is tried again.',
  });

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
    await put(to, buffer.subarray(0, bytesRead));
    at += bytesRead;
  }
}

/** All of these bytes: a disk that is nearly full takes a part of them, and says so by nothing but the count. */
async function put(to: FileHandle, bytes: Buffer): Promise<void> {
  for (let at = 0; at < bytes.length; ) at += (await to.write(bytes, at)).bytesWritten;
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
