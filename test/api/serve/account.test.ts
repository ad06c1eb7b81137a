/** A hub that serves, and the credentials of one of its tools that lead to another organization or portal from one start to the next. */
import { createHmac } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { demoConfig } from '../../../api/demo/config.ts';
import { type Served, serveSandboxes } from '../../../api/demo/sandboxes.ts';
import { pauses } from '../../../core/store/budgets.ts';
import { DATABASES } from '../../support/databases.ts';
import {
  command,
  HUBSPOT_SECRET,
  makeWorld,
  type ServedHub,
  serveHub,
  TOKEN,
  titlesIn,
  until,
  type World,
} from './harness.ts';

const ORG = ['00D5g0000000001EAA', '00D5g0000000002EAA'] as const;
const PORTAL = [111_111, 222_222] as const;
const ASKED = 'GET /account-info/v3/details';

let world: World;
let hub: ServedHub;
let other: Served | undefined;
afterEach(async () => {
  await hub.end();
  await other?.close();
  other = undefined;
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

/** As HubSpot sends a batch of an app that several portals have installed. */
async function deliver(events: object[]): Promise<Response> {
  const url = `${hub.url}/hooks/ma`;
  const body = JSON.stringify(events);
  const at = String(Date.now());
  return fetch(url, {
    method: 'POST',
    body,
    headers: {
      'x-hubspot-request-timestamp': at,
      'x-hubspot-signature-v3': createHmac('sha256', HUBSPOT_SECRET)
        .update(`POST${url}${body}${at}`)
        .digest('base64'),
    },
  });
}

describe.each(DATABASES)('on $name', ({ open }) => {
  test('events of another portal of the same app are acknowledged, said once, and not believed', async () => {
    world = await makeWorld({ hubspot: { portalId: PORTAL[0] } });
    hub = await serveHub(world, { db: await open() });
    expect(await command(world, ['sync'], hub.store)).toMatchObject({ code: 0 });
    const { db } = hub.store;
    const live = async () => {
      const [row] = await db.query<{ n: number }>(
        `select count(*)::int as n from source_record where connection = 'ma' and object = 'contacts' and not deleted`,
      );
      return row!.n;
    };
    const before = await live();
    const [forgotten, merged, gone] = world.contacts.map(Number);
    const forget = { subscriptionType: 'contact.privacyDeletion', occurredAt: Date.now() };
    for (let round = 0; round < 2; round++) {
      const answer = await deliver([
        { ...forget, objectId: forgotten, portalId: PORTAL[1], eventId: round },
        {
          subscriptionType: 'contact.merge',
          occurredAt: Date.now(),
          objectId: merged,
          primaryObjectId: merged,
          newObjectId: forgotten,
          portalId: PORTAL[1],
        },
        { ...forget, objectId: gone, portalId: PORTAL[0] },
      ]);
      expect(answer.status).toBe(202);
      await hub.idle();
    }
    expect(await live()).toBe(before - 1);
    const [row] = await db.query(`select deleted from source_record where ext_id = $1`, [String(gone)]);
    expect(row).toEqual({ deleted: true });
    const said = hub.lines.filter((line) => line.includes('webhooks of other accounts'));
    expect(said).toHaveLength(1);
    expect(said[0]).toContain(String(PORTAL[1]));
    const metrics = await fetch(`${hub.url}/metrics`, { headers: { Authorization: `Bearer ${TOKEN}` } });
    expect(await metrics.text()).toContain('nayose_hook_strangers_total{connection="ma"} 4');
  });

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
