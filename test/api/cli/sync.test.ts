import { afterEach, describe, expect, test } from 'vitest';
import { run } from '../../../api/cli/main.ts';
import { freePort } from '../../../api/demo/tourPort.ts';
import { type Bench, createBench, createCli } from './harness.ts';

let bench: Bench | undefined;
afterEach(async () => {
  await bench?.close();
  bench = undefined;
});

const seeded = async (options: Parameters<typeof createBench>[0] = {}): Promise<Bench> => {
  bench = await createBench(options);
  bench.boxes.salesforce.seed('Contact', [
    {
      fields: { LastName: 'Weber', FirstName: 'Jan', Email: 'jan@weber.example' },
      at: '2025-01-01T00:00:00Z',
    },
    { fields: { LastName: 'Mori', FirstName: 'Aya', Email: 'aya@mori.example' }, at: '2025-01-01T00:00:00Z' },
  ]);
  bench.boxes.hubspot.seed('contacts', [
    {
      fields: { lastname: 'WEBER', firstname: 'Jan', email: 'jan@weber.example' },
      at: '2025-01-02T00:00:00Z',
    },
    { fields: { lastname: 'Sato', firstname: 'Ken', email: 'ken@sato.example' }, at: '2025-01-02T00:00:00Z' },
  ]);
  return bench;
};
const wrote = ({ boxes }: Bench) => [boxes.salesforce.books.created, boxes.hubspot.books.created];

describe('nothing half done', () => {
  test.each(['sync', 'plan'])(
    '%s with wrong credentials: exit 1, what to do, and no secret in it',
    async (command) => {
      const it = await seeded();
      it.env.HUBSPOT_TOKEN = 'a-wrong-token';
      const { code, out, err } = await it.nayose(command);
      expect(code).toBe(1);
      expect(out).toBe('');
      expect(err).toContain('HubSpot refused the access token');
      expect(err).toContain('accessToken');
      expect(err).not.toContain('a-wrong-token');
      expect(wrote(it)).toEqual([{}, {}]);
      it.env.HUBSPOT_TOKEN = it.boxes.env.HUBSPOT_TOKEN!;
      it.env.SF_SECRET = 'wrong-secret';
      const crm = await it.json(command);
      expect(crm.code).toBe(1);
      expect(crm.data).toMatchObject({ status: 'error', error: { kind: 'auth' } });
      expect(crm.out + crm.err).not.toContain('wrong-secret');
    },
  );

  test('a tool that cannot be reached: exit 1, and the other is not written to', async () => {
    const it = await seeded();
    await it.write('hub.yaml', hubWith({ hubspotUrl: `http://127.0.0.1:${await freePort(0)}` }, it));
    const { code, err } = await it.nayose('sync');
    expect(code).toBe(1);
    expect(err).toMatch(/nothing listens at 127\.0\.0\.1:\d+\n.*is the tool running there\?/);
    expect(wrote(it)).toEqual([{}, {}]);
  });

  test('a list that is cut off while it is read: nothing is created anywhere, and the run is incomplete', async () => {
    const it = await seeded();
    it.boxes.hubspot.fault = ({ path }) => (path.includes('/objects/contacts') ? 'truncated' : undefined);
    const { code, data } = await it.json('sync', 'people');
    expect(code).toBe(2);
    expect(data.status).toBe('incomplete');
    expect(wrote(it)).toEqual([{}, {}]);
    it.boxes.hubspot.fault = undefined;
    expect((await it.json('sync')).data).toMatchObject({ status: 'complete', created: 2 });
  });

  test('a malformed mapping: exit 1 with file, line and column, before any call', async () => {
    const it = await seeded();
    await it.write(
      'mappings/ma-contact.yaml',
      'preset: hubspot/contact\nconnection: ma\nfields:\n  email: [\n',
    );
    const { code, err } = await it.nayose('sync');
    expect(code).toBe(1);
    expect(err).toMatch(/mappings\/ma-contact\.yaml:\d+:\d+: error/);
    expect(it.boxes.salesforce.books.calls + it.boxes.hubspot.books.calls).toBe(0);
  });

  test('a sync that there is not, and words too many', async () => {
    const it = await seeded();
    expect((await it.nayose('sync', 'persons')).err).toContain(
      'there is no sync "persons"; hub.yaml has companies, people',
    );
    expect((await it.nayose('sync', 'people', 'companies')).code).toBe(1);
    expect((await it.nayose('sync', '--fast')).err).toContain('--fast');
  });

  test('a database that is not there', async () => {
    const it = await seeded();
    it.env.DATABASE_URL = 'postgres://nobody:hidden@127.0.0.1:1/none';
    const { code, err } = await it.nayose('sync');
    expect(code).toBe(1);
    expect(err).not.toContain('hidden');
    expect(err).not.toContain('defect');
  });
});

