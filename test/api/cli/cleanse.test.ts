import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'csv-parse/sync';
import encoding from 'encoding-japanese';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { guessColumns, guessEntity, guessId } from '../../../api/cli/commands/cleanse/headers.ts';
import { run } from '../../../api/cli/main.ts';
import { generateWorld } from '../../../api/demo/world/index.ts';
import { DEFAULT_MODEL } from '../../../core/match/model.ts';
import { scoresOf } from '../../../core/match/scores.ts';
import { type Cli, createCli } from './harness.ts';

let cli: Cli;
beforeEach(async () => {
  cli = await createCli();
});
afterEach(() => cli.close());

const path = (name: string) => join(cli.dir, name);
const rowsOf = async (name: string): Promise<Record<string, string>[]> =>
  parse(await readFile(path(name)), { columns: true });
const MAIN = fileURLToPath(new URL('../../../api/cli/main.ts', import.meta.url));
const LIST = `id,name,email
1,Jan Weber,jan@weber.example
2,Weber Jan,JAN@weber.example
3,Aya Mori,aya@mori.example
`;

interface Report {
  status: string;
  records: number;
  clusters: number;
  largest: number;
  bad: { line: number; message: string }[];
  ids: (string | null)[];
  guessed: (Record<string, string> | null)[];
  ignored: (string[] | null)[];
  placeholders: number;
  unreadable: Record<string, number>;
}
const cleanse = (...words: string[]) => cli.json<Report>('cleanse', ...words, '--out', path('out.csv'));

describe('refused, and nothing half written', () => {
  const refused = async (words: string[], message: string | RegExp) => {
    const before = (await readdir(cli.dir)).sort();
    const { code, err } = await cli.nayose('cleanse', ...words);
    expect(code).toBe(1);
    expect(err).toMatch(message);
    expect((await readdir(cli.dir)).sort()).toEqual(before);
  };
  const out = () => ['--out', path('out.csv')];

  test('no such file', () => refused([path('nope.csv'), ...out()], /there is no .*nope\.csv/));
  test('a folder', async () => {
    await mkdir(path('lists'));
    await refused([path('lists'), ...out()], /lists is a folder, not a file/);
  });
  test('no --out', async () => refused([await cli.write('a.csv', LIST)], '--out clusters.csv'));
  test('an empty file', async () => refused([await cli.write('a.csv', ''), ...out()], /a\.csv is empty/));
  test('a header alone', async () =>
    refused([await cli.write('a.csv', 'id,name\n'), ...out()], 'has a header and no rows'));
  test('no header', async () =>
    refused([await cli.write('a.csv', '1,jan@weber.example\n'), ...out()], 'looks like data'));
  test('columns that say nothing', async () =>
    refused([await cli.write('a.csv', 'foo,bar\n1,2\n'), ...out()], /no column says by its name.*--mapping/));
  test('a column of ids that most rows share', async () =>
    refused(
      [await cli.write('a.csv', 'id,name\n7,Jan\n8,Aya\n7,Bo\n7,Eva\n7,Ito\n'), ...out()],
      /a\.csv: id tells no records apart: 3 of 5 rows .*\(line 4 that of line 2\).* id: in a mapping/,
    ));
  test('the same id in two files', async () => {
    const [a, b] = [await cli.write('a.csv', LIST), await cli.write('b.csv', LIST)];
    await refused(
      [a, b, ...out()],
      /the id "1" is in .*a\.csv \(line 2\) and in .*b\.csv \(line 2\).*put a word before/,
    );
  });
  test('Shift_JIS without saying so', async () => {
    await writeFile(path('a.csv'), sjis('氏名,メール\n高橋彩,aya@mori.example\n'));
    await refused([path('a.csv'), ...out()], '--encoding shift_jis');
  });
  test('a mapping that is not there, or is no YAML', async () => {
    const list = await cli.write('a.csv', LIST);
    await refused([list, ...out(), '--mapping', path('m.yaml')], /m\.yaml cannot be read \(ENOENT\)/);
    await refused(
      [list, ...out(), '--mapping', await cli.write('m.yaml', 'fields: {')],
      /m\.yaml:1:\d+: error/,
    );
  });
  test('a column of the mapping that the file lacks, with the nearest', async () => {
    const list = await cli.write('a.csv', LIST);
    const mapping = await cli.write('m.yaml', 'entity: person\nfields:\n  email: e_mial\n');
    await refused([list, ...out(), '--mapping', mapping], /no column "e_mial"[\s\S]*did you mean "email"\?/);
    const id = await cli.write('n.yaml', 'id: ident\nfields: { email: email }\n');
    await refused([list, ...out(), '--mapping', id], /no column "ident"; its columns are id, name, email/);
  });
  test('an attribute that nobody knows', async () => {
    const list = await cli.write('a.csv', LIST);
    const mapping = await cli.write('m.yaml', 'fields: { emial: email }\n');
    await refused([list, ...out(), '--mapping', mapping], /no attribute "emial"; did you mean "email"\?/);
  });
  test('places that cannot be written', async () => {
    const list = await cli.write('a.csv', LIST);
    await refused([list, '--out', path('no/such/out.csv')], 'its folder does not exist');
    await mkdir(path('folder'));
    await refused([list, '--out', path('folder')], /folder cannot be written: it is a folder/);
    await refused([list, ...out(), '--golden', path('no/g.csv')], 'its folder does not exist');
  });
  test('the list itself as --out', async () => {
    const list = await cli.write('a.csv', LIST);
    await refused([list, '--out', list], 'a file is named twice');
    expect(await readFile(list, 'utf8')).toBe(LIST);
  });
  test.each([
    [['--entity', 'deal'], 'person or company'],
    [['--encoding', 'latin1'], 'utf-8 or shift_jis'],
    [['--region', 'Japan'], 'two letters'],
    [['--region', 'XX'], "two letters of a country that has telephones, as US, not 'XX'"],
  ])('%j', async (words, message) => refused([await cli.write('a.csv', LIST), ...out(), ...words], message));
});

