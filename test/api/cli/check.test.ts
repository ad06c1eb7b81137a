import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { idleCallsPerDay } from '../../../api/check/budget.ts';
import type { Reported } from '../../../api/check/mappings.ts';
import type { ConnectionCheck } from '../../../api/check/probe.ts';
import { FILES, good } from '../config/folder.ts';
import { type Bench, createBench, createCli } from './harness.ts';

interface Check {
  status: string;
  errors: number;
  warnings: number;
  connections: ConnectionCheck[];
  findings: Reported[];
}

let bench: Bench | undefined;
afterEach(async () => {
  await bench?.close();
  bench = undefined;
});

const errors = ({ findings }: Check) => findings.filter(({ severity }) => severity === 'error');

test('a folder without hub.yaml, and a malformed mapping: exit 1 with the place', async () => {
  bench = await createBench();
  await bench.write(
    'mappings/crm-contact.yaml',
    'connection: crm\npreset: salesforce/contact\nfields:\n  givenNme: Other__c\n',
  );
  const malformed = await bench.nayose('check');
  expect(malformed.code).toBe(1);
  expect(malformed.err).toMatch(/mappings\/crm-contact\.yaml:4:3: error: .*givenNme/);
  expect(malformed.err).toContain('did you mean "givenName"?');
  await rm(join(bench.dir, 'hub.yaml'));
  const missing = await bench.nayose('check');
  expect(missing.code).toBe(1);
  expect(missing.err).toContain("Run 'nayose init'");
  const json = await bench.json('check');
  expect(json.data).toMatchObject({ status: 'error', error: { kind: 'config' } });
});

test.each([
  [['--sample', 'many'], "--sample is a count of records from 0 to 10000, not 'many'"],
  [['--sample', '-1'], '--sample'],
  [['--sample', '10001'], "not '10001'"],
  [['crm-contacts'], "there is no mapping 'crm-contacts'; there are crm-account, crm-contact"],
  [['crm-contact', 'ma-contact'], "'ma-contact' is one word too many"],
])('%j is refused before any tool is asked', async (words, message) => {
  bench = await createBench();
  const { code, err } = await bench.nayose('check', ...words);
  expect(code).toBe(1);
  expect(err).toContain(message);
  expect(bench.boxes.salesforce.books.calls + bench.boxes.hubspot.books.calls).toBe(0);
});

test('a file and a webhook: what they cannot have is no warning, and alike is said once', async () => {
  const cli = await createCli({ FORMS_SECRET: 'whsec_c2VjcmV0c2VjcmV0c2VjcmV0' });
  await cli.nayose('init', '--tools', 'csv,webhook', '--yes');
  await cli.write('files/people.csv', 'id,familyName,email\n1,佐藤,ken@maker.example\n');
  const { code, out } = await cli.nayose('check');
  expect(code).toBe(0);
  expect(out).toContain('0 warnings');
  expect(out.match(/info: no column/g)).toHaveLength(1);
  expect(out).toMatch(/the same of .*fax, .*website/);
  const { data } = await cli.json<Check>('check');
  expect(data.findings.filter(({ kind }) => kind === 'field-missing').length).toBeGreaterThan(10);
  await cli.close();
});

test('of files: which are there, which columns one has, and a name that stands twice in its header', async () => {
  const cli = await createCli();
  await cli.write(
    'hub.yaml',
    `connections: { erp: { type: csv, path: ./erp } }
syncs: { people: { entity: person, members: [ { mapping: members, mode: read } ] } }
`,
  );
  const mapping = (object: string, fields: string) =>
    cli.write(
      'mappings/members.yaml',
      `connection: erp\nobject: ${object}\nentity: person\nfields: ${fields}\n`,
    );
  await cli.write('erp/customers.csv', 'id,last_name,last_name,born\n1,佐藤,健,1990-01-01\n');
  await cli.write('erp/orders.csv', 'id,total\n1,100\n');
  const fields = '{ familyName: last_name, givenName: first_name, birthDate: birthday }';

  await mapping('members', fields);
  for (const argv of [['check'], ['plan'], ['sync']]) {
    const { code, out, err } = await cli.nayose(...argv);
    expect([argv, code > 0, out + err]).toEqual([
      argv,
      true,
      expect.stringMatching(/there is no members\.csv in .*erp[\s\S]*It has customers, orders/),
    ]);
    expect(out + err).not.toMatch(/permission|may not see/);
  }

  await mapping('customers', fields);
  const { out } = await cli.nayose('check');
  expect(out).toContain('error: no column "birthday" in customers.csv; it has "id", "last_name", ');
  expect(out).toContain('no column "first_name" in customers.csv');
  expect(out).toContain('fix: "last_name" stands twice in the header: give the columns two names');
  expect(out).not.toMatch(/may not see|permission/);
  const synced = await cli.nayose('sync');
  expect(synced.out).toContain(
    'there is no column birthday in customers.csv of erp: birthDate is neither read nor written there',
  );
  await cli.close();
});

