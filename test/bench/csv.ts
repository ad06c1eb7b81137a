import { createWriteStream } from 'node:fs';
import { copyFile, mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { benchPostgres, times } from './databases.ts';
import { type Cost, measured } from './list/process.ts';
import { flag } from './options.ts';

/** `--records N` for less; `--read-only`: without the sync, which takes a while. */
const ROWS = Number(flag('records') ?? 1_000_000);
/** Every so many rows one has a line break in it, or breaks the rules of csv. */
const BROKEN_LINE = 10;
const BAD = 100_000;
/** Left to itself, Node collects late, and what it takes says little of what is needed. */
const HEAP_MB = 256;
const root = resolve(import.meta.dirname, '../..');
const LAUNCH = join(root, 'api/cli/launch.mjs');
const say = (line: string) => process.stdout.write(`${line}\n`);

const HUB = `connections:
  erp: { type: csv, path: ./erp, id: no }
syncs:
  people: { entity: person, members: [{ mapping: erp, mode: read }] }
`;
const MAPPING = `connection: erp
object: people
entity: person
fields: { familyName: family, givenName: given, email: email, phone: phone }
`;

/** What a file of a million rows costs: reading it, changing rows in it, and a sync of it; each as a process of its own. */
export async function run(): Promise<void> {
  if (!(ROWS > 0)) throw new Error('--records takes a number');
  const folder = await mkdtemp(join(tmpdir(), 'nayose-csv-'));
  try {
    await mkdir(join(folder, 'erp'));
    await mkdir(join(folder, 'mappings'));
    await writeFile(join(folder, 'hub.yaml'), HUB);
    await writeFile(join(folder, 'mappings/erp.yaml'), MAPPING);
    const file = join(folder, 'erp/people.csv');
    await writeRows(file);
    say(`${n(ROWS)} rows, ${n(Math.round((await stat(file)).size / 1024 ** 2))} MB`);
    const part = (name: string) => [LAUNCH, join(root, `test/bench/csv/${name}.ts`)];
    const read = await measured([...part('read'), file], folder);
    const bare = await measured([LAUNCH, join(root, 'test/bench/csv/bare.ts'), file], folder);
    say(`reading: ${read.stdout.trim()}; ${spent(read)}`);
    say(
      `  csv-parse alone, without line numbers and bad rows: ${spent(bare)}, ours takes ${times(read.seconds, bare.seconds)}`,
    );
    const started = performance.now();
    await copyFile(file, join(folder, 'copy'));
    const copied = (performance.now() - started) / 1000;
    const write = await measured([...part('write'), file], folder);
    say(`writing: ${write.stdout.trim()}; ${spent(write)}; a copy of the file takes ${copied.toFixed(1)} s`);
    if (flag('read-only') !== undefined) return;
    const server = await benchPostgres();
    try {
      const words = [LAUNCH, join(root, 'api/cli/main.ts'), 'sync', '--config', folder, '--json'];
      const sync = await measured(
        words,
        folder,
        {
          DATABASE_URL: server.url,
          NODE_OPTIONS: `--max-old-space-size=${HEAP_MB}`,
        },
        [0, 2],
      );
      const {
        status,
        read: rows,
        golden,
      } = JSON.parse(sync.stdout) as { status: string; read: number; golden: number };
      say(
        `sync: ${status}, ${n(rows)} read, ${n(golden)} golden records; ${spent(sync)} (the database is another process; a heap of ${HEAP_MB} MB is all that it was given)`,
      );
    } finally {
      await server.close();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const n = (count: number) => count.toLocaleString('en');
const spent = ({ seconds, processor, megabytes }: Cost) =>
  `${seconds.toFixed(1)} s, ${processor.toFixed(1)} s of processors, ${megabytes.toFixed(0)} MB`;

const FAMILY = ['佐藤', '鈴木', '髙橋', '田中', '伊藤', '渡邊', '山本', '中村'];
const GIVEN = ['太郎', '花子', '一郎', '葵', '翔太', '陽菜'];

async function writeRows(path: string): Promise<void> {
  const file = createWriteStream(path);
  const write = (text: string) =>
    new Promise<void>((done, fail) => file.write(text, (error) => (error ? fail(error) : done())));
  await write('no,family,given,email,phone,note\n');
  for (let from = 0; from < ROWS; from += 10_000) {
    let text = '';
    for (let i = from; i < Math.min(from + 10_000, ROWS); i++) {
      const note = i % BAD === BAD - 1 ? 'a "bad" row' : i % BROKEN_LINE === 0 ? `"two\nlines"` : '';
      const number = String(i).padStart(8, '0');
      text += `${i},${FAMILY[i % FAMILY.length]},${GIVEN[i % GIVEN.length]},p${i}@b${i % 997}.example.jp,090-${number.slice(0, 4)}-${number.slice(4)},${note}\n`;
    }
    await write(text);
  }
  await new Promise<void>((done) => file.end(done));
}
