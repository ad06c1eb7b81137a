import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { withEnvFile } from '../../../api/cli/session.ts';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'nayose-env-'));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

test('the folder’s .env fills in what the environment lacks, and never outranks it', async () => {
  await writeFile(join(dir, '.env'), 'SF_ID=from-file\nSF_SECRET="a b"\n# HUBSPOT_TOKEN=no\n');
  expect(await withEnvFile({ SF_ID: 'set' }, dir)).toEqual({ SF_ID: 'set', SF_SECRET: 'a b' });
});

test('no .env, or no folder at all, changes nothing', async () => {
  expect(await withEnvFile({ A: '1' }, dir)).toEqual({ A: '1' });
  expect(await withEnvFile({ A: '1' }, join(dir, 'nowhere'))).toEqual({ A: '1' });
});
