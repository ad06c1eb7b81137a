import { execFile } from 'node:child_process';
import { existsSync, realpathSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const bin = resolve(import.meta.dirname, '../../../api/cli/bin.mjs');

/** Every Node of this machine that a user's shell may find, from 20 on; the one that runs the tests at least. */
async function nodes(): Promise<string[]> {
  const found = (process.env.PATH ?? '')
    .split(delimiter)
    .map((folder) => join(folder, 'node'))
    .filter((path) => existsSync(path));
  const all = [...new Set([process.execPath, ...found].map((path) => realpathSync(path)))];
  const old = await Promise.all(all.map(async (path) => Number((await version(path)).split('.')[0]) < 20));
  return all.filter((_, i) => !old[i]);
}

const version = async (path: string) =>
  (await promisify(execFile)(path, ['-p', 'process.versions.node'])).stdout;

test('any Node from 20 on may start it: an older one starts the Node of the lockfile', async () => {
  for (const node of await nodes()) {
    const { stdout } = await promisify(execFile)(node, [bin, '--version']);
    expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  }
});
