/**
 * A csv file's rows from any position on, in constant memory. A row that breaks the csv rules is set aside
 * alone: reading goes on at the next line of the file, so an unclosed quote cannot swallow the rest.
 */
import type { FileHandle } from 'node:fs/promises';
import { CsvError, parse } from 'csv-parse';
import { plainReader } from './plain.ts';

export type Encoding = 'utf-8' | 'shift_jis';

export interface Format {
  encoding: Encoding;
  /** One character below U+0040: those never occur inside a Shift_JIS character. */
  delimiter: string;
  newline: '\n' | '\r';
}

/** Between two rows: bytes and lines that lie before. */
export interface Position {
  offset: number;
  line: number;
}

/** `line` counts from 1 and is where the row begins; `end` is where the next one may begin. */
export type Row = { line: number; end: Position } & ({ cells: string[] } | { problem: string });

/** Bytes that are looked through at once for rows without peculiarities. Of more, rows outlive a clearing of memory, and who wants a few reads the rest again. */
const PLAIN_BYTES = 64 * 1024;

/** Characters that one row may have. */
const LONGEST_ROW = 1_000_000;

/** The rows after `from`. Blank lines are passed over. */
export async function* rowsFrom(file: FileHandle, from: Position, format: Format): AsyncGenerator<Row> {
  for await (const rows of batchesFrom(file, from, format)) yield* rows;
}

/** The same, as many at a time as lie in so many bytes. */
export async function* batchesFrom(file: FileHandle, from: Position, format: Format): AsyncGenerator<Row[]> {
  const buffer = Buffer.alloc(PLAIN_BYTES);
  const plain = plainReader(format);
  let at = from;
  for (;;) {
    const { bytesRead } = await file.read(buffer, 0, buffer.length, at.offset);
    if (bytesRead === 0) return;
    const last = bytesRead < buffer.length;
    const found = plain(buffer.subarray(0, bytesRead), at, last);
    const moved = found.end.offset > at.offset;
    at = found.end;
    if (found.rows.length > 0) yield found.rows;
    if (found.stopped === 'odd' || (found.stopped === 'cut' && !moved)) {
      const row = await strictRow(file, at, format);
      if (row === undefined) return;
      at = row.end;
      yield [row];
    }
  }
}

/** The next row by the parser that knows every rule, and what is wrong where one is broken. */
async function strictRow(file: FileHandle, at: Position, format: Format): Promise<Row | undefined> {
  let problem: string;
  try {
    const { value } = await goodRows(file, at, format).next();
    return value;
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    problem = wordsFor(error);
  }
  return { ...(await nextLine(file, at, format.newline)), problem };
}

/**
 * Parses bytes as if each were a character, so that offsets are the file's own, and decodes value by value. The
 * parser is fed by hand: read as a stream, it drops rows it has already understood when a later one is bad.
 */
async function* goodRows(file: FileHandle, from: Position, format: Format): AsyncGenerator<Row> {
  const decode = decoder(format.encoding);
  const lines = new LineCounter(from, format.newline);
  const ready: Row[] = [];
  const parser = parse({
    encoding: 'latin1',
    delimiter: format.delimiter,
    record_delimiter: format.newline === '\n' ? ['\r\n', '\n'] : ['\r'],
    relax_column_count: true,
    skip_empty_lines: true,
    max_record_size: LONGEST_ROW,
    on_record: (record: string[], { bytes }) => {
      const { end, lastLine } = lines.upTo(from.offset + bytes);
      const line = lastLine - record.reduce((sum, cell) => sum + cell.split(format.newline).length - 1, 0);
      const cells = record.map(decode);
      const undecoded = cells.indexOf(undefined);
      ready.push(
        undecoded < 0
          ? { line, end, cells: cells as string[] }
          : { line, end, problem: `value ${undecoded + 1} is not ${format.encoding} text` },
      );
      return null;
    },
  });
  // Each error reaches the callback of the write that caused it; unheard, the event would end the process.
  parser.on('error', () => {});
  for await (const chunk of chunksOf(file, from.offset)) {
    lines.see(chunk);
    const failure = await new Promise<Error | null | undefined>((done) => parser.write(chunk, done));
    yield* ready.splice(0);
    if (failure) throw failure;
  }
  const failure = await new Promise<Error | null | undefined>((done) => parser.end(done));
  yield* ready;
  if (failure) throw failure;
}

