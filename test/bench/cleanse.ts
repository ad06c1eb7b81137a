import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { times } from './databases.ts';
import { MAPPING, writeList } from './list/file.ts';
import { type Cost, measured } from './list/process.ts';
import { qualityOf } from './list/quality.ts';
import { LARGEST_TRUE, RECORDS_A_BATCH } from './list/records.ts';
import { flag } from './options.ts';

/** One million people with 1.6 records each; `--records N` for less, and as many again for the doubled run. */
const RECORDS = Number(flag('records') ?? 1_600_000);
const SEED = 20_26;
const root = resolve(import.meta.dirname, '../..');
const LAUNCH = join(root, 'api/cli/launch.mjs');
const say = (line: string) => process.stdout.write(`${line}\n`);

/** What `nayose cleanse` costs on a generated list and on one twice as long, each run as a process of its own. */
export async function run(): Promise<void> {
  if (!(RECORDS > 0)) throw new Error('--records takes a number');
  const folder = await mkdtemp(join(tmpdir(), 'nayose-cleanse-'));
  try {
    await writeFile(join(folder, 'mapping.yaml'), MAPPING);
    const records = RECORDS_A_BATCH * Math.max(1, Math.round(RECORDS / RECORDS_A_BATCH));
    const once = await cleanse(folder, records);
    if (flag('once') !== undefined) return;
    const twice = await cleanse(folder, records * 2);
    say(`twice the records take ${times(twice.seconds, once.seconds)} of the time`);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function cleanse(folder: string, records: number): Promise<Cost> {
  const path = join(folder, 'list.csv');
  await writeList(path, records, SEED);
  const words = [LAUNCH, join(root, 'api/cli/main.ts'), 'cleanse', 'list.csv', '--mapping', 'mapping.yaml'];
  const train = flag('train') === undefined ? [] : ['--train'];
  const cost = await measured([...words, '--out', 'clusters.csv', '--json', ...train], folder);
  const report = JSON.parse(cost.stdout) as { pairs: number; clusters: number };
  const found = await qualityOf(join(folder, 'clusters.csv'), records);
  const bare = await measured([LAUNCH, join(root, 'test/bench/list/yardstick.ts'), path], folder);
  const n = (count: number) => count.toLocaleString('en');
  say(`${n(records)} records of ${n((records / RECORDS_A_BATCH) * 100)} people: ${spent(cost)}`);
  say(
    `  ${n(report.pairs)} pairs, ${n(found.clusters)} clusters, the largest ${found.largest} (truly ${LARGEST_TRUE}); precision ${found.precision.toFixed(4)}, recall ${found.recall.toFixed(4)}`,
  );
  say(
    `  reading the same file and grouping by exact e-mail: ${spent(bare)}; cleanse takes ${times(cost.seconds, bare.seconds)}`,
  );
  return cost;
}

const spent = ({ seconds, processor, megabytes }: Cost) =>
  `${seconds.toFixed(1)} s, ${processor.toFixed(1)} s of processors, ${megabytes.toFixed(0)} MB`;
