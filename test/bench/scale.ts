import { totalmem } from 'node:os';
import type { Db } from '../../core/store/db.ts';
import { migrate } from '../../core/store/migrate.ts';
import { openPg } from '../../core/store/pg.ts';
import { saveRecords } from '../../core/store/records.ts';
import { LANE } from '../../core/sync/intents.ts';
import type { Engine, Sync } from '../../core/sync/ports.ts';
import { RESOLVE_PAGE, resolvePage } from '../../core/sync/resolve.ts';
import { benchPostgres, times } from './databases.ts';
import { resolver } from './engine.ts';
import { flag } from './options.ts';
import { listedPeople } from './people.ts';
import { drain, fillAtOnce, fillByPages } from './scale/fill.ts';
import { sameStores } from './scale/same.ts';

const SMALL = 10_000;
/** Small stores, one after the other: each is soon no small one any more. */
const TAKES = 3;
/** Pages of each, of which the first are played only to warm up: Node compiles, PostgreSQL plans. */
const ROUNDS = 18;
const WARM = 6;
const GB = 2 ** 30;

interface Store {
  size: number;
  db: Db;
  engine: Engine;
  sync: Sync;
  costs: number[];
}

/**
 * What resolving a page of new people costs in a store of 10,000 records and in a large one (`--records`), pages of both in turn in
 * one server, over connections that have met every page, as those of a hub that runs for a while have: a new one is slowed by the first
 * meeting with each, as long as there are no huge pages. The server has the settings that docs/operations.md asks for; `--defaults`: those that
 * PostgreSQL comes with.
 */
export async function run(): Promise<void> {
  const large = Number(flag('records') ?? 1_000_000);
  const server = await benchPostgres(flag('defaults') === undefined ? tuned() : {});
  const open = async (name: string, size: number, like?: string): Promise<Store> => {
    const db = openPg(await server.database(name, like));
    await migrate(db);
    return { size, db, ...resolver(db), costs: [] };
  };
  const small = await open('small', SMALL);
  const big = await open('large', large);
  const proof = await open('proof', SMALL);
  await fillByPages(small.engine, small.sync, SMALL);
  await fillAtOnce(proof.engine, proof.sync, SMALL);
  const rows = await sameStores(small.db, proof.db);
  for (const { db } of [small, proof]) await db.close();
  say(`filled at once as by pages: ${n(rows)} rows of ${n(SMALL)} records are the same`);
  const started = performance.now();
  await fillAtOnce(big.engine, big.sync, large);
  say(`${n(large)} records stored in ${((performance.now() - started) / 1000).toFixed(0)} s`);
  for (let take = 0; take < TAKES; take++) {
    const copy = await open(`small_${take}`, SMALL, 'small');
    await measure([{ ...copy, costs: small.costs }, big], large + take * ROUNDS * RESOLVE_PAGE);
    await copy.db.close();
  }
  say(await settingsOf(big.db));
  for (const { size, costs } of [small, big])
    say(
      `${n(size)} stored: a page of ${RESOLVE_PAGE} new records takes ${median(costs).toFixed(0)} ms, ${(median(costs) / RESOLVE_PAGE).toFixed(2)} ms a record (${costs.map((ms) => ms.toFixed(0)).join(', ')})`,
    );
  say(`${n(large)} against ${n(SMALL)} stored: ${times(median(big.costs), median(small.costs))}`);
  await big.db.close();
  await server.close();
}

/** The same new people for every store, whose turn comes now first, now last. */
async function measure(stores: readonly Store[], from: number): Promise<void> {
  // What a server's autovacuum does in its own time.
  for (const { db } of stores) await db.query('vacuum analyze');
  for (const { db } of stores) await db.transaction(meet);
  for (let round = 0; round < ROUNDS; round++) {
    const people = await listedPeople(from + round * RESOLVE_PAGE, RESOLVE_PAGE);
    for (const { db, engine, sync, costs } of round % 2 === 0 ? stores : [...stores].reverse()) {
      await saveRecords(db, people);
      const started = performance.now();
      const { records } = await resolvePage(engine, sync, LANE.incremental);
      const took = performance.now() - started;
      if (records !== RESOLVE_PAGE) throw new Error(`a page of ${records} records is no page`);
      if (round >= WARM) costs.push(took);
      // Records of before that the page has reopened are no part of it.
      await drain(engine, sync);
    }
  }
}

/** In the order of each index that a page looks into; the last ones are in the order in which rows lie. */
const ORDERS = [
  ...[
    'match_key by key, record',
    'match_key by record',
    'source_record by key',
    'source_record by golden_id',
  ],
  ...['golden by id', 'history by id', 'edge by a, b', 'edge by b', 'review by a, b', 'review by b'],
  'match_form by record',
  ...['source_record', 'match_form', 'golden'],
];

/** Reads everything once over the connection that the next transaction is given too. */
async function meet(tx: Db): Promise<void> {
  await tx.query('set local enable_seqscan = off');
  await tx.query('set local enable_bitmapscan = off');
  // Over this connection, and no worker's.
  await tx.query('set local max_parallel_workers_per_gather = 0');
  for (const order of ORDERS) {
    const [table, columns] = order.split(' by ');
    if (columns === undefined) {
      // Not from an index: the rows themselves.
      await tx.query(`select count(x) from ${table} x`);
    } else
      await tx.query(`select count(*) from (select ${columns} from ${table} order by ${columns} offset 0) x`);
  }
}

/** docs/operations.md, 'Settings of the server'. */
const tuned = () => ({
  shared_buffers: `${Math.max(1, Math.round(totalmem() / 4 / GB))}GB`,
  max_wal_size: '8GB',
  checkpoint_timeout: '15min',
});

async function settingsOf(db: Db): Promise<string> {
  const names = [
    ...['shared_buffers', 'max_wal_size', 'checkpoint_timeout', 'fsync', 'full_page_writes'],
    'huge_pages_status',
  ];
  const values = await Promise.all(
    names.map(async (name) => {
      const [row] = await db.query<{ value: string }>(`select current_setting($1) as value`, [name]);
      return `${name} ${row!.value}`;
    }),
  );
  return `PostgreSQL: ${values.join(', ')}`;
}

const say = (line: string) => process.stdout.write(`${line}\n`);
const n = (count: number) => count.toLocaleString('en');
const median = (list: readonly number[]) => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)]!;
