import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { compressing, readExport } from '../../api/transfer/file.ts';
import type { Db } from '../../core/store/db.ts';
import { migrate } from '../../core/store/migrate.ts';
import { openPg } from '../../core/store/pg.ts';
import { openEmbedded } from '../../core/store/pglite.ts';
import { saveRecords } from '../../core/store/records.ts';
import { exportFrom } from '../../core/store/transfer/export.ts';
import { importInto } from '../../core/store/transfer/import.ts';
import { LANE } from '../../core/sync/intents.ts';
import { RESOLVE_PAGE, resolvePage } from '../../core/sync/resolve.ts';
import { startPostgres } from '../support/server.ts';
import { rate, times } from './databases.ts';
import { resolver } from './engine.ts';
import { storedPeople } from './people.ts';

/** NAYOSE_BENCH_SIZES=10000 for less. */
const PEOPLE = Number(process.env.NAYOSE_BENCH_SIZES?.split(',')[0] ?? '20000');
const CHUNK = 5_000;
const FETCHED = 200;
const MB = 1024 * 1024;

/** A hub's database as it is after so many people were read and resolved, there and back, against bare reading and writing of the same rows. */
export async function run(): Promise<void> {
  const server = await startPostgres();
  const folder = await mkdtemp(join(tmpdir(), 'nayose-bench-'));
  const file = join(folder, 'bench.export');
  const fresh = async (name: string): Promise<Db> => {
    const admin = openPg(`${server.url}/postgres`, { max: 1 });
    await admin.query(`create database ${name}`);
    await admin.close();
    return openPg(`${server.url}/${name}`);
  };
  const source = await fresh('source');
  await migrate(source);
  const { engine, sync } = resolver(source);
  for (let stored = 0; stored < PEOPLE; stored += CHUNK) {
    const rows = await storedPeople(Math.min(CHUNK, PEOPLE - stored), 300 + stored, `t${stored}-`);
    for (let i = 0; i < rows.length; i += RESOLVE_PAGE)
      await saveRecords(source, rows.slice(i, i + RESOLVE_PAGE));
    while ((await resolvePage(engine, sync, LANE.backfill)).more);
  }

  const bare = await timed(() => readBare(source, join(folder, 'bare')));
  const handle = await open(file, 'w');
  const packed = compressing((block) => handle.appendFile(block));
  const made = await timed(() => exportFrom(source, new Date(), (text) => packed.write(text)));
  const bytes = await packed.end();
  await handle.close();
  const { rows } = made.result;
  const ours = rate(rows, made.ms);
  say(
    `export of ${rows.toLocaleString('en')} rows: ${(made.ms / 1000).toFixed(1)} s, ${(bytes / MB).toFixed(1)} MB, memory +${made.memory} MB; ${ours} rows/s = ${times(ours, rate(rows, bare.ms))} of reading and compressing them bare`,
  );

  const into: [string, Db][] = [
    ['PostgreSQL', await fresh('target')],
    ['PGlite in a folder', await openEmbedded(join(folder, 'data'), new Date())],
  ];
  for (const [name, target] of into) {
    const taken = await timed(() => importInto(target, readExport(file)));
    say(
      `import into ${name}: ${(taken.ms / 1000).toFixed(1)} s, memory +${taken.memory} MB; ${rate(rows, taken.ms)} rows/s = ${times(rate(rows, taken.ms), ours)} of the export`,
    );
    await target.close();
  }
  await source.close();
  await server.stop();
  await rm(folder, { recursive: true, force: true });
}

const say = (line: string) => process.stdout.write(`${line}\n`);

/** How long it took, and how much the memory of this process grew at most (the embedded database lives in it). */
async function timed<T>(work: () => Promise<T>): Promise<{ result: T; ms: number; memory: number }> {
  const before = process.memoryUsage().rss;
  let most = before;
  const looking = setInterval(() => {
    most = Math.max(most, process.memoryUsage().rss);
  }, 50);
  const started = performance.now();
  try {
    const result = await work();
    return { result, ms: performance.now() - started, memory: Math.round((most - before) / MB) };
  } finally {
    clearInterval(looking);
  }
}

/** The yardstick: every row as JSON through a cursor into a compressed file, with no header, checksum or care for types. */
async function readBare(db: Db, path: string): Promise<void> {
  const tables = await db.query<{ name: string }>(
    `select quote_ident(relname) as name from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace`,
  );
  const handle = await open(path, 'w');
  await db.transaction(async (tx) => {
    async function* rows() {
      for (const { name } of tables) {
        await tx.query(`declare bare no scroll cursor for select to_json(t)::text as row from ${name} t`);
        for (;;) {
          const page = await tx.query<{ row: string }>(`fetch forward ${FETCHED} from bare`);
          if (page.length === 0) break;
          yield `${page.map(({ row }) => row).join('\n')}\n`;
        }
        await tx.query(`close bare`);
      }
    }
    await pipeline(rows(), createGzip(), handle.createWriteStream());
  });
}
