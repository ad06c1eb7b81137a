/**
 * csv files for the connector and for `nayose cleanse`: encodings, header, line numbers, bad rows set aside.
 * Node only: a Worker has no files.
 */
import type { BigIntStats } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { basename } from 'node:path';
import { ConnectorError } from '../contract.ts';
import { batchesFrom, type Encoding, type Format, type Position, type Row, rowsFrom } from './rows.ts';

export type { Encoding, Format, Position } from './rows.ts';

export interface CsvOptions {
  /** Default utf-8 (with or without a byte order mark). */
  encoding?: Encoding;
  /** Found in the first line when left out: the most frequent of comma, tab and semicolon. */
  delimiter?: string;
  /** Begin here (an `end` from an earlier reading of the same file) rather than after the header. */
  from?: Position;
}

/** A row of the file. Empty values are null. `line` counts from 1, with the header; `end` is where to go on. */
export type CsvRow = { line: number; end: Position } & (
  | { fields: Record<string, string | null> }
  | { problem: string }
);

export interface CsvFile {
  columns: string[];
  /** Names that the header gives to more than one column. */
  twice: string[];
  encoding: Encoding;
  delimiter: string;
  /** Between the header and the first row. */
  start: Position;
  /** How its lines end. */
  newline: string;
  /** `version` changes whenever the file is written. */
  state(): Promise<{ version: string; modified: Date; size: number }>;
  /** One by one, for who wants a few of them. */
  rows(from?: Position): AsyncGenerator<CsvRow>;
  /** Many at a time, and only to the first row that ends at or after `to`. */
  batches(from?: Position, to?: number): AsyncGenerator<CsvRow[]>;
  /** How rows are written: for who reads parts of the file at once. */
  format: Format;
  close(): Promise<void>;
}

/** Changes whenever the file is written or replaced. */
export const fileVersion = ({ size, mtimeNs, ino }: Pick<BigIntStats, 'size' | 'mtimeNs' | 'ino'>) =>
  `${size}-${mtimeNs}-${ino}`;

/** Enough to find the header in. */
const PROBE = 64 * 1024;

/** Rows one by one; the file is closed when they end or the loop is left. Throws like `openCsv`. */
export async function* readCsv(path: string, options: CsvOptions = {}): AsyncGenerator<CsvRow> {
  const file = await openCsv(path, options);
  try {
    for await (const rows of file.batches(options.from)) yield* rows;
  } finally {
    await file.close();
  }
}

/**
 * Opens a file and reads its header. Throws ConnectorError 'rejected' when there is no such file, or nothing in
 * it that could be a header.
 */
export async function openCsv(path: string, options: CsvOptions = {}): Promise<CsvFile> {
  if (globalThis.navigator?.userAgent === 'Cloudflare-Workers')
    throw new ConnectorError('rejected', 'csv files cannot be read on Cloudflare Workers', {
      hint: 'Run this connection on Node, or send the rows to a webhook connection.',
    });
  const handle = await open(path).catch((cause: NodeJS.ErrnoException) => {
    throw cannotRead(path, cause);
  });
  try {
    return await prepare(handle, basename(path), options);
  } catch (error) {
    await handle.close();
    // A folder can be opened, and not be read.
    throw (error as NodeJS.ErrnoException).code === 'EISDIR'
      ? cannotRead(path, error as NodeJS.ErrnoException)
      : error;
  }
}

/** What a failed open, stat or listing means to whoever wrote the configuration. */
export function cannotRead(path: string, cause: NodeJS.ErrnoException): ConnectorError {
  const what: Record<string, string> = {
    ENOENT: `there is no ${path}`,
    EACCES: `${path} may not be read`,
    EISDIR: `${path} is a folder, not a file`,
    ENOTDIR: `${path} is not in a folder`,
  };
  return new ConnectorError('rejected', what[cause.code ?? ''] ?? `${path} cannot be read (${cause.code})`, {
    hint: 'Correct `path` in hub.yaml (it is relative to the configuration folder), or put the file there.',
    cause,
  });
}

