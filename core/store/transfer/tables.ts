/** Which tables are what the hub knows, and how they are laid out. */
import type { Db } from '../db.ts';
import { MIGRATIONS } from '../migrations.ts';

/** Of the moment and of its processes: an import does without them. */
export const LEFT_OUT: Record<string, string> = {
  process: 'who is alive now. What they had in hand is found as after a kill -9',
  pace: 'calls of the last seconds',
  sweep: 'when a process last looked around',
  session: 'browsers that are signed in: they sign in again',
  login: 'logins in hand',
  stream_cache: 'what tools said of their schemas: they are asked again',
};

/** Every table that migrations ever made; `migration` itself is no part of what the hub knows. */
export const TABLES: ReadonlySet<string> = new Set(
  MIGRATIONS.flatMap(({ sql }) =>
    [...sql.matchAll(/^\s*create\s+(?:unlogged\s+)?table\s+(?:if not exists\s+)?(\w+)/gim)].map(
      ([, name]) => name!,
    ),
  ),
);

export interface Column {
  name: string;
  /** As statements write it. */
  quoted: string;
  type: string;
  /** Numbered by the database. */
  identity: boolean;
}

export interface Table {
  name: string;
  quoted: string;
  columns: Column[];
}

/** The tables to be exported and imported, those that others refer to first. */
export async function tablesToMove(tx: Db): Promise<Table[]> {
  const rows = await tx.query<{
    table: string;
    quotedTable: string;
    name: string;
    quoted: string;
    type: string;
    identity: boolean;
  }>(
    `select c.relname as "table", quote_ident(c.relname) as "quotedTable", a.attname as name,
       quote_ident(a.attname) as quoted, format_type(a.atttypid, a.atttypmod) as type, a.attidentity <> '' as identity
     from pg_class c
     join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
     where c.relnamespace = current_schema()::regnamespace and c.relkind in ('r', 'p') and c.relname = any($1::text[])
     order by exists (select from pg_constraint f where f.conrelid = c.oid and f.contype = 'f'), c.relname, a.attnum`,
    [[...TABLES].filter((name) => !Object.hasOwn(LEFT_OUT, name))],
  );
  return [...Map.groupBy(rows, ({ table }) => table)].map(([name, columns]) => ({
    name,
    quoted: columns[0]!.quotedTable,
    columns: columns.map(({ name, quoted, type, identity }) => ({ name, quoted, type, identity })),
  }));
}

/** Migrations that the database has behind it; 0: none, it was never used by a hub. */
export async function schemaOf(tx: Db): Promise<number> {
  const [table] = await tx.query<{ there: boolean }>(`select to_regclass('migration') is not null as there`);
  if (!table!.there) return 0;
  const [last] = await tx.query<{ id: number | null }>(`select max(id) as id from migration`);
  return last?.id ?? 0;
}
