/** What files must keep while rows of them are changed. */
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Context, Op, Outcome } from '../../../connectors/contract.ts';
import { type CsvConfig, csvConfig } from '../../../connectors/csv/config.ts';
import { encode } from '../../../connectors/csv/encode.ts';
import { csv } from '../../../connectors/csv/index.ts';
import { whileLocked } from '../../../connectors/csv/lock.ts';
import { openCsv } from '../../../connectors/csv/read.ts';
import { rewrite } from '../../../connectors/csv/rewrite.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'csv-write-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const NOW = new Date('2026-03-04T05:06:07Z');
function context(config: object = {}): Context<CsvConfig> {
  return {
    config: csvConfig.parse({ path: folder, writable: true, ...config }),
    fetch: () => Promise.reject(new Error('no network')),
    now: () => NOW,
    signal: new AbortController().signal,
    log: { debug() {}, info() {}, warn() {} },
  };
}
const put = (content: string | Buffer) => writeFileSync(join(folder, 'people.csv'), content);
const text = () => readFileSync(join(folder, 'people.csv'), 'utf8');
const write = (ops: Op[], config?: object): Promise<Outcome[]> => csv.write!(context(config), 'people', ops);
const update = (id: string, fields: Record<string, string | null>, more: object = {}): Op => ({
  key: `u${id}`,
  op: 'update',
  id,
  fields,
  ...more,
});
const create = (key: string, fields: Record<string, string | null>): Op => ({ key, op: 'create', fields });

describe('what nobody asked to change stays byte for byte', () => {
  test('other rows, bad rows, blank lines, quoting, the mark at the beginning and the ends of lines', async () => {
    const before =
      '\ufeffid,name,note\r\n1,"Tar","x"\r\n\r\n2,O"Neil,broken\r\n3,Bob,"two\r\nlines"\r\n4,short\r\n5,Eve,';
    put(before);
    const outcomes = await write([update('3', { note: null }), create('k', { id: '6', name: 'New, one' })]);
    expect(outcomes.map(({ status }) => status)).toEqual(['ok', 'ok']);
    expect(text()).toBe(
      '\ufeffid,name,note\r\n1,"Tar","x"\r\n\r\n2,O"Neil,broken\r\n3,Bob,\r\n4,short\r\n5,Eve,\r\n6,"New, one",\r\n',
    );
  });

  test('an op that changes nothing leaves the file alone', async () => {
    put('id,name\n1,Bob\n');
    const before = statSync(join(folder, 'people.csv')).ino;
    expect(await write([update('1', { name: 'Bob' })])).toMatchObject([
      { status: 'ok', id: '1', fields: { name: 'Bob' } },
    ]);
    expect(statSync(join(folder, 'people.csv')).ino).toBe(before);
  });

  test('the rights of the file, and a link to it', async () => {
    const real = join(folder, 'real.txt');
    writeFileSync(real, 'id,name\n1,Bob\n');
    chmodSync(real, 0o640);
    symlinkSync(real, join(folder, 'people.csv'));
    await write([update('1', { name: 'Ann' })]);
    expect(readFileSync(real, 'utf8')).toBe('id,name\n1,Ann\n');
    expect(statSync(real).mode & 0o777).toBe(0o640);
    // Others may write it too, whatever the mask of the hub's user.
    chmodSync(real, 0o666);
    await write([update('1', { name: 'Eve' })]);
    expect(statSync(real).mode & 0o777).toBe(0o666);
  });

  test('nothing else is left in the folder; what a dead process left is swept', async () => {
    put('id,name\n1,Bob\n');
    writeFileSync(join(folder, '.people.csv.1-1.nayose.tmp'), 'half');
    await write([update('1', { name: 'Ann' })], undefined);
    // It is not an hour old by the clock of the hub, which stands before it was made.
    expect(readdirSync(folder).sort()).toEqual(['.people.csv.1-1.nayose.tmp', 'people.csv']);
    const later = { ...context(), now: () => new Date(Date.now() + 2 * 3_600_000) };
    await csv.write!(later, 'people', [update('1', { name: 'Eve' })]);
    expect(readdirSync(folder)).toEqual(['people.csv']);
  });

  test.skipIf(process.platform === 'win32')('all of it, where the disk takes only a part of a write', () => {
    const rows = Array.from({ length: 1000 }, (_, i) => `${i},Bob\n`).join('');
    put(`id,name\n${rows}`);
    const script = `
      const { csv } = await import(${JSON.stringify(import.meta.resolve('../../../connectors/csv/index.ts'))});
      const config = csv.config.parse({ path: ${JSON.stringify(folder)}, writable: true });
      const ctx = { config, now: () => new Date(), signal: new AbortController().signal };
      const ops = [{ key: 'k', op: 'update', id: '0', fields: { name: 'Ann' } }];
      console.log(await csv.write(ctx, 'people', ops).then(JSON.stringify, ({ kind, message }) => kind + ': ' + message));`;
    // A file may have so many blocks of 512 or 1024 bytes here, and no more.
    const run = ['-c', 'ulimit -f 4 && exec "$0" --input-type=module -e "$1"', process.execPath, script];
    const said = execFileSync('sh', run, { encoding: 'utf8' });
    expect(said.trim()).toBe('transient: there is no room left to write people.csv');
    expect(text()).toBe(`id,name\n${rows}`);
  });
});

