import type { Db } from '../../core/store/db.ts';

/** Every place where one of these texts stands in any text, text[] or jsonb column of any table, as `table.column: text`. */
export async function searchDatabase(db: Db, words: readonly string[]): Promise<string[]> {
  const columns = await db.query<{ table: string; column: string }>(
    `select c.table_name as table, c.column_name as column from information_schema.columns c
     join information_schema.tables t on t.table_schema = c.table_schema and t.table_name = c.table_name
     where c.table_schema not in ('pg_catalog', 'information_schema') and t.table_type = 'BASE TABLE'
       and c.table_schema = current_schema() and c.data_type in ('text', 'jsonb', 'ARRAY', 'character varying')
     order by 1, 2`,
  );
  const found: string[] = [];
  for (const { table, column } of columns)
    for (const word of words) {
      const [row] = await db.query<{ n: number }>(
        `select count(*) as n from "${table}" where strpos(lower("${column}"::text), lower($1)) > 0`,
        [word],
      );
      if (row!.n > 0) found.push(`${table}.${column}: ${word}`);
    }
  return found;
}
