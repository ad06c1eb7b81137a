import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { diffConfigs, diffLines } from '../../../api/config/diff.ts';
import { literalSecrets, sealLiterals } from '../../../api/config/literals.ts';
import type { ConfigFiles } from '../../../api/config/read.ts';
import { activateRevision, applyConfig, readActiveConfig } from '../../../api/config/revisions.ts';
import { redact, secretsOf } from '../../../api/config/secrets.ts';
import { createVault, keyringOf } from '../../../api/secrets/vault.ts';
import type { Db } from '../../../core/store/db.ts';
import { activeNumber, revisionHeads } from '../../../core/store/revisions.ts';
import { keysInUse } from '../../../core/store/secrets.ts';
import { DATABASES } from '../../support/databases.ts';
import { CONNECTORS, ENV, FILES, HUB, read } from './folder.ts';

const KEY = Buffer.from(Array.from({ length: 32 }, (_, i) => i * 11 + 5)).toString('base64');
const PLANTED = 'planted-clientsecret-9f2';
const hub = (crm: string, more = '') => ({
  'hub.yaml': `connections:\n  crm: { type: salesforce, auth: ${crm} }\n${more}`,
});
const auth = (secret: string) => `{ grant: client_credentials, clientId: my-app, clientSecret: ${secret} }`;
const LITERAL: ConfigFiles = hub(auth(PLANTED));

describe('secrets in clear are found wherever they stand', () => {
  test.each([
    ['plain', `{ type: hubspot, accessToken: ${PLANTED} }`],
    ['in quotes', `{ type: hubspot, accessToken: "${PLANTED}" }`],
    ['deeper', `{ type: salesforce, auth: { grant: token, accessToken: '${PLANTED}' } }`],
    ['in a list', `{ type: webhook, previousSecrets: [ "${PLANTED}", "\${OK}" ] }`],
    ['as a login in an address', `{ type: hubspot, baseUrl: "https://me:${PLANTED}@example.com" }`],
    ['over lines', `\n    type: salesforce\n    privateKey: |\n      ${PLANTED}\n      more\n    id: x`],
    ['by an alias', `{ type: hubspot, name: &a ${PLANTED}, accessToken: *a }`],
  ])('%s', (_, connection) => {
    const files = { 'hub.yaml': `connections:\n  x: ${connection}\nsyncs: {}\n` };
    const problems = literalSecrets(files);
    expect(problems).toHaveLength(1);
    expect(problems[0]!.fix).toContain('nayose apply --seal');
    expect(JSON.stringify(problems.map(({ place: __, ...told }) => told))).not.toContain(PLANTED);
    const sealed = sealLiterals(files);
    expect(Object.values(sealed.secrets).join()).toContain(PLANTED);
    expect(sealed.files['hub.yaml']).not.toContain(PLANTED);
    expect(literalSecrets(sealed.files)).toEqual([]);
    expect(sealed.files['hub.yaml']).toContain('syncs: {}');
  });

  test('a secret behind ":-" cannot be sealed, and is refused', () => {
    const files = { 'hub.yaml': `connections:\n  x: { type: hubspot, accessToken: "\${T:-${PLANTED}}" }\n` };
    expect(literalSecrets(files)).toMatchObject([{ message: expect.stringContaining('":-"') }]);
    expect(sealLiterals(files)).toEqual({ files, secrets: {} });
  });

  test('references, names of fields and what is no connection are no secrets', () => {
    const files = {
      ...FILES,
      'hub.yaml': `${HUB}hub: { region: JP }\n`,
      'hub.two.yaml':
        'connections: { token-tool: { type: webhook, streams: { a: { fields: { token: text } } } } }',
      'mappings/x.yaml': 'fields: { token: accessToken }',
    };
    expect(literalSecrets(files)).toEqual([]);
  });

  test('each gets a name of its own, by file and place', () => {
    const file = `connections:\n  a: { accessToken: one-1 }\n  b: { secrets: [ two-2, three-3 ] }\n`;
    const sealed = sealLiterals({ 'hub.yaml': file, 'hub.live.yaml': file });
    expect(sealed.secrets).toEqual({
      'a.accessToken': 'one-1',
      'b.secrets.0': 'two-2',
      'b.secrets.1': 'three-3',
      'live.a.accessToken': 'one-1',
      'live.b.secrets.0': 'two-2',
      'live.b.secrets.1': 'three-3',
    });
    expect(sealed.files['hub.live.yaml']).toBe(
      `connections:\n  a: { accessToken: "$\{secret:live.a.accessToken}" }\n  b: { secrets: [ "$\{secret:live.b.secrets.0}", "$\{secret:live.b.secrets.1}" ] }\n`,
    );
  });
});

