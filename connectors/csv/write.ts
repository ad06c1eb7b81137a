import { createHash } from 'node:crypto';
import { ConnectorError, type Fields, type Json, type Op, type Outcome } from '../contract.ts';
import type { CsvConfig } from './config.ts';
import { encode } from './encode.ts';
import { idOf, versionOf } from './identity.ts';
import { whileLocked } from './lock.ts';
import type { CsvFile } from './read.ts';
import { rewrite } from './rewrite.ts';

type Row = Record<string, string | null>;
type Done = Outcome;

/** Files that are being rewritten by this process, each by one call at a time. */
const busy = new Map<string, Promise<unknown>>();

/**
 * Carries ops out in one rewrite of the file, each alone: one that cannot be done fails by itself. Called with the columns that identify
 * a row; there is at least one.
 */
export async function writeRows(
  path: string,
  stream: string,
  open: () => Promise<CsvFile>,
  by: (file: CsvFile) => string[],
  ops: Op[],
  signal: AbortSignal,
): Promise<Outcome[]> {
  const turn = () =>
    whileLocked(path, signal, async (held) => {
      const file = await open();
      try {
        const work = new Work(file, stream, by(file), ops);
        await rewrite(path, file, work, held);
        return work.outcomes();
      } finally {
        await file.close();
      }
    });
  const before = busy.get(path) ?? Promise.resolve();
  const mine = before.then(turn, turn);
  busy.set(path, mine);
  try {
    return await mine;
  } finally {
    if (busy.get(path) === mine) busy.delete(path);
  }
}

/** What a set of ops comes to while the rows of the file pass by. */
class Work {
  readonly #file: CsvFile;
  readonly #stream: string;
  readonly #by: string[];
  readonly #done = new Map<string, Done>();
  /** By id; several ops may be about one row, in their order. */
  readonly #changes = new Map<string, Extract<Op, { op: 'update' | 'delete' }>[]>();
  readonly #creates = new Map<string, { op: Extract<Op, { op: 'create' }>; row: Row }>();
  readonly #ops: Op[];

  constructor(file: CsvFile, stream: string, by: string[], ops: Op[]) {
    this.#file = file;
    this.#stream = stream;
    this.#by = by;
    this.#ops = ops;
    for (const op of ops) {
      if (op.op === 'create') this.#prepare(op);
      else if (op.op === 'update' || op.op === 'delete')
        this.#changes.set(op.id, [...(this.#changes.get(op.id) ?? []), op]);
      else this.#fail(op, 'rejected', `rows of ${this.#name} cannot be merged`);
    }
  }

