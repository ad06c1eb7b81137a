import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { nayose, type Running } from '../../support/cli.ts';
import { fillFolder, freshPostgres } from '../../support/databases.ts';
import { command, makeWorld, titlesIn, until, type World } from './harness.ts';

let world: World | undefined;
const running: Running[] = [];
afterEach(async () => {
  for (const { child, ended } of running.splice(0)) {
    child.kill('SIGKILL');
    await ended;
  }
  await world?.close();
  world = undefined;
});

/** `nayose serve` as a process of its own; resolves when it says that it listens. */
async function serve({ dir, env }: World): Promise<Running & { url: string }> {
  const process = nayose(['serve', '--config', dir, '--json'], env);
  running.push(process);
  let said = '';
  process.child.stdout!.on('data', (text: string) => {
    said += text;
  });
  const ended = process.ended.then(({ code, stderr }) => {
    throw new Error(`serve ended with ${code}: ${stderr}`);
  });
  ended.catch(() => undefined);
  await Promise.race([until(() => said.includes('\n')), ended]);
  const { listening } = JSON.parse(said) as { listening?: string };
  return { ...process, url: listening ?? (await ended) };
}

const typed = ({ dir, env }: World, argv: string[]) => nayose([...argv, '--config', dir], env).ended;

test('law 1: kill -9 right after the 2xx, restart: the event has its effect', async () => {
  world = await makeWorld();
  await fillFolder(world.env.NAYOSE_DATA!);
  expect((await command(world, ['sync'])).code).toBe(0);
  const first = await serve(world);
  world.aim(first.url);
  world.boxes.hubspot.fault = () => 'hang';
  world.boxes.hubspot.edit('contacts', world.contacts[0]!, { jobtitle: 'Survivor' });
  await world.boxes.hubspot.webhooksSettled();
  first.child.kill('SIGKILL');
  expect((await first.ended).signal).toBe('SIGKILL');
  world.boxes.hubspot.fault = undefined;
  expect(titlesIn(world, 'Survivor')).toBe(0);
  // Nobody sends it again, and no schedule reads the tool.
  const second = await serve(world);
  await until(() => titlesIn(world!, 'Survivor') === 1);
  second.child.kill('SIGTERM');
  expect((await second.ended).code).toBe(0);
});

test('two processes on one PostgreSQL: one is killed -9, the other goes on with its webhooks', async () => {
  world = await makeWorld();
  const more = { DATABASE_URL: await freshPostgres() };
  Object.assign(world.env, more);
  expect((await command(world, ['sync'])).code).toBe(0);
  const [one, other] = await Promise.all([serve(world), serve(world)]);
  world.aim(one.url);
  // The first look at a record hangs; it is that of the process which is killed.
  let hung = false;
  world.boxes.hubspot.fault = ({ path }) => {
    if (hung || !path.includes('batch/read')) return undefined;
    hung = true;
    return 'hang';
  };
  world.boxes.hubspot.edit('contacts', world.contacts[0]!, { jobtitle: 'Left by the dead' });
  await until(() => hung);
  one.child.kill('SIGKILL');
  await one.ended;
  world.aim(other.url);
  world.boxes.hubspot.edit('contacts', world.contacts[1]!, { jobtitle: 'Told to the living' });
  await until(() => titlesIn(world!, 'Left by the dead') + titlesIn(world!, 'Told to the living') === 2);
  other.child.kill('SIGTERM');
  expect((await other.ended).code).toBe(0);
});

test('commands on a folder that a hub holds are run by that hub', async () => {
  world = await makeWorld();
  await fillFolder(world.env.NAYOSE_DATA!);
  const hub = await serve(world);
  const lock = join(world.dir, '.nayose', 'lock.json');
  expect((await stat(lock)).mode & 0o777).toBe(0o600);
  const { url, key } = JSON.parse(await readFile(lock, 'utf8')) as { url: string; key: string };
  expect(url).toBe(hub.url);

  const wrong = await command(world, ['sync', 'nonsense']);
  expect(wrong.code).toBe(1);
  expect(wrong.err).toContain('there is no sync "nonsense"');

  const synced = await typed(world, ['sync', '--json']);
  expect(synced.stderr).not.toContain('is in use');
  expect(synced.code).toBe(0);
  expect(JSON.parse(synced.stdout)).toMatchObject({ status: 'complete', created: 20 });
  const again = await command(world, ['sync', 'people']);
  expect(again).toMatchObject({ code: 0, out: expect.stringMatching(/^people {2,}complete/m) });

  const second = await command(world, ['serve']);
  expect(second.code).toBe(1);
  expect(second.err).toContain(`A hub serves it at ${hub.url}`);

  const ask = (bearer: string) =>
    fetch(`${hub.url}/internal/command`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${bearer}` },
      body: JSON.stringify({ argv: ['help'], isTTY: false }),
    });
  for (const bearer of ['', world.env.NAYOSE_TOKEN!, `${key}0`]) expect((await ask(bearer)).status).toBe(401);
  expect(await (await ask(key)).text()).toContain('"exit":0');

  hub.child.kill('SIGTERM');
  expect(await hub.ended).toMatchObject({ code: 0, signal: null });
  expect((await command(world, ['sync'])).code).toBe(0);
});

test('a tool that refuses the login does not keep the hub from serving', async () => {
  world = await makeWorld({ schedule: '* * * * *' });
  world.boxes.salesforce.fault = () => ({ status: 401, body: '{"error":"invalid_client"}' });
  const hub = await serve(world);
  expect((await fetch(`${hub.url}/readyz`)).status).toBe(200);
  hub.child.kill('SIGTERM');
  expect((await hub.ended).code).toBe(0);
});
