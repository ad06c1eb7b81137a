import { createHmac } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { Inbound } from '../../../connectors/contract.ts';
import { hubspot } from '../../../connectors/hubspot/index.ts';
import { fieldsOf, ids, people, rig } from './harness.ts';

const SECRET = 'client-secret';
const URL_SEEN = 'https://hub.example.com/hooks/ma?a=b%3Ac';

async function told(
  act: (sandbox: Awaited<ReturnType<typeof rig>>['sandbox'], ids: string[]) => void | Promise<void>,
  config: Record<string, unknown> = { clientSecret: SECRET },
) {
  const inbound: Inbound[] = [];
  const listen: typeof fetch = async (input, init) => {
    const request = new Request(input, init);
    inbound.push({
      method: request.method,
      url: request.url,
      headers: Object.fromEntries(request.headers),
      body: new Uint8Array(await request.arrayBuffer()),
    });
    return new Response(null, { status: 204 });
  };
  const made = await rig(
    { webhook: { url: URL_SEEN, clientSecret: SECRET, appId: 42, fetch: listen } },
    { config },
  );
  const seeded = made.sandbox.seed('contacts', people(3));
  await act(made.sandbox, seeded);
  await made.sandbox.webhooksSettled();
  return { ...made, inbound, seeded };
}

describe('the signature', () => {
  const edit = () => told((sandbox, [id]) => sandbox.edit('contacts', id!, { firstname: '花子' }));

  test('of HubSpot is believed', async () => {
    const { ctx, inbound } = await edit();
    expect(inbound).toHaveLength(1);
    expect(await hubspot.hook!.verify(inbound[0]!, ctx)).toBe(true);
  });

  const broken: [string, (request: Inbound) => Inbound][] = [
    ['a changed body', (r) => ({ ...r, body: new TextEncoder().encode('[]') })],
    ['one byte more', (r) => ({ ...r, body: new Uint8Array([...r.body, 32]) })],
    ['another address', (r) => ({ ...r, url: `${r.url}d` })],
    ['another method', (r) => ({ ...r, method: 'PUT' })],
    ['another time', (r) => with_(r, 'x-hubspot-request-timestamp', String(Date.now() + 1))],
    ['no time', (r) => with_(r, 'x-hubspot-request-timestamp', '')],
    ['no signature', (r) => with_(r, 'x-hubspot-signature-v3', '')],
    ['a signature that is no base64', (r) => with_(r, 'x-hubspot-signature-v3', '***')],
    ['a signature of the wrong length', (r) => with_(r, 'x-hubspot-signature-v3', 'AAAA')],
  ];
  for (const [name, change] of broken)
    test(`with ${name} is refused`, async () => {
      const { ctx, inbound } = await edit();
      expect(await hubspot.hook!.verify(change(inbound[0]!), ctx)).toBe(false);
    });

  test('is refused when stale, or of the future', async () => {
    const { ctx, inbound } = await edit();
    for (const minutes of [6, -6]) {
      const now = () => new Date(Date.now() + minutes * 60_000);
      expect(await hubspot.hook!.verify(inbound[0]!, { ...ctx, now })).toBe(false);
    }
    const soon = () => new Date(Date.now() + 4 * 60_000);
    expect(await hubspot.hook!.verify(inbound[0]!, { ...ctx, now: soon })).toBe(true);
  });

  test('by another secret is refused, and without a secret only the key in the address counts', async () => {
    const { ctx, inbound } = await edit();
    const config = (given: object) => ({
      ...ctx,
      config: hubspot.config.parse({ accessToken: 't', ...given }),
    });
    const hookKey = 'a-very-secret-key-1';
    expect(await hubspot.hook!.verify(inbound[0]!, config({ clientSecret: 'other' }))).toBe(false);
    expect(await hubspot.hook!.verify(inbound[0]!, config({}))).toBe(false);
    expect(await hubspot.hook!.verify(inbound[0]!, config({ hookKey }))).toBe(false);
    const keyed = { ...inbound[0]!, url: `https://hub.example.com/hooks/ma/${hookKey}` };
    expect(await hubspot.hook!.verify(keyed, config({ hookKey }))).toBe(true);
    expect(await hubspot.hook!.verify(keyed, config({ hookKey, clientSecret: SECRET }))).toBe(false);
  });
});