test('records that a token may not read are an error of the mapping, and --sample 0 asks for none', async () => {
  bench = await createBench();
  bench.boxes.hubspot.fault = ({ path }) =>
    path.includes('/objects/contacts')
      ? { status: 403, body: '{"status":"error","category":"MISSING_SCOPES","message":"no"}' }
      : undefined;
  const { code, data } = await bench.json<Check>('check');
  expect(code).toBe(2);
  expect(errors(data)).toEqual([
    expect.objectContaining({
      kind: 'object-unreadable',
      mapping: 'ma-contact',
      fix: expect.stringContaining('scope'),
    }),
  ]);
  bench.boxes.hubspot.books.byRoute = {};
  expect((await bench.nayose('check', '--sample', '0')).code).toBe(0);
  expect(
    Object.keys(bench.boxes.hubspot.books.byRoute).filter((route) => route.includes('/objects/')),
  ).toEqual([]);
});

test('one mapping alone: findings of others are not told', async () => {
  bench = await createBench();
  for (const name of ['crm-contact', 'ma-company'])
    await bench.write(
      `mappings/${name}.yaml`,
      name === 'crm-contact'
        ? 'preset: salesforce/contact\nconnection: crm\nfields:\n  title: Titel\n'
        : 'preset: hubspot/company\nconnection: ma\nfields:\n  description: Beschreibung\n',
    );
  const { data } = await bench.json<Check>('check', 'ma-company');
  expect(errors(data).map(({ field }) => field)).toEqual(['Beschreibung']);
});

test('wrong credentials of one tool: exit 2, its hint, and the other is checked all the same', async () => {
  bench = await createBench();
  bench.env.HUBSPOT_TOKEN = 'wrong';
  await bench.write(
    'mappings/crm-contact.yaml',
    'preset: salesforce/contact\nconnection: crm\nfields:\n  title: Titel\n',
  );
  const { code, data, out } = await bench.json<Check>('check');
  expect(code).toBe(2);
  expect(data.status).toBe('failing');
  expect(data.connections).toEqual([
    expect.objectContaining({ name: 'crm', state: 'ok' }),
    expect.objectContaining({ name: 'ma', state: 'refused', hint: expect.stringContaining('token') }),
  ]);
  expect(errors(data)).toEqual([
    expect.objectContaining({ mapping: 'crm-contact', field: 'Titel', fix: 'did you mean "Title"?' }),
  ]);
  expect(out).not.toContain(bench.env.SF_SECRET);
  const people = await bench.nayose('check');
  expect(people.out).toContain('a sync would not get through as things are');
});

test('a tool that cannot be reached says so', async () => {
  bench = await createBench();
  await bench.boxes.close();
  bench.boxes.close = async () => undefined;
  const { code, data } = await bench.json<Check>('check');
  expect(code).toBe(2);
  expect(data.connections.map(({ state }) => state)).toEqual(['unreachable', 'unreachable']);
  for (const { message } of data.connections) expect(message).not.toBe('');
});

test('an answer that was cut off is told as such', async () => {
  bench = await createBench();
  bench.boxes.salesforce.fault = ({ path }) => (path.includes('describe') ? 'truncated' : undefined);
  const { code, data } = await bench.json<Check>('check');
  expect(code).toBe(2);
  const [crm, ma] = data.connections;
  expect([crm!.state, ma!.state]).toEqual(['unreachable', 'ok']);
  expect(crm!.message).toMatch(/broke off|cannot be read|cut short|ended in the middle/);
});

test('an object that is not there is one finding, and hides none of the others', async () => {
  bench = await createBench();
  await bench.write(
    'mappings/ma-contact.yaml',
    'connection: ma\nobject: contactz\nentity: person\nfields: { email: email }\n',
  );
  const { code, data } = await bench.json<Check>('check');
  expect(code).toBe(2);
  expect(errors(data)).toEqual([expect.objectContaining({ mapping: 'ma-contact', object: 'contactz' })]);
  expect(data.connections.map(({ state }) => state)).toEqual(['ok', 'ok']);
});

test('all is well: exit 0, the budgets, and no write', async () => {
  bench = await createBench();
  const { code, data } = await bench.json<Check>('check');
  expect([code, data.status, data.errors]).toEqual([0, 'ok', 0]);
  expect(data.findings.map(({ severity, connection }) => [severity, connection])).toEqual([
    ['info', 'crm'],
    ['info', 'ma'],
  ]);
  expect(data.findings[0]!.message).toContain('about 576 of 1,000,000 calls a day');
  expect(bench.boxes.salesforce.books.created).toEqual({});
  expect(bench.boxes.hubspot.books.created).toEqual({});
});

test('without a unique field for golden ids the fix says where to make one', async () => {
  bench = await createBench({ salesforce: { externalId: false }, hubspot: { uniqueNayoseId: false } });
  const { code, data } = await bench.json<Check>('check');
  expect(code).toBe(0);
  const fixes = data.findings
    .filter(({ severity }) => severity === 'warning')
    .map(({ mapping, fix }) => [mapping, fix]);
  expect(fixes).toContainEqual(['crm-contact', expect.stringContaining('Nayose_Id__c')]);
  expect(fixes).toContainEqual(['ma-company', expect.stringContaining('nayose_id')]);
});