const sjis = (text: string) =>
  Buffer.from(encoding.convert(encoding.stringToCode(text), { to: 'SJIS', from: 'UNICODE' }));

test('three rows, two people: clusters in the order of the file, and a score for those that are joined', async () => {
  const { code, data } = await cleanse(await cli.write('a.csv', LIST));
  expect(code).toBe(0);
  expect(data).toMatchObject({
    status: 'complete',
    records: 3,
    clusters: 2,
    largest: 2,
    bad: [],
    ids: ['id'],
  });
  expect(data.guessed).toEqual([{ fullName: 'name', email: 'email' }]);
  const rows = await rowsOf('out.csv');
  expect(rows.map(({ record_id, cluster_id }) => [record_id, cluster_id])).toEqual([
    ['1', '1'],
    ['2', '1'],
    ['3', '3'],
  ]);
  expect(rows[2]!.score).toBe('');
  for (const { score } of rows.slice(0, 2)) expect(Number(score)).toBeGreaterThan(0.5);
});

test('people are told what was guessed and what names the records', async () => {
  const { out } = await cli.nayose('cleanse', await cli.write('a.csv', LIST), '--out', path('out.csv'));
  expect(out).toContain('3 person records, named by the column id');
  expect(out).toContain('name → fullName, email → email');
  const lines = await cli.nayose(
    'cleanse',
    await cli.write('b.csv', 'name,email\nJan,j@w.example\n'),
    '--out',
    path('b.out'),
  );
  expect(lines.out).toContain('named by their line');
  expect((await rowsOf('b.out'))[0]!.record_id).toBe('2');
});

test('addresses that are placeholders are counted', async () => {
  const rows = ['1,Jan Weber,a1@example.jp', '2,Jan Weber,a1@example.jp', '3,Eva Lind,eva@lind.example'];
  const list = await cli.write('a.csv', `id,name,email\n${rows.join('\n')}\n`);
  const { out } = await cli.nayose('cleanse', list, '--out', path('out.csv'));
  expect(out).toContain('2 records have an e-mail address that is taken for a placeholder');
  expect((await cleanse(list)).data.placeholders).toBe(2);
});

test('columns that nothing is known of are said', async () => {
  const list = await cli.write('a.csv', 'id,name,email,Notes,Tel,Phone\n1,Jan,j@w.example,x,1,2\n');
  const { out } = await cli.nayose('cleanse', list, '--out', path('out.csv'));
  expect(out).toContain('Not compared, and in no merged row: Notes, Phone.');
  expect((await cleanse(list)).data.ignored).toEqual([['Notes', 'Phone']]);
});

