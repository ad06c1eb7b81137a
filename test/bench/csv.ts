import { copyFile, mkdir, mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { writeRows } from './csv/rows.ts';
import { syncFiles } from './csv/sync.ts';
import { times } from './databases.ts';
import { type Cost, measured } from './list/process.ts';
import { flag } from './options.ts';

/** `--records 1000000` for the figure of docs/scale.md; `--read-only`: without the sync, which takes a while; `--sync-only`: nothing but it. */
const ROWS = Number(flag('records') ?? 100_000);
const root = resolve(import.meta.dirname, '../..');
const LAUNCH = join(root, 'api/cli/launch.mjs');
const say = (line: string) => process.stdout.write(`${line}\n`);

/** What a long file costs: reading it, changing rows in it, and a sync from it to another; each as a process of its own. */
export async function run(): Promise<void> {
  if (!(ROWS > 0)) throw new Error('--records takes a number');
  const folder = await mkdtemp(join(tmpdir(), 'nayose-csv-'));
  try {
    await mkdir(join(folder, 'erp'));
    const file = join(folder, 'erp/people.csv');
    const good = await writeRows(file, ROWS);
    say(`${n(ROWS)} rows, ${n(Math.round((await stat(file)).size / 1024 ** 2))} MB`);
    if (flag('sync-only') === undefined) await readAndWrite(folder, file);
    if (flag('read-only') === undefined) await syncFiles(folder, file, good, { say, spent });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function readAndWrite(folder: string, file: string): Promise<void> {
  const part = (name: string) => [LAUNCH, join(root, `test/bench/csv/${name}.ts`)];
  const read = await measured([...part('read'), file], folder);
  const bare = await measured([...part('bare'), file], folder);
  say(`reading: ${read.stdout.trim()}; ${spent(read)}`);
  say(
    `  csv-parse alone, without line numbers and bad rows: ${spent(bare)}, ours takes ${times(read.seconds, bare.seconds)}`,
  );
  const written = join(folder, 'written.csv');
  const started = performance.now();
  await copyFile(file, written);
  const copied = (performance.now() - started) / 1000;
  const write = await measured([...part('write'), written], folder);
  say(`writing: ${write.stdout.trim()}; ${spent(write)}; a copy of the file takes ${copied.toFixed(1)} s`);
  await rm(written);
}

const n = (count: number) => count.toLocaleString('en');
const spent = ({ seconds, processor, megabytes }: Cost) =>
  `${seconds.toFixed(1)} s, ${processor.toFixed(1)} s of processors, ${megabytes.toFixed(0)} MB`;
