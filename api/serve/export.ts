import { type FileHandle, mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import type { Db } from '../../core/store/db.ts';
import { exportFrom } from '../../core/store/transfer/export.ts';
import { compressing } from '../transfer/file.ts';
import type { Exporting } from '../v1/deps.ts';

/**
 * Exports for the API, one at a time. Each is laid into a file first: what fails is told as an error, and a slow reader keeps no
 * transaction of the database open. The file has no name any more when it is sent, so that nothing of it outlives the answer.
 */
export function createExporting(db: Db, now: () => Date): Exporting {
  let making = false;
  return async () => {
    if (making) return { busy: true };
    making = true;
    try {
      const handle = await unnamed();
      try {
        const packed = compressing((block) => handle.appendFile(block));
        await exportFrom(db, now(), (text) => packed.write(text));
        const bytes = await packed.end();
        const stream = Readable.toWeb(handle.createReadStream({ start: 0 })) as ReadableStream;
        return { bytes, stream };
      } catch (error) {
        await handle.close();
        throw error;
      }
    } finally {
      making = false;
    }
  };
}

/** A file that is open and in no folder. */
async function unnamed(): Promise<FileHandle> {
  const folder = await mkdtemp(join(tmpdir(), 'nayose-export-'));
  try {
    return await open(join(folder, 'export'), 'wx+', 0o600);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
