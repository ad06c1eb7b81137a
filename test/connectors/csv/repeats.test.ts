import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Change, Context, Problem, Select } from '../../../connectors/contract.ts';
import { type CsvConfig, csvConfig } from '../../../connectors/csv/config.ts';
import { csv } from '../../../connectors/csv/index.ts';
import { openCsv } from '../../../connectors/csv/read.ts';
import { repeatsIn } from '../../../connectors/csv/repeats.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'csv-repeats-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const warnings: string[] = [];
const context = (config: CsvConfig): Context<CsvConfig> => ({
  config,
  fetch: () => Promise.reject(new Error('files need no network')),
  now: () => new Date('2030-01-01T00:00:00Z'),
  signal: new AbortController().signal,
  log: { debug: () => {}, info: () => {}, warn: (message) => warnings.push(message) },
});

async function readAll(config: CsvConfig, select: Select = { since: null }) {
  const changes: Change[] = [];
  const problems: Problem[] = [];
  for (let next = select; ; ) {
    const page = await csv.read!(context(config), 'people', next, []);
    changes.push(...page.changes);
    problems.push(...(page.problems ?? []));
    if (page.done) return { changes, problems };
    next = { since: page.cursor };
  }
}
const put = (text: string) => writeFileSync(join(folder, 'people.csv'), text);
const config = (given: object = {}) => csvConfig.parse({ path: folder, id: 'no', ...given });
const names = (changes: readonly Change[]) =>
  changes.map((change) => (change.op === 'upsert' ? change.fields.name : change.op));

describe('rows with one id', () => {
  test('the first counts, and each of the others is set aside with both lines, pages later too', async () => {
    const many = Array.from({ length: 1200 }, (_, i) => `k${i},n${i}\n`).join('');
    put(`no,name\nk7,first\n${many}k7 ,last\n`);
    const { changes, problems } = await readAll(config());
    expect(changes).toHaveLength(1200);
    expect(names(changes).slice(0, 2)).toEqual(['first', 'n0']);
    const message = 'the same no as line 2, which counts: give this row another, or remove it';
    expect(problems).toEqual([
      { line: 10, message },
      { line: 1203, message },
    ]);
    expect(warnings).toContain(`people.csv, line 1203: ${message}`);
  });

  test('one that lost its twin counts again', async () => {
    const own = config();
    put('no,name\n1,a\n1,b\n');
    expect(names((await readAll(own)).changes)).toEqual(['a']);
    put('no,name\n1,b\n');
    expect(await readAll(own)).toMatchObject({ changes: [{ id: '1', fields: { name: 'b' } }], problems: [] });
  });

  test('a look-up finds the one that counts, by its id and by any other column', async () => {
    put('no,name\n1,a\n2,b\n1,c\n');
    const look = async (by: string, ...values: string[]) =>
      names((await readAll(config(), { by, in: values })).changes);
    expect(await look('no', '1', '2')).toEqual(['a', 'b']);
    expect(await look('name', 'a', 'c')).toEqual(['a']);
  });

  test('of several columns only all together are the id; without one, equal rows are one record', async () => {
    put('no,branch,name\n1,a,x\n1,b,y\n1,a,z\n');
    const both = await readAll(config({ id: ['no', 'branch'] }));
    expect(names(both.changes)).toEqual(['x', 'y']);
    expect(both.problems).toMatchObject([
      { line: 4, message: expect.stringContaining('no and branch as line 2') },
    ]);
    put('name\nx\ny\nx\n');
    const none = await readAll(csvConfig.parse({ path: folder }));
    expect(none.problems).toEqual([]);
    expect(new Set(none.changes.map(({ id }) => id)).size).toBe(2);
  });
});

test('however the file is cut into windows, a row repeats the first row with its id', async () => {
  const cell = fc.constantFrom('1', '2', '3', '4', '', '"a\nb"', ' 1', 'bad "row"', '5', '6');
  await fc.assert(
    fc.asyncProperty(
      fc.array(cell, { maxLength: 40 }),
      fc.integer({ min: 1, max: 9 }),
      async (cells, window) => {
        put(`no,name\n${cells.map((no) => `${no},x\n`).join('')}`);
        const file = await openCsv(join(folder, 'people.csv'));
        try {
          const firsts = new Map<string, number>();
          const firstOf = repeatsIn(file, ['no'], new Map(), new AbortController().signal, window);
          for await (const row of file.rows()) {
            const id = 'fields' in row ? (row.fields.no ?? '').trim() : '';
            const first = id === '' ? undefined : firsts.get(id);
            expect(await firstOf(row.line)).toBe(first);
            if (first === undefined && id !== '') firsts.set(id, row.line);
          }
        } finally {
          await file.close();
        }
      },
    ),
    { numRuns: 60 },
  );
});

test('of a long file nothing stays in memory but what was found', async () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const [rows, window] = [20_000, 1000];
  put(`no,name\n${Array.from({ length: rows }, (_, i) => `${i},x\n`).join('')}`);
  const file = await openCsv(join(folder, 'people.csv'));
  const firstOf = repeatsIn(file, ['no'], new Map(), new AbortController().signal, window);
  const look = async (from: number, to: number) => {
    for (let line = from; line <= to; line += window) expect(await firstOf(line)).toBeUndefined();
    collect();
    return process.memoryUsage().arrayBuffers;
  };
  try {
    // Buffers of the file and of whatever else this process did come and go: the least of many looks is what stays.
    const least = async (from: number) => {
      const seen: number[] = [];
      for (let i = 0; i < 8; i++) seen.push(await look(from + i * window, from + i * window));
      return Math.min(...seen);
    };
    const early = await least(2);
    const late = await least(2 + 11 * window);
    // The tables of the windows between the two together would be 0.3 MB.
    expect(late - early).toBeLessThan(150_000);
    expect(await firstOf(3)).toBeUndefined();
  } finally {
    await file.close();
  }
});
