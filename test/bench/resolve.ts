import type { Db } from '../../core/store/db.ts';
import { migrate } from '../../core/store/migrate.ts';
import { openPg } from '../../core/store/pg.ts';
import { openEmbedded } from '../../core/store/pglite.ts';
import { saveRecords } from '../../core/store/records.ts';
import { refreshStatistics } from '../../core/store/statistics.ts';
import { LANE } from '../../core/sync/intents.ts';
import { RESOLVE_PAGE, resolvePage } from '../../core/sync/resolve.ts';
import { benchPostgres, rate, times } from './databases.ts';
import { resolver } from './engine.ts';
import { storedPeople } from './people.ts';

const PEOPLE = 10_000;

export async function run(): Promise<void> {
  const rows = await storedPeople(PEOPLE, 11, 'r');
  const server = await benchPostgres();
  for (const [name, open] of [
    ['PostgreSQL', async () => openPg(server.url)],
    ['PGlite', async () => openEmbedded(undefined, new Date())],
  ] as const) {
    const db: Db = await open();
    await migrate(db);
    let started = performance.now();
    for (let i = 0; i < rows.length; i += RESOLVE_PAGE)
      await saveRecords(db, rows.slice(i, i + RESOLVE_PAGE));
    const bare = rate(rows.length, performance.now() - started);
    await refreshStatistics(db);
    const { engine, sync } = resolver(db);
    started = performance.now();
    let resolved = 0;
    for (;;) {
      const { records } = await resolvePage(engine, sync, LANE.backfill);
      if (records === 0) break;
      resolved += records;
    }
    const ours = rate(resolved, performance.now() - started);
    process.stdout.write(
      `${name}: bare batched upsert of ${rows.length} rows ${bare} records/s; resolve and persist ${ours} records/s = ${times(ours, bare)}\n`,
    );
    await db.close();
  }
  await server.close();
}
