import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Served, serveSandboxes } from '../../../api/demo/sandboxes.ts';
import { askAccess, reachable } from '../../../api/init/interview.ts';
import { field } from '../../../connectors/salesforce/sandbox/index.ts';
import { type Cli, createCli } from './harness.ts';

let cli: Cli;
beforeEach(async () => {
  cli = await createCli();
});
afterEach(() => cli.close());

const files = async () => (await readdir(cli.dir, { recursive: true })).sort();

describe('refused', () => {
  test.each([
    [['--tools', 'salesfroce'], "there is no tool 'salesfroce'; did you mean salesforce?"],
    [['--tools', 'excel'], "there is no tool 'excel'; there are salesforce, hubspot, webhook, csv"],
    [['--tools', ' , '], 'name at least one tool'],
    [['--yes', '--region', 'Japan'], "two letters, as JP, not 'Japan'"],
    [['--yes', '--time-zone', 'Tokyo'], "a name as Asia/Tokyo, not 'Tokyo'"],
    [['--tool', 'csv'], '--tool'],
    [['folder'], "'folder' is one word too many"],
    [
      ['--yes', '--salesforce-url', 'login'],
      "--salesforce-url is an address such as https://login.salesforce.com, not 'login'",
    ],
    [['--yes', '--hubspot-url', 'file:///etc'], "not 'file:///etc'"],
    [['--yes', '--sample', 'all'], "--sample is a count of records from 0 to 10000, not 'all'"],
  ])('%j', async (words, message) => {
    const { code, err } = await cli.nayose('init', ...words);
    expect(code).toBe(1);
    expect(err).toContain(message);
    expect(await files()).toEqual([]);
  });

  test('no terminal to ask on', async () => {
    const { code, err } = await cli.nayose('init', '--json');
    expect(code).toBe(1);
    expect(err).toContain('say --tools salesforce,hubspot, or --yes');
    expect(await files()).toEqual([]);
  });
});

test('writes a folder that only lacks the credentials', async () => {
  const { code, data } = await cli.json<{ files: string[]; next: string[] }>('init', '--yes');
  expect(code).toBe(0);
  expect(data.files).toEqual(
    expect.arrayContaining(['hub.yaml', 'mappings/crm-contact.yaml', 'mappings/ma-contact.yaml']),
  );
  expect(data.next).toHaveLength(4);
  expect(data.next[0]).toContain('SF_ID, SF_SECRET, HUBSPOT_TOKEN');
  const check = await cli.nayose('check');
  expect(check.code).toBe(1);
  const told = check.err.split('\n').filter((line) => line.includes('error:'));
  expect(told.length).toBeGreaterThan(0);
  for (const line of told) expect(line).toMatch(/environment variable \w+ is not set/);
});

test('every tool alone, and all together, with the region and zone said', async () => {
  const { code } = await cli.nayose(
    'init',
    '--tools',
    'csv,webhook,hubspot,salesforce',
    '--region',
    'us',
    '--time-zone',
    'America/Chicago',
  );
  expect(code).toBe(0);
  const hub = await readFile(join(cli.dir, 'hub.yaml'), 'utf8');
  expect(hub).toContain('region: US');
  expect(hub).toContain('timeZone: America/Chicago');
  for (const type of ['salesforce', 'hubspot', 'webhook', 'csv']) expect(hub).toContain(`type: ${type}`);
});

