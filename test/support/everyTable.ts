import type { Db } from '../../core/store/db.ts';
import type { Table } from '../../core/store/transfer/tables.ts';

/** Values that other programs' ideas of numbers, times and null would change, by the type of the column. */
const VALUES: Record<string, [string, string]> = {
  text: ['a "quoted"\\ text\n\t勅使河原 𠮷', ''],
  'text[]': ['{"a,b","c\\"d",null,""}', '{}'],
  jsonb: ['null', '{"n": 12345678901234567890.123456789, "s": "\\\\u0041 {[", "deep": [null, {}]}'],
  integer: ['-7', '2147483647'],
  bigint: ['9007199254740993', '-1'],
  'double precision': ['0.1', '1e-300'],
  boolean: ['true', 'false'],
  'timestamp with time zone': ['-infinity', '2026-01-02 03:04:05.123456+09'],
  xid8: ['5', '6'],
};

/** Two rows into every table: one of odd values, one that is null wherever it may be. */
export async function plantEveryTable(db: Db, tables: readonly Table[]): Promise<void> {
  const nullable = new Set(
    (
      await db.query<{ column: string }>(
        `select table_name || '.' || column_name as "column" from information_schema.columns
         where table_schema = current_schema() and is_nullable = 'YES'`,
      )
    ).map(({ column }) => column),
  );
  for (const { name, quoted, columns } of tables) {
    const rows = [0, 1].map((i) =>
      columns.map((column) => {
        if (column.identity) return String(41 + i);
        if (i === 1 && nullable.has(`${name}.${column.name}`)) return null;
        const known = VALUES[column.type];
        if (!known) throw new Error(`test/support/everyTable.ts needs two odd values of ${column.type}`);
        return known[i]!;
      }),
    );
    for (const row of rows)
      await db.query(
        `insert into ${quoted} (${columns.map((one) => one.quoted).join(', ')}) overriding system value
         values (${columns.map(({ type }, i) => `$${i + 1}::text::${type}`).join(', ')})`,
        row,
      );
  }
}
