import { chmod, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { closedOn } from './server.ts';

test('a folder that only its owner may enter is found, the outermost of several', async () => {
  const open = await mkdtemp(join(tmpdir(), 'nayose-closed-'));
  await chmod(open, 0o755);
  const [outer, inner] = [join(open, 'home'), join(open, 'home', 'project')];
  await mkdir(inner, { recursive: true });
  expect(await closedOn(inner)).toBeUndefined();
  await chmod(inner, 0o700);
  expect(await closedOn(inner)).toBe(inner);
  await chmod(outer, 0o750);
  expect(await closedOn(inner)).toBe(outer);
  await rm(open, { recursive: true });
});