describe('with credentials at hand', () => {
  const urls = ({ salesforceUrl, hubspotUrl }: Served) => [
    '--salesforce-url',
    salesforceUrl,
    '--hubspot-url',
    hubspotUrl,
  ];

  test('that are refused, or a tool that is away: its hint, and nothing is written', async () => {
    const boxes = await serveSandboxes();
    Object.assign(cli.env, boxes.env, { HUBSPOT_TOKEN: 'wrong-token-of-the-test' });
    const refused = await cli.nayose('init', '--yes', ...urls(boxes));
    expect(refused.code).toBe(1);
    expect(refused.err).toContain('ma (hubspot) is refused');
    expect(refused.err).toContain('Make a new token');
    expect(refused.err).toContain('--offline');
    expect(refused.err + refused.out).not.toContain('wrong-token-of-the-test');
    await boxes.close();
    const away = await cli.nayose('init', '--yes', ...urls(boxes));
    expect(away.err).toContain('is unreachable');
    expect(await files()).toEqual([]);
    expect((await cli.json('init', '--yes', '--offline', ...urls(boxes))).data).toMatchObject({
      read: [],
      score: null,
    });
  });

  test('of one tool only: that one is read, the other gets its preset', async () => {
    const boxes = await serveSandboxes();
    boxes.hubspot.dropProperty('contacts', 'fax');
    cli.env.HUBSPOT_TOKEN = boxes.env.HUBSPOT_TOKEN!;
    const { data } = await cli.json('init', '--yes', ...urls(boxes));
    expect(data.read).toEqual(['hubspot']);
    expect(await cli.read('mappings/ma-contact.yaml')).toContain('  fax: null\n');
    expect(await cli.read('mappings/crm-contact.yaml')).not.toContain('\nfields:');
    expect(await cli.read('mappings/crm-account.yaml')).toContain('salesforce/account');
    expect(boxes.salesforce.books.calls).toBe(0);
    await boxes.close();
  });

  test('what real records would break is answered in the file: too long, or rounded', async () => {
    const boxes = await serveSandboxes();
    const { salesforce, hubspot } = boxes;
    salesforce.setField('Contact', field('double', 'Score__c', 'Score', { scale: 0 }));
    hubspot.seed(
      'contacts',
      Array.from({ length: 5 }, (_, i) => ({
        fields: { email: `p${i}@x.example`, lastname: '佐藤', jobtitle: '長'.repeat(130), score: 1.5 },
      })),
    );
    Object.assign(cli.env, boxes.env);
    const { data } = await cli.json('init', '--yes', ...urls(boxes));
    expect([data.errors, data.warnings]).toEqual([0, 0]);
    const mapping = await cli.read('mappings/crm-contact.yaml');
    expect(mapping).toContain('title: { field: Title, out: [ { truncate: 128 } ] }');
    // Both have a score, and Salesforce's keeps no half points.
    expect(await cli.read('hub.yaml')).not.toContain('score');
    expect(salesforce.books.created).toEqual({});
    await boxes.close();
  });

  test('an account that does not allow everything: the sync asks for less', async () => {
    const boxes = await serveSandboxes();
    boxes.salesforce.forbid('Contact', 'create');
    boxes.salesforce.forbid('Account', 'create', 'update');
    Object.assign(cli.env, boxes.env);
    expect((await cli.nayose('init', '--yes', ...urls(boxes))).code).toBe(0);
    const hub = await cli.read('hub.yaml');
    expect(hub).toContain('{ mapping: crm-contact, mode: both }');
    expect(hub).toContain('{ mapping: crm-account, mode: read }');
    const check = await cli.json<{ errors: number }>('check');
    expect([check.code, check.data.errors]).toEqual([0, 0]);
    await boxes.close();
  });
});

describe('a person is asked', () => {
  const asked = (answers: Record<string, string>) => {
    const heard: string[] = [];
    const answer = async (question: string) => {
      heard.push(question);
      return Object.entries(answers).find(([part]) => question.includes(part))?.[1] ?? '';
    };
    return {
      heard,
      asker: {
        ask: answer,
        askSecret: answer,
        say: (text: string) => void heard.push(text),
        close: () => undefined,
      },
    };
  };

  test('for addresses, and for the credentials that the environment lacks', async () => {
    const { heard, asker } = asked({
      'log in': 'https://test.salesforce.com',
      SF_SECRET: 'typed',
      HUBSPOT_TOKEN: 'pat',
    });
    const access = await askAccess(asker, ['salesforce', 'hubspot', 'csv'], {
      env: { SF_ID: 'known' },
      urls: {},
    });
    expect(access).toEqual({
      env: { SF_ID: 'known', SF_SECRET: 'typed', HUBSPOT_TOKEN: 'pat' },
      urls: { salesforce: 'https://test.salesforce.com', hubspot: 'https://api.hubapi.com' },
    });
    expect(heard).toHaveLength(4);
    expect(heard.join('\n')).not.toContain('SF_ID');
    expect(reachable(['salesforce', 'hubspot', 'csv'], access.env)).toEqual(['salesforce', 'hubspot']);
  });

  test('and may leave a tool for later', async () => {
    const { heard, asker } = asked({});
    const { env } = await askAccess(asker, ['salesforce'], { env: {}, urls: {} });
    expect(heard).toHaveLength(2);
    expect(reachable(['salesforce'], env)).toEqual([]);
  });

  test('again where an answer is no address', async () => {
    let first = true;
    const said: string[] = [];
    const asker = {
      ask: async () => {
        const answer = first ? 'my domain' : 'https://x.my.salesforce.com';
        first = false;
        return answer;
      },
      askSecret: async () => '',
      say: (text: string) => void said.push(text),
      close: () => undefined,
    };
    const { urls } = await askAccess(asker, ['salesforce'], { env: {}, urls: {} });
    expect(urls.salesforce).toBe('https://x.my.salesforce.com');
    expect(said).toEqual(["'my domain' is no address such as https://login.salesforce.com"]);
  });
});

test('nothing is overwritten: what stands in the way is listed, and not one file is written', async () => {
  await cli.write('mappings/ma-contact.yaml', 'mine');
  const before = await files();
  const { code, err } = await cli.nayose('init', '--yes');
  expect(code).toBe(1);
  expect(err).toContain('mappings/ma-contact.yaml');
  expect(err).not.toContain('hub.yaml');
  expect(await files()).toEqual(before);
  expect(await readFile(join(cli.dir, 'mappings/ma-contact.yaml'), 'utf8')).toBe('mine');
});

test("a .gitignore of one's own stays as it is", async () => {
  await cli.write('.gitignore', 'mine');
  const { code, data } = await cli.json<{ files: string[] }>('init', '--yes');
  expect(code).toBe(0);
  expect(data.files).not.toContain('.gitignore');
  expect(await readFile(join(cli.dir, '.gitignore'), 'utf8')).toBe('mine');
});
