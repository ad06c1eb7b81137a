import { renumberFeed } from './changes.ts';
import { type Db, StoreError } from './db.ts';
import { MIGRATIONS } from './migrations.ts';

/**
 * Brings the schema up to this version; called once at start. Several processes may call it at once (an advisory
 * lock lets one work). A database newer than the program is refused, untouched.
 */
export async function migrate(db: Db): Promise<void> {
  await db.transaction((tx) => migrateIn(tx));
}

/** The same in a transaction of the caller's. `upTo`: the schema to stop at; this version's where absent. */
export async function migrateIn(tx: Db, upTo = MIGRATIONS.length): Promise<void> {
  await tx.query(`select pg_advisory_xact_lock(hashtext('nayose.migrate'))`);
  await tx.query(
    `create table if not exists migration (id int primary key, name text not null, at timestamptz not null default now())`,
  );
  const [last] = await tx.query<{ id: number | null }>(`select max(id) as id from migration`);
  const done = last?.id ?? 0;
  if (done > MIGRATIONS.length)
    throw new StoreError(
      `the database is at schema ${done}, this program knows ${MIGRATIONS.length}`,
      'It was used by a newer Nayose: install that version.',
    );
  for (const [index, { name, sql }] of MIGRATIONS.entries()) {
    if (index < done || index >= upTo) continue;
    for (const statement of sql.split(/;\s*\n/)) if (statement.trim() !== '') await tx.query(statement);
    await tx.query(`insert into migration (id, name) values ($1, $2)`, [index + 1, name]);
  }
  if (upTo === MIGRATIONS.length) await renumberFeed(tx);
}