describe('ids', () => {
  test('a row without one gets one that the same op gets again, and that no spreadsheet takes for a number', async () => {
    put('id,name\n');
    const [first] = await write([create('op-1', { name: 'Bob' })]);
    expect(first).toMatchObject({ status: 'ok', id: expect.stringMatching(/^n[0-9a-f]{16}$/) });
    const [again] = await write([create('op-1', { name: 'Bob' })]);
    expect(again).toEqual({ ...first, fields: undefined });
    expect(text().split('\n')).toHaveLength(3);
  });

  test('one that is there already is a conflict that names it, also within one call', async () => {
    put('id,name\n7,Bob\n');
    expect(
      await write([
        create('a', { id: '7', name: 'Ann' }),
        create('b', { id: '8', name: 'x' }),
        create('c', { id: '8', name: 'y' }),
      ]),
    ).toMatchObject([
      { key: 'a', status: 'failed', kind: 'conflict', id: '7' },
      { key: 'b', status: 'ok', id: '8' },
      { key: 'c', status: 'failed', kind: 'conflict', id: '8' },
    ]);
  });

  test('of several columns all are needed, and none changes', async () => {
    put('shop,no,name\nA,1,Bob\n');
    const config = { id: ['shop', 'no'] };
    expect(await write([create('a', { shop: 'A', name: 'x' })], config)).toMatchObject([
      { kind: 'rejected', message: 'a row of people.csv needs shop and no, and no would be empty' },
    ]);
    expect(await write([update('A|1', { no: '2' })], config)).toMatchObject([
      { kind: 'rejected', fields: ['no'], message: 'shop, no identifies the row, and cannot change' },
    ]);
    expect(await write([update('A|1', { name: 'Ann' })], config)).toMatchObject([{ status: 'ok' }]);
    expect(text()).toBe('shop,no,name\nA,1,Ann\n');
  });

  test('a file whose rows nothing tells apart is not written', async () => {
    put('name\nBob\n');
    const [stream] = await csv.discover(context(), ['people']);
    expect(stream).toMatchObject({
      write: false,
      unlock: 'id: { people: COLUMN } (the column that tells rows apart)',
    });
    await expect(write([create('a', { name: 'x' })])).rejects.toMatchObject({
      kind: 'rejected',
      hint: 'Name it in hub.yaml: id: { people: customer_no }.',
    });
  });
});