test('a daily budget that idle runs would eat is a warning', async () => {
  bench = await createBench({ salesforce: { dailyLimit: 1000 } });
  const { code, data } = await bench.json<Check>('check');
  expect(code).toBe(0);
  expect(data.findings[0]).toMatchObject({
    severity: 'warning',
    connection: 'crm',
    fix: expect.stringContaining('schedule'),
  });
});

describe('idle calls a day', () => {
  const at = new Date('2026-03-01T00:00:00Z');
  test('every five minutes, one object of each of two tools', () => {
    const config = good(FILES);
    expect(idleCallsPerDay(config, 'crm', at)).toBe(288);
    expect(idleCallsPerDay(config, 'erp', at)).toBe(0);
  });
});

test('the forecast of matches is what plan then does, and rows that are set aside are told', async () => {
  const cli = await createCli();
  const member = (name: string) =>
    `connection: ${name}\nobject: people\nentity: person\nfields: { email: email, givenName: first, familyName: last }\n`;
  await cli.write(
    'hub.yaml',
    [
      'connections:',
      '  a: { type: csv, path: ./a, id: id, writable: true }',
      '  b: { type: csv, path: ./b, id: id, writable: true }',
      'syncs:',
      '  people: { entity: person, members: [ { mapping: a-people }, { mapping: b-people, create: true } ] }',
      '',
    ].join('\n'),
  );
  for (const name of ['a', 'b']) await cli.write(`mappings/${name}-people.yaml`, member(name));
  // Alike by name and mail; by name alone; by name and another address of the same house; not at all.
  const rows = (mails: string[]) =>
    ['Jan,Weber', 'Aya,Mori', 'Mia,Holm', 'Max,Frei', 'Leo,Dahl', 'Zoe,Kurz']
      .map((name, i) => `${i},${mails[i]},${name}\n`)
      .join('');
  const head = 'id,email,first,last\n';
  await cli.write(
    'a/people.csv',
    `${head}${rows(['jan@weber.de', 'aya@mori.jp', '', '', 'leo@dahl.no', 'z@x.at'])}0,dup@x.de,Dup,Licate\n`,
  );
  await cli.write(
    'b/people.csv',
    head +
      rows(['jan@weber.de', 'aya@mori.jp', '', '', 'l.dahl@dahl.no', '']).replace('Zoe,Kurz', 'Ida,Berg'),
  );

  const checked = await cli.json<Check>('check');
  const found = checked.data.findings.find(({ kind }) => kind === 'match')!;
  const planned = await cli.json<{ lists: Record<'links' | 'reviews', object[]> }>('plan');
  const { links, reviews } = planned.data.lists;
  expect(links.length).toBeGreaterThan(0);
  expect(reviews.length).toBeGreaterThan(0);
  expect(found).toMatchObject({ count: links.length, of: 6 });
  expect(found.message).toContain(`; ${reviews.length} more may be one`);
  expect(checked.data.findings).toContainEqual(
    expect.objectContaining({
      kind: 'set-aside',
      severity: 'warning',
      count: 1,
      message: expect.stringContaining('line 8: the same id as line 2'),
    }),
  );
  await cli.close();
});

test('a file that is to be written to and may not be: check, plan and sync say so, and the rest is done', async () => {
  const cli = await createCli();
  const hubYaml = (writable: string, mode: string) =>
    [
      'connections:',
      '  a: { type: csv, path: ./a, id: id, writable: true }',
      `  b: { type: csv, path: ./b, id: id${writable} }`,
      'syncs:',
      `  people: { entity: person, members: [ { mapping: a-people, create: true }, { mapping: b-people${mode} } ] }`,
      '',
    ].join('\n');
  for (const name of ['a', 'b'])
    await cli.write(
      `mappings/${name}-people.yaml`,
      `connection: ${name}\nobject: people\nentity: person\nfields: { email: email, familyName: last }\n`,
    );
  await cli.write('a/people.csv', 'id,email,last\n1,jan@weber.de,Weber\n');
  await cli.write('b/people.csv', 'id,email,last\n7,aya@mori.jp,Mori\n');
  await cli.write('hub.yaml', hubYaml('', ''));

  const checked = await cli.json<Check>('check');
  const { fix } = checked.data.findings.find(({ kind }) => kind === 'object-unwritable')!;
  const reasons = [
    expect.objectContaining({
      code: 'schema',
      connection: 'b',
      message: 'b people cannot be written: nothing is written there',
      hint: `mappings/b-people.yaml has fields for it: ${fix}.`,
    }),
  ];
  for (const command of ['plan', 'sync']) {
    const { code, data } = await cli.json<{ status: string; reasons: object[] }>(command);
    expect([code, data.status], command).toEqual([2, 'incomplete']);
    expect(data.reasons, command).toEqual(reasons);
  }
  // What could be done is done.
  expect(await cli.read('a/people.csv')).toContain('aya@mori.jp');
  for (const better of [hubYaml(', writable: true', ''), hubYaml('', ', mode: read')]) {
    await cli.write('hub.yaml', better);
    expect((await cli.json<{ status: string }>('sync')).data.status).toBe('complete');
  }
  await cli.close();
});
