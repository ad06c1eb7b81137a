import { appendFileSync, mkdtempSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Change, Context, Cursor, Page, Problem, Select } from '../../../connectors/contract.ts';
import { type CsvConfig, csvConfig } from '../../../connectors/csv/config.ts';
import { csv } from '../../../connectors/csv/index.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'csv-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const put = (name: string, text: string) => writeFileSync(join(folder, name), text);

function context(config: object = {}) {
  const warnings: string[] = [];
  const ctx: Context<CsvConfig> = {
    config: csvConfig.parse({ path: folder, ...config }),
    fetch: () => Promise.reject(new Error('files need no network')),
    now: () => new Date('2030-01-01T00:00:00Z'),
    signal: new AbortController().signal,
    log: { debug: () => {}, info: () => {}, warn: (message) => warnings.push(message) },
  };
  return { ctx, warnings };
}

async function readAll(stream: string, config: object = {}, select: Select = { since: null }) {
  const changes: Change[] = [];
  const problems: Problem[] = [];
  const sizes: number[] = [];
  for (let next = select; ; ) {
    // Each page in a context of its own, its cursor through JSON: as after a restart.
    const page: Page = await csv.read!(context(config).ctx, stream, next, []);
    changes.push(...page.changes);
    problems.push(...(page.problems ?? []));
    sizes.push(page.changes.length);
    const cursor = JSON.parse(JSON.stringify(page.cursor)) as Cursor;
    if (page.done) return { changes, problems, sizes, cursor };
    next = { since: cursor };
  }
}
const ids = (changes: Change[]) => changes.map(({ id }) => id);
const table = (count: number) =>
  `id,name\n${Array.from({ length: count }, (_, i) => `${i + 1},n${i + 1}\n`).join('')}`;

describe('what is refused', () => {
  test.each([
    [{ path: '' }],
    [{ path: 'x', encoding: 'latin1' }],
    [{ path: 'x', pth: 1 }],
    [{ path: 'x', utcOffset: 'JST' }],
    [{ path: 'x', encoding: 'shift_jis', delimiter: '|' }],
  ])('the configuration %j', (config) => {
    expect(csvConfig.safeParse(config).success).toBe(false);
  });

  test('a missing folder, a missing file, a stream that points elsewhere', async () => {
    await expect(csv.discover(context({ path: join(folder, 'none') }).ctx)).rejects.toMatchObject({
      kind: 'rejected',
      message: expect.stringContaining('there is no'),
    });
    put('a.csv', 'id\n1\n');
    for (const stream of ['b', '../a', ''])
      await expect(readAll(stream)).rejects.toMatchObject({ kind: 'rejected', hint: 'It has a.' });
  });

  test('an id column that is not there, naming those that are', async () => {
    put('a.csv', 'code,name\n1,x\n');
    await expect(readAll('a', { id: 'cdoe' })).rejects.toMatchObject({
      kind: 'rejected',
      hint: expect.stringContaining('code, name'),
    });
  });

  test('a cursor of another connector', async () => {
    put('a.csv', 'id\n1\n');
    await expect(readAll('a', {}, { since: { modstamp: 'x' } })).rejects.toMatchObject({ kind: 'rejected' });
  });
});

test('every .csv file is a stream, described by its header', async () => {
  put('people.csv', 'Record ID,氏名\n1,田中\n');
  put('B.CSV', 'k,v\n1,2\n');
  put('notes.txt', 'x');
  const streams = await csv.discover(context({ id: { B: ['k', 'v'] } }).ctx);
  expect(streams.map(({ name }) => name)).toEqual(['B', 'people']);
  expect(streams[1]).toMatchObject({
    fields: [
      { name: 'Record ID', unique: true, writable: false },
      { name: '氏名', unique: false },
    ],
    read: { incremental: true, deletes: 'none', lookupBy: ['Record ID', '氏名'] },
    write: false,
    unlock: 'writable: true',
  });
  expect(await csv.discover(context().ctx, ['people'])).toHaveLength(1);
});

test('path may name one file', async () => {
  put('a.csv', 'id\n1\n');
  expect(ids((await readAll('a', { path: join(folder, 'a.csv') })).changes)).toEqual(['1']);
});

