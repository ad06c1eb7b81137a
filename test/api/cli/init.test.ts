import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
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
  expect(data.next).toHaveLength(3);
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
