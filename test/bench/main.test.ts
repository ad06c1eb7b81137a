import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const bench = (args: string[], env: NodeJS.ProcessEnv = {}) =>
  spawnSync(process.execPath, ['api/cli/launch.mjs', 'test/bench/main.ts', ...args], {
    cwd: join(import.meta.dirname, '../..'),
    env: { ...process.env, ...env },
    encoding: 'utf8',
  });

test('a bench that breaks off fails, with a server of PostgreSQL or without', () => {
  expect(bench(['nonsense'])).toMatchObject({ status: 1, stdout: '' });
  const { status, stderr } = bench(['transfer'], { TMPDIR: '/dev/null/nowhere' });
  expect(stderr).toContain('bench: Error: ENOTDIR');
  expect(status).toBe(1);
});
