/** One tool that refuses us does not stop the webhooks of the others. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { waitingInbox } from '../../../core/store/inbox.ts';
import { openMemory } from '../../support/databases.ts';
import {
  command,
  makeWorld,
  type ServedHub,
  serveHub,
  TOKEN,
  titlesIn,
  until,
  type World,
} from './harness.ts';

let world: World;
let hub: ServedHub;
beforeAll(async () => {
  world = await makeWorld({
    edit: (yaml) => {
      const url = /baseUrl: "([^"]+)"/.exec(yaml)![1];
      return yaml
        .replace(
          'entities:',
          `  old: { type: hubspot, baseUrl: "${url}", accessToken: "a-token-that-was-revoked", clientSecret: "a-secret" }\nentities:`,
        )
        .concat(
          '  others: { entity: company, realtime: true, members: [ { mapping: old-company, mode: read } ] }\n',
        );
    },
  });
  await writeFile(join(world.dir, 'mappings/old-company.yaml'), 'preset: hubspot/company\nconnection: old\n');
  hub = await serveHub(world);
  for (const sync of ['companies', 'people'])
    expect((await command(world, ['sync', sync], hub.store)).code).toBe(0);
  world.aim(hub.url);
});
afterAll(async () => {
  world.boxes.salesforce.fault = undefined;
  await hub.end();
  await world.close();
});
beforeEach(() => hub.idle());

const edit = async (nth: number, title: string) => {
  world.boxes.hubspot.edit('contacts', world.contacts[nth]!, { jobtitle: title });
  await world.boxes.hubspot.webhooksSettled();
};
/** The sweep says the same, each minute, to those who debug. */
const said = (text: string) =>
  hub.lines.filter((line) => line.includes(text) && !line.includes('"level":"debug"'));
const goldenTitles = async () =>
  (await hub.store.db.query<{ title: string }>(`select values->>'title' as title from golden`)).map(
    ({ title }) => title,
  );

test('a sync whose tool was never seen leaves the others their webhooks; its own wait, and that is said once', async () => {
  await hub.store.db.query(
    `insert into inbox (id, connection, changes, received_at) values ('m1', 'old', '[]', now())`,
  );
  await edit(0, 'Told in spite of it');
  await until(() => titlesIn(world, 'Told in spite of it') === 1);
  await edit(0, 'Told again');
  await until(() => titlesIn(world, 'Told again') === 1);
  await hub.idle();
  expect(await waitingInbox(hub.store.db)).toEqual([{ connection: 'old', n: 1 }]);
  expect(said('left for later')).toHaveLength(1);
  expect(said('left for later')[0]).toMatch(/old \(hubspot\)/);
});

test('after a restart, a tool that refuses the login is taken as it was last seen: what it is owed goes out when it is back', async () => {
  const { db } = hub.store;
  await hub.stop();
  world.boxes.salesforce.fault = () => ({ status: 401, body: '{"error":"invalid_client"}' });
  hub = await serveHub(world, { db });
  world.aim(hub.url);
  await edit(1, 'While crm was away');
  await until(async () => (await goldenTitles()).includes('While crm was away'));
  await edit(2, 'Away still');
  await until(async () => (await goldenTitles()).includes('Away still'));
  await hub.idle();
  expect((await waitingInbox(db)).filter(({ connection }) => connection === 'ma')).toEqual([]);
  expect(said('taken as it was last seen')).toHaveLength(1);
  const people = said('left for later').filter((line) => line.includes('"sync":"people"'));
  expect(people, people.join('')).toHaveLength(1);

  world.boxes.salesforce.fault = undefined;
  await edit(3, 'Back again');
  await until(() => titlesIn(world, 'Back again') === 1);
  await until(() => titlesIn(world, 'While crm was away') + titlesIn(world, 'Away still') === 2);
  expect(world.boxes.salesforce.books.created.Contact).toBe(20);
});

test('a tool that was never seen by anybody: its webhooks wait', async () => {
  const before = hub;
  world.boxes.salesforce.fault = () => ({ status: 401, body: '{"error":"invalid_client"}' });
  hub = await serveHub(world, { db: await openMemory() });
  try {
    world.aim(hub.url);
    await edit(4, 'Nobody may write this yet');
    await until(() => said('left for later').length > 0);
    await hub.idle();
    expect(await waitingInbox(hub.store.db)).toEqual([{ connection: 'ma', n: 1 }]);
  } finally {
    await hub.end();
    hub = before;
  }
});

test('a run that cannot begin leaves a row that says why, whether a schedule or the API asked for it', async () => {
  const asked = await fetch(`${hub.url}/v1/syncs/others/runs`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${TOKEN}` },
  });
  expect(asked.status).toBe(502);
  const runs = async (): Promise<{ id: string }[]> => {
    const answer = await fetch(`${hub.url}/v1/syncs/others/runs`, {
      headers: { Authorization: `Bearer ${TOKEN}` },
    });
    return ((await answer.json()) as { items: { id: string }[] }).items;
  };
  const why = {
    mode: 'sync',
    status: 'incomplete',
    reasons: [
      {
        code: 'auth',
        message: expect.stringMatching(/^the run could not begin: old \(hubspot\)/),
        hint: expect.stringMatching(/./),
      },
    ],
  };
  expect(await runs()).toMatchObject([why]);

  // As if a budget had ended it: whoever serves goes on with it by himself.
  const [run] = await runs();
  await hub.store.db.query(`update run set resume_at = $2 where id = $1`, [
    run!.id,
    new Date().toISOString(),
  ]);
  const { db } = hub.store;
  await hub.stop();
  hub = await serveHub(world, { db });
  await until(async () => (await runs()).length === 2);
  expect(await runs()).toMatchObject([why, why]);
});
