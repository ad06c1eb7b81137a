/**
 * The stream that `nayose export` writes, before it is compressed: lines of JSON. A header; then each table's section and its rows,
 * each an array of the columns as PostgreSQL writes them as text (so that no value passes through another program's idea of
 * numbers and times); then a trailer that vouches for all lines before it.
 */
import { z } from 'zod';
import { StoreError } from '../db.ts';
import { MIGRATIONS } from '../migrations.ts';

export const FORMAT = 'nayose-export';
export const VERSION = 1;

/** What must be readable in any version: the rest is looked at once it is known to be ours. */
const STAMP = z.looseObject({ format: z.literal(FORMAT), version: z.int().min(1) });

const HEADER = z.strictObject({
  format: z.literal(FORMAT),
  version: z.literal(VERSION),
  /** Number of migrations that the tables have behind them. */
  schema: z.int().min(1),
  at: z.iso.datetime(),
  /** Rows by table. */
  tables: z.record(z.string(), z.int().min(0)),
});
export type Header = z.infer<typeof HEADER>;

/** The rows until the next section are this table's. */
const SECTION = z.strictObject({ table: z.string(), columns: z.array(z.string()).min(1) });
export type Section = z.infer<typeof SECTION>;

/** `sha256`: of every byte before this line, in hex. */
const TRAILER = z.strictObject({ end: z.literal(true), rows: z.int().min(0), sha256: z.string() });
export type Trailer = z.infer<typeof TRAILER>;

const NEW_EXPORT = 'Export it again; nothing was imported.';

/** The file does not hold what an export writes. */
export const damaged = (what: string, cause?: unknown) => new StoreError(what, NEW_EXPORT, cause);

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch (error) {
    // Also without a line feed at its end a line may be cut off.
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** Throws StoreError when the stream is none of ours, or one of a newer program. */
export function readHeader(line: string): Header {
  const said = parse(line);
  const stamp = STAMP.safeParse(said);
  if (!stamp.success)
    throw new StoreError('this is no export of Nayose', "Give the file that 'nayose export FILE' wrote.");
  if (stamp.data.version > VERSION)
    throw new StoreError(
      `the file has version ${stamp.data.version} of the format, this program knows ${VERSION}`,
      'It was written by a newer Nayose: import it with that version.',
    );
  const header = HEADER.safeParse(said);
  if (!header.success) throw damaged('the first line of the file is damaged');
  if (header.data.schema > MIGRATIONS.length)
    throw new StoreError(
      `the file is at schema ${header.data.schema}, this program knows ${MIGRATIONS.length}`,
      'It was written by a newer Nayose: import it with that version.',
    );
  return header.data;
}

/** A line that is no row. */
export function readMark(line: string, number: number): Section | Trailer {
  const mark = z.union([SECTION, TRAILER]).safeParse(parse(line));
  if (!mark.success) throw damaged(`line ${number} of the file is damaged`);
  return mark.data;
}
