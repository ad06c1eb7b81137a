/** `export`, `import` and `migrate-database` against the sandboxes: what moves goes on as if nothing had happened. */
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { MIGRATIONS } from '../../../core/store/migrations.ts';
import { openPg } from '../../../core/store/pg.ts';
import { emptyPostgres } from '../../support/databases.ts';
import { until } from '../serve/harness.ts';
import { type Bench, createBench, createCli } from './harness.ts';

const KEY = Buffer.from(Array.from({ length: 32 }, (_, i) => i * 7 + 3)).toString('base64');

let bench: Bench;
const folder = () => bench.env.NAYOSE_DATA!;
const use = (database: { url?: string; folder?: string }) => {
  delete bench.env.DATABASE_URL;
  if (database.url) bench.env.DATABASE_URL = database.url;
  if (database.folder) bench.env.NAYOSE_DATA = database.folder;
};
const quiet = { code: 0, data: { status: 'complete', created: 0, updated: 0 } };

beforeAll(async () => {
  bench = await createBench({ embedded: true });
  bench.env.NAYOSE_KEY = KEY;
  for (let i = 0; i < 12; i++)
    bench.boxes.hubspot.seed('contacts', [
      {
        fields: { email: `p${i}@mail${i}.example`, firstname: `Given${i}`, lastname: `Family${i}` },
        at: '2026-01-02T03:04:05Z',
      },
    ]);
  const hub = await readFile(join(bench.dir, 'hub.yaml'), 'utf8');
  await bench.write('hub.yaml', hub.replace(`"$\{HUBSPOT_SECRET}"`, 'planted-literal-secret'));
  expect(await bench.nayose('apply', '--seal')).toMatchObject({ code: 0 });
  await bench.nayose('pull', '--force');
  expect(await bench.json('sync')).toMatchObject({ code: 0, data: { created: 12 } });
});
afterAll(() => bench.close());

test('embedded → server → another folder: secrets stay sealed, nothing is written again, the config comes along', async () => {
  const original = folder();
  const file = join(bench.dir, 'hub.export');
  const made = await bench.json('export', file);
  expect(made).toMatchObject({ code: 0, data: { file, schema: MIGRATIONS.length } });
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  const text = gunzipSync(await readFile(file)).toString();
  expect(text).not.toContain('planted-literal-secret');
  expect(text).toContain('p3@mail3.example');

  const url = await emptyPostgres();
  use({ url });
  const { data } = await bench.json<{ rows: number }>('import', file);
  expect(data.rows).toBe(made.data.rows);
  expect(await bench.json('sync')).toMatchObject(quiet);
  expect(await bench.json('sync', '--full')).toMatchObject(quiet);
  expect(await bench.json('diff')).toMatchObject({ code: 0, data: { revision: 1, parts: [] } });

  const back = join(bench.dir, 'back.export');
  expect((await bench.nayose('export', back)).code).toBe(0);
  use({ folder: join(bench.dir, 'moved') });
  expect((await bench.nayose('import', back)).code).toBe(0);
  expect(await bench.json('sync')).toMatchObject(quiet);
  expect(bench.boxes.salesforce.books.noops + bench.boxes.hubspot.books.noops).toBe(0);
  // Into what is full already: refused, with what to do.
  const again = await bench.nayose('import', back);
  expect(again).toMatchObject({ code: 1, err: expect.stringMatching(/not empty[\s\S]*another folder/) });
  use({ folder: original });
}, 120_000);

test('migrate-database moves a folder in one command, and leaves it as it was', async () => {
  const url = await emptyPostgres();
  const moved = await bench.json('migrate-database', '--to', url);
  expect(moved).toMatchObject({ code: 0, data: { status: 'complete', from: folder() } });
  expect(moved.out + moved.err).not.toContain('nayose:nayose@');
  // The folder still works: it is the way back until the server does.
  expect(await bench.json('sync')).toMatchObject(quiet);
  const twice = await bench.nayose('migrate-database', '--to', url);
  expect(twice).toMatchObject({ code: 1, err: expect.stringContaining('the database is not empty') });
  use({ url });
  expect(await bench.json('sync')).toMatchObject(quiet);
  // DATABASE_URL says where to, so that no password need stand in the list of processes.
  use({ url: await emptyPostgres() });
  expect(await bench.nayose('migrate-database')).toMatchObject({ code: 0, err: '' });
  use({});
  expect(await bench.nayose('migrate-database')).toMatchObject({
    code: 1,
    err: expect.stringContaining('--to postgres://'),
  });
  const elsewhere = await createCli({ DATABASE_URL: await emptyPostgres() });
  const nothing = await elsewhere.nayose('migrate-database');
  expect(nothing).toMatchObject({ code: 1, err: expect.stringContaining('there is no database in') });
  expect(await readdir(elsewhere.dir)).toEqual([]);
  await elsewhere.close();
}, 120_000);