describe('two people at one file', () => {
  test('a row that somebody changed meanwhile is a conflict, others are done', async () => {
    put('id,name\n1,Bob\n2,Eve\n');
    const page = await csv.read!(context(), 'people', { since: null }, []);
    const version = Object.fromEntries(page.changes.map((change) => [change.id, change.version!]));
    put('id,name\n1,Robert\n2,Eve\n');
    expect(
      await write([
        update('1', { name: 'Bobby' }, { ifVersion: version['1'] }),
        update('2', { name: 'Eva' }, { ifVersion: version['2'] }),
      ]),
    ).toMatchObject([{ status: 'failed', kind: 'conflict', id: '1' }, { status: 'ok' }]);
    expect(text()).toBe('id,name\n1,Robert\n2,Eva\n');
  });

  test('many calls at once each find what the others wrote', async () => {
    put('id,name\n');
    const all = await Promise.all(
      Array.from({ length: 20 }, (_, n) => write([create(`k${n}`, { id: `${n}`, name: 'x' })])),
    );
    expect(all.flat().every(({ status }) => status === 'ok')).toBe(true);
    expect(text().trim().split('\n')).toHaveLength(21);
  });

  test('processes that come by other paths each find what the others wrote, and leave nothing behind', async () => {
    put('id,name\n');
    const folders = Array.from({ length: 4 }, (_, i) => `${folder}-link${i}`);
    for (const link of folders) symlinkSync(folder, link);
    try {
      const outcomes = await Promise.all(
        folders.flatMap((path, i) =>
          Array.from({ length: 10 }, (_, n) => write([create(`k${i}-${n}`, { id: `${i}-${n}` })], { path })),
        ),
      );
      expect(new Set(outcomes.flat().map(({ status }) => status))).toEqual(new Set(['ok']));
      expect(text().trimEnd().split('\n')).toHaveLength(41);
      expect(readdirSync(folder)).toEqual(['people.csv']);
    } finally {
      for (const link of folders) rmSync(link);
    }
  });

  test('a lock that a dead process left is taken away in time', async () => {
    put('id,name\n1,Bob\n');
    const lock = join(folder, '.people.csv.nayose.lock');
    writeFileSync(lock, '');
    expect(await write([update('1', { name: 'Ann' })])).toMatchObject([{ status: 'ok' }]);
    expect(text()).toBe('id,name\n1,Ann\n');
    expect(readdirSync(folder)).toEqual(['people.csv']);
  }, 180_000);

  test('who lost the lock meanwhile writes nothing', async () => {
    put('id,name\n1,Bob\n');
    const target = join(folder, 'people.csv');
    const file = await openCsv(target);
    const lost = whileLocked(target, context().signal, async (held) => {
      rmSync(join(folder, '.people.csv.nayose.lock'));
      const work = { replace: () => Buffer.from('1,Ann\n'), append: () => [] };
      await rewrite(target, file, work, held);
    });
    await expect(lost).rejects.toMatchObject({ kind: 'transient' });
    await file.close();
    expect(text()).toBe('id,name\n1,Bob\n');
    expect(readdirSync(folder)).toEqual(['people.csv']);
  });
});

