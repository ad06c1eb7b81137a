/** A hub that serves, and the credentials of one of its tools that lead to another organization or portal from one start to the next. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { demoConfig } from '../../../api/demo/config.ts';
import { type Served, serveSandboxes } from '../../../api/demo/sandboxes.ts';
import { pauses } from '../../../core/store/budgets.ts';
import { DATABASES } from '../../support/databases.ts';
import { command, makeWorld, type ServedHub, serveHub, titlesIn, until, type World } from './harness.ts';

const ORG = ['00D5g0000000001EAA', '00D5g0000000002EAA'] as const;
const PORTAL = [111_111, 222_222] as const;
const ASKED = 'GET /account-info/v3/details';

let world: World;
let hub: ServedHub;
let other: Served | undefined;
afterEach(async () => {
  await hub.end();
  await other?.close();
  await world.close();
});

const edit = async (nth: number, title: string) => {
  world.boxes.hubspot.edit('contacts', world.contacts[nth]!, { jobtitle: title });
  await world.boxes.hubspot.webhooksSettled();
};

async function restart(urls: { salesforceUrl: string; hubspotUrl: string }): Promise<void> {
  const { db } = hub.store;
  await hub.stop();
  // Nobody waits a minute here until a login that was refused is tried again.
  await db.query(`update connection set until = null`);
  await writeFile(
    join(world.dir, 'hub.yaml'),
    demoConfig(urls)['hub.yaml']!.replaceAll(/ {4}schedule: .*\n/g, ''),
  );
  hub = await serveHub(world, { db });
  world.aim(hub.url);
}

describe.each(DATABASES)('on $name', ({ open }) => {
  test('webhooks neither write to the other organization nor read the other portal; all goes on with the right ones', async () => {
    world = await makeWorld({
      salesforce: { organizationId: ORG[0] },
      hubspot: { portalId: PORTAL[0] },
    });
    hub = await serveHub(world, { db: await open() });
    world.aim(hub.url);
    expect(await command(world, ['sync'], hub.store)).toMatchObject({ code: 0 });
    const { byRoute } = world.boxes.hubspot.books;
    await edit(0, 'As ever');
    await until(() => titlesIn(world, 'As ever') === 1);
    await hub.idle();
    // One of the hub that serves, and one of the command.
    expect(byRoute[ASKED]).toBe(2);

    other = await serveSandboxes({
      salesforce: { organizationId: ORG[1] },
      hubspot: { portalId: PORTAL[1] },
    });
    await restart({ salesforceUrl: other.salesforceUrl, hubspotUrl: world.boxes.hubspotUrl });
    await edit(1, 'For the wrong one');
    await until(async () => {
      const [row] = await hub.store.db.query<{ n: number }>(
        `select count(*)::int as n from golden where values->>'title' = 'For the wrong one'`,
      );
      return row!.n === 1;
    });
    await hub.idle();
    expect(other.salesforce.books).toMatchObject({ created: {}, updated: {}, deleted: {} });
    expect(Object.keys(other.salesforce.books.byRoute)).toEqual(['POST /services/oauth2/token']);
    const said = hub.lines.filter((line) => line.includes(`belong to organization ${ORG[1]}`));
    expect(said[0]).toContain(ORG[0]);
    // One process alone need not tell others that the connection rests.
    if (hub.store.db.driver === 'pg')
      expect(await pauses(hub.store.db)).toMatchObject([
        { connection: 'crm', state: 'auth', reason: expect.stringContaining(`organization ${ORG[1]}`) },
      ]);

    await restart({ salesforceUrl: world.boxes.salesforceUrl, hubspotUrl: other.hubspotUrl });
    await edit(2, 'From the one before');
    await hub.idle();
    expect(Object.keys(other.hubspot.books.byRoute)).toEqual([ASKED]);
    expect(hub.lines.join('')).toContain(`belong to portal ${PORTAL[1]}`);
    const deleted = await hub.store.db.query(`select key from source_record where deleted`);
    expect(deleted).toEqual([]);

    await restart(world.boxes);
    await edit(3, 'At home again');
    await until(() => titlesIn(world, 'At home again') === 1);
    await until(() => titlesIn(world, 'For the wrong one') === 1);
    await until(() => titlesIn(world, 'From the one before') === 1);
  });
});
