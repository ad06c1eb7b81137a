/** `serve` and the config of its hub, on an embedded folder: commands of others are run by the process that serves. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { run } from '../../../api/cli/main.ts';
import { until } from '../serve/harness.ts';
import { type Cli, createCli } from './harness.ts';

const TOKEN = 'the-token-of-this-test';
const HUB = `connections:
  files: { type: csv, path: ./in }
`;

let cli: Cli;
beforeAll(async () => {
  cli = await createCli({ NAYOSE_TOKEN: TOKEN });
});
afterAll(() => cli.close());

/** Serves until `stop`; what it said so far is in `said`. */
async function serve(...argv: string[]) {
  const said = { out: '', err: '' };
  const stopping = new AbortController();
  const ended = run(['serve', '--port', '0', '--config', cli.dir, ...argv], {
    env: cli.env,
    stdout: { write: (text) => (said.out += text) },
    stderr: { write: (text) => (said.err += text) },
    signal: stopping.signal,
  });
  const listening = () => /listening on (\S+)/.exec(said.out)?.[1];
  await Promise.race([until(() => listening() !== undefined), ended]);
  return {
    said,
    async config() {
      const answer = await fetch(`${listening()}/v1/config`, {
        headers: { Authorization: `Bearer ${TOKEN}` },
      });
      return (await answer.json()) as { atWork: number; revision: { number: number; note: string } };
    },
    async stop() {
      stopping.abort();
      return ended;
    },
  };
}

test('the folder is kept as a revision; what another process applies works at once; without the folder the hub has it', async () => {
  await cli.write('hub.yaml', HUB);
  const first = await serve();
  expect(first.said.err).toContain('kept as revision 1');
  expect(await first.config()).toMatchObject({ atWork: 1, revision: { note: 'served from its folder' } });
  await cli.write('hub.yaml', `${HUB}hub: { region: US }\n`);
  // Run by the process that serves, since it holds the folder.
  const applied = await cli.json('apply');
  expect(applied).toMatchObject({
    code: 0,
    data: { revision: 2, parts: [{ kind: 'setting', name: 'hub' }] },
  });
  expect(await first.config()).toMatchObject({ atWork: 2 });
  expect((await cli.nayose('sync')).err).toMatch(
    `runs this, with the config in ${cli.dir} and the variables that it was started with.\n`,
  );
  expect(await first.stop()).toBe(0);

  await cli.write('hub.yaml', `${HUB}# another word\n`);
  expect((await cli.nayose('sync')).err).toContain(
    'differs from revision 2, which hubs on this database work by',
  );
  const fromHub = await serve('--from-hub');
  expect(fromHub.said.err).toContain("serving revision 2 of the hub's config");
  expect(await fromHub.config()).toMatchObject({ atWork: 2, revision: { number: 2 } });
  // The serving process has no NAYOSE_KEY_OLD: it says whose environment that is.
  const rotate = await cli.nayose('keys', 'rotate');
  expect(rotate).toMatchObject({ code: 1, err: expect.stringContaining('the hub that serves this folder') });
  expect(await fromHub.stop()).toBe(0);

  const again = await serve();
  expect(again.said.err).toContain('differs from revision 2, and is in its place as revision 3');
  expect(await again.stop()).toBe(0);
}, 180_000);

test('a secret in clear is served but not kept, and said', async () => {
  await cli.write('hub.yaml', `connections:\n  forms: { type: webhook, hookKey: planted-hook-key-0000 }\n`);
  const server = await serve();
  expect(server.said.err).toContain('not kept as a revision');
  expect(server.said.out + server.said.err).not.toContain('planted');
  expect(await server.config()).toMatchObject({ revision: { number: 3 } });
  expect(await server.stop()).toBe(0);
}, 180_000);
