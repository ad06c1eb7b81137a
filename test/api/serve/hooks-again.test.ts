import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { waitingInbox } from '../../../core/store/inbox.ts';
import {
  command,
  HUBSPOT_SECRET,
  makeWorld,
  type ServedHub,
  serveHub,
  titlesIn,
  until,
  type World,
} from './harness.ts';

const KEY = 'the-secret-part-of-an-address';
let world: World;
let hub: ServedHub;
beforeAll(async () => {
  world = await makeWorld({
    edit: (yaml) => yaml.replace('type: salesforce,', `type: salesforce, hookKey: ${KEY},`),
  });
  hub = await serveHub(world);
  const { code, err } = await command(world, ['sync'], hub.store);
  expect(err).toBe('');
  expect(code).toBe(0);
});
afterAll(async () => {
  await hub.end();
  await world.close();
});
beforeEach(() => hub.idle());

interface Signed {
  body: string;
  headers: Record<string, string>;
}

/** As HubSpot signs it, at this time. */
async function signed(events: object[], at = Date.now()): Promise<Signed> {
  const body = JSON.stringify(events);
  const text = new TextEncoder();
  const algorithm = { name: 'HMAC', hash: 'SHA-256' };
  const key = await crypto.subtle.importKey('raw', text.encode(HUBSPOT_SECRET), algorithm, false, ['sign']);
  const bytes = await crypto.subtle.sign('HMAC', key, text.encode(`POST${hub.url}/hooks/ma${body}${at}`));
  return {
    body,
    headers: {
      'content-type': 'application/json',
      'x-hubspot-signature-v3': Buffer.from(bytes).toString('base64'),
      'x-hubspot-request-timestamp': String(at),
    },
  };
}
const post = async ({ body, headers }: Signed) =>
  (await fetch(`${hub.url}/hooks/ma`, { method: 'POST', body, headers })).status;
const changed = (id: string, n = 1) => ({
  eventId: n,
  subscriptionType: 'contact.propertyChange',
  propertyName: 'jobtitle',
  objectId: Number(id),
  occurredAt: Date.now(),
});
const kept = async () => (await hub.store.db.query<{ n: number }>(`select count(*) as n from inbox`))[0]!.n;
const settled = async () => {
  await hub.idle();
  expect(await waitingInbox(hub.store.db)).toEqual([]);
};

test('the same signed requests twenty times, and in reverse: kept once, and nothing is written twice', async () => {
  const requests: Signed[] = [];
  for (const [i, title] of ['First', 'Second', 'Third'].entries()) {
    world.boxes.hubspot.edit('contacts', world.contacts[0]!, { jobtitle: title });
    requests.push(await signed([changed(world.contacts[0]!, i)]));
    expect(await post(requests[i]!)).toBe(202);
    await settled();
  }
  await until(() => titlesIn(world, 'Third') === 1);
  const before = { ...world.boxes.salesforce.books.writes };
  const rows = await kept();
  for (let round = 0; round < 20; round++)
    for (const request of requests.toReversed()) expect(await post(request)).toBe(202);
  await settled();
  expect(await kept()).toBe(rows);
  expect(world.boxes.salesforce.books.writes).toEqual(before);
  expect(titlesIn(world, 'Third')).toBe(1);
});

test('500 events on one record are one record: a handful of looks, one write', async () => {
  world.boxes.hubspot.edit('contacts', world.contacts[1]!, { jobtitle: 'Busy' });
  const looks = () =>
    Object.entries(world.boxes.hubspot.books.byRoute)
      .filter(([route]) => /batch\/read$/.test(route))
      .reduce((sum, [, n]) => sum + n, 0);
  const before = looks();
  const writes = Object.values(world.boxes.salesforce.books.writes).reduce((sum, n) => sum + n, 0);
  // Held back until all are there, as a burst is.
  const batches = await Promise.all(
    Array.from({ length: 5 }, (_, i) =>
      signed(Array.from({ length: 100 }, (_, j) => changed(world.contacts[1]!, 100 * i + j))),
    ),
  );
  expect(await Promise.all(batches.map(post))).toEqual([202, 202, 202, 202, 202]);
  await until(() => titlesIn(world, 'Busy') === 1);
  await settled();
  expect(looks() - before).toBeGreaterThan(0);
  expect(looks() - before).toBeLessThanOrEqual(10);
  expect(Object.values(world.boxes.salesforce.books.writes).reduce((sum, n) => sum + n, 0)).toBe(writes + 1);
});

test('a hook that was down is made good by the next pull', async () => {
  world.boxes.hubspot.edit('contacts', world.contacts[2]!, { jobtitle: 'Never told' });
  await settled();
  expect(titlesIn(world, 'Never told')).toBe(0);
  expect((await command(world, ['sync', 'people'], hub.store)).code).toBe(0);
  expect(titlesIn(world, 'Never told')).toBe(1);
});

describe('outbound messages of Salesforce', () => {
  const notify = (id: string) =>
    `<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><soapenv:Body><notifications xmlns="http://soap.sforce.com/2005/09/outbound"><OrganizationId>00D5g0000012345EAA</OrganizationId><Notification><Id>04l5g000000abcdAAA</Id><sObject xsi:type="sf:Contact" xmlns:sf="urn:sobject.enterprise.soap.sforce.com"><sf:Id>${id}</sf:Id><sf:Title>a lie</sf:Title></sObject></Notification></notifications></soapenv:Body></soapenv:Envelope>`;
  const send = (body: string, path = `/hooks/crm/${KEY}`, headers: Record<string, string> = {}) =>
    fetch(`${hub.url}${path}`, { method: 'POST', body, headers: { 'content-type': 'text/xml', ...headers } });
  const contact = () => world.boxes.salesforce.records('Contact').find(({ deleted }) => !deleted)!.id;

  test('are refused without the key, or when they make no sense, or at an address that makes none', async () => {
    const before = await kept();
    for (const path of ['/hooks/crm', '/hooks/crm/wrong', '/hooks/crm/%ff', '/hooks/crm/'])
      expect([401, 404]).toContain((await send(notify(contact()), path)).status);
    for (const body of ['<a/>', '<', notify('x'), `<!DOCTYPE a>${notify(contact())}`])
      expect((await send(body)).status).toBe(400);
    for (const host of ['[', ' ', 'a b', '%'])
      expect((await send('<a/>', undefined, { 'x-forwarded-host': host })).status).toBe(400);
    expect(await kept()).toBe(before);
  });

  test('are a hint to look, acknowledged once they are committed', async () => {
    const id = contact();
    world.boxes.salesforce.edit('Contact', id, { Title: 'By outbound message' });
    const before = await kept();
    const answer = await send(notify(id));
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'text/xml; charset=utf-8']);
    expect(await answer.text()).toContain('<Ack>true</Ack>');
    expect(await kept()).toBe(before + 1);
    const inHubspot = (title: string) =>
      world.boxes.hubspot.records('contacts').filter(({ fields }) => fields.jobtitle === title).length;
    await until(() => inHubspot('By outbound message') === 1);
    await settled();
    expect(inHubspot('a lie')).toBe(0);
  });

  test('are not acknowledged when they could not be kept', async () => {
    await hub.store.db.query(`alter table inbox rename to hidden`);
    const answer = await send(notify(contact()));
    await hub.store.db.query(`alter table hidden rename to inbox`);
    expect(answer.status).toBeGreaterThanOrEqual(500);
    expect(await answer.text()).not.toContain('Ack');
  });
});
