/** Parts of a csv file that can be read side by side. */
import { type FileHandle, open } from 'node:fs/promises';
import type { Position } from './rows.ts';

/** Bytes of the file from one row on. */
export interface Range {
  from: Position;
  /** Where the next range begins. */
  to: number;
}

const QUOTE = 0x22;
const CHUNK = 1024 * 1024;

/**
 * Cuts the rest of a file into ranges of about so many bytes, at newlines that are outside of quotes as far as counting quotes
 * tells. Where a row breaks the csv rules it may tell wrong: a range that ends elsewhere than at its `to` shows it.
 */
export async function rangesOf(
  path: string,
  from: Position,
  newline: '\n' | '\r',
  size: number,
): Promise<Range[]> {
  const file = await open(path);
  try {
    return await cut(file, from, newline.charCodeAt(0), size);
  } finally {
    await file.close();
  }
}

async function cut(file: FileHandle, from: Position, newline: number, size: number): Promise<Range[]> {
  const ranges: Range[] = [];
  const buffer = Buffer.alloc(CHUNK);
  let start = from;
  let { offset, line } = from;
  let inside = false;
  for (;;) {
    const { bytesRead } = await file.read(buffer, 0, CHUNK, offset);
    if (bytesRead === 0) break;
    const bytes = buffer.subarray(0, bytesRead);
    let quote = bytes.indexOf(QUOTE);
    for (let at = bytes.indexOf(newline); at >= 0; at = bytes.indexOf(newline, at + 1)) {
      for (; quote >= 0 && quote < at; quote = bytes.indexOf(QUOTE, quote + 1)) inside = !inside;
      line++;
      const next = offset + at + 1;
      if (inside || next - start.offset < size) continue;
      ranges.push({ from: start, to: next });
      start = { offset: next, line };
    }
    for (; quote >= 0; quote = bytes.indexOf(QUOTE, quote + 1)) inside = !inside;
    offset += bytesRead;
  }
  if (offset > start.offset) ranges.push({ from: start, to: offset });
  return ranges;
}
