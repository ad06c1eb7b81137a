import type { Db } from '../../core/store/db.ts';

/** A digest of every table of a database, with which transaction wrote each row: what differs afterwards was written. */
export async function everyRow(db: Db): Promise<Record<string, string>> {
  const tables = await db.query<{ name: string; quoted: string }>(
    `select c.relname as name, quote_ident(c.relname) as quoted from pg_class c
     where c.relnamespace = current_schema()::regnamespace and c.relkind = 'r' order by c.relname`,
  );
  const found: Record<string, string> = {};
  for (const { name, quoted } of tables) {
    const [row] = await db.query<{ digest: string }>(
      `select count(*) || ' ' || coalesce(md5(string_agg(t.xmin::text || t::text, '' order by t::text)), '') as digest from ${quoted} t`,
    );
    found[name] = row!.digest;
  }
  return found;
}
