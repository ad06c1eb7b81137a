import { createHash } from 'node:crypto';
import { type Db, StoreError } from '../db.ts';
import { MIGRATIONS } from '../migrations.ts';
import { FORMAT, type Header, type Section, type Trailer, VERSION } from './format.ts';
import { schemaOf, type Table, tablesToMove } from './tables.ts';

/** Rows in memory at once. */
const FETCHED = 200;

export interface Exported {
  schema: number;
  /** Rows by table. */
  tables: Record<string, number>;
  rows: number;
}

/**
 * Hands everything the hub knows to `write`, piece by piece, as format.ts says: all of one moment, while others go on (on the
 * embedded database, which has one connection, they wait). Throws StoreError when no hub ever used the database, or a newer one did.
 */
export function exportFrom(
  db: Db,
  at: Date,
  write: (text: string) => Promise<void>,
  progress: (done: number, total: number) => void = () => undefined,
): Promise<Exported> {
  return db.transaction(async (tx) => {
    await tx.query(`set transaction isolation level repeatable read, read only`);
    await plainText(tx);
    const schema = await schemaOf(tx);
    if (schema === 0)
      throw new StoreError(
        'there is nothing to export: no hub ever used this database',
        'Check DATABASE_URL or NAYOSE_DATA.',
      );
    if (schema > MIGRATIONS.length)
      throw new StoreError(
        `the database is at schema ${schema}, this program knows ${MIGRATIONS.length}`,
        'It was used by a newer Nayose: export it with that version.',
      );
    const tables = await tablesToMove(tx);
    const counts: Record<string, number> = {};
    for (const table of tables) counts[table.name] = await countOf(tx, table);
    const total = Object.values(counts).reduce((sum, n) => sum + n, 0);
    const hash = createHash('sha256');
    let done = 0;
    const put = async (lines: readonly string[]) => {
      const text = `${lines.join('\n')}\n`;
      hash.update(text);
      await write(text);
    };
    const header: Header = { format: FORMAT, version: VERSION, schema, at: at.toISOString(), tables: counts };
    await put([JSON.stringify(header)]);
    for (const table of tables) {
      const section: Section = { table: table.name, columns: table.columns.map(({ name }) => name) };
      await put([JSON.stringify(section)]);
      for await (const rows of rowsOf(tx, table)) {
        await put(rows);
        done += rows.length;
        progress(done, total);
      }
    }
    const trailer: Trailer = { end: true, rows: done, sha256: hash.digest('hex') };
    await write(`${JSON.stringify(trailer)}\n`);
    return { schema, tables: counts, rows: done };
  });
}

/** Values as text mean the same to every server, whatever its settings. */
export async function plainText(tx: Db): Promise<void> {
  await tx.query(
    `select set_config('timezone', 'UTC', true), set_config('datestyle', 'ISO, YMD', true),
       set_config('extra_float_digits', '1', true)`,
  );
}

async function countOf(tx: Db, { quoted }: Table): Promise<number> {
  const [row] = await tx.query<{ n: number }>(`select count(*) as n from ${quoted}`);
  return row!.n;
}

async function* rowsOf(tx: Db, { quoted, columns }: Table): AsyncGenerator<string[]> {
  const texts = columns.map((column) => `${column.quoted}::text`).join(', ');
  await tx.query(
    `declare exported no scroll cursor for select array_to_json(array[${texts}])::text as row from ${quoted}`,
  );
  for (;;) {
    const rows = await tx.query<{ row: string }>(`fetch forward ${FETCHED} from exported`);
    if (rows.length === 0) break;
    yield rows.map(({ row }) => row);
  }
  await tx.query(`close exported`);
}
