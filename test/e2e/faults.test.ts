/** What can go wrong before and under a sync: a clear message, the right exit code, and nothing half done. */
import { execFileSync } from 'node:child_process';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { demoConfig } from '../../api/demo/config.ts';
import { serveSandboxes } from '../../api/demo/sandboxes.ts';
import { generateWorld, overlapping, seedSandboxes } from '../../api/demo/world/index.ts';
import { nayoseHere, tempFolder } from '../support/cli.ts';
import { fillFolder } from '../support/databases.ts';
import { shownIn } from '../support/shown.ts';

const world = generateWorld({ seed: 8, ...overlapping(120, 40), companies: 20, messiness: 0 });

async function open(
  files: (config: Record<string, string>) => Record<string, string> = (config) => config,
  { filled = true } = {},
) {
  const served = await serveSandboxes();
  seedSandboxes(world, served);
  const folder = await tempFolder(files(demoConfig(served)));
  const data = join(folder.dir, 'data');
  if (filled) await fillFolder(data);
  const run = (env: Record<string, string> = {}) =>
    nayoseHere(['sync', '--json', '--config', folder.dir], { ...served.env, NAYOSE_DATA: data, ...env });
  return {
    served,
    folder,
    data,
    run,
    untouched: () =>
      expect([served.salesforce.books.created, served.hubspot.books.created]).toEqual([{}, {}]),
    async close() {
      await served.close();
      await folder.remove();
    },
  };
}

describe('a sync says what is wrong, and leaves nothing half done', () => {
  test.each([
    ['a wrong Salesforce secret', { SF_SECRET: 'wrong-client-secret' }, /crm \(salesforce\)/],
    ['a wrong HubSpot token', { HUBSPOT_TOKEN: 'wrong-access-token' }, /ma \(hubspot\)/],
    ['a missing variable', { SF_ID: undefined as unknown as string }, /SF_ID/],
  ])('%s', async (_, env, message) => {
    const hub = await open();
    const { code, stderr } = await hub.run(env);
    expect(code).toBe(1);
    expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(/wrong-client-secret|wrong-access-token|defect| {4}at /);
    hub.untouched();
    await hub.close();
  });

  test('a malformed mapping: file, line and column', async () => {
    const hub = await open((config) => ({
      ...config,
      'mappings/ma-contact.yaml': 'preset: hubspot/contact\nconnection: ma\nfields:\n  famlyName: lastname\n',
    }));
    const { code, stderr } = await hub.run();
    expect(code).toBe(1);
    expect(stderr).toMatch(/mappings\/ma-contact\.yaml:4:3: error: .*famlyName[\s\S]*familyName/);
    hub.untouched();
    await hub.close();
  });

  test('a tool that nobody answers for', async () => {
    const hub = await open((config) => ({
      ...config,
      'hub.yaml': config['hub.yaml']!.replace(/baseUrl: "[^"]*"/, 'baseUrl: "http://127.0.0.1:9"'),
    }));
    const { code, stderr } = await hub.run();
    expect(code).toBe(1);
    expect(stderr).toMatch(/127\.0\.0\.1:9/);
    hub.untouched();
    await hub.close();
  }, 300_000);

  test('answers cut short while reading: incomplete, nothing written; the next run makes it good', async () => {
    const hub = await open();
    hub.served.hubspot.fault = (call) => (call.path.includes('/objects/contacts') ? 'truncated' : undefined);
    const first = await hub.run();
    expect(first.code).toBe(2);
    const report = JSON.parse(first.stdout);
    expect(report.status).toBe('incomplete');
    expect(JSON.stringify(report.reasons)).toMatch(/ma contacts/);
    expect(hub.served.salesforce.books.created.Contact ?? 0).toBe(0);
    hub.served.hubspot.fault = undefined;
    expect(JSON.parse((await hub.run()).stdout)).toMatchObject({ status: 'complete' });
    await hub.close();
  }, 600_000);

  test('a data folder that is a file', async () => {
    const hub = await open(undefined, { filled: false });
    await writeFile(hub.data, 'not a folder');
    const { code, stderr } = await hub.run();
    expect(code).toBe(1);
    expect(stderr).toMatch(/NAYOSE_DATA/);
    expect(stderr).not.toMatch(/defect/);
    await hub.close();
  });

  const mounts = process.platform === 'linux' && process.getuid?.() === 0;
  test.skipIf(!mounts)(
    'a disk that fills up (needs root on Linux, to mount a small one)',
    async () => {
      const quiet = await open();
      expect((await quiet.run()).code).toBe(0);
      const hub = await open(undefined, { filled: false });
      await mkdir(hub.data);
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=400m', 'tmpfs', hub.data]);
      try {
        const filler = join(hub.data, 'filler');
        const free = Number(
          execFileSync('df', ['--output=avail', '-B1', hub.data]).toString().split('\n')[1],
        );
        execFileSync('fallocate', ['-l', String(free - 84 * 1024 * 1024), filler]);
        const full = await hub.run();
        expect(full.code).toBe(1);
        expect(full.stderr).toMatch(/disk/);
        expect(full.stderr).toMatch(/Free some space/);
        expect(full.stderr).not.toMatch(/defect/);
        await rm(filler);
        const report = JSON.parse((await hub.run()).stdout);
        expect(report.status).toBe('complete');
        expect(shownIn(hub.served)).toEqual(shownIn(quiet.served));
      } finally {
        execFileSync('umount', [hub.data]);
      }
      await hub.close();
      await quiet.close();
    },
    180_000,
  );
});
