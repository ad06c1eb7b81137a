/** A process that has not seen the newest revision of the config yet, when a webhook comes that only the newest understands. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readFolder } from '../../../api/config/load.ts';
import { type ConfigFiles, readConfig } from '../../../api/config/read.ts';
import { applyConfig, optionsOf } from '../../../api/config/revisions.ts';
import { type RunningServer, startServer } from '../../../api/node.ts';
import { createLog } from '../../../api/runtime/log.ts';
import { openStore, type Store } from '../../../api/runtime/store.ts';
import { CONNECTORS } from '../../../connectors/registry.ts';
import { freshPostgres } from '../../support/databases.ts';
import { command, makeWorld, TOKEN, until, type World } from '../serve/harness.ts';

let world: World;
let store: Store;
let server: RunningServer;
let files: ConfigFiles;
const lines: string[] = [];

const apply = (wanted: ConfigFiles) =>
  applyConfig(store.db, {
    files: wanted,
    env: world.env,
    connectors: CONNECTORS,
    keys: [],
    note: '',
    by: 'another',
    now: new Date(),
  });

beforeAll(async () => {
  world = await makeWorld({ people: 3 });
  world.env.DATABASE_URL = await freshPostgres();
  files = await readFolder(world.dir);
  // What the newest revision reads is in the records already.
  expect((await command(world, ['sync'])).code).toBe(0);
  store = await openStore(world.env, () => new Date());
  const older = {
    ...files,
    'hub.yaml': files['hub.yaml']!.replace(/ {2}people:\n(?: {4}.*\n)+/, ''),
  };
  expect(await apply(older)).toMatchObject({ status: 'applied', revision: { number: 1 } });
  const read = readConfig(older, optionsOf(world.env, CONNECTORS));
  if ('problems' in read) throw new Error(read.problems.map(({ message }) => message).join('\n'));
  expect(Object.keys(read.config.syncs)).not.toContain('people');
  server = await startServer({
    config: read.config,
    revision: 1,
    env: world.env,
    store,
    token: TOKEN,
    port: 0,
    log: createLog('info', [], (line) => void lines.push(line)),
    pollSeconds: 0.5,
    // It would find the newest revision by itself long after the test.
    lookSeconds: 3600,
  });
  world.aim(server.url);
});
afterAll(async () => {
  await server?.stop();
  await store?.close();
  await world?.close();
});

test('the webhook is not finished unread: the process takes the newest revision up, and then the webhook in', async () => {
  expect(await apply(files)).toMatchObject({ status: 'applied', revision: { number: 2 } });
  expect(server.hub.config.syncs.people).toBeUndefined();
  world.boxes.hubspot.edit('contacts', world.contacts[0]!, { jobtitle: 'Newly mapped' });
  await world.boxes.hubspot.webhooksSettled();
  await until(() =>
    world.boxes.salesforce
      .records('Contact')
      .some(({ fields, deleted }) => !deleted && fields.Title === 'Newly mapped'),
  );
  expect(lines.join('\n')).toContain('a new revision of the config is at work');
  expect(server.hub.config.syncs.people).toBeDefined();
}, 180_000);
