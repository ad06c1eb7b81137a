/** What `nayose export` writes and `nayose import` reads: lossless between both databases, and all or nothing. */
import { fail } from 'node:assert';
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Db, StoreError } from '../../../core/store/db.ts';
import { migrate, migrateIn } from '../../../core/store/migrate.ts';
import { MIGRATIONS } from '../../../core/store/migrations.ts';
import { openPg } from '../../../core/store/pg.ts';
import { openEmbedded } from '../../../core/store/pglite.ts';
import { exportFrom } from '../../../core/store/transfer/export.ts';
import { importInto } from '../../../core/store/transfer/import.ts';
import { LEFT_OUT, schemaOf, TABLES, tablesToMove } from '../../../core/store/transfer/tables.ts';
import { runSync } from '../../../core/sync/run.ts';
import { emptyPostgres } from '../../support/databases.ts';
import { plantEveryTable } from '../../support/everyTable.ts';
import { MemoryTool, memoryHub } from '../../support/memory.ts';

const NOW = new Date('2026-03-04T05:06:07Z');
const { signal } = new AbortController();

const EMPTY: { name: string; open(): Promise<Db> }[] = [
  { name: 'PGlite', open: () => openEmbedded(undefined, NOW) },
  { name: 'PostgreSQL', open: async () => openPg(await emptyPostgres()) },
];

async function exported(db: Db): Promise<string> {
  let text = '';
  await exportFrom(db, NOW, async (piece) => {
    text += piece;
  });
  return text;
}

/** In pieces that respect no line. */
async function* pieces(text: string, size = 1000): AsyncGenerator<string> {
  for (let at = 0; at < text.length; at += size) yield text.slice(at, at + size);
}

/** Rows by table, in any order. `tx` of the feed is numbered anew where the target's transactions have not come so far. */
function rowsIn(text: string): Record<string, string[]> {
  const rows: Record<string, string[]> = {};
  let section: { table: string; columns: string[] } | undefined;
  for (const line of text.trimEnd().split('\n').slice(1, -1)) {
    const said = JSON.parse(line) as string[] | { table: string; columns: string[] };
    if (Array.isArray(said))
      rows[section!.table]!.push(
        JSON.stringify(said.filter((_, i) => section!.table !== 'history' || section!.columns[i] !== 'tx')),
      );
    else {
      section = said;
      rows[said.table] = [];
    }
  }
  for (const list of Object.values(rows)) list.sort();
  return rows;
}

/** With a checksum that fits, as somebody who edits the file on purpose would write it. */
function sealed(lines: readonly string[]): string {
  const body = `${lines.join('\n')}\n`;
  const rows = lines.filter((line) => line.startsWith('[')).length;
  const sha256 = createHash('sha256').update(body).digest('hex');
  return `${body}${JSON.stringify({ end: true, rows, sha256 })}\n`;
}

describe.each([
  { from: EMPTY[0]!, to: EMPTY[1]! },
  { from: EMPTY[1]!, to: EMPTY[0]! },
])('$from.name → $to.name', ({ from, to }) => {
  test(`every table, every type: what ${to.name} imports from ${from.name} is the same, and numbering goes on`, async () => {
    const [source, target] = await Promise.all([from.open(), to.open()]);
    await migrate(source);
    const tables = await tablesToMove(source);
    await plantEveryTable(source, tables);
    const text = await exported(source);
    const rows = rowsIn(text);
    expect(Object.keys(rows).sort()).toEqual([...TABLES].filter((name) => !(name in LEFT_OUT)).sort());
    expect(Object.values(rows).every((list) => list.length === 2)).toBe(true);
    expect(await importInto(target, pieces(text))).toMatchObject({ rows: tables.length * 2 });
    expect(rowsIn(await exported(target))).toEqual(rows);
    const [next] = await target.query<{ id: number }>(
      `insert into history (golden_id, entity, version, kind, detail, at) values ('g', 'e', 1, 'k', '{}', now()) returning id`,
    );
    expect(next!.id).toBe(43);
    await migrate(target);
    await Promise.all([source.close(), target.close()]);
  });
});

