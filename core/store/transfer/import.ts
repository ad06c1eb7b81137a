import { createHash } from 'node:crypto';
import { type Db, StoreError } from '../db.ts';
import { migrateIn } from '../migrate.ts';
import { refreshStatistics } from '../statistics.ts';
import { type Exported, plainText } from './export.ts';
import { damaged, type Header, readHeader, readMark, type Section, type Trailer } from './format.ts';
import { numbered } from './lines.ts';
import { type Column, schemaOf, type Table, tablesToMove } from './tables.ts';

/** Rows of one statement, and about how many characters of them. */
const ROWS = 500;
const CHARACTERS = 1_000_000;

/**
 * Fills an empty database with what an export wrote: all of it or nothing. A stream of an older schema is brought up to this
 * program's. Throws StoreError when the database is not empty, or when the stream is damaged, cut off or of a newer program.
 */
export async function importInto(
  db: Db,
  text: AsyncIterable<string>,
  progress: (done: number, total: number) => void = () => undefined,
): Promise<Exported> {
  const lines = numbered(text);
  try {
    const imported = await db.transaction((tx) => load(db, tx, lines, progress));
    await refreshStatistics(db);
    return imported;
  } finally {
    // Whoever sends waits for a reader, also for one that gave up.
    await lines.return();
  }
}

async function load(
  db: Db,
  tx: Db,
  lines: ReturnType<typeof numbered>,
  progress: (done: number, total: number) => void,
): Promise<Exported> {
  const hash = createHash('sha256');
  const first = await lines.next();
  if (first.done) throw damaged('the file is empty');
  const header = readHeader(first.value.line);
  hash.update(`${first.value.line}\n`);
  await plainText(tx);
  const into = await beginLoad(db, tx, header);
  const total = Object.values(header.tables).reduce((sum, n) => sum + n, 0);
  let trailer: Trailer | undefined;
  for await (const { line, number } of lines) {
    if (trailer) throw damaged(`line ${number} of the file comes after its end`);
    if (line.startsWith('[')) await into.row(line, number);
    else {
      const mark = readMark(line, number);
      if ('table' in mark) await into.section(mark, number);
      else trailer = mark;
    }
    if (!trailer) hash.update(`${line}\n`);
    if (number % ROWS === 0) progress(into.rows(), total);
  }
  if (!trailer) throw damaged('the file is cut off: its end is missing');
  await into.end();
  if (trailer.rows !== into.rows() || trailer.sha256 !== hash.digest('hex'))
    throw damaged('the file was changed after it was written: its checksum differs');
  await migrateIn(tx);
  return { schema: header.schema, tables: header.tables, rows: into.rows() };
}

/** Brings the empty database to the stream's schema; rows then go in section by section. */
async function beginLoad(db: Db, tx: Db, header: Header) {
  await emptyAt(tx, header.schema);
  const tables = new Map((await tablesToMove(tx)).map((table) => [table.name, table]));
  for (const name of Object.keys(header.tables))
    if (!tables.has(name))
      throw damaged(`the file has a table ${JSON.stringify(name)} that schema ${header.schema} has not`);
  const loaded = new Map<string, number>();
  let rows = 0;
  let open: { table: Table; section: Section; insert: string } | undefined;
  let waiting: string[] = [];
  let characters = 0;
  let since = 0;

  const flush = async (number: number) => {
    if (!open || waiting.length === 0) return;
    await db.room?.();
    try {
      await tx.query(open.insert, [`[${waiting.join(',')}]`]);
    } catch (error) {
      // What the database says of it may quote somebody's data.
      const { code } = error as { code?: string };
      if (!/^(22|23)/.test(code ?? '')) throw error;
      throw damaged(
        `lines ${since} to ${number} of the file are no rows of ${open.table.name} (SQLSTATE ${code})`,
        error,
      );
    }
    loaded.set(open.table.name, (loaded.get(open.table.name) ?? 0) + waiting.length);
    rows += waiting.length;
    waiting = [];
    characters = 0;
  };

  return {
    rows: () => rows,
    async section(section: Section, number: number): Promise<void> {
      await flush(number - 1);
      const table = tables.get(section.table);
      if (!table || !Object.hasOwn(header.tables, section.table) || loaded.has(section.table))
        throw damaged(`line ${number} of the file begins a table that its first line does not name`);
      loaded.set(section.table, 0);
      open = { table, section, insert: insertInto(table, section, number) };
    },
    async row(line: string, number: number): Promise<void> {
      if (!open) throw damaged(`line ${number} of the file is a row of no table`);
      if (waiting.length === 0) since = number;
      waiting.push(line);
      characters += line.length;
      if (waiting.length >= ROWS || characters >= CHARACTERS) await flush(number);
    },
    /** Everything is in: counts are compared, and numbering goes on behind the last number. */
    async end(): Promise<void> {
      await flush(since + waiting.length - 1);
      for (const [name, count] of Object.entries(header.tables))
        if (loaded.get(name) !== count)
          throw damaged(`the file holds ${loaded.get(name) ?? 0} rows of ${name}, and should hold ${count}`);
      for (const table of tables.values())
        for (const column of table.columns) if (column.identity) await numberOn(tx, table, column);
    },
  };
}

/** Refuses a database that holds anything; afterwards it is at this schema, and nobody else's until the transaction ends. */
async function emptyAt(tx: Db, schema: number): Promise<void> {
  const at = await schemaOf(tx);
  if (at === 0) {
    await migrateIn(tx, schema);
    return;
  }
  const another = 'Make a new database (createdb, or another folder as NAYOSE_DATA) and import into that.';
  const tables = await tablesToMove(tx);
  await tx.query(`lock table ${tables.map(({ quoted }) => quoted).join(', ')} in access exclusive mode`);
  const full: string[] = [];
  for (const { name, quoted } of tables) {
    const [row] = await tx.query<{ any: boolean }>(`select exists (select from ${quoted}) as any`);
    if (row!.any) full.push(name);
  }
  if (full.length > 0)
    throw new StoreError(`the database is not empty: there are rows in ${full.join(', ')}`, another);
  if (at !== schema)
    throw new StoreError(
      `the database was prepared for schema ${at}, and the file is at schema ${schema}`,
      another,
    );
}

function insertInto(table: Table, section: Section, number: number): string {
  const columns = section.columns.map((name) => {
    const column = table.columns.find((one) => one.name === name);
    if (!column) throw damaged(`line ${number} of the file names a column that ${table.name} has not`);
    return column;
  });
  if (new Set(columns).size < columns.length)
    throw damaged(`line ${number} of the file names a column of ${table.name} twice`);
  return `insert into ${table.quoted} (${columns.map(({ quoted }) => quoted).join(', ')}) overriding system value
    select ${columns.map(({ type }, i) => `(r ->> ${i})::${type}`).join(', ')} from jsonb_array_elements($1::jsonb) r`;
}

async function numberOn(tx: Db, { name, quoted }: Table, column: Column): Promise<void> {
  await tx.query(
    `select setval(pg_get_serial_sequence(quote_ident($1), $2), max(${column.quoted})) from ${quoted}
     having max(${column.quoted}) is not null`,
    [name, column.name],
  );
}
