import { spawnSync } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hashToken } from '../../api/auth/tokens.ts';
import { migrate } from '../../core/store/migrate.ts';
import { openPg } from '../../core/store/pg.ts';
import { saveToken } from '../../core/store/tokens.ts';
import { tempFolder } from '../support/cli.ts';
import { freshPostgres } from '../support/databases.ts';

process.env.CLOUDFLARE_CF_FETCH_ENABLED = 'false';
process.env.WRANGLER_SEND_METRICS = 'false';

const root = resolve(fileURLToPath(import.meta.url), '../../..');
const require = createRequire(import.meta.url);

/** workerd is a native program: some machines cannot run it. */
function workerdRuns(): boolean {
  const { default: path } = require('workerd') as { default: string };
  return spawnSync(path, ['--version']).status === 0;
}

describe.skipIf(!workerdRuns())('api/worker.ts in workerd', () => {
  let server: ReturnType<typeof import('wrangler')['createTestHarness']>;
  let database: string;
  beforeAll(async () => {
    const { createTestHarness } = await import('wrangler');
    database = await freshPostgres();
    server = createTestHarness({ workers: [{ configPath: join(root, 'wrangler.toml') }] });
    await server.listen();
  });
  afterAll(() => server.close());

  const withDatabase = () =>
    server.update({
      workers: [{ configPath: join(root, 'wrangler.toml'), vars: { DATABASE_URL: database } }],
    });

  test('without a database it is up, says so, and is not ready', async () => {
    const up = await server.fetch('/healthz');
    expect([up.status, await up.json()]).toEqual([200, { status: 'up' }]);
    const ready = await server.fetch('/readyz');
    expect(ready.status).toBe(503);
    expect(ready.headers.get('content-type')).toBe('application/problem+json');
    expect(await ready.json()).toMatchObject({ reasons: [expect.stringContaining('no database is bound')] });
  });

  test('a protected route is refused without a token, and an unknown hook is not found', async () => {
    const runs = await server.fetch('/v1/runs');
    expect(runs.status).toBe(401);
    expect(await runs.json()).toMatchObject({ status: 401 });
    const hook = await server.fetch('/hooks/ma', { method: 'POST', body: '[]' });
    expect(hook.status).toBe(404);
    await hook.text();
  });

  test('it speaks to PostgreSQL: not ready before the schema, ready after, and request after request', async () => {
    await withDatabase();
    const before = await server.fetch('/readyz');
    expect(await before.json()).toMatchObject({ reasons: ['the database has no schema yet'] });
    const db = openPg(database);
    await migrate(db);
    const row = { hash: await hashToken('a-token'), name: 'test', role: 'admin' as const, expiresAt: null };
    await saveToken(db, row, new Date());
    await db.close();
    for (let i = 0; i < 3; i++) {
      const ready = await server.fetch('/readyz');
      expect([ready.status, await ready.json()]).toEqual([200, { status: 'ready' }]);
      const runs = await server.fetch('/v1/runs', { headers: { Authorization: 'Bearer a-token' } });
      expect([runs.status, await runs.json()]).toEqual([200, { items: [] }]);
    }
  });
});

test('the worker’s bundle holds nothing that only Node has', async () => {
  const out = await tempFolder();
  const wrangler = join(root, 'node_modules/wrangler/bin/wrangler.js');
  const built = spawnSync(
    process.execPath,
    [wrangler, 'deploy', '--dry-run', '--outdir', out.dir, '--metafile', join(out.dir, 'meta.json')],
    { cwd: root, encoding: 'utf8' },
  );
  expect(built.stderr).toBe('');
  expect(built.status).toBe(0);
  expect(await readdir(out.dir)).toContain('worker.js');
  const meta = JSON.parse(await readFile(join(out.dir, 'meta.json'), 'utf8')) as { inputs: object };
  const wrong = Object.keys(meta.inputs).filter((name) =>
    /pglite|pg-boss|node-server|jsforce|core\/store\/lock|api\/runtime|api\/cli/.test(name),
  );
  expect(wrong).toEqual([]);
  await out.remove();
});