test.each(['0', '2'])(
  'of rows with one id the first counts, and the others are set aside with both lines; %s threads',
  async (threads) => {
    const list = await cli.write(
      'a.csv',
      `${LIST}2,Bo Ek,bo@ek.example\n4,Eva Lind,eva@lind.example\n2,Ito Ken,ken@ito.example\n`,
    );
    const { code, data } = await cleanse(list, '--threads', threads, '--golden', path('golden.csv'));
    expect(code).toBe(2);
    expect(data).toMatchObject({ status: 'incomplete', records: 4, clusters: 3 });
    const message = 'the same id as line 3, which counts: give this row another, or remove it';
    expect(data.bad).toMatchObject([
      { line: 5, message },
      { line: 7, message },
    ]);
    expect((await rowsOf('out.csv')).map(({ record_id }) => record_id)).toEqual(['1', '2', '3', '4']);
    expect(JSON.stringify(await rowsOf('golden.csv'))).not.toContain('ek.example');
  },
);

test.each(['0', '2'])('Ctrl-C stops it, and nothing is half written; %s threads', async (threads) => {
  const list = await cli.write('a.csv', LIST);
  const before = (await readdir(cli.dir)).sort();
  const stop = new AbortController();
  let out = '';
  const code = await run(
    ['cleanse', list, '--out', path('out.csv'), '--golden', path('g.csv'), '--threads', threads, '--json'],
    {
      env: cli.env,
      stdout: { write: (text: string) => (out += text) },
      // What it says first is how far it has read.
      stderr: { write: () => stop.abort() },
      signal: stop.signal,
    },
  );
  expect(stop.signal.aborted).toBe(true);
  expect(code).toBe(2);
  expect(JSON.parse(out)).toMatchObject({
    status: 'incomplete',
    reasons: [{ code: 'stopped', message: 'stopped before it was done: nothing was written' }],
  });
  expect((await readdir(cli.dir)).sort()).toEqual(before);
});

