import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'csv-stringify/sync';
import encoding from 'encoding-japanese';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type CsvOptions, type CsvRow, readCsv } from '../../../connectors/csv/read.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'csv-read-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const shiftJis = (text: string) =>
  Buffer.from(encoding.convert(text, { to: 'SJIS', from: 'UNICODE', type: 'array' }));

async function rows(content: string | Uint8Array, options: CsvOptions = {}): Promise<CsvRow[]> {
  const path = join(folder, 'file.csv');
  writeFileSync(path, content);
  return await all(path, options);
}

async function all(path: string, options: CsvOptions = {}): Promise<CsvRow[]> {
  const found: CsvRow[] = [];
  for await (const row of readCsv(path, options)) found.push(row);
  return found;
}
/** [line, fields or problem] */
const brief = (found: CsvRow[]) => found.map((row) => [row.line, 'fields' in row ? row.fields : row.problem]);

describe('files that cannot be read at all', () => {
  test.each([
    ['', 'is empty'],
    ['\n\n\n', 'is empty'],
    ['"id,name\n1,a\n', 'never closed'],
    ['田中,taro@example.com\n佐藤,b@example.com\n', 'looks like data'],
    ['1001,田中\n', 'looks like data'],
    [Buffer.from('\ufeffid,name\n', 'utf16le'), 'UTF-16'],
    [shiftJis('氏名,会社\n田中,株式会社\n'), 'not utf-8'],
  ])('%j', async (content, found) => {
    await expect(rows(content)).rejects.toMatchObject({
      kind: 'rejected',
      message: expect.stringContaining(found),
      hint: expect.any(String),
    });
  });

  test('no such file, or a folder in its place', async () => {
    await expect(all(join(folder, 'none.csv'))).rejects.toMatchObject({
      kind: 'rejected',
      message: expect.stringContaining('there is no'),
      hint: expect.stringContaining('path'),
    });
    await expect(all(folder)).rejects.toThrow();
  });
});

describe('bad rows are set aside alone, with their line', () => {
  test('quotes in the wrong place, and an unclosed one', async () => {
    const found = await rows('id,name\n1,a\n2,"b"x\n3,c"d\n\n4,"open\n5,e\n6,f\n');
    expect(brief(found)).toEqual([
      [2, { id: '1', name: 'a' }],
      [3, expect.stringContaining('closing quote')],
      [4, expect.stringContaining('unquoted value')],
      [6, expect.stringContaining('never closed')],
      [7, { id: '5', name: 'e' }],
      [8, { id: '6', name: 'f' }],
    ]);
  });

  test('too few values, too many; an empty surplus is harmless', async () => {
    expect(brief(await rows('id,name\n1\n2,b,c\n3,d,\n4,e\n'))).toEqual([
      [2, '1 values where the header names 2 columns'],
      [3, '3 values where the header names 2 columns'],
      [4, { id: '3', name: 'd' }],
      [5, { id: '4', name: 'e' }],
    ]);
  });

  test('bytes that are not text', async () => {
    const bad = Buffer.concat([Buffer.from('id,name\n1,'), Buffer.from([0xff]), Buffer.from('\n2,b\n')]);
    expect(brief(await rows(bad))).toEqual([
      [2, 'value 2 is not utf-8 text'],
      [3, { id: '2', name: 'b' }],
    ]);
  });

  test('a row too long to be one does not take the file with it', async () => {
    const found = await rows(`id,name\n1,"${'x'.repeat(1_200_000)}\n2,b\n`);
    expect(brief(found)).toEqual([
      [2, expect.stringContaining('longer than')],
      [3, { id: '2', name: 'b' }],
    ]);
  });

  test('a file whose last row is cut', async () => {
    expect(brief(await rows('id,name\n1,a\n2,"b'))).toEqual([
      [2, { id: '1', name: 'a' }],
      [3, 'a quote is opened and never closed'],
    ]);
    expect(brief(await rows('id,name\n1,a\n2'))).toEqual([
      [2, { id: '1', name: 'a' }],
      [3, '1 values where the header names 2 columns'],
    ]);
  });
});

