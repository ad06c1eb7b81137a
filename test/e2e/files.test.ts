/** A folder of Shift_JIS files as a tool like any other: two ways with Salesforce, and then rest. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { expect, test } from 'vitest';
import { serveSandboxes } from '../../api/demo/sandboxes.ts';
import { encode } from '../../connectors/csv/encode.ts';
import { nayoseHere, tempFolder } from '../support/cli.ts';
import { fillFolder } from '../support/databases.ts';

const HUB = (salesforceUrl: string) => `hub: { region: JP, timeZone: Asia/Tokyo }
connections:
  crm: { type: salesforce, loginUrl: "${salesforceUrl}", auth: { grant: client_credentials, clientId: "\${SF_ID}", clientSecret: "\${SF_SECRET}" } }
  erp: { type: csv, path: ./erp, encoding: shift_jis, id: { customers: 得意先コード }, writable: true }
syncs:
  people:
    entity: person
    members:
      - { mapping: crm-contact, create: true }
      - { mapping: erp-customer, create: true }
`;

const MAPPINGS = {
  'mappings/crm-contact.yaml': `connection: crm
object: Contact
entity: person
fields:
  familyName: LastName
  givenName: FirstName
  email: { field: Email, in: [email] }
  phone: { field: Phone, in: [phone], out: [{ phone: { format: national } }] }
  title: Title
`,
  'mappings/erp-customer.yaml': `connection: erp
object: customers
entity: person
fields:
  familyName: 姓
  givenName: 名
  email: { field: メール, in: [email] }
  phone: { field: 電話, in: [phone], out: [{ phone: { format: national } }] }
  title: 役職
`,
};

test('csv ⇄ Salesforce: edits, clearings and new records go both ways, what cannot be written is named, and then nothing moves', async () => {
  const served = await serveSandboxes();
  const folder = await tempFolder({ 'hub.yaml': HUB(served.salesforceUrl), ...MAPPINGS });
  const env = { ...served.env, NAYOSE_DATA: join(folder.dir, 'data') };
  await fillFolder(env.NAYOSE_DATA);
  mkdirSync(join(folder.dir, 'erp'));
  const path = join(folder.dir, 'erp', 'customers.csv');
  const load = () => {
    const text = new TextDecoder('shift_jis', { fatal: true }).decode(readFileSync(path));
    return parse(text, { columns: true }) as unknown as Record<string, string>[];
  };
  const save = (text: string) => {
    const encoded = encode(text, 'shift_jis');
    if ('lacks' in encoded) throw new Error(encoded.lacks);
    writeFileSync(path, encoded.bytes);
  };
  const run = async (...argv: string[]) => {
    const { code, stdout, stderr } = await nayoseHere([...argv, '--json', '--config', folder.dir], env);
    return { code, stderr, ...JSON.parse(stdout) };
  };
  const resting = async () => {
    const bytes = readFileSync(path);
    const before = JSON.stringify([served.salesforce.books.created, served.salesforce.books.updated]);
    expect(await run('sync')).toMatchObject({ created: 0, updated: 0, linked: 0, deleted: 0 });
    expect(readFileSync(path).equals(bytes)).toBe(true);
    expect(JSON.stringify([served.salesforce.books.created, served.salesforce.books.updated])).toBe(before);
  };
  const inSalesforce = (email: string) =>
    served.salesforce.records('Contact').find(({ fields }) => fields.Email === email)!;

  const HEADER = '得意先コード,姓,名,メール,電話,役職,備考';
  save(
    `${HEADER}\r\nK001,髙橋,一郎,ichiro@aoba.example,03-1234-5678,部長,"VIP\r\n要連絡"\r\nK002,鈴木,花子,hanako@aoba.example,,,\r\n`,
  );
  served.salesforce.seed('Contact', [
    {
      fields: {
        LastName: '髙橋',
        FirstName: '一郎',
        Email: 'ichiro@aoba.example',
        MobilePhone: '090-0000-1111',
      },
    },
    { fields: { LastName: '佐藤', FirstName: '次郎', Email: 'jiro@aoba.example', Title: '課長' } },
  ]);

  const first = await run('sync');
  expect(first, first.stderr).toMatchObject({ code: 0, status: 'complete', golden: 3, created: 2 });
  // Its own column stays, quoted newline and all; the new row stands at the end, with an id of its own.
  expect(readFileSync(path).includes('"VIP\r\n')).toBe(true);
  expect(load()).toMatchObject([
    { 得意先コード: 'K001', 姓: '髙橋', 備考: 'VIP\r\n要連絡' },
    { 得意先コード: 'K002', 姓: '鈴木' },
    {
      得意先コード: expect.stringMatching(/^n[0-9a-f]{16}$/),
      姓: '佐藤',
      名: '次郎',
      役職: '課長',
      備考: '',
    },
  ]);
  expect(inSalesforce('ichiro@aoba.example').fields).toMatchObject({
    Title: '部長',
    Phone: expect.stringContaining('1234'),
  });
  expect(inSalesforce('hanako@aoba.example').fields).toMatchObject({ LastName: '鈴木' });
  await resting();

  // Somebody edits both: a title in the file, a phone in Salesforce; another title is cleared in the file.
  const text = new TextDecoder('shift_jis').decode(readFileSync(path));
  save(text.replace('部長', '取締役').replace('課長', ''));
  served.salesforce.edit('Contact', inSalesforce('hanako@aoba.example').id, { Phone: '06-1111-2222' });
  expect(await run('sync')).toMatchObject({ code: 0, status: 'complete', created: 0 });
  expect(inSalesforce('ichiro@aoba.example').fields.Title).toBe('取締役');
  expect(inSalesforce('jiro@aoba.example').fields.Title ?? null).toBeNull();
  expect(load()[1]!.電話).toMatch(/06-1111-2222/);
  await resting();

  // A character that Shift_JIS lacks: that value is refused by name, the rest of the record goes.
  served.salesforce.edit('Contact', inSalesforce('hanako@aoba.example').id, {
    FirstName: '𠮷子',
    Title: '係長',
  });
  await run('sync');
  expect(load()[1]).toMatchObject({ 名: '花子', 役職: '係長' });
  const { groups } = await run('failures');
  expect(groups).toHaveLength(1);
  expect(groups[0]).toMatchObject({ connection: 'erp', object: 'customers', field: '名', count: 1 });
  expect(groups[0].items[0].message).toContain('which has no "𠮷" (U+20BB7)');
  await resting();

  await served.close();
  await folder.remove();
}, 180_000);

test('a file that has none of the columns of its mapping is told of before anything is read', async () => {
  const folder = await tempFolder({
    'hub.yaml': `hub: { region: JP, timeZone: Asia/Tokyo }
connections: { list: { type: csv, path: ./list } }
syncs: { people: { entity: person, members: [ { mapping: list-people, mode: read } ] } }
`,
    'mappings/list-people.yaml': 'preset: csv/person\nconnection: list\nobject: people\n',
    'list/people.csv': 'なまえ,でんわ\n山田,090-1234-5678\n',
  });
  const env = { NAYOSE_DATA: join(folder.dir, 'data') };
  await fillFolder(env.NAYOSE_DATA);
  const run = await nayoseHere(['sync', '--config', folder.dir], env);
  expect([run.code, run.stderr]).toEqual([1, expect.stringContaining('it has "なまえ", "でんわ"')]);
  const check = await nayoseHere(['check', '--config', folder.dir], env);
  expect([check.code, check.stdout]).toEqual([2, expect.stringContaining('has none of the fields')]);
  await folder.remove();
});

test('from one folder of files to another: thousands in one go, and rows that share an id or break the rules are named', async () => {
  const rows = 2500;
  const folder = await tempFolder({
    'hub.yaml': `connections:
  erp: { type: csv, path: ./erp, id: no }
  crm: { type: csv, path: ./crm, id: no, writable: true, columns: { contacts: [no, family, email] } }
syncs:
  people: { entity: person, members: [{ mapping: erp, mode: read }, { mapping: crm, create: true }] }
`,
    ...Object.fromEntries(
      [
        ['erp', 'people'],
        ['crm', 'contacts'],
      ].map(([connection, object]) => [
        `mappings/${connection}.yaml`,
        `connection: ${connection}\nobject: ${object}\nentity: person\nfields: { familyName: family, email: email }\n`,
      ]),
    ),
    'crm/.keep': '',
    'erp/people.csv': `no,family,email\n${Array.from({ length: rows }, (_, i) => `${i},姓${i},p${i}@aoba.example\n`).join('')}7,別人,other@aoba.example\n${'8,\n'.repeat(150)}`,
  });
  const env = { NAYOSE_DATA: join(folder.dir, 'data') };
  await fillFolder(env.NAYOSE_DATA);
  const run = async (...argv: string[]) => {
    const { code, stdout, stderr } = await nayoseHere([...argv, '--json', '--config', folder.dir], env);
    return { code, stderr, ...JSON.parse(stdout) };
  };
  const target = () =>
    parse(readFileSync(join(folder.dir, 'crm', 'contacts.csv'), 'utf8'), {
      columns: true,
    }) as unknown as Record<string, string>[];

  const first = await run('sync');
  expect(first, first.stderr).toMatchObject({ code: 2, status: 'incomplete', read: rows, created: rows });
  expect(first.unreadable).toBe(151);
  const aside = first.reasons.map(({ message }: { message: string }) => message);
  expect(aside).toHaveLength(101);
  expect(aside[0]).toBe(
    `people line ${rows + 2}: the same no as line 9, which counts: give this row another, or remove it`,
  );
  expect(aside.at(-1)).toBe('people: 51 more rows');
  expect(new Set(target().map(({ email }) => email)).size).toBe(rows);
  expect(target().map(({ family }) => family)).not.toContain('別人');

  const bytes = readFileSync(join(folder.dir, 'crm', 'contacts.csv'));
  expect(await run('sync')).toMatchObject({ created: 0, updated: 0, linked: 0, deleted: 0 });
  expect(readFileSync(join(folder.dir, 'crm', 'contacts.csv')).equals(bytes)).toBe(true);
  await folder.remove();
}, 180_000);

test('a row that is taken out of a file is deleted: it is asked about, the file beside it loses its row once a person says so, and an emptied file halts', async () => {
  const mapping = (connection: string) =>
    `connection: ${connection}\nobject: people\nentity: person\nfields: { familyName: family, email: email }\n`;
  const folder = await tempFolder({
    'hub.yaml': `connections:
  erp: { type: csv, path: ./erp, id: no, writable: true }
  shop: { type: csv, path: ./shop, id: no, writable: true, columns: { people: [no, family, email] } }
syncs:
  people: { entity: person, deletes: archive, members: [{ mapping: erp, create: true }, { mapping: shop, create: true }] }
`,
    'mappings/erp.yaml': mapping('erp'),
    'mappings/shop.yaml': mapping('shop'),
    'shop/.keep': '',
    'erp/people.csv': `no,family,email\n${Array.from({ length: 6 }, (_, i) => `${i},姓${i},p${i}@aoba.example\n`).join('')}`,
  });
  const env = { NAYOSE_DATA: join(folder.dir, 'data') };
  await fillFolder(env.NAYOSE_DATA);
  const said = (...argv: string[]) => nayoseHere([...argv, '--config', folder.dir], env);
  const run = async (...argv: string[]) => {
    const { code, stdout, stderr } = await said(...argv, '--json');
    return { code, stderr, ...JSON.parse(stdout) };
  };
  const path = (connection: string) => join(folder.dir, connection, 'people.csv');
  const emails = (connection: string) =>
    (parse(readFileSync(path(connection), 'utf8'), { columns: true }) as unknown as { email: string }[])
      .map(({ email }) => email)
      .sort();

  expect(await run('sync')).toMatchObject({ code: 0, created: 6 });
  const before = readFileSync(path('erp'), 'utf8');
  writeFileSync(path('erp'), before.replace(/^3,.*\n/m, ''));
  expect((await run('plan')).deleted).toBe(1);
  const { code, stdout } = await said('sync');
  expect([code, stdout]).toEqual([0, expect.stringContaining('1 deletion in one tool waits for a person')]);
  expect((await said('explain', 'erp/people/3')).stdout).toMatch(/deleted/);
  expect(emails('shop')).toContain('p3@aoba.example');
  expect(await run('deletes')).toMatchObject({ deletions: [{ record: 'erp/people/3', presumed: true }] });
  await run('deletes', '--approve', 'erp/people/3');
  expect(await run('sync')).toMatchObject({ code: 0, archived: 1, created: 0 });
  expect(emails('shop')).toEqual(emails('erp'));
  expect(emails('shop')).toHaveLength(5);

  const whole = readFileSync(path('erp'), 'utf8');
  writeFileSync(path('erp'), 'no,family,email\n');
  expect(await run('sync')).toMatchObject({ code: 2, status: 'halted', deleted: 0 });
  expect(await run('sync')).toMatchObject({ code: 2, status: 'halted', deleted: 0 });
  writeFileSync(path('erp'), whole);
  expect(await run('sync')).toMatchObject({ code: 0, status: 'complete', deleted: 0, created: 0 });
  expect(emails('shop')).toHaveLength(5);
  await folder.remove();
}, 180_000);