describe('reading', () => {
  test('in pages of 500; once read, a file that stays as it is costs nothing', async () => {
    put('a.csv', table(1200));
    const first = await readAll('a');
    expect(first.sizes).toEqual([500, 500, 200]);
    expect(ids(first.changes)).toEqual(Array.from({ length: 1200 }, (_, i) => String(i + 1)));
    const second = await readAll('a', {}, { since: first.cursor });
    expect(second.changes).toEqual([]);
    expect(second.cursor).toEqual(first.cursor);
  });

  test('exactly one page, and not a row', async () => {
    put('a.csv', table(500));
    expect((await readAll('a')).sizes).toEqual([500, 0]);
    put('b.csv', table(0));
    expect((await readAll('b')).sizes).toEqual([0]);
  });

  test('a file that changed is read anew: after the end, and in the middle of a reading', async () => {
    put('a.csv', table(600));
    const page = await csv.read!(context().ctx, 'a', { since: null }, []);
    appendFileSync(join(folder, 'a.csv'), '601,new\n');
    const rest = await readAll('a', {}, { since: page.cursor });
    expect(ids(rest.changes)).toHaveLength(601);
    put('next.tmp', table(700));
    renameSync(join(folder, 'next.tmp'), join(folder, 'a.csv'));
    const again = await csv.read!(context().ctx, 'a', { since: rest.cursor }, []);
    expect([ids(again.changes)[0], again.changes.length, again.afresh]).toEqual(['1', 500, true]);
    const end = await csv.read!(context().ctx, 'a', { since: again.cursor }, []);
    expect([end.changes.length, end.afresh, end.done]).toEqual([200, undefined, true]);
    put('a.csv', table(0));
    expect(await csv.read!(context().ctx, 'a', { since: end.cursor }, [])).toMatchObject({
      changes: [],
      afresh: true,
      done: true,
    });
  });

  test('a file written while a page is read is not believed', async () => {
    put('a.csv', table(10));
    const { ctx } = context();
    const signal = {
      throwIfAborted: () => appendFileSync(join(folder, 'a.csv'), 'x'),
    } as unknown as AbortSignal;
    await expect(csv.read!({ ...ctx, signal }, 'a', { since: null }, [])).rejects.toMatchObject({
      kind: 'transient',
      hint: expect.stringContaining('rename'),
    });
  });

  test('a stop is obeyed', async () => {
    put('a.csv', table(10));
    const { ctx } = context();
    await expect(
      csv.read!({ ...ctx, signal: AbortSignal.abort() }, 'a', { since: null }, []),
    ).rejects.toThrow('abort');
  });

  test('bad rows are problems with their line, and in the log without their values', async () => {
    put('a.csv', 'id,name\n1,a\n2,"secret"x\n,b\n4,c\n');
    const { changes, problems } = await readAll('a');
    expect(ids(changes)).toEqual(['1', '4']);
    expect(problems).toEqual([
      { line: 3, message: expect.stringContaining('closing quote') },
      { line: 4, message: 'no value in id' },
    ]);
    const { ctx, warnings } = context();
    await csv.read!(ctx, 'a', { since: null }, []);
    expect(warnings).toHaveLength(2);
    expect(warnings.join()).not.toContain('secret');
  });
});

describe('what identifies a row', () => {
  test('several columns together, never mistaken for others', async () => {
    put('a.csv', 'k,v\na|b,c\na,b|c\na%7Cb,c\n');
    const { changes } = await readAll('a', { id: ['k', 'v'] });
    expect(new Set(ids(changes)).size).toBe(3);
  });

  test('without an id column the content does: the same row has the same id in any file', async () => {
    put('a.csv', 'n,v\nx,1\ny,2\n');
    put('b.csv', 'n,v\ny,2\n');
    const [a, b] = [await readAll('a'), await readAll('b')];
    expect(ids(a.changes)[1]).toBe(ids(b.changes)[0]);
    expect(new Set(ids(a.changes)).size).toBe(2);
  });

  test('looked up by id, by any column, and by an id made of several', async () => {
    put('a.csv', table(1200));
    const by = (name: string, values: string[], config: object = {}) =>
      readAll('a', config, { by: name, in: values }).then(({ changes }) => ids(changes));
    expect(await by('id', ['1', '1200', '5000'])).toEqual(['1', '1200']);
    expect(await by('name', ['n7'])).toEqual(['7']);
    expect(await by('id', ['7|n7'], { id: ['id', 'name'] })).toEqual(['7|n7']);
    expect(
      await by(
        'name',
        Array.from({ length: 1200 }, (_, i) => `n${i + 1}`),
      ),
    ).toHaveLength(1200);
  });
});

describe('when a row changed', () => {
  test('as its own column says, in the zone configured; never in the future', async () => {
    put('a.csv', 'id,m\n1,2024/1/2 9:00\n2,2024-01-02T00:00:00Z\n3,\n4,2099-01-01\n5,昨日\n');
    utimesSync(join(folder, 'a.csv'), 1_600_000_000, 1_600_000_000);
    const { changes } = await readAll('a', { modified: 'm', utcOffset: '+09:00' });
    const fileTime = '2020-09-13T12:26:40.000Z';
    expect(changes.map(({ at }) => at)).toEqual([
      '2024-01-02T00:00:00.000Z',
      '2024-01-02T00:00:00.000Z',
      fileTime,
      fileTime,
      fileTime,
    ]);
  });
});
