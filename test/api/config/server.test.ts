/** A whole server that follows the config of its database, against the two sandboxes. */

import { afterAll, beforeAll, expect, test } from 'vitest';
import { readFolder } from '../../../api/config/load.ts';
import type { ConfigFiles } from '../../../api/config/read.ts';
import { applyConfig } from '../../../api/config/revisions.ts';
import { secretsOf } from '../../../api/config/secrets.ts';
import { type RunningServer, startServer } from '../../../api/node.ts';
import { createLog } from '../../../api/runtime/log.ts';
import type { Store } from '../../../api/runtime/store.ts';
import { CONNECTORS } from '../../../connectors/registry.ts';
import { migrate } from '../../../core/store/migrate.ts';
import { openPg } from '../../../core/store/pg.ts';
import { freshPostgres } from '../../support/databases.ts';
import { memoryStore } from '../../support/store.ts';
import { configOf, makeWorld, TOKEN, until, type World } from '../serve/harness.ts';

const KEY = Buffer.from(Array.from({ length: 32 }, (_, i) => i * 13 + 1)).toString('base64');
const HOOK_KEY = 'planted-hook-key-0123456789';

let world: World;
let store: Store;
let server: RunningServer;
let files: ConfigFiles;
let env: Record<string, string>;
/** Calls to tools wait for it. */
let gate: Promise<void> = Promise.resolve();
let held = 0;
const lines: string[] = [];

beforeAll(async () => {
  world = await makeWorld({ people: 8 });
  env = { ...world.env, NAYOSE_KEY: KEY };
  files = await readFolder(world.dir);
  const db = openPg(await freshPostgres());
  await migrate(db);
  store = memoryStore(db, 'served');
  const config = await configOf(world);
  const redacted = secretsOf(config);
  server = await startServer({
    config,
    env,
    redacted,
    store,
    token: TOKEN,
    port: 0,
    log: createLog('debug', redacted, (line) => void lines.push(line)),
    pollSeconds: 0.5,
    lookSeconds: 0.2,
    async fetch(input, init) {
      held++;
      await gate;
      return fetch(input, init);
    },
  });
});
afterAll(async () => {
  await server?.stop();
  await store?.close();
  await world?.close();
});