test('a reference to a secret that the hub has not names it, and the nearest', () => {
  const files = hub(auth(`"$\{secret:crm.auth.clientSecre}"`));
  const result = read(files);
  expect('problems' in result && result.problems[0]).toMatchObject({
    message: 'the hub keeps no secret called crm.auth.clientSecre',
    place: { file: 'hub.yaml', line: 2 },
  });
});

describe('differences', () => {
  test('what it means, file by file, without secrets', () => {
    const after: ConfigFiles = {
      ...FILES,
      'hub.yaml': HUB.replace(
        'erp:   { type: csv, path: ./erp, encoding: shift_jis }',
        'ma2: { type: hubspot, accessToken: planted-x9 }',
      )
        .replace('*/5', '*/7')
        .replace('alerts:', 'hub: { region: US }\nalerts:'),
      'mappings/new.yaml': 'connection: crm\n',
      'mappings/ma-company.yaml': '# a word\nconnection: ma\npreset: hubspot/company\n',
    };
    const { 'mappings/form-lead.yml': _, ...rest } = after;
    const { files, parts } = diffConfigs(FILES, rest);
    expect(parts).toEqual([
      { kind: 'connection', name: 'erp', change: 'removed' },
      { kind: 'connection', name: 'ma2', change: 'added' },
      { kind: 'sync', name: 'people', change: 'changed' },
      { kind: 'setting', name: 'hub', change: 'added' },
      { kind: 'mapping', name: 'form-lead', change: 'removed' },
      { kind: 'mapping', name: 'new', change: 'added' },
    ]);
    expect(files.map(({ path, change }) => `${change} ${path}`)).toEqual([
      'changed hub.yaml',
      'removed mappings/form-lead.yml',
      'changed mappings/ma-company.yaml',
      'added mappings/new.yaml',
    ]);
    expect(JSON.stringify(files)).not.toContain('planted-x9');
    expect(diffConfigs(FILES, FILES)).toEqual({ files: [], parts: [] });
  });

  test('lines as a patch shows them', () => {
    const old = Array.from({ length: 20 }, (_, i) => `line ${i}`).join('\n');
    const now = old.replace('line 4\n', '').replace('line 15', 'line fifteen');
    expect(diffLines(`${old}\n`, `${now}\n`)).toEqual([
      ' line 1',
      ' line 2',
      ' line 3',
      '-line 4',
      ' line 5',
      ' line 6',
      ' line 7',
      '@',
      ' line 12',
      ' line 13',
      ' line 14',
      '-line 15',
      '+line fifteen',
      ' line 16',
      ' line 17',
      ' line 18',
      '@',
    ]);
    expect(diffLines('', 'a\n')).toEqual(['+a']);
  });
});