describe('Shift_JIS', () => {
  const SJIS = { encoding: 'shift_jis' };
  const decode = () => new TextDecoder('shift_jis').decode(readFileSync(join(folder, 'people.csv')));

  test('what it has is written; what it lacks is refused by character and column, alone', async () => {
    put('id,name,note\n1,a,\n');
    const outcomes = await write(
      [
        create('a', { id: '2', name: '髙橋 﨑', note: '～ｶﾅ表ソ"\\' }),
        create('b', { id: '3', name: '𠮷野', note: '🙂' }),
        update('1', { note: '①㈱' }),
      ],
      SJIS,
    );
    expect(outcomes).toMatchObject([
      { status: 'ok' },
      {
        status: 'failed',
        kind: 'rejected',
        fields: ['name', 'note'],
        message: 'people.csv is shift_jis, which has no "𠮷" (U+20BB7), as name would need',
      },
      { status: 'ok' },
    ]);
    expect(decode()).toBe('id,name,note\n1,a,①㈱\n2,髙橋 﨑,"～ｶﾅ表ソ""\\"\n');
  });

  test('characters that Unicode has twice are written as Windows does, and the hub is told', async () => {
    put('id,name\n1,a\n');
    expect(await write([update('1', { name: '10〜12−3' })], SJIS)).toMatchObject([
      { status: 'ok', fields: { name: '10～12－3' } },
    ]);
    expect(decode()).toBe('id,name\n1,10～12－3\n');
  });

  test('every character that it can read, it can write: the same text comes back', () => {
    const decoder = new TextDecoder('shift_jis', { fatal: true });
    const lost: string[] = [];
    for (let code = 0x20; code < 0x10000; code++) {
      const char = String.fromCharCode(code);
      if (code >= 0xd800 && code <= 0xdfff) continue;
      const encoded = encode(char, 'shift_jis');
      if ('bytes' in encoded && decoder.decode(encoded.bytes) !== encoded.made) lost.push(char);
    }
    expect(lost).toEqual([]);
    expect(encode('あ', 'shift_jis')).toMatchObject({ bytes: Buffer.from([0x82, 0xa0]) });
  });

  test('in UTF-8 a broken character is refused', async () => {
    put('id,name\n1,a\n');
    expect(await write([update('1', { name: 'x\ud83d' })])).toMatchObject([
      { kind: 'rejected', fields: ['name'] },
    ]);
  });
});

describe('a file that there is not yet', () => {
  const MADE = { columns: { people: ['no', 'name'] }, id: 'no' };

  test('is described, read as empty, and made by the first write', async () => {
    const [stream] = await csv.discover(context(MADE), ['people']);
    expect(stream!.fields.map(({ name, unique, writable }) => [name, unique, writable])).toEqual([
      ['no', true, true],
      ['name', false, true],
    ]);
    expect(await csv.read!(context(MADE), 'people', { since: null }, [])).toMatchObject({
      changes: [],
      done: true,
    });
    expect(readdirSync(folder)).toEqual([]);
    expect(await write([create('a', { no: 'C1', name: '山田' })], MADE)).toMatchObject([
      { status: 'ok', id: 'C1' },
    ]);
    expect(text()).toBe('no,name\r\nC1,山田\r\n');
  });

  test('nothing is made without leave', async () => {
    const refused = csvConfig.safeParse({ path: folder, columns: { people: ['no'] } });
    expect(refused.error?.issues[0]).toMatchObject({ path: ['columns'] });
    expect(
      csvConfig.safeParse({ path: folder, writable: true, columns: { '../people': ['no'] } }).success,
    ).toBe(false);
  });
});

describe('what cannot be', () => {
  test('a connection that does not say writable is only read', async () => {
    put('id,name\n1,a\n');
    expect((await csv.discover(context({ writable: false }), ['people']))[0]!.write).toBe(false);
    await expect(write([update('1', { name: 'b' })], { writable: false })).rejects.toMatchObject({
      kind: 'rejected',
      hint: expect.stringContaining('writable: true'),
    });
    expect(text()).toBe('id,name\n1,a\n');
  });

  test('a column that is not there, a row that is not there', async () => {
    put('id,name\n1,a\n');
    expect(
      await write([
        update('1', { nme: 'b' }),
        update('9', { name: 'b' }),
        { key: 'm', op: 'merge', id: '1', into: '2' },
      ]),
    ).toMatchObject([
      { kind: 'rejected', fields: ['nme'], message: 'people.csv has no column nme' },
      { kind: 'gone', message: 'people.csv has no row 9' },
      { kind: 'rejected' },
    ]);
  });

  test.skipIf(process.getuid?.() === 0)('a folder that may not be written to', async () => {
    put('id,name\n1,a\n');
    chmodSync(folder, 0o500);
    await expect(write([update('1', { name: 'b' })])).rejects.toMatchObject({ kind: 'rejected' });
    chmodSync(folder, 0o700);
  });
});