test('a file that is cut off, edited or something else is refused, and leaves the database as new', async () => {
  const file = join(bench.dir, 'whole.export');
  expect((await bench.nayose('export', file)).code).toBe(0);
  const bytes = await readFile(file);
  const text = gunzipSync(bytes).toString();
  const url = await emptyPostgres();
  use({ url });
  const broken = join(bench.dir, 'broken.export');
  for (const [given, says] of [
    [bytes.subarray(0, bytes.length - 40), 'cut off'],
    [bytes.subarray(0, 1000), 'cut off'],
    [gzipSync(text.slice(0, text.lastIndexOf('\n', text.length - 2) + 1)), 'cut off'],
    [gzipSync(text.replace('p3@mail3.example', 'p3@mail4.example')), 'checksum'],
    [Buffer.from(text), 'not compressed'],
    // Where the compressed data begin no block is of the kind 3: farther on it would depend on the data what comes of it.
    [Buffer.concat([bytes.subarray(0, 10), Buffer.alloc(100, 7), bytes.subarray(110)]), 'damaged'],
    [gzipSync('id,name\n1,Sato\n'), 'no export of Nayose'],
    [Buffer.alloc(0), 'cut off'],
    [gzipSync(''), 'empty'],
  ] as const) {
    await writeFile(broken, given);
    const said = await bench.nayose('import', broken);
    expect([said.code, said.err]).toEqual([1, expect.stringContaining(says)]);
    expect(said.err).not.toMatch(/defect|mail3/);
  }
  expect(await bench.nayose('import', join(bench.dir, 'none.export'))).toMatchObject({
    code: 1,
    err: expect.stringContaining('there is no such file'),
  });
  const db = openPg(url, { max: 1 });
  expect(await db.query(`select 1 as one from pg_class where relname = 'golden'`)).toEqual([]);
  await db.close();
  // What cannot be written leaves nothing beside it either.
  use({});
  const nowhere = await bench.nayose('export', join(bench.dir, 'none', 'x.export'));
  expect(nowhere).toMatchObject({ code: 1, err: expect.stringContaining('its folder does not exist') });
  expect((await readdir(bench.dir)).filter((name) => name.endsWith('.part'))).toEqual([]);
  use({ url: await emptyPostgres() });
  const unused = await bench.nayose('export', file);
  expect(unused).toMatchObject({ code: 1, err: expect.stringContaining('no hub ever used this database') });
  expect(await readFile(file)).toEqual(bytes);
  use({});
}, 120_000);

test('while a hub serves the folder: export is its work, as command and over HTTP; import and migrate-database are refused', async () => {
  bench.env.NAYOSE_TOKEN = 'the-token-of-this-test';
  const { run } = await import('../../../api/cli/main.ts');
  const stopping = new AbortController();
  let out = '';
  const serving = run(['serve', '--port', '0', '--config', bench.dir], {
    env: bench.env,
    stdout: {
      write: (said) => {
        out += said;
      },
    },
    stderr: { write: () => undefined },
    signal: stopping.signal,
  });
  await Promise.race([until(() => out.includes('listening on')), serving]);
  const hub = /listening on (\S+)/.exec(out)![1];

  const file = join(bench.dir, 'served.export');
  const made = await bench.json<{ rows: number }>('export', file);
  expect(made).toMatchObject({ code: 0, data: { file } });
  const get = (token: string) => fetch(`${hub}/v1/export`, { headers: { Authorization: `Bearer ${token}` } });
  expect((await get('another')).status).toBe(401);
  const answer = await get('the-token-of-this-test');
  expect(Object.fromEntries(answer.headers)).toMatchObject({
    'content-type': 'application/gzip',
    'content-disposition': expect.stringMatching(/filename="nayose-\d{4}-\d\d-\d\dT\d{6}\.ndjson\.gz"/),
  });
  const downloaded = join(bench.dir, 'downloaded.export');
  await writeFile(downloaded, Buffer.from(await answer.arrayBuffer()));
  const audit = await fetch(`${hub}/v1/audit`, {
    headers: { Authorization: 'Bearer the-token-of-this-test' },
  });
  expect(((await audit.json()) as { items: object[] }).items).toContainEqual(
    expect.objectContaining({ action: 'exportHub', outcome: 200 }),
  );
  for (const command of [
    ['import', file],
    ['migrate-database', '--to', await emptyPostgres()],
  ])
    expect(await bench.nayose(...command)).toMatchObject({ code: 1, err: expect.stringContaining(hub!) });
  stopping.abort();
  expect(await serving).toBe(0);

  use({ url: await emptyPostgres() });
  expect((await bench.nayose('import', downloaded)).code).toBe(0);
  expect(await bench.json('sync')).toMatchObject(quiet);
  use({});
}, 120_000);