describe.each(DATABASES)('revisions on $name', ({ open }) => {
  let db: Db;
  beforeAll(async () => {
    db = await open();
  });
  afterAll(() => db.close());
  beforeEach(async () => {
    await db.query('delete from config_revision');
    await db.query('delete from secret');
  });
  const env = { ...ENV, NAYOSE_KEY: KEY };
  const apply = async (
    files: ConfigFiles,
    more: { seal?: boolean; expected?: number; env?: typeof ENV } = {},
  ) =>
    applyConfig(db, {
      files,
      env: more.env ?? env,
      connectors: CONNECTORS,
      keys: await keyringOf(more.env ?? env),
      note: 'a note',
      by: 'me',
      now: new Date('2026-02-03T04:05:06Z'),
      ...more,
    });
  const numbers = async () =>
    (await revisionHeads(db, { before: null, limit: 10 })).map(({ number }) => number);

  test('what does not check is refused with all its problems, and nothing is kept', async () => {
    const broken = { ...FILES, 'hub.yaml': HUB.replace('salesforce,', 'salesfroce,') };
    expect(await apply(broken)).toMatchObject({
      status: 'refused',
      problems: [{ message: 'there is no connector of type "salesfroce"' }],
    });
    expect(await apply(LITERAL)).toMatchObject({ status: 'refused', problems: [{ severity: 'error' }] });
    await expect(apply(LITERAL, { seal: true, env: ENV })).rejects.toThrow('without NAYOSE_KEY');
    expect(await apply(hub(auth(`"$\{secret:nobody}"`)))).toMatchObject({ status: 'refused' });
    expect(await activeNumber(db)).toBeUndefined();
    expect(await keysInUse(db)).toEqual([]);
    expect(await readActiveConfig(db, env, CONNECTORS)).toBeUndefined();
  });

  test('applied, applied again, changed, undone; each says what it replaced', async () => {
    expect(await apply(FILES)).toMatchObject({
      status: 'applied',
      revision: { number: 1, replaced: null, note: 'a note', by: 'me', at: '2026-02-03T04:05:06.000Z' },
    });
    expect(await apply(FILES)).toMatchObject({ status: 'unchanged', revision: { number: 1 } });
    const second = { ...FILES, 'hub.yaml': HUB.replace('*/5', '*/9') };
    expect(await apply(second)).toMatchObject({ status: 'applied', revision: { number: 2, replaced: 1 } });
    const circumstances = { env, connectors: CONNECTORS, keys: [], note: '', by: 'me', now: new Date() };
    expect(await activateRevision(db, 1, circumstances)).toMatchObject({
      revision: { number: 3, replaced: 2, copyOf: 1 },
    });
    expect(await activateRevision(db, 9, circumstances)).toEqual({ status: 'unknown' });
    const active = await readActiveConfig(db, env, CONNECTORS);
    expect(active?.revision.files).toEqual(FILES);
    expect(active && 'config' in active.result && active.result.config.syncs.people?.schedule).toBe(
      '*/5 * * * *',
    );
    expect(JSON.stringify(active?.revision)).not.toContain(ENV.SF_SECRET);
  });

  test('who expects another revision than the active one is told, and nothing is kept', async () => {
    expect(await apply(FILES, { expected: 1 })).toEqual({ status: 'outdated', active: 0 });
    expect(await apply(FILES, { expected: 0 })).toMatchObject({ status: 'applied' });
    expect(await apply({ ...FILES, 'mappings/x.yaml': '' }, { expected: 0 })).toEqual({
      status: 'outdated',
      active: 1,
    });
    expect(await numbers()).toEqual([1]);
  });

  test('many at once: one revision after the other, none lost', async () => {
    const files = (i: number) => ({ ...FILES, 'hub.yaml': HUB.replace('*/5', `${i}`) });
    const applied = await Promise.all([1, 2, 3, 4].map((i) => apply(files(i))));
    expect(applied.map(({ status }) => status)).toEqual(Array(4).fill('applied'));
    expect(await numbers()).toEqual([4, 3, 2, 1]);
    const racing = await Promise.all([5, 6, 7].map((i) => apply(files(i), { expected: 4 })));
    expect(racing.map(({ status }) => status).sort()).toEqual(['applied', 'outdated', 'outdated']);
  });

  test('a literal secret is stored sealed, found again, hidden, and a new value is a new revision', async () => {
    expect(await apply(LITERAL, { seal: true })).toMatchObject({
      status: 'applied',
      sealed: ['crm.auth.clientSecret'],
      revision: { files: hub(auth(`"$\{secret:crm.auth.clientSecret}"`)) },
    });
    const dump = JSON.stringify([
      await db.query('select * from config_revision'),
      await db.query('select * from secret'),
    ]);
    expect(dump).not.toContain(PLANTED);
    expect(dump).not.toContain(Buffer.from(PLANTED).toString('base64').slice(0, 20));
    const read = await readActiveConfig(db, env, CONNECTORS);
    if (!read || 'problems' in read.result) throw new Error('it must check');
    expect(JSON.stringify(read.result.config.connections.crm)).toContain(PLANTED);
    expect(redact(`x ${PLANTED}`, secretsOf(read.result.config))).toBe('x [secret]');
    expect(await apply(LITERAL, { seal: true })).toMatchObject({ status: 'unchanged' });
    const changed = hub(auth('another-value-77'));
    expect(await apply(changed, { seal: true })).toMatchObject({
      status: 'applied',
      revision: { number: 2 },
    });
    expect(await createVault(db, await keyringOf(env), () => new Date()).get('crm.auth.clientSecret')).toBe(
      'another-value-77',
    );
  });

  test('a sealed secret under any key is hidden; without its key the revision does not check, and says why', async () => {
    const vault = createVault(db, await keyringOf(env), () => new Date());
    await vault.put({ place: 'https://planted.example/T0/B0' });
    const files = {
      'hub.yaml': `connections:\n  out: { type: webhook, secret: "\${FORMS_SECRET}", url: "\${secret:place}" }\n`,
    };
    expect(await apply(files)).toMatchObject({ status: 'applied', sealed: [] });
    const active = await readActiveConfig(db, env, CONNECTORS);
    if (!active || 'problems' in active.result) throw new Error('it must check');
    expect(secretsOf(active.result.config)).toContain('https://planted.example/T0/B0');
    const keyless = await readActiveConfig(db, ENV, CONNECTORS);
    expect(keyless && 'problems' in keyless.result && keyless.result.problems).toMatchObject([
      { message: expect.stringContaining('was sealed with the key'), fix: 'Set NAYOSE_KEY to that key.' },
    ]);
  });
});