async function* chunksOf(file: FileHandle, offset: number): AsyncGenerator<Uint8Array> {
  for (let position = offset; ; ) {
    const buffer = Buffer.alloc(64 * 1024);
    const { bytesRead } = await file.read(buffer, 0, buffer.length, position);
    if (bytesRead === 0) return;
    position += bytesRead;
    yield buffer.subarray(0, bytesRead);
  }
}

/** Knows how many lines end before a byte, while the bytes pass through. */
class LineCounter {
  readonly #newline: number;
  #position: Position;
  #passed: number;
  #ends: number[] = [];

  constructor(from: Position, newline: string) {
    this.#newline = newline.charCodeAt(0);
    this.#position = from;
    this.#passed = from.offset;
  }

  see(chunk: Uint8Array): void {
    for (let i = chunk.indexOf(this.#newline); i >= 0; i = chunk.indexOf(this.#newline, i + 1))
      this.#ends.push(this.#passed + i + 1);
    this.#passed += chunk.byteLength;
  }

  /** The position at this offset, and the line its last byte is on. Offsets never go back. */
  upTo(offset: number): { end: Position; lastLine: number } {
    const later = this.#ends.findIndex((end) => end > offset);
    const gone = this.#ends.splice(0, later < 0 ? this.#ends.length : later);
    this.#position = { offset, line: this.#position.line + gone.length };
    // The last line of a file may lack its newline.
    const lastLine = gone.at(-1) === offset ? this.#position.line : this.#position.line + 1;
    return { end: this.#position, lastLine };
  }
}

const ASCII = /^[\0-\x7f]*$/;

/** Bytes-as-characters to text; undefined when they are not text in that encoding. */
export function decoder(encoding: Encoding): (raw: string) => string | undefined {
  const strict = new TextDecoder(encoding, { fatal: true, ignoreBOM: true });
  return (raw) => {
    if (ASCII.test(raw)) return raw;
    try {
      return strict.decode(Buffer.from(raw, 'latin1'));
    } catch (error) {
      if (error instanceof TypeError) return undefined;
      throw error;
    }
  };
}

/** The first line from here on that is not blank. */
async function nextLine(
  file: FileHandle,
  from: Position,
  newline: string,
): Promise<{ line: number; end: Position }> {
  const code = newline.charCodeAt(0);
  let { offset, line } = from;
  let blank = true;
  for await (const chunk of chunksOf(file, from.offset)) {
    for (const byte of chunk) {
      offset += 1;
      if (byte === code) {
        line += 1;
        if (!blank) return { line, end: { offset, line } };
      } else if (byte !== 0x0d && byte !== 0x20) blank = false;
    }
  }
  return { line: line + 1, end: { offset, line } };
}

/** csv-parse quotes values in its messages; these words do not. */
function wordsFor(error: CsvError): string {
  switch (error.code) {
    case 'INVALID_OPENING_QUOTE':
      return 'a quote stands inside an unquoted value: quote the whole value and double the quote';
    case 'CSV_INVALID_CLOSING_QUOTE':
    case 'CSV_NON_TRIMABLE_CHAR_AFTER_CLOSING_QUOTE':
      return 'text follows a closing quote: a quote inside a value must be doubled';
    case 'CSV_QUOTE_NOT_CLOSED':
      return 'a quote is opened and never closed';
    case 'CSV_MAX_RECORD_SIZE':
      return `the row is longer than ${LONGEST_ROW} characters: is a quote opened and never closed?`;
    default:
      return `the row breaks the csv rules (${error.code})`;
  }
}