const hubWith = ({ hubspotUrl }: { hubspotUrl: string }, { boxes }: Bench) => `connections:
  crm: { type: salesforce, loginUrl: "${boxes.salesforceUrl}", auth: { grant: client_credentials, clientId: "\${SF_ID}", clientSecret: "\${SF_SECRET}" } }
  ma: { type: hubspot, baseUrl: "${hubspotUrl}", accessToken: "\${HUBSPOT_TOKEN}" }
syncs:
  people: { entity: person, members: [ { mapping: crm-contact, create: true }, { mapping: ma-contact, create: true } ] }
`;

test('the report of a sync, its shape and its sums; the next one writes nothing', async () => {
  const it = await seeded();
  const { code, data, err } = await it.json('sync');
  expect(code).toBe(0);
  expect(data).toMatchObject({
    run: expect.any(String),
    status: 'complete',
    read: 4,
    linked: expect.any(Number),
    created: 2,
    unchanged: 0,
    deleted: 0,
    reviews: 0,
    failed: 0,
    golden: 3,
    apiCalls: { crm: expect.any(Number), ma: expect.any(Number) },
    seconds: expect.any(Number),
  });
  expect(err).not.toContain('{"run"');
  const again = await it.json('sync');
  expect(again.data).toMatchObject({ status: 'complete', created: 0, updated: 0, golden: 3 });
});

test('law 8: a plan names what the sync then does, and writes nothing', async () => {
  const it = await seeded();
  const { data } = await it.json<{ cost: { create: number; update: number }[]; writes: unknown[] }>('plan');
  expect(wrote(it)).toEqual([{}, {}]);
  const { data: did } = await it.json('sync');
  expect(did.created).toBe(data.cost.reduce((sum, { create }) => sum + create, 0));
  expect(did.updated).toBe(data.cost.reduce((sum, { update }) => sum + update, 0));
});

test('a guard halts with exit 2 before the first write, and an approval lets exactly that run through', async () => {
  const it = await seeded();
  await it.nayose('sync');
  const text = hubWith({ hubspotUrl: it.boxes.hubspotUrl }, it).replace(
    'person, members',
    'person, guards: { maxChanged: 1 }, members',
  );
  await it.write('hub.yaml', text);
  for (const { id } of it.boxes.hubspot.records('contacts'))
    it.boxes.hubspot.edit('contacts', id, { jobtitle: 'Baker' });
  const foreseen = await it.json<{
    status: string;
    writes: unknown[];
    reasons: { code: string; count: number; message: string }[];
  }>('plan', 'people');
  expect([foreseen.code, foreseen.data.status, foreseen.data.writes.length]).toEqual([2, 'halted', 3]);
  expect(foreseen.data.reasons).toMatchObject([
    {
      code: 'guard.maxChanged',
      count: 3,
      message: expect.stringMatching(/^a guard would halt this sync: 3 of/),
    },
  ]);
  const { out } = await it.nayose('plan', 'people');
  expect(out).toMatch(/a guard would halt this sync: 3 of .*\n.*--approve/);
  expect(out).not.toContain("Run 'nayose sync' to do it");
  const halted = await it.json('sync', 'people');
  expect([halted.code, halted.data.status]).toEqual([2, 'halted']);
  expect(halted.data.reasons).toMatchObject([
    { hint: expect.stringContaining(`--approve ${halted.data.run}`) },
  ]);
  const titles = () => it.boxes.salesforce.records('Contact').map(({ fields }) => fields.Title ?? null);
  expect(titles()).toEqual([null, null, null]);
  const approved = await it.json('sync', 'people', '--approve', String(halted.data.run));
  expect([approved.code, approved.data.status]).toEqual([0, 'complete']);
  expect(titles()).toEqual(['Baker', 'Baker', 'Baker']);
});