  get #name() {
    return `${this.#stream}.csv`;
  }

  #prepare(op: Extract<Op, { op: 'create' }>): void {
    const given = this.#textOf(op, op.fields);
    if (given === undefined) return;
    const row: Row = Object.fromEntries(this.#file.columns.map((name) => [name, given[name] ?? null]));
    const [only] = this.#by;
    // A hash never looks like a number that a spreadsheet would round; the same op gives the same id.
    if (this.#by.length === 1 && (row[only!] ?? '').trim() === '')
      row[only!] = `n${createHash('sha256').update(op.key).digest('hex').slice(0, 16)}`;
    const id = idOf(row, this.#by);
    if (id === undefined) {
      const empty = this.#by.filter((name) => (row[name] ?? '').trim() === '');
      this.#fail(
        op,
        'rejected',
        `a row of ${this.#name} needs ${this.#by.join(' and ')}, and ${empty.join(', ')} would be empty`,
      );
    } else if (this.#creates.has(id))
      this.#fail(op, 'conflict', `${this.#name} has a row ${id} already`, [], id);
    else {
      const bytes = this.#encode(op, row);
      if (bytes) this.#creates.set(id, { op, row: bytes.row });
    }
  }

  replace(row: Row): Buffer | undefined {
    const id = idOf(row, this.#by);
    if (id === undefined) return undefined;
    const twin = this.#creates.get(id);
    if (twin) {
      this.#creates.delete(id);
      // The same op again, after an answer that was lost: everything that it would write stands there.
      const same = this.#file.columns.every((name) => (row[name] ?? '') === (twin.row[name] ?? ''));
      if (same) this.#ok(twin.op, id, row);
      else this.#fail(twin.op, 'conflict', `${this.#name} has a row ${id} already`, [], id);
    }
    const ops = this.#changes.get(id);
    if (!ops) return undefined;
    // Of rows with one id the first is meant.
    this.#changes.delete(id);
    let now: Row | null = row;
    let bytes: Buffer | undefined;
    for (const op of ops) {
      if (now === null) this.#fail(op, 'gone', `${this.#name} has no row ${id} any more`);
      else if (op.op === 'delete') {
        now = null;
        bytes = Buffer.alloc(0);
        this.#done.set(op.key, { key: op.key, status: 'ok', id });
      } else {
        const next = this.#update(op, now);
        if (next) [now, bytes] = [next.row, next.bytes ?? bytes];
      }
    }
    return bytes;
  }

  append(): Buffer[] {
    const rows: Buffer[] = [];
    for (const [id, { op, row }] of this.#creates) {
      const bytes = this.#encode(op, row);
      if (!bytes) continue;
      rows.push(bytes.bytes);
      this.#ok(op, id, bytes.row, op.fields);
    }
    return rows;
  }

  outcomes(): Outcome[] {
    for (const [id, ops] of this.#changes)
      for (const op of ops) this.#fail(op, 'gone', `${this.#name} has no row ${id}`);
    return this.#ops.map(({ key }) => this.#done.get(key)!);
  }

  #update(op: Extract<Op, { op: 'update' }>, row: Row): { row: Row; bytes?: Buffer } | undefined {
    const given = this.#textOf(op, op.fields);
    if (given === undefined) return undefined;
    if (op.ifVersion !== undefined && op.ifVersion !== versionOf(row)) {
      this.#fail(op, 'conflict', `the row ${op.id} was changed in ${this.#name}`, [], op.id);
      return undefined;
    }
    const next: Row = { ...row, ...given };
    if (idOf(next, this.#by) !== op.id) {
      this.#fail(
        op,
        'rejected',
        `${this.#by.join(', ')} identifies the row, and cannot change`,
        this.#by.filter((name) => name in given),
      );
      return undefined;
    }
    const encoded = this.#encode(op, next);
    if (!encoded) return undefined;
    this.#ok(op, op.id, encoded.row, given);
    const same = this.#file.columns.every((name) => (row[name] ?? '') === (encoded.row[name] ?? ''));
    return same ? { row } : encoded;
  }

  /** The op's fields as text; undefined, and a failure, where one cannot be. */
  #textOf(op: Op, fields: Fields): Row | undefined {
    const unknown = Object.keys(fields).filter((name) => !this.#file.columns.includes(name));
    if (unknown.length > 0) {
      this.#fail(op, 'rejected', `${this.#name} has no column ${unknown.join(', ')}`, unknown);
      return undefined;
    }
    return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, text(value)]));
  }

  /** The row as its line, and as it will read back; undefined, and a failure, where the encoding lacks a character. */
  #encode(op: Op, row: Row): { row: Row; bytes: Buffer } | undefined {
    const { columns, delimiter, encoding, newline } = this.#file;
    const cells: Buffer[] = [];
    const made: Row = {};
    const lacking: [column: string, char: string][] = [];
    for (const name of columns) {
      const value = row[name] ?? '';
      const encoded = encode(quoted(value, delimiter, columns.length), encoding);
      if ('lacks' in encoded) lacking.push([name, encoded.lacks]);
      else {
        cells.push(encoded.bytes);
        const plain = encode(value, encoding);
        made[name] = 'made' in plain && plain.made !== '' ? plain.made : null;
      }
    }
    if (lacking.length > 0) {
      const [[column, char]] = lacking as [[string, string]];
      this.#fail(
        op,
        'rejected',
        `${this.#name} is ${encoding}, which has no "${char}" (U+${char.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}), as ${column} would need`,
        lacking.map(([name]) => name),
      );
      return undefined;
    }
    const mark = Buffer.from(delimiter);
    const line = cells.flatMap((cell, i) => (i === 0 ? [cell] : [mark, cell]));
    return { row: made, bytes: Buffer.concat([...line, Buffer.from(newline)]) };
  }

  #ok(op: Op, id: string, row: Row, given: Fields | Row = {}): void {
    const shown = Object.fromEntries(Object.keys(given).map((name) => [name, row[name] ?? null]));
    this.#done.set(op.key, {
      key: op.key,
      status: 'ok',
      id,
      version: versionOf(row),
      ...(Object.keys(shown).length > 0 ? { fields: shown } : {}),
    });
  }

  #fail(
    op: Op,
    kind: 'rejected' | 'conflict' | 'gone',
    message: string,
    fields: string[] = [],
    id?: string,
  ): void {
    this.#done.set(op.key, {
      key: op.key,
      status: 'failed',
      kind,
      message,
      ...(fields.length > 0 ? { fields } : {}),
      ...(id === undefined ? {} : { id }),
    });
  }
}

function text(value: Json): string | null {
  if (value === null || value === '') return null;
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** A single empty column would make a blank line, which is passed over. */
function quoted(value: string, delimiter: string, columns: number): string {
  const must = /["\r\n]/.test(value) || value.includes(delimiter) || /^\s|\s$/.test(value);
  return must || (value === '' && columns === 1) ? `"${value.replaceAll('"', '""')}"` : value;
}

/** The first line of a file that the hub makes. Throws ConnectorError 'rejected' where the encoding lacks a character of it. */
export function headerLine({ encoding, delimiter = ',' }: CsvConfig, columns: string[]): Buffer {
  const line = columns.map((name) => quoted(name, delimiter, 2)).join(delimiter);
  const encoded = encode(`${line}\r\n`, encoding);
  if ('bytes' in encoded) return encoded.bytes;
  throw new ConnectorError(
    'rejected',
    `${encoding} has no "${encoded.lacks}", as a column's name would need`,
    {
      hint: 'Choose another name under `columns`, or say encoding: utf-8.',
    },
  );
}

/** No column tells rows apart: nothing could be found again. */
export function notWritable(stream: string): ConnectorError {
  return new ConnectorError(
    'rejected',
    `no column of ${stream}.csv identifies a row, so it cannot be written`,
    {
      hint: `Name it in hub.yaml: id: { ${stream}: customer_no }.`,
    },
  );
}
