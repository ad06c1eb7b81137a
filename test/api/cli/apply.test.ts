/** apply, diff, pull and keys on one folder and one hub; nothing of a tool is called. */
import { readdir, readFile, rm, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { freshPostgres } from '../../support/databases.ts';
import { type Cli, createCli } from './harness.ts';

const [FIRST, SECOND] = [7, 11].map((step) =>
  Buffer.from(Array.from({ length: 32 }, (_, i) => i * step + 3)).toString('base64'),
) as [string, string];
const PLANTED = 'planted-token-of-hubspot';
const HUB = `# ours
connections:
  ma: { type: hubspot, accessToken: "\${HUBSPOT_TOKEN}" }
  files: { type: csv, path: ./in }
syncs:
  people: { entity: person, members: [ma-contact] }
`;
const MAPPING = 'connection: ma\npreset: hubspot/contact\n';

let cli: Cli;
beforeAll(async () => {
  cli = await createCli({
    DATABASE_URL: await freshPostgres(),
    HUBSPOT_TOKEN: 'from-the-environment',
    USER: 'taro',
  });
});
afterAll(() => cli.close());

const text = (name: string) => readFile(join(cli.dir, name), 'utf8');

describe('before anything was applied', () => {
  test('an empty folder has nothing to apply or compare, an empty hub nothing to pull or undo', async () => {
    for (const command of ['apply', 'diff'])
      expect(await cli.nayose(command)).toMatchObject({
        code: 1,
        err: expect.stringContaining('nayose init'),
      });
    expect(await cli.nayose('pull')).toMatchObject({ code: 1, err: expect.stringContaining('nayose apply') });
    expect(await cli.nayose('apply', '--undo')).toMatchObject({
      code: 1,
      err: expect.stringContaining('nothing to undo'),
    });
    expect(await cli.nayose('serve', '--from-hub', '--port', '0')).toMatchObject({
      code: 1,
      err: expect.stringContaining('nothing was ever applied'),
    });
  });

  test('wrong words are said with the usage', async () => {
    for (const argv of [
      ['apply', '--revision', 'x'],
      ['apply', '--revision', '0'],
      ['apply', '--undo', '--revision', '1'],
      ['apply', '--undo', '--seal'],
      ['pull', '--revision', '1.5'],
      ['keys', 'shred'],
    ])
      expect(await cli.nayose(...argv)).toMatchObject({
        code: 1,
        err: expect.stringContaining('usage: nayose'),
      });
  });

  test('what does not check is said as check says it; a secret in clear is refused, and not shown', async () => {
    await cli.write('mappings/ma-contact.yaml', MAPPING);
    await cli.write('hub.yaml', HUB.replace('hubspot,', 'hubspto,'));
    const wrong = await cli.nayose('apply');
    expect(wrong).toMatchObject({
      code: 1,
      err: expect.stringMatching(/hub\.yaml:3.*hubspto[\s\S]*did you mean "hubspot"/),
    });
    await cli.write('hub.yaml', HUB.replace(`"$\{HUBSPOT_TOKEN}"`, PLANTED));
    for (const command of ['apply', 'diff']) {
      const said = await cli.nayose(command);
      expect(said.out + said.err).not.toContain(PLANTED);
      if (command === 'apply')
        expect(said).toMatchObject({ code: 1, err: expect.stringContaining('--seal') });
    }
    expect(await cli.json('apply', '--seal')).toMatchObject({
      code: 1,
      data: { error: { kind: 'secret', hint: expect.stringContaining('openssl rand') } },
    });
  });
});

test('apply, look, change, undo, pull', async () => {
  await cli.write('hub.yaml', HUB);
  expect(await cli.json('diff')).toMatchObject({
    code: 0,
    data: { revision: null, parts: [{}, {}, {}, {}] },
  });
  expect(await cli.json('apply', '--note', 'the first')).toMatchObject({
    code: 0,
    data: { status: 'applied', revision: 1, replaced: null, sealed: [] },
  });
  expect(await cli.nayose('apply')).toMatchObject({
    code: 0,
    out: expect.stringContaining('Nothing to apply'),
  });
  expect(await cli.nayose('diff')).toMatchObject({
    code: 0,
    out: 'The folder and revision 1 are the same.\n',
  });

  await cli.write('hub.yaml', HUB.replace('  files: { type: csv, path: ./in }\n', ''));
  const diff = await cli.nayose('diff');
  expect(diff.out).toContain('- connection files');
  expect(diff.out).toContain('-  files: { type: csv, path: ./in }');
  expect(await cli.nayose('apply')).toMatchObject({
    out: expect.stringContaining('Revision 2 is active, in place of 1'),
  });
  expect(await cli.json('apply', '--undo')).toMatchObject({ data: { revision: 3, copyOf: 1, replaced: 2 } });
  expect(await cli.nayose('apply', '--revision', '9')).toMatchObject({
    code: 1,
    err: expect.stringContaining('no revision 9'),
  });

  // The folder has revision 2's files: nothing is lost when they are overwritten.
  expect(await cli.json('pull')).toMatchObject({
    code: 0,
    data: { revision: 3, written: ['hub.yaml'], removed: [], left: [] },
  });
  expect(await text('hub.yaml')).toBe(HUB);
  expect(await cli.nayose('pull')).toMatchObject({ out: 'The folder has revision 3 already.\n' });
});

test('a file that was changed here and never applied is not overwritten, and nothing else is written', async () => {
  await cli.write('hub.yaml', `${HUB}# my own words\n`);
  await unlink(join(cli.dir, 'mappings/ma-contact.yaml'));
  expect(await cli.nayose('pull')).toMatchObject({
    code: 1,
    err: expect.stringMatching(/hub\.yaml: changed here[\s\S]*--force/),
  });
  expect(await text('hub.yaml')).toContain('my own words');
  expect(await readdir(join(cli.dir, 'mappings'))).toEqual([]);
  await cli.write('mappings/only-here.yaml', '# mine\n');
  const pulled = await cli.json('pull', '--force');
  expect(pulled).toMatchObject({
    code: 0,
    data: { written: ['hub.yaml', 'mappings/ma-contact.yaml'], left: ['mappings/only-here.yaml'] },
    err: expect.stringContaining('left alone: mappings/only-here.yaml'),
  });
  expect(await text('hub.yaml')).toBe(HUB);
  expect((await readdir(join(cli.dir, 'mappings'))).sort()).toEqual(['ma-contact.yaml', 'only-here.yaml']);
  await rm(join(cli.dir, 'mappings/only-here.yaml'));
});

test('a file of an older revision that the newest has not is removed', async () => {
  await cli.write('mappings/old.yaml', MAPPING);
  expect(await cli.json('apply')).toMatchObject({ data: { revision: 4 } });
  expect(await cli.json('apply', '--undo')).toMatchObject({ data: { revision: 5 } });
  expect(await cli.json('pull')).toMatchObject({ data: { removed: ['mappings/old.yaml'], written: [] } });
});

test('sealed secrets: kept, used by the folder that refers to them, rotated, and gone without their key', async () => {
  cli.env.NAYOSE_KEY = FIRST;
  expect(await cli.nayose('keys')).toMatchObject({
    code: 0,
    out: expect.stringContaining('Nothing is sealed yet'),
  });
  await cli.write('hub.yaml', HUB.replace(`"$\{HUBSPOT_TOKEN}"`, PLANTED));
  const sealed = await cli.json('apply', '--seal');
  expect(sealed).toMatchObject({ code: 0, data: { revision: 6, sealed: ['ma.accessToken'] } });
  expect(await cli.nayose('diff')).toMatchObject({ out: expect.stringContaining('are the same') });
  expect(await cli.nayose('pull')).toMatchObject({ code: 1 });
  expect(await cli.nayose('pull', '--force')).toMatchObject({ code: 0 });
  expect(await text('hub.yaml')).toContain(`accessToken: "$\{secret:ma.accessToken}"`);
  // The folder holds no secret now, and still works: failures needs a config that checks.
  expect(await cli.json('failures')).toMatchObject({ code: 0, data: { groups: [] } });

  const { data: before } = await cli.json<{ current: string; keys: object[] }>('keys');
  expect(before.keys).toEqual([{ key: before.current, secrets: 1, from: 'NAYOSE_KEY' }]);
  Object.assign(cli.env, { NAYOSE_KEY: SECOND, NAYOSE_KEY_OLD: SECOND });
  expect(await cli.json('keys', 'rotate')).toMatchObject({
    code: 1,
    data: { error: { kind: 'secret', message: expect.stringContaining(before.current) } },
  });
  cli.env.NAYOSE_KEY_OLD = FIRST;
  expect(await cli.json('keys', 'rotate')).toMatchObject({ code: 0, data: { resealed: 1, already: 0 } });
  delete cli.env.NAYOSE_KEY_OLD;
  expect(await cli.json('failures')).toMatchObject({ code: 0 });

  cli.env.NAYOSE_KEY = FIRST;
  expect(await cli.nayose('keys')).toMatchObject({ out: expect.stringContaining('cannot be opened') });
  expect(await cli.json('failures')).toMatchObject({
    code: 1,
    data: { error: { kind: 'secret', message: expect.stringContaining('sealed with the key') } },
  });
  delete cli.env.NAYOSE_KEY;
  const keyless = await cli.nayose('serve', '--from-hub', '--port', '0');
  expect(keyless).toMatchObject({ code: 1, err: expect.stringContaining('set NAYOSE_KEY') });
  cli.env.NAYOSE_KEY = 'too short';
  expect(await cli.nayose('keys')).toMatchObject({
    code: 1,
    err: expect.stringContaining('openssl rand -base64 32'),
  });
});
