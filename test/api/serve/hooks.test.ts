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

let world: World;
let hub: ServedHub;
beforeAll(async () => {
  world = await makeWorld({
    edit: (yaml) =>
      yaml.replace(
        'entities:',
        '  forms: { type: webhook, hookKey: "a-secret-part-of-an-address" }\n  erp: { type: csv, path: ./erp }\nentities:',
      ),
  });
  hub = await serveHub(world);
  const { code, err } = await command(world, ['sync'], hub.store);
  expect(err).toBe('');
  expect(code).toBe(0);
  world.aim(hub.url);
});
afterAll(async () => {
  await hub.end();
  await world.close();
});
beforeEach(async () => {
  await hub.idle();
  hub.pumped.length = 0;
});

const post = (path: string, body: BodyInit, headers: Record<string, string> = {}) =>
  fetch(`${hub.url}${path}`, { method: 'POST', body, headers, duplex: 'half' } as RequestInit);
const events = () =>
  hub.store.db.query<{ n: number }>(`select count(*) as n from inbox`).then(([row]) => row!.n);

/** HubSpot's signature v3, made by hand from its documentation. */
async function signed(path: string, body: string, at = Date.now()): Promise<Record<string, string>> {
  const text = new TextEncoder();
  const algorithm = { name: 'HMAC', hash: 'SHA-256' };
  const key = await crypto.subtle.importKey('raw', text.encode(HUBSPOT_SECRET), algorithm, false, ['sign']);
  const bytes = await crypto.subtle.sign('HMAC', key, text.encode(`POST${hub.url}${path}${body}${at}`));
  return {
    'content-type': 'application/json',
    'x-hubspot-signature-v3': Buffer.from(bytes).toString('base64'),
    'x-hubspot-request-timestamp': String(at),
  };
}
const touch = (id: string) =>
  JSON.stringify([
    { eventId: 1, subscriptionType: 'contact.propertyChange', objectId: Number(id), occurredAt: Date.now() },
  ]);

async function refused(answer: Response, status: number): Promise<void> {
  expect(answer.status).toBe(status);
  expect(answer.headers.get('content-type')).toBe('application/problem+json');
  expect(await answer.json()).toMatchObject({ status, title: expect.any(String) });
}

describe('what is refused is never kept', () => {
  let before: number;
  beforeEach(async () => {
    before = await events();
  });
  const kept = async () => expect(await events()).toBe(before);

  test('an unknown connection, and one whose tool sends no webhooks', async () => {
    await refused(await post('/hooks/nobody', '[]'), 404);
    await refused(await post('/hooks/erp', '[]'), 404);
    await refused(await post('/hooks/__proto__', '[]'), 404);
    await kept();
  });

  test('no signature, a tampered body, a stale time', async () => {
    const body = touch(world.contacts[0]!);
    await refused(await post('/hooks/ma', body), 401);
    await refused(
      await post('/hooks/ma', body.replace('propertyChange', 'deletion'), await signed('/hooks/ma', body)),
      401,
    );
    await refused(await post('/hooks/ma', body, await signed('/hooks/ma', body, Date.now() - 301_000)), 401);
    await refused(await post('/hooks/ma?x=1', body, await signed('/hooks/ma', body)), 401);
    await kept();
  });

  test('a wrong key in the address, and a key for a connection that has none', async () => {
    const body = touch(world.contacts[0]!);
    await refused(await post('/hooks/forms/not-the-secret-part', '{"id":"1"}'), 401);
    await refused(await post('/hooks/forms', '{"id":"1"}'), 401);
    await refused(
      await post(
        '/hooks/ma/anything-at-all-here',
        body,
        await signed('/hooks/ma/anything-at-all-here', body),
      ),
      401,
    );
    await kept();
  });

  test('a body over 1 MiB, also when its length is not said', async () => {
    const large = 'x'.repeat(1024 * 1024 + 1);
    await refused(await post('/hooks/ma', large), 413);
    const stream = new Blob([large]).stream();
    await refused(await post('/hooks/ma', stream), 413);
    await kept();
  });

  test('well signed, but no JSON, or not a list of events', async () => {
    for (const body of ['{', '', 'null', '{"a":1}', '[1]', '\u0000']) {
      const answer = await post('/hooks/ma', body, await signed('/hooks/ma', body));
      await refused(answer, 400);
    }
    await kept();
  });

  test('other methods', async () => {
    const answer = await fetch(`${hub.url}/hooks/ma`);
    expect(answer.status).toBe(401);
    await answer.text();
    await kept();
  });
});

