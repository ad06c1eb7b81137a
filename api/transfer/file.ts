/** Exports as files: compressed on the way out, and read back. */
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { createGunzip, gzip } from 'node:zlib';
import { StoreError } from '../../core/store/db.ts';
import { damaged } from '../../core/store/transfer/format.ts';

const compress = promisify(gzip);

/** Characters that are compressed together. */
const BLOCK = 512 * 1024;

/**
 * Compresses text on its way to `put`. A gzip file may be made of several parts, one after the other: each block is one, so that
 * nothing is held back but the last block. `end` is called once, behind the last piece.
 */
export function compressing(put: (bytes: Uint8Array) => Promise<void>) {
  let waiting: string[] = [];
  let length = 0;
  let bytes = 0;
  const flush = async () => {
    if (length === 0) return;
    const block = await compress(waiting.join(''));
    waiting = [];
    length = 0;
    bytes += block.byteLength;
    await put(block);
  };
  return {
    async write(text: string): Promise<void> {
      waiting.push(text);
      length += text.length;
      if (length >= BLOCK) await flush();
    },
    /** Returns how many bytes were put. */
    async end(): Promise<number> {
      await flush();
      return bytes;
    },
  };
}

/** The text of an export's file. Throws StoreError when it is not compressed, or damaged; what `open` of Node throws as it is. */
export async function* readExport(path: string): AsyncGenerator<string, void> {
  const plain = createGunzip();
  const reading = pipeline(createReadStream(path), plain);
  // Its failure is that of `plain`, which is read below.
  reading.catch(() => undefined);
  const decoder = new TextDecoder('utf-8', { fatal: true });
  try {
    for await (const chunk of plain) yield decoder.decode(chunk as Uint8Array, { stream: true });
    yield decoder.decode();
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'Z_BUF_ERROR') throw damaged('the file is cut off: its end is missing', error);
    if (code === 'Z_DATA_ERROR' && message === 'incorrect header check') throw noExport(error);
    if (code === 'Z_DATA_ERROR' || code === 'ERR_ENCODING_INVALID_ENCODED_DATA')
      throw damaged('the file is damaged', error);
    throw error;
  }
}

const noExport = (cause: unknown) =>
  new StoreError(
    'this is no export of Nayose: it is not compressed',
    "Give the file as 'nayose export FILE' wrote it.",
    cause,
  );