test.each(['0', '2'])('a signal of the system is heard while it compares; %s threads', async (threads) => {
  const people = Array.from(
    { length: 30_000 },
    (_, i) => `${i},Jan Weber${i % 5000},jan${i}@w${i % 900}.example`,
  );
  const list = await cli.write('a.csv', `id,name,email\n${people.join('\n')}\n`);
  const child = spawn(
    process.execPath,
    [MAIN, 'cleanse', list, '--out', path('out.csv'), '--threads', threads],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  let said = '';
  child.stdout.on('data', (text) => {
    if (said === '') child.kill('SIGINT');
    said += text;
  });
  const [code] = await once(child, 'close');
  expect(code).toBe(2);
  expect(said).toContain('nothing was written');
  expect(await readdir(cli.dir)).toEqual(['a.csv']);
});

test('rows that break are named by line, the rest is done, and the exit code says so', async () => {
  const { code, data } = await cleanse(
    await cli.write('a.csv', `${LIST}4,too,many,values\n,Nobody,n@o.example\n`),
  );
  expect(code).toBe(2);
  expect(data.status).toBe('incomplete');
  expect(data.bad.map(({ line }) => line)).toEqual([5, 6]);
  expect(await rowsOf('out.csv')).toHaveLength(3);
});

test('Shift_JIS, read when said', async () => {
  await writeFile(
    path('a.csv'),
    sjis('番号,氏名,メール\n1,高橋彩,aya@aozora.example\n2,髙橋彩,AYA@aozora.example\n'.replace('髙', '高')),
  );
  const { code, data } = await cleanse(path('a.csv'), '--encoding', 'Shift-JIS');
  expect([code, data.records, data.clusters]).toEqual([0, 2, 1]);
});

test('a mapping file like those of a connection, with the id column, both ways of a preset and transforms', async () => {
  const list = await cli.write(
    'a.csv',
    'nr,who,mail\nA1,"Weber, Jan",jan@weber.example\nA2,"Weber, Jan",jan@weber.example\n',
  );
  const mapping = await cli.write(
    'm.yaml',
    'id: nr\nentity: person\nfields:\n  familyName: { field: who, in: [{ split: { by: ",", part: 0 } }] }\n  email: mail\n',
  );
  const { code, data } = await cleanse(list, '--mapping', mapping, '--golden', path('golden.csv'));
  expect([code, data.ids, data.guessed]).toEqual([0, ['nr'], [null]]);
  expect(await rowsOf('golden.csv')).toEqual([
    { cluster_id: 'A1', records: '2', familyName: 'Weber', email: 'jan@weber.example' },
  ]);
});

test('a golden row takes each value from the fullest record and loses none that only another has', async () => {
  const list = await cli.write(
    'a.csv',
    'id,last name,first name,email,phone,title\n1,Weber,Jan,jan@weber.example,,\n2,Weber,Jan,jan@weber.example,03-1234-5678,Baker\n',
  );
  await cleanse(list, '--golden', path('golden.csv'));
  expect(await rowsOf('golden.csv')).toEqual([
    expect.objectContaining({
      cluster_id: '1',
      records: '2',
      title: 'Baker',
      phone: expect.stringContaining('1234'),
    }),
  ]);
});

test('what cannot be read as its column says keeps its text', async () => {
  const list = await cli.write('a.csv', 'id,name,phone\n1,Jan,ask me\n2,Aya,03-1234-5678\n');
  const { data } = await cleanse(list, '--golden', path('golden.csv'));
  expect(data.unreadable).toEqual({ phone: 1 });
  expect((await rowsOf('golden.csv'))[0]!.phone).toBe('ask me');
});

test('several files are matched with each other', async () => {
  const a = await cli.write('a.csv', LIST);
  const b = await cli.write('b.csv', 'record_id,surname,first name,mail\nx9,Weber,Jan,jan@weber.example\n');
  const { data } = await cleanse(a, b);
  expect([data.records, data.clusters, data.largest]).toEqual([4, 2, 3]);
});

test('a generated list: nearly everybody is found, hardly anybody mixed, trained or not', async () => {
  const world = generateWorld({ seed: 11, people: 300, companies: 60, shared: 0.6, messiness: 0.3 });
  const owner = new Map<string, string>();
  const lines = ['record_id,LastName,FirstName,Email,Phone,MobilePhone,MailingPostalCode'];
  const quote = (value: unknown) => `"${String(value ?? '').replaceAll('"', '""')}"`;
  for (const { key, fields, personId } of world.crm.contacts) {
    owner.set(key, personId ?? '');
    const f = fields;
    lines.push(
      [key, f.LastName, f.FirstName, f.Email, f.Phone, f.MobilePhone, f.MailingPostalCode]
        .map(quote)
        .join(','),
    );
  }
  for (const { key, fields: f, personId } of world.ma.contacts) {
    owner.set(key, personId ?? '');
    lines.push([key, f.lastname, f.firstname, f.email, f.phone, f.mobilephone, f.zip].map(quote).join(','));
  }
  const list = await cli.write('a.csv', `${lines.join('\n')}\n`);
  for (const words of [[], ['--train']]) {
    expect((await cleanse(list, ...words)).code).toBe(0);
    const clusters = [...Map.groupBy(await rowsOf('out.csv'), (row) => row.cluster_id).values()];
    const pairs = clusters.flatMap((rows) =>
      rows.flatMap((a, i) =>
        rows.slice(i + 1).map((b) => owner.get(a.record_id!) === owner.get(b.record_id!)),
      ),
    );
    const truth = [...Map.groupBy(owner.values(), (id) => id)].reduce(
      (sum, [id, { length }]) => sum + (id ? (length * (length - 1)) / 2 : 0),
      0,
    );
    const right = pairs.filter(Boolean).length;
    expect(right / pairs.length).toBeGreaterThan(0.95);
    expect(right / truth).toBeGreaterThan(0.8);
  }
});

describe('columns by their names', () => {
  test.each([
    [
      ['姓', '名', 'メールアドレス', '電話番号'],
      { familyName: '姓', givenName: '名', email: 'メールアドレス', phone: '電話番号' },
    ],
    [
      ['Last Name', 'First_Name', 'E-Mail'],
      { familyName: 'Last Name', givenName: 'First_Name', email: 'E-Mail' },
    ],
    [
      ['Account.Name', 'LastName', 'LastNameKana__c'],
      { companyName: 'Account.Name', familyName: 'LastName', familyNameKana: 'LastNameKana__c' },
    ],
    [['ＴＥＬ', 'フリガナ'], { phone: 'ＴＥＬ', fullNameKana: 'フリガナ' }],
    [['email', 'Email'], { email: 'email' }],
    [['constructor', '__proto__', 'x'], {}],
  ])('%j', (columns, guessed) => {
    expect(guessColumns('person', columns)).toEqual(guessed);
  });
  test('companies and people are told apart', () => {
    expect(guessEntity(['会社名', '法人番号', '電話番号'])).toBe('company');
    expect(guessEntity(['name', 'phone', 'website'])).toBe('company');
    expect(guessEntity(['name', 'email'])).toBe('person');
    expect(guessEntity(['姓', '会社名'])).toBe('person');
  });
  test('the id column', () => {
    expect(guessId(['x', 'Record ID'])).toBe('Record ID');
    expect(guessId(['card_id', 'name'])).toBe('card_id');
    expect(guessId(['name', 'card_id'])).toBeUndefined();
    expect(guessId(['paid', 'name'])).toBeUndefined();
  });
});

test('a score is the weakest link on the strongest way to the core, whatever the order of edges', () => {
  const model = { ...DEFAULT_MODEL.person, link: 5 };
  fc.assert(
    fc.property(
      fc.uniqueArray(
        fc.tuple(fc.nat(6), fc.nat(6)).filter(([a, b]) => a < b),
        {
          selector: ([a, b]) => `${a} ${b}`,
          minLength: 1,
        },
      ),
      fc.infiniteStream(fc.integer({ min: -3, max: 20 })),
      (pairs, weights) => {
        const edges = pairs.map(([a, b]) => {
          const weight = weights.next().value as number;
          return {
            a: `r${a}`,
            b: `r${b}`,
            weight,
            decision: weight >= 5 ? ('link' as const) : ('review' as const),
          };
        });
        const ids = [...new Set(edges.flatMap(({ a, b }) => [a, b]))];
        // A cluster hangs together: anything else is not one.
        const reached = new Set(ids.slice(0, 1));
        for (const id of reached)
          for (const { a, b } of edges) if (a === id || b === id) reached.add(a).add(b);
        fc.pre(reached.size === ids.length);
        const found = { clusters: [ids], edges, model };
        const scores = scoresOf(found);
        expect(scoresOf({ ...found, edges: edges.toReversed() }).size).toBe(scores.size);
        const best = Math.max(...edges.map(({ weight }) => weight));
        const top = 1 / (1 + 2 ** -best);
        for (const score of scores.values()) expect(score).toBeLessThanOrEqual(top);
        // Whoever stays above a bound still hangs together.
        for (const bound of scores.values()) {
          const kept = [...scores].filter(([, score]) => score >= bound).map(([id]) => id);
          const strong = edges.filter(({ weight }) => 1 / (1 + 2 ** -weight) >= bound);
          const reached = new Set([kept[0]!]);
          for (const at of reached)
            for (const { a, b } of strong) {
              if (a === at) reached.add(b);
              if (b === at) reached.add(a);
            }
          expect(kept.every((id) => reached.has(id))).toBe(true);
        }
      },
    ),
  );
});

const DATA = resolve(import.meta.dirname, '../../../../shared/data');
describe.skipIf(!existsSync(join(DATA, 'er/fake_1000')))('the shared lists, where they are', () => {
  test.each([
    ['japan/ma_hubspot.csv', 3694],
    ['japan/webform_cards.csv', 2294],
    ['er/fake_1000/records.csv', 1000],
    ['er/ecp_chicago/records.csv', 3337],
  ])('%s: every row is in one cluster', async (name, records) => {
    const { code, data } = await cleanse(join(DATA, name), '--golden', path('golden.csv'));
    expect([code, data.records]).toEqual([0, records]);
    const rows = await rowsOf('out.csv');
    expect(new Set(rows.map((row) => row.record_id)).size).toBe(records);
    expect(new Set(rows.map((row) => row.cluster_id)).size).toBe(data.clusters);
    expect(await rowsOf('golden.csv')).toHaveLength(data.clusters);
  });
});
