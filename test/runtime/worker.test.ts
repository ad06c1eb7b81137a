import { spawnSync } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hashToken } from '../../api/auth/tokens.ts';
import { migrate } from '../../core/store/migrate.ts';
import { openPg } from '../../core/store/pg.ts';
import { saveToken } from '../../core/store/tokens.ts';
import { tempFolder } from '../support/cli.ts';
import { emptyPostgres } from '../support/databases.ts';
import { root, WRANGLER_TOML, workerdRuns } from './support.ts';

describe.skipIf(!workerdRuns())('api/worker.ts in workerd', () => {
  let server: ReturnType<typeof import('wrangler')['createTestHarness']>;
  let database: string;
  beforeAll(async () => {
    const { createTestHarness } = await import('wrangler');
    database = await emptyPostgres();
    server = createTestHarness({ workers: [{ configPath: WRANGLER_TOML }] });
    await server.listen();
  });
  afterAll(() => server.close());

  const withDatabase = () =>
    server.update({
      workers: [{ configPath: WRANGLER_TOML, vars: { DATABASE_URL: database } }],
    });

  test('without a database it is up, says so, and is not ready', async () => {
    const up = await server.fetch('/healthz');
    expect([up.status, await up.json()]).toEqual([200, { status: 'up' }]);
    const ready = await server.fetch('/readyz');
    expect(ready.status).toBe(503);
    expect(ready.headers.get('content-type')).toBe('application/problem+json');
    expect(await ready.json()).toMatchObject({ reasons: [expect.stringContaining('no database is bound')] });
  });

  test('without one, a protected route is refused, and a webhook is not acknowledged', async () => {
    const runs = await server.fetch('/v1/runs');
    expect(runs.status).toBe(401);
    expect(await runs.json()).toMatchObject({ status: 401 });
    const hook = await server.fetch('/hooks/ma', { method: 'POST', body: '[]' });
    expect(hook.status).toBe(503);
    expect(await hook.json()).toMatchObject({ detail: expect.stringContaining('no database is bound') });
  });

  test('it speaks to PostgreSQL: not ready before the schema and the configuration, request after request', async () => {
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
      expect(ready.status).toBe(503);
      expect(await ready.json()).toMatchObject({ reasons: [expect.stringContaining('nayose apply')] });
      const runs = await server.fetch('/v1/runs', { headers: { Authorization: 'Bearer a-token' } });
      expect([runs.status, await runs.json()]).toMatchObject([200, { items: [] }]);
    }
    for (const path of ['/', '/hooks/ma']) {
      const told = await server.fetch(path, path === '/' ? {} : { method: 'POST', body: '[]' });
      expect(told.status).toBe(503);
      expect(await told.json()).toMatchObject({ detail: expect.stringContaining('nayose apply') });
    }
  });
});

test('the worker’s bundle holds nothing that only Node has, and is small enough', async () => {
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
    /pglite|pg-boss|node-server|undici|core\/store\/lock|runtime\/(pinned|log)|api\/(node|demo)|cli\/main/.test(
      name,
    ),
  );
  expect(wrong).toEqual([]);
  // The least of Cloudflare's plans takes so much.
  const packed = gzipSync(await readFile(join(out.dir, 'worker.js'))).length;
  expect(packed).toBeGreaterThan(100_000);
  expect(packed).toBeLessThan(3 * 1024 * 1024);
  await out.remove();
});