test('law 3: embedded → server → embedded; on each the next sync writes nothing and knows what people decided', async () => {
  const [a, b] = [new MemoryTool('a'), new MemoryTool('b')];
  for (let i = 0; i < 25; i++)
    a.put({ familyName: `Family${i}`, givenName: `Given${i}`, email: `p${i}@m${i}.example`, title: 'v0' });
  b.put({ familyName: 'Family3', givenName: 'Given3', email: 'p3@m3.example', phone: '+81312345678' });
  b.normalise = (field, value) => (field === 'title' ? String(value).toUpperCase() : value);
  let db = await EMPTY[0]!.open();
  await migrate(db);
  const first = memoryHub(db, [a, b], { owner: 'first' });
  expect(await runSync(first.engine, first.sync, { mode: 'sync', signal })).toMatchObject({
    status: 'complete',
  });
  const [written, updated] = [a.created + b.created, a.updated + b.updated];
  expect(written).toBe(24);
  const goldens = async (from: Db) => from.query(`select id, values, version from golden order by id`);
  const before = await goldens(db);
  for (const next of [EMPTY[1]!, EMPTY[0]!]) {
    const text = await exported(db);
    await db.close();
    db = await next.open();
    await importInto(db, pieces(text, 77));
    expect(await goldens(db)).toEqual(before);
    for (const mode of ['sync', 'full'] as const) {
      const hub = memoryHub(db, [a, b], { owner: `after ${next.name} ${mode}` });
      expect(await runSync(hub.engine, hub.sync, { mode, signal })).toMatchObject({ status: 'complete' });
      expect([a.created + b.created, a.updated + b.updated]).toEqual([written, updated]);
    }
    expect(await goldens(db)).toEqual(before);
  }
  await db.close();
});

test('what a process had in hand at the moment of the export is looked up before it is sent again (law 2)', async () => {
  const [a, b] = [new MemoryTool('a'), new MemoryTool('b')];
  a.put({ familyName: 'Sato', givenName: 'Hanako', email: 'hanako@sato.example' });
  const source = await EMPTY[0]!.open();
  await migrate(source);
  const first = memoryHub(source, [a, b], { owner: 'first' });
  let text = '';
  const { connector } = first.sync.members[1]!.tool;
  const write = connector.write!;
  connector.write = async (...call) => {
    const answer = await write(...call);
    // The tool has carried it out, and its answer is still on its way.
    text = await exported(source);
    return answer;
  };
  await runSync(first.engine, first.sync, { mode: 'sync', signal });
  expect(rowsIn(text).outbox!.join()).toContain('"sending"');
  const target = await EMPTY[0]!.open();
  await importInto(target, pieces(text));
  const second = memoryHub(target, [a, b], { owner: 'second' });
  expect(await runSync(second.engine, second.sync, { mode: 'sync', signal })).toMatchObject({
    status: 'complete',
  });
  expect([b.created, b.live().length]).toEqual([1, 1]);
  await Promise.all([source.close(), target.close()]);
});