test('the address is signed with some of its characters decoded, and no others', async () => {
  const { ctx } = await rig({}, { config: { clientSecret: SECRET } });
  const at = String(Date.now());
  const sent = (url: string, signedUrl: string): Inbound => ({
    method: 'POST',
    url,
    headers: {
      'X-HubSpot-Signature-v3': createHmac('sha256', SECRET)
        .update(`POST${signedUrl}[]${at}`)
        .digest('base64'),
      'X-HubSpot-Request-Timestamp': at,
    },
    body: new TextEncoder().encode('[]'),
  });
  const base = 'https://hub.example.com/hooks/ma?q=';
  for (const char of ":/?@!$'()*,;") {
    const code = `%${char.charCodeAt(0).toString(16).toUpperCase()}`;
    for (const written of [code, code.toLowerCase()])
      expect([written, await hubspot.hook!.verify(sent(base + written, base + char), ctx)]).toEqual([
        written,
        true,
      ]);
    expect(await hubspot.hook!.verify(sent(base + code, base + code), ctx)).toBe(false);
  }
  for (const kept of ['%20', '%23', '%25', '%26', '%2B', '%3D', '%E7%94%B0', '%253A', '%', '%zz'])
    expect([kept, await hubspot.hook!.verify(sent(base + kept, base + kept), ctx)]).toEqual([kept, true]);
});

const with_ = (request: Inbound, name: string, value: string): Inbound => ({
  ...request,
  headers: { ...request.headers, [name]: value },
});