describe('what files look like', () => {
  test('quoted newlines count as lines of the file, in LF and CRLF', async () => {
    for (const end of ['\n', '\r\n'])
      expect(brief(await rows(['id,name', '1,"a', 'b"', '', '2,"c""d"', '3,"e,f"'].join(end)))).toEqual([
        [2, { id: '1', name: `a${end}b` }],
        [5, { id: '2', name: 'c"d' }],
        [6, { id: '3', name: 'e,f' }],
      ]);
  });

  test('a byte order mark is no part of the first name, and proves UTF-8', async () => {
    expect(brief(await rows('\ufeffid,名\n1,髙\n', { encoding: 'shift_jis' }))).toEqual([
      [2, { id: '1', 名: '髙' }],
    ]);
  });

  test('Shift_JIS: characters whose second byte looks like ASCII, and vendor characters', async () => {
    const text = 'id,氏名,会社\n1,"ソ表能",㈱ｱｲｳ\n2,髙﨑,①Ⅲ\n';
    expect(brief(await rows(shiftJis(text), { encoding: 'shift_jis' }))).toEqual([
      [2, { id: '1', 氏名: 'ソ表能', 会社: '㈱ｱｲｳ' }],
      [3, { id: '2', 氏名: '髙﨑', 会社: '①Ⅲ' }],
    ]);
  });

  test.each(['\t', ';', ','])('the delimiter %j is found', async (mark) => {
    expect(brief(await rows(`id${mark}"a,;b"\n1${mark}x\n`))).toEqual([[2, { id: '1', 'a,;b': 'x' }]]);
  });

  test('old Macintosh line ends', async () => {
    expect(brief(await rows('id,name\r1,a\r2,b'))).toEqual([
      [2, { id: '1', name: 'a' }],
      [3, { id: '2', name: 'b' }],
    ]);
  });

  test('columns without a name, or of one name, hide none; __proto__ is only a name', async () => {
    const [row] = await rows('id,,name,name,__proto__\n1,a,b,c,d\n');
    expect(Object.entries((row as { fields: object }).fields)).toEqual([
      ['id', '1'],
      ['column 2', 'a'],
      ['name', 'b'],
      ['name (2)', 'c'],
      ['__proto__', 'd'],
    ]);
  });

  test('a header and nothing else has no rows; empty values are null', async () => {
    expect(await rows('id,name\n')).toEqual([]);
    expect(brief(await rows('id,name\n1,\n2,""\n'))).toEqual([
      [2, { id: '1', name: null }],
      [3, { id: '2', name: null }],
    ]);
  });
});

const cell = fc.string({
  unit: fc.constantFrom('a', ' ', ',', '"', '\n', '\r\n', '名', '髙', '🎌', ';', '\t'),
  maxLength: 6,
});
const table = fc.array(fc.tuple(fc.constantFrom('x', 'y', 'z'), cell, cell), { maxLength: 8 });

test('whatever is written reads back equal, in either encoding (property)', async () => {
  const sjisCell = fc.string({
    unit: fc.constantFrom('a', ',', '"', '\n', '名', 'ソ', '表', 'ｱ', '能'),
    maxLength: 6,
  });
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(
        fc.tuple(fc.constant('utf-8' as const), table),
        fc.tuple(
          fc.constant('shift_jis' as const),
          fc.array(fc.tuple(fc.constantFrom('x', 'y'), sjisCell, sjisCell), { maxLength: 8 }),
        ),
      ),
      async ([kind, data]) => {
        const text = stringify([['k', 'a', 'b'], ...data]);
        const found = await rows(kind === 'utf-8' ? text : shiftJis(text), {
          encoding: kind,
          delimiter: ',',
        });
        expect(found.map((row) => 'fields' in row && Object.values(row.fields))).toEqual(
          data.map((values) => values.map((value) => (value === '' ? null : value))),
        );
      },
    ),
    { numRuns: 60 },
  );
});

test('reading may stop after any row and go on from there, bad rows included (property)', async () => {
  const line = fc.oneof(
    { weight: 4, arbitrary: fc.tuple(cell, cell).map((values) => stringify([['v', ...values]])) },
    { weight: 1, arbitrary: fc.constantFrom('v,"b"x,c\n', '\n', 'v\n', 'v,"open,c\n', 'v,a"b,c\n', '\r\n') },
  );
  await fc.assert(
    fc.asyncProperty(fc.array(line, { maxLength: 8 }), async (lines) => {
      const text = `k,a,b\n${lines.join('')}`;
      const whole = await rows(text, { delimiter: ',' });
      for (const [i, row] of whole.entries())
        expect(await rows(text, { delimiter: ',', from: row.end })).toEqual(whole.slice(i + 1));
    }),
    { numRuns: 40 },
  );
});
