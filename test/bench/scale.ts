import { saveGoldens } from '../../core/store/goldens.ts';
import { keyHash } from '../../core/store/keyhash.ts';
import { replaceKeys } from '../../core/store/matching.ts';
import { migrate } from '../../core/store/migrate.ts';
import { openPg } from '../../core/store/pg.ts';
import { membersByKey, saveRecords, settleRecords } from '../../core/store/records.ts';
import { refreshStatistics } from '../../core/store/statistics.ts';
import { LANE } from '../../core/sync/intents.ts';
import { resolvePage } from '../../core/sync/resolve.ts';
import { benchPostgres, times } from './databases.ts';
import { resolver } from './engine.ts';
import { entity, listedPeople } from './people.ts';

/** NAYOSE_BENCH_SIZES=10000,100000 for less. */
const SIZES = (process.env.NAYOSE_BENCH_SIZES ?? '10000,100000,1000000').split(',').map(Number);
const CHUNK = 5_000;
const PAGE = 500;
const PAGES = 6;

/** Stores people as if each had been resolved alone, then measures what resolving further pages of new ones costs. */
export async function run(): Promise<void> {
  const server = await benchPostgres();
  const db = openPg(server.url);
  await migrate(db);
  const { engine, sync } = resolver(db);
  let stored = 0;
  let least = 0;
  for (const size of SIZES) {
    while (stored < size) {
      const rows = await listedPeople(stored, Math.min(CHUNK, size - stored));
      const now = new Date().toISOString();
      const prepared = rows.map((row) => {
        const values = Object.fromEntries(
          Object.entries(row.opinions).map(([name, { value }]) => [name, value]),
        );
        return {
          row,
          golden: engine.newId(),
          prepared: sync.matcher.prepare({ id: row.key, source: 'crm', values }),
          values,
        };
      });
      await db.transaction(async (tx) => {
        await saveRecords(
          tx,
          rows.map((row) => ({ ...row, dirty: false })),
        );
        await replaceKeys(
          tx,
          prepared.map((p) => ({
            record: p.row.key,
            keys: [...new Set(sync.matcher.keys(p.prepared).map((key) => keyHash(entity.name, key)))],
          })),
        );
        await saveGoldens(
          tx,
          prepared.map(({ golden, values }) => ({
            id: golden,
            entity: entity.name,
            values,
            provenance: {},
            version: 1,
            aliasOf: null,
            live: true,
            createdAt: now,
            updatedAt: now,
          })),
        );
        const read = await membersByKey(
          tx,
          prepared.map(({ row }) => row.key),
        );
        await settleRecords(
          tx,
          prepared.map(({ row, golden, prepared }) => ({
            key: row.key,
            stamp: read.get(row.key)!.stamp,
            goldenId: golden,
            clean: true,
            prepared,
          })),
        );
      });
      stored += rows.length;
    }
    await refreshStatistics(db);
    const fresh = await listedPeople(stored, PAGE * PAGES);
    await saveRecords(db, fresh);
    const costs: number[] = [];
    for (let i = 0; i < PAGES; i++) {
      const started = performance.now();
      const { records } = await resolvePage(engine, sync, LANE.incremental);
      if (records === PAGE) costs.push(performance.now() - started);
    }
    costs.sort((a, b) => a - b);
    const median = costs[Math.floor(costs.length / 2)]!;
    least ||= median;
    process.stdout.write(
      `${size.toLocaleString('en')} stored: a page of ${PAGE} new records takes ${median.toFixed(0)} ms, ${(median / PAGE).toFixed(2)} ms a record = ${times(median, least)} of the cost at ${SIZES[0]!.toLocaleString('en')}\n`,
    );
    stored += fresh.length;
  }
  await db.close();
  await server.close();
}