describe('events', () => {
  test('of one record are one look at it, with a string id', async () => {
    const { ctx, inbound, seeded } = await told((sandbox, [a, b]) => {
      sandbox.edit('contacts', a!, { firstname: '花子', lastname: '林' });
      sandbox.edit('contacts', b!, { firstname: '次郎' });
    });
    const changes = hubspot.hook!.parse(inbound[0]!, ctx);
    expect(changes.map(({ op, id, stream }) => [op, id, stream])).toEqual([
      ['touch', seeded[0], 'contacts'],
      ['touch', seeded[1], 'contacts'],
    ]);
    const page = await hubspot.read!(ctx, 'contacts', { by: 'hs_object_id', in: [seeded[0]!] }, [
      'firstname',
    ]);
    expect(fieldsOf(page.changes, seeded[0]!)).toEqual({ firstname: '花子' });
  });

  test('of a merge say where the losers went, and their deletion events do not delete', async () => {
    const { ctx, inbound, seeded } = await told((sandbox, [a, b]) => sandbox.merge('contacts', a!, b!));
    const changes = hubspot.hook!.parse(inbound[0]!, ctx);
    expect(new Set(ids(changes, 'merge'))).toEqual(new Set([seeded[0], seeded[1]]));
    expect(ids(changes, 'delete')).toEqual([]);
    expect(ids(changes, 'touch')).toHaveLength(1);
    // The deletion event alone, or first: the look at the record finds the merge.
    const [first] = JSON.parse(new TextDecoder().decode(inbound[0]!.body)).filter(
      (event: { subscriptionType: string }) => event.subscriptionType === 'contact.deletion',
    );
    const alone = { ...inbound[0]!, body: new TextEncoder().encode(JSON.stringify([first])) };
    expect(hubspot.hook!.parse(alone, ctx).map(({ op }) => op)).toEqual(['touch']);
    const looked = await hubspot.read!(
      ctx,
      'contacts',
      { by: 'hs_object_id', in: [String(first.objectId)] },
      [],
    );
    expect(ids(looked.changes, 'merge')).toContain(String(first.objectId));
  });

  test('of a deletion lead to a look that finds it deleted', async () => {
    const { ctx, inbound, seeded } = await told((sandbox, [id]) => sandbox.remove('contacts', id!));
    expect(hubspot.hook!.parse(inbound[0]!, ctx)).toMatchObject([
      { op: 'touch', id: seeded[0], deleted: true },
    ]);
    const looked = await hubspot.read!(ctx, 'contacts', { by: 'hs_object_id', in: [seeded[0]!] }, []);
    expect(ids(looked.changes, 'delete')).toEqual([seeded[0]]);
  });

  test('of a restored record lead to a look; a permanent deletion is believed, for nothing is left to look at', async () => {
    const { ctx, inbound, seeded, sandbox } = await told((box, [id]) => box.remove('contacts', id!));
    sandbox.restore('contacts', seeded[0]!);
    await sandbox.webhooksSettled();
    expect(hubspot.hook!.parse(inbound.at(-1)!, ctx)).toMatchObject([{ op: 'touch', id: seeded[0] }]);
    const looked = await hubspot.read!(ctx, 'contacts', { by: 'hs_object_id', in: [seeded[0]!] }, ['email']);
    expect(ids(looked.changes)).toEqual([seeded[0]]);
    sandbox.purge('contacts', seeded[1]!);
    await sandbox.webhooksSettled();
    expect(hubspot.hook!.parse(inbound.at(-1)!, ctx)).toMatchObject([{ op: 'delete', id: seeded[1] }]);
  });

  test('of our own writes are dropped when the app is known, and looked at when it is not', async () => {
    for (const [config, expected] of [
      [{ appId: 42 }, 0],
      [{ appId: '7' }, 1],
      [{}, 1],
    ] as const) {
      const { ctx, inbound, sandbox } = await told(() => {}, { clientSecret: SECRET, ...config });
      await hubspot.write!(ctx, 'contacts', [
        { key: 'k', op: 'create', fields: { email: 'own@example.com' } },
      ]);
      await sandbox.webhooksSettled();
      expect(hubspot.hook!.parse(inbound[0]!, ctx)).toHaveLength(expected);
    }
  });

  test('of two portals are kept apart, and those of no portal are hints to look', async () => {
    const { ctx } = await rig();
    const parse = (events: object[]) =>
      hubspot.hook!.parse(
        {
          method: 'POST',
          url: URL_SEEN,
          headers: {},
          body: new TextEncoder().encode(JSON.stringify(events)),
        },
        ctx,
      );
    const forget = { subscriptionType: 'contact.privacyDeletion', objectId: 5, occurredAt: 0 };
    const merge = { subscriptionType: 'contact.merge', primaryObjectId: 6, newObjectId: 7, occurredAt: 0 };
    const edit = { subscriptionType: 'contact.propertyChange', propertyName: 'email', objectId: 5 };
    const brief = (events: object[]) => parse(events).map(({ op, id, account }) => [op, id, account]);
    expect(
      brief([
        { ...edit, portalId: 1 },
        { ...forget, portalId: 2 },
      ]),
    ).toEqual([
      ['touch', '5', '1'],
      ['delete', '5', '2'],
    ]);
    expect(brief([{ ...merge, portalId: 2 }])).toEqual([
      ['merge', '6', '2'],
      ['touch', '7', '2'],
    ]);
    expect(brief([forget, merge])).toEqual([
      ['touch', '5', undefined],
      ['touch', '6', undefined],
      ['touch', '7', undefined],
    ]);
  });

  test('that are none of ours, or no events at all', async () => {
    const { ctx } = await rig();
    const inbound = (body: string): Inbound => ({
      method: 'POST',
      url: URL_SEEN,
      headers: {},
      body: new TextEncoder().encode(body),
    });
    const parse = (body: unknown) => hubspot.hook!.parse(inbound(JSON.stringify(body)), ctx);
    expect(parse([{ subscriptionType: 'conversation.creation', objectId: 1 }])).toEqual([]);
    const forgotten = {
      portalId: 1,
      subscriptionType: 'contact.privacyDeletion',
      objectId: 5,
      occurredAt: 0,
    };
    expect(parse([forgotten])).toEqual([
      { stream: 'contacts', id: '5', at: '1970-01-01T00:00:00.000Z', op: 'delete', account: '1' },
    ]);
    expect(
      parse([{ subscriptionType: 'object.creation', objectTypeId: '0-3', objectId: 9, occurredAt: 0 }]),
    ).toMatchObject([{ stream: 'deals', id: '9', op: 'touch' }]);
    for (const occurredAt of [1e300, 8.64e15, -1e15])
      expect(parse([{ ...forgotten, occurredAt }])).toMatchObject([
        { id: '5', at: expect.stringMatching(/^2\d{3}-/), op: 'delete' },
      ]);
    for (const body of ['', 'nonsense', '{}', '[1]', '[{"subscriptionType":1}]'])
      expect(() => hubspot.hook!.parse(inbound(body), ctx)).toThrow('HubSpot events');
  });
});