describe('what is not whole is refused, and leaves nothing', () => {
  let target: Db;
  let text: string;
  let lines: string[];
  beforeAll(async () => {
    const source = await EMPTY[0]!.open();
    await migrate(source);
    await plantEveryTable(source, await tablesToMove(source));
    text = await exported(source);
    lines = text.trimEnd().split('\n').slice(0, -1);
    await source.close();
    target = await EMPTY[0]!.open();
  });
  afterAll(() => target.close());

  const refused = async (given: string) => {
    const error = await importInto(target, pieces(given)).then(
      () => fail('it was imported'),
      (said: unknown) => said,
    );
    expect(error).toBeInstanceOf(StoreError);
    expect(await schemaOf(target)).toBe(0);
    return (error as StoreError).message;
  };

  test('any cut and any changed character', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(text.length - 1), fc.constantFrom('cut', 'x', '0', '\n'), async (at, what) => {
        const given = what === 'cut' ? text.slice(0, at) : `${text.slice(0, at)}${what}${text.slice(at + 1)}`;
        if (given !== text) await refused(given);
      }),
      {
        numRuns: 40,
        examples: [
          [text.length - 1, 'cut'],
          [0, 'cut'],
          [text.length - 2, 'cut'],
        ],
      },
    );
  }, 120_000);

  test('rows that are missing, doubled, or of nothing; text behind the end; another kind of file', async () => {
    const row = lines.findIndex((line) => line.startsWith('['));
    expect(await refused(sealed(lines.toSpliced(row, 1)))).toMatch(/holds 1 rows of \w+, and should hold 2/);
    expect(await refused(sealed(lines.toSpliced(row, 0, lines[row]!)))).toMatch(
      /are no rows of|should hold 2/,
    );
    expect(await refused(sealed([lines[0]!, lines[row]!]))).toContain('row of no table');
    const section = JSON.parse(lines[1]!) as { table: string; columns: string[] };
    const renamed = (more: object) => sealed([lines[0]!, JSON.stringify({ ...section, ...more })]);
    expect(await refused(renamed({ table: 'pg_authid' }))).toContain('does not name');
    expect(await refused(renamed({ columns: ['name", "x'] }))).toContain('names a column that');
    expect(await refused(renamed({ columns: [section.columns[0], section.columns[0]] }))).toContain('twice');
    expect(await refused(`${text}[]\n`)).toContain('after its end');
    expect(await refused('')).toContain('is empty');
    expect(await refused('record_id,cluster_id\n1,2\n')).toContain('no export of Nayose');
  });

  test('a newer format and a newer schema', async () => {
    const header = JSON.parse(lines[0]!) as object;
    const newer = (more: object) => sealed([JSON.stringify({ ...header, ...more }), ...lines.slice(1)]);
    expect(await refused(newer({ version: 2, what: 'is new' }))).toContain('version 2 of the format');
    expect(await refused(newer({ schema: MIGRATIONS.length + 1 }))).toContain(
      `at schema ${MIGRATIONS.length + 1}, this program knows ${MIGRATIONS.length}`,
    );
    expect(await refused(newer({ tables: { nowhere: 1 } }))).toContain('"nowhere"');
  });

  test('a disk that fills up on the way', async () => {
    let rooms = 0;
    const room = async () => {
      if (++rooms === 5) throw new StoreError('the disk has 3 MB left', 'Free some space.');
    };
    await expect(importInto({ ...target, room }, pieces(text))).rejects.toThrow('3 MB left');
    expect(await schemaOf(target)).toBe(0);
  });

  test('a database that holds something is refused by name, and stays as it is', async () => {
    const used = await EMPTY[1]!.open();
    await migrate(used);
    await importInto(used, pieces(text));
    const before = rowsIn(await exported(used));
    await expect(importInto(used, pieces(text))).rejects.toThrow(/not empty: there are rows in .*golden/);
    expect(rowsIn(await exported(used))).toEqual(before);
    await used.close();
  });
});

test('an export of an older schema is brought up to this one, as the database itself would have been', async () => {
  const OLD = 3;
  const source = await EMPTY[1]!.open();
  await source.transaction((tx) => migrateIn(tx, OLD));
  await plantEveryTable(source, await tablesToMove(source));
  const text = await exported(source);
  expect(JSON.parse(text.split('\n')[0]!)).toMatchObject({ schema: OLD });
  const target = await EMPTY[1]!.open();
  expect(await importInto(target, pieces(text))).toMatchObject({ schema: OLD });
  await migrate(source);
  const plain = (said: Record<string, string[]>) => {
    // Ids that the database makes up.
    const { token: _, ...rest } = said;
    return rest;
  };
  expect(plain(rowsIn(await exported(target)))).toEqual(plain(rowsIn(await exported(source))));
  const prepared = await EMPTY[1]!.open();
  await migrate(prepared);
  await expect(importInto(prepared, pieces(text))).rejects.toThrow(
    `prepared for schema ${MIGRATIONS.length}, and the file is at schema ${OLD}`,
  );
  await Promise.all([source.close(), target.close(), prepared.close()]);
});

test('what is left out is named with its reason, and is a table', () => {
  for (const [name, reason] of Object.entries(LEFT_OUT)) {
    expect(TABLES.has(name), name).toBe(true);
    expect(reason, name).toMatch(/\w+ \w+/);
  }
});

test('while a hub writes on, the export is of one moment', async () => {
  const db = await EMPTY[1]!.open();
  await migrate(db);
  // Both rows or none: whoever reads at two moments may see one.
  let stop = false;
  const put = async (n: number) =>
    db.transaction(async (tx) => {
      await tx.query(`insert into alert (name, fired) values ($1, 0)`, [`n${n}`]);
      await tx.query(`insert into tick (name, at) values ($1, now())`, [`n${n}`]);
    });
  await put(0);
  const writing = (async () => {
    for (let n = 1; !stop; n++) await put(n);
  })();
  for (let round = 0; round < 10; round++) {
    const { alert, tick } = rowsIn(await exported(db));
    expect([round, alert!.length]).toEqual([round, tick!.length]);
  }
  stop = true;
  await writing;
  const { alert } = rowsIn(await exported(db));
  expect(alert!.length).toBeGreaterThan(10);
  await db.close();
});