async function prepare(handle: FileHandle, name: string, options: CsvOptions): Promise<CsvFile> {
  const probe = Buffer.alloc(PROBE);
  const head = probe.subarray(0, (await handle.read(probe, 0, PROBE, 0)).bytesRead);
  if ((head[0] === 0xff && head[1] === 0xfe) || (head[0] === 0xfe && head[1] === 0xff))
    throw new ConnectorError('rejected', `${name} is UTF-16`, { hint: 'Save it as "CSV UTF-8" instead.' });
  const bom = head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf;
  const encoding = bom ? 'utf-8' : (options.encoding ?? 'utf-8');
  const format: Format = {
    encoding,
    newline: head.includes(0x0a) || !head.includes(0x0d) ? '\n' : '\r',
    delimiter: options.delimiter ?? findDelimiter(head),
  };
  const top = { offset: bom ? 3 : 0, line: 0 };
  const first = (await rowsFrom(handle, top, format).next()).value;
  const names = namesOf(first, name, encoding);
  const columns = unique(names);
  const rowOf = rowReader(columns);
  const start = first!.end;
  async function* batches(from: Position = start, to = Number.POSITIVE_INFINITY) {
    for await (const rows of batchesFrom(handle, from, format)) {
      const found: CsvRow[] = [];
      for (const row of rows) {
        if ('problem' in row) found.push(row);
        else if (row.cells.length > 1 || row.cells[0]!.trim() !== '' || columns.length === 1)
          found.push(rowOf(row));
        if (row.end.offset >= to) {
          yield found;
          return;
        }
      }
      yield found;
    }
  }
  return {
    columns,
    twice: [...new Set(names.filter((one, i) => names.indexOf(one) < i))],
    encoding,
    delimiter: format.delimiter,
    start,
    newline: format.newline === '\r' ? '\r' : head.includes('\r\n') ? '\r\n' : '\n',
    format,
    state: async () => {
      const found = await handle.stat({ bigint: true });
      return { version: fileVersion(found), modified: found.mtime, size: Number(found.size) };
    },
    async *rows(from) {
      for await (const rows of batches(from)) yield* rows;
    },
    batches,
    close: () => handle.close(),
  };
}

function findDelimiter(head: Uint8Array): string {
  const line = Buffer.from(head)
    .toString('latin1')
    .trimStart()
    .split(/[\r\n]/)[0]!;
  const bare = line.replace(/"[^"]*"/g, '');
  const found = [',', '\t', ';'].map((mark) => ({ mark, times: bare.split(mark).length }));
  return found.reduce((best, other) => (other.times > best.times ? other : best)).mark;
}

function namesOf(
  row: { line: number; cells: string[] } | { line: number; problem: string } | undefined,
  name: string,
  encoding: Encoding,
): string[] {
  if (row === undefined)
    throw new ConnectorError('rejected', `${name} is empty`, { hint: 'Its first line names the columns.' });
  if ('problem' in row)
    throw new ConnectorError('rejected', `${name}, line ${row.line}: ${row.problem}`, {
      hint:
        encoding === 'utf-8'
          ? 'If it comes from Excel or an older Japanese system, say `encoding: shift_jis`.'
          : 'If it is UTF-8, say `encoding: utf-8`.',
    });
  if (row.cells.every((cell) => cell.trim() === '') || row.cells.some((cell) => /^\d{4,}$|\S@\S/.test(cell)))
    throw new ConnectorError(
      'rejected',
      `${name}, line ${row.line}: this looks like data, not names of columns`,
      {
        hint: 'Add a first line that names the columns.',
      },
    );
  return row.cells.map((cell, i) => cell.trim() || `column ${i + 1}`);
}

/** A name that stands twice gets a number, so that no column hides another. */
function unique(names: string[]): string[] {
  const times = new Map<string, number>();
  return names.map((name) => {
    const count = (times.get(name) ?? 0) + 1;
    times.set(name, count);
    return count === 1 ? name : `${name} (${count})`;
  });
}

/** Too many values are harmless when the surplus is empty; too few may be a row that was cut off. */
function rowReader(columns: readonly string[]) {
  // Copied for every row, which takes less than adding column by column. Assigning this one name would set the prototype.
  const empty: Record<string, string | null> = {};
  for (const column of columns)
    if (column === '__proto__') Object.defineProperty(empty, column, plainProperty(null));
    else empty[column] = null;
  return ({ line, end, cells }: Extract<Row, { cells: string[] }>): CsvRow => {
    const surplus = cells.length > columns.length && cells.slice(columns.length).some((cell) => cell !== '');
    if (surplus || cells.length < columns.length) {
      const problem = `${cells.length} values where the header names ${columns.length} columns`;
      return { line, end, problem };
    }
    const fields = { ...empty };
    for (let i = 0; i < columns.length; i++) if (cells[i] !== '') fields[columns[i]!] = cells[i]!;
    return { line, end, fields };
  };
}

const plainProperty = (value: unknown) => ({ value, enumerable: true, configurable: true, writable: true });