describe('the command line itself', () => {
  test('help, an unknown command, and help of one command', async () => {
    const cli = await createCli();
    const help = await cli.nayose('--help');
    expect(help.code).toBe(0);
    for (const name of ['init', 'check', 'plan', 'sync', 'serve', 'cleanse', 'explain', 'failures', 'demo'])
      expect(help.out).toMatch(new RegExp(`^${name}\\b`, 'm'));
    expect(await cli.nayose('--version')).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^\d+\.\d+\.\d+\n$/),
    });
    const unknown = await cli.nayose('snyc');
    expect(unknown.code).toBe(1);
    expect(unknown.err).toContain("there is no command 'snyc'; did you mean 'sync'?");
    expect((await cli.nayose('frobnicate')).err).toContain('one golden record of every customer');
    const loud = await createCli({ LOG_LEVEL: 'loud' });
    expect(await loud.nayose('plan')).toMatchObject({
      code: 1,
      err: expect.stringContaining("LOG_LEVEL is 'loud'; it may be trace, debug, info"),
    });
    await loud.close();
    expect((await cli.nayose('cleanse', '--help')).out).toContain('--golden');
    await cli.close();
  });

  test('stopped in the middle: not said to be complete, and nothing is written', async () => {
    const it = await seeded();
    const said: string[] = [];
    const stream = { write: (text: string) => said.push(text) > 0 } as unknown as NodeJS.WriteStream;
    const stop = new AbortController();
    it.boxes.hubspot.fault = () => {
      stop.abort();
      return undefined;
    };
    const code = await run(['sync', '--json', '--config', it.dir], {
      env: it.env,
      stdout: stream,
      stderr: stream,
      signal: stop.signal,
    });
    expect([1, 2]).toContain(code);
    expect(wrote(it)).toEqual([{}, {}]);
  });

  test.each([
    { mapping: 'ma-contact', field: 'jobtitel', line: 'jobtitel', right: 'jobtitle', done: 'neither' },
    { mapping: 'crm-contact', field: 'Titel', line: 'Titel', right: 'Title', done: 'neither' },
    {
      mapping: 'ma-contact',
      field: 'jobtitel',
      line: '{ field: jobtitel, direction: in }',
      right: '{ field: jobtitle, direction: in }',
      done: 'not read',
    },
    {
      mapping: 'crm-contact',
      field: 'Rank__c',
      line: '{ field: Title, in: "Title & Rank__c", direction: in }',
      right: 'Title',
      done: 'not read',
    },
  ])(
    'a field of $mapping that the tool does not have is named by check, plan and sync until the mapping is right ($line); the rest is written',
    async (one) => {
      const it = await seeded();
      it.boxes.salesforce.edit('Contact', it.boxes.salesforce.records('Contact')[1]!.id, { Title: 'Boss' });
      it.boxes.hubspot.edit('contacts', it.boxes.hubspot.records('contacts')[1]!.id, { jobtitle: 'Boss' });
      const file = `mappings/${one.mapping}.yaml`;
      const yaml = await it.read(file);
      await it.write(file, yaml.replace('fields:\n', `fields:\n  title: ${one.line}\n`));
      const reason = {
        code: 'schema',
        message: expect.stringMatching(`has no field ${one.field}.*title is ${one.done}`),
        hint: expect.stringContaining(file),
      };
      const checked = await it.json<{ findings: object[] }>('check');
      expect(checked).toMatchObject({ code: 2 });
      expect(checked.data.findings).toContainEqual(
        expect.objectContaining({
          kind: 'field-missing',
          severity: 'error',
          mapping: one.mapping,
          field: one.field,
        }),
      );
      const planned = await it.nayose('plan', 'people');
      expect(planned.code).toBe(2);
      expect(planned.out).toMatch(
        new RegExp(`This plan is incomplete.*\n  people: .*has no field ${one.field}.*\n    ${file}`),
      );
      for (const created of [2, 0])
        expect(await it.json('sync', 'people')).toMatchObject({
          code: 2,
          data: { status: 'incomplete', created, reasons: [reason] },
        });
      await it.write(file, yaml.replace('fields:\n', `fields:\n  title: ${one.right}\n`));
      expect(await it.json('sync', 'people')).toMatchObject({
        code: 0,
        data: { status: 'complete', updated: 1, reasons: [] },
      });
    },
  );
});
