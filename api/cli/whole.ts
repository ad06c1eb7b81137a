import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { stringify } from 'csv-stringify/sync';
import { UsageError } from './args.ts';

export interface Draft {
  /** Lines of CSV. */
  rows(rows: readonly (readonly (string | number)[])[]): Promise<void>;
  bytes(bytes: Uint8Array): Promise<void>;
}

/** Rows turned into text at once. */
const CHUNK = 10_000;

/**
 * Writes files that appear whole or not at all: drafts beside them are opened first, so that a place that cannot be written
 * to is told before any work is done, and renamed together once `work` is through. `mode`: of the files; the user's usual one
 * where absent.
 */
export async function writeWhole<T>(
  paths: readonly string[],
  work: (drafts: Draft[]) => Promise<T>,
  mode?: number,
): Promise<T> {
  const open_: { path: string; draft: string; handle: FileHandle }[] = [];
  try {
    for (const path of paths) {
      const draft = `${path}.${process.pid}.part`;
      open_.push({ path, draft, handle: await open(draft, 'wx', mode).catch(cannotWrite(path)) });
    }
    const result = await work(
      open_.map(({ handle, path }) => ({
        async rows(rows) {
          for (let i = 0; i < rows.length; i += CHUNK)
            await handle.appendFile(stringify(rows.slice(i, i + CHUNK))).catch(cannotWrite(path));
        },
        async bytes(bytes) {
          await handle.appendFile(bytes).catch(cannotWrite(path));
        },
      })),
    );
    for (const { handle, path } of open_) await handle.sync().catch(cannotWrite(path));
    for (const { handle } of open_) await handle.close();
    for (const { draft, path } of open_) await rename(draft, path).catch(cannotWrite(path));
    return result;
  } catch (error) {
    for (const { handle, draft } of open_) {
      await handle.close();
      await rm(draft, { force: true });
    }
    throw error;
  }
}

const WHY: Record<string, string> = {
  ENOENT: 'its folder does not exist',
  ENOTDIR: 'its folder does not exist',
  EACCES: 'this user may not write there',
  EPERM: 'this user may not write there',
  EROFS: 'the disk is read-only',
  EISDIR: 'it is a folder',
  ENOTEMPTY: 'it is a folder',
  ENOSPC: 'the disk is full',
};

const cannotWrite =
  (path: string) =>
  (cause: NodeJS.ErrnoException): never => {
    throw new UsageError(`${path} cannot be written: ${WHY[cause.code ?? ''] ?? cause.code}`);
  };