describe('what is accepted goes through the one pipe', () => {
  test('an edit in HubSpot is in Salesforce, and its latency is told', async () => {
    world.boxes.hubspot.edit('contacts', world.contacts[0]!, { jobtitle: 'Chief Engineer' });
    await world.boxes.hubspot.webhooksSettled();
    await until(() => titlesIn(world, 'Chief Engineer') === 1);
    await hub.idle();
    expect(hub.latencies()).toEqual([
      { connection: 'crm', mapping: 'crm-contact', milliseconds: expect.any(Number) },
      ...hub.latencies().slice(1),
    ]);
    expect(await waitingInbox(hub.store.db)).toEqual([]);
  });

  test('a person who is new in HubSpot is created in Salesforce once, however often the event comes', async () => {
    const [id] = world.boxes.hubspot.seed('contacts', [
      { fields: { email: 'new@mail.example', firstname: 'Nova', lastname: 'Newcomer' } },
    ]);
    const body = touch(id!);
    for (let i = 0; i < 5; i++) {
      const answer = await post('/hooks/ma', body, await signed('/hooks/ma', body));
      expect(answer.status).toBe(202);
      expect(await answer.json()).toEqual({ changes: 1 });
    }
    await hub.idle();
    const found = world.boxes.salesforce
      .records('Contact')
      .filter(({ fields }) => fields.LastName === 'Newcomer');
    expect(found).toHaveLength(1);
  });

  test('events of records that no mapping reads, and of unknown ids, are finished without harm', async () => {
    const body = JSON.stringify([
      { eventId: 1, subscriptionType: 'ticket.creation', objectId: 5 },
      { eventId: 2, subscriptionType: 'contact.creation', objectId: 999999999 },
    ]);
    const answer = await post('/hooks/ma', body, await signed('/hooks/ma', body));
    expect(answer.status).toBe(202);
    await hub.idle();
    expect(await waitingInbox(hub.store.db)).toEqual([]);
  });

  test('a message with an id of its own is kept once', async () => {
    const before = await events();
    const send = () =>
      post('/hooks/forms/a-secret-part-of-an-address', '{"id":"9"}', { 'webhook-id': 'msg_1' });
    expect((await send()).status).toBe(202);
    expect((await send()).status).toBe(202);
    expect(await events()).toBe(before + 1);
  });

  test('a proxy’s address is the one that the sender signed', async () => {
    const body = touch(world.contacts[1]!);
    const headers = await signed('/hooks/ma', body);
    const proxied = { 'x-forwarded-proto': 'https', 'x-forwarded-host': 'hub.example' };
    await refused(await post('/hooks/ma', body, { ...headers, ...proxied }), 401);
  });

  test('a tool that does not answer leaves the events in the inbox; the next wake finishes them', async () => {
    world.boxes.hubspot.fault = () => ({ status: 401, body: '{}' });
    const body = touch(world.contacts[2]!);
    expect((await post('/hooks/ma', body, await signed('/hooks/ma', body))).status).toBe(202);
    await hub.idle();
    expect(await waitingInbox(hub.store.db)).toEqual([{ connection: 'ma', n: 1 }]);
    expect(hub.pumped.at(-1)!.left).toMatchObject([{ connection: 'ma', code: 'auth' }]);
    world.boxes.hubspot.fault = undefined;
    expect((await post('/hooks/ma', body, await signed('/hooks/ma', body))).status).toBe(202);
    await hub.idle();
    expect(await waitingInbox(hub.store.db)).toEqual([]);
  });
});