const call = async (method: string, path: string, body?: object, headers: Record<string, string> = {}) => {
  const answer = await fetch(`${server.url}${path}`, {
    method,
    headers: {
      Authorization: `Bearer ${TOKEN}`,
      ...(body ? { 'Content-Type': 'application/json' } : {}),
      ...headers,
    },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
  return { status: answer.status, etag: answer.headers.get('etag'), body: (await answer.json()) as never };
};
const edited = (edit: (hub: string) => string): ConfigFiles => ({
  ...files,
  'hub.yaml': edit(files['hub.yaml']!),
});
const runs = async () =>
  ((await call('GET', '/v1/runs')).body as { items: { id: string; sync: string; status: string }[] }).items;

test('the API takes a config: bad ones are refused, nobody is overwritten unseen, a good one works at once', async () => {
  expect(await call('GET', '/v1/config')).toMatchObject({
    status: 200,
    etag: '"0"',
    body: { revision: null, atWork: 0, warnings: [], problems: [] },
  });
  const put = (given: object, headers = {}) =>
    call('PUT', '/v1/config', { files, expectedRevision: 0, ...given }, headers);
  const outside = { ...files, '../evil.yaml': '' };
  expect(await put({ files: outside })).toMatchObject({ status: 400 });
  expect(await put({ files: {} })).toMatchObject({ status: 422 });
  const broken = edited((hub) => hub.replace('entity: person', 'entity: persno'));
  expect(await put({ files: broken })).toMatchObject({
    status: 422,
    body: { errors: [{ message: expect.stringContaining('persno') }] },
  });
  const clear = edited((hub) =>
    hub.replace(`"$\{HUBSPOT_SECRET}" }`, `"\${HUBSPOT_SECRET}", hookKey: ${HOOK_KEY} }`),
  );
  const refused = await put({ files: clear });
  expect(refused).toMatchObject({
    status: 422,
    body: { errors: [{ message: expect.stringContaining('in clear') }] },
  });
  expect(JSON.stringify(refused)).not.toContain(HOOK_KEY);
  expect(await put({ expectedRevision: 3 })).toMatchObject({ status: 409 });
  expect(await put({}, { 'If-Match': '"7"' })).toMatchObject({ status: 412 });

  const hook = () =>
    fetch(`${server.url}/hooks/ma/${HOOK_KEY}`, { method: 'POST', body: '[]' }).then((a) => a.status);
  expect(await hook()).toBe(401);
  expect(await put({ files: clear, seal: true, note: 'hooks' }, { 'If-Match': '"0"' })).toMatchObject({
    status: 200,
    etag: '"1"',
    body: {
      status: 'applied',
      revision: { number: 1, note: 'hooks', by: 'NAYOSE_TOKEN' },
      sealed: ['ma.hookKey'],
    },
  });
  // The key opens now; what comes is still to be signed.
  const shown = (await call('GET', '/v1/config')).body as {
    revision: { files: ConfigFiles };
    atWork: number;
  };
  expect(shown.atWork).toBe(1);
  expect(shown.revision.files['hub.yaml']).toContain(`$\{secret:ma.hookKey}`);
  expect(server.hub.config.connections.ma?.hookKey).toBe(HOOK_KEY);
  expect(await put({ files: clear, seal: true, expectedRevision: 1 })).toMatchObject({
    body: { status: 'unchanged', revision: { number: 1 } },
  });
});

test('check and diff change nothing and tell no secret', async () => {
  const other = edited((hub) => hub.replace(`"$\{HUBSPOT_SECRET}"`, 'planted-literal-1'));
  const checked = await call('POST', '/v1/config/check', { files: other });
  expect(checked).toMatchObject({ status: 200, body: { problems: [expect.stringContaining('in clear')] } });
  expect(await call('POST', '/v1/config/check', { files })).toMatchObject({
    body: { problems: [], warnings: [] },
  });
  const diff = await call('POST', '/v1/config/diff', { files: other });
  expect(diff).toMatchObject({
    body: {
      revision: 1,
      parts: [{ kind: 'connection', name: 'ma', change: 'changed' }],
      files: [{ path: 'hub.yaml' }],
    },
  });
  expect(diff.body).toMatchObject({ backfills: [] });
  const [path, text] = Object.entries(files).find(([name]) => name === 'mappings/ma-contact.yaml')!;
  const mapped = await call('POST', '/v1/config/diff', {
    files: { ...files, [path]: `${text}where: { email: { empty: false } }\n` },
  });
  expect(mapped).toMatchObject({
    status: 200,
    body: { backfills: [{ mapping: 'ma-contact', kind: 'again', because: ['where'], calls: { ma: 1 } }] },
  });
  expect(JSON.stringify([checked, diff])).not.toContain('planted-literal-1');
  expect(await call('POST', '/v1/config/diff', { files, revision: 99 })).toMatchObject({ status: 404 });
  expect(await call('GET', '/v1/config/revisions?limit=1')).toMatchObject({
    body: { items: [{ number: 1 }], next: null },
  });
  expect(await call('GET', '/v1/config/revisions/2')).toMatchObject({ status: 404 });
});

test('a revision that another process applied is taken up; a run in hand goes on to its end on the old one', async () => {
  // Schemas are known, so that the run has begun when it is answered.
  await server.hub.syncs();
  let release: () => void = () => undefined;
  gate = new Promise((done) => {
    release = done;
  });
  const before = held;
  expect(await call('POST', '/v1/syncs/people/runs', {})).toMatchObject({ status: 202 });
  await until(() => held > before);
  const others = edited((hub) => hub.replace(/ {2}people:\n(?: {4}.*\n)+/, ''));
  const applied = await applyConfig(store.db, {
    files: others,
    env,
    connectors: CONNECTORS,
    keys: [],
    note: '',
    by: 'another',
    now: new Date(),
  });
  expect(applied.status).toBe('applied');
  await until(() => server.hub.config.syncs.people === undefined);
  expect(await runs()).toMatchObject([{ sync: 'people', status: 'running' }]);
  release();
  await until(async () => (await runs())[0]?.status !== 'running');
  expect(await runs()).toMatchObject([{ sync: 'people', status: 'complete' }]);
  expect(await call('POST', '/v1/syncs/people/runs', {})).toMatchObject({ status: 404 });
});

test('a revision that does not check here is told by readiness, and the old one goes on; undone, all is well', async () => {
  const needy = edited((hub) => hub.replace('HUBSPOT_TOKEN', 'ONLY_ELSEWHERE'));
  const circumstances = { connectors: CONNECTORS, keys: [], note: '', by: 'another', now: new Date() };
  await applyConfig(store.db, {
    ...circumstances,
    files: needy,
    env: { ...env, ONLY_ELSEWHERE: 'planted-elsewhere' },
  });
  const ready = async () => (await fetch(`${server.url}/readyz`)).json() as Promise<{ degraded?: object[] }>;
  await until(async () => (await ready()).degraded !== undefined);
  expect(await ready()).toEqual({ status: 'ready', degraded: [{ revision: 3, state: 'refused' }] });
  expect(await call('GET', '/v1/config')).toMatchObject({
    body: { atWork: 2, revision: { number: 3 }, problems: [expect.stringContaining('ONLY_ELSEWHERE')] },
  });
  expect(server.hub.config.syncs.companies).toBeDefined();
  expect(await call('POST', '/v1/config/revisions/9/activate', {})).toMatchObject({ status: 404 });
  expect(await call('POST', '/v1/config/revisions/1/activate', { note: 'back' })).toMatchObject({
    status: 200,
    body: { revision: { number: 4, copyOf: 1, replaced: 3 } },
  });
  expect(await ready()).toEqual({ status: 'ready' });
  expect(server.hub.config.syncs.people).toBeDefined();
});

test('keys are named, never shown; without the old one nothing is rotated', async () => {
  const keys = await call('GET', '/v1/config/keys');
  expect(keys).toMatchObject({ body: { current: expect.any(String), keys: [{ secrets: 1, atHand: true }] } });
  expect(await call('POST', '/v1/config/keys/rotate')).toMatchObject({
    status: 422,
    body: { title: 'NAYOSE_KEY_OLD is not set' },
  });
});

test('after all that, no secret stands in clear in any table, nor in the log', async () => {
  const tables = await store.db.query<{ name: string }>(
    `select quote_ident(table_schema) || '.' || quote_ident(table_name) as name from information_schema.tables
     where table_type = 'BASE TABLE' and table_schema not in ('pg_catalog', 'information_schema')`,
  );
  const rows: string[] = [];
  for (const { name } of tables)
    for (const row of await store.db.query<{ row: string }>(`select t::text as row from ${name} t`))
      rows.push(`${name} ${row.row}`);
  expect(rows.length).toBeGreaterThan(20);
  const { SF_SECRET, HUBSPOT_TOKEN, HUBSPOT_SECRET } = env;
  const planted = {
    SF_SECRET,
    HUBSPOT_TOKEN,
    HUBSPOT_SECRET,
    KEY,
    TOKEN,
    HOOK_KEY,
    literal: 'planted-literal-1',
  };
  for (const [what, secret] of Object.entries(planted)) {
    const forms = [
      secret!,
      encodeURIComponent(secret!),
      Buffer.from(secret!).toString('base64').replace(/=+$/, ''),
    ];
    for (const form of forms)
      expect(
        [...rows, ...lines].filter((row) => row.includes(form)).map((row) => row.split(' ')[0]),
        what,
      ).toEqual([]);
  }
});
