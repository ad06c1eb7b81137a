import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { Webhook } from 'standardwebhooks';
import { describe, expect, test } from 'vitest';
import type { Context, Inbound, Json, Op } from '../../../connectors/contract.ts';
import { serveSandbox } from '../../../connectors/serve.ts';
import { createTransport } from '../../../connectors/transport.ts';
import { type WebhookConfig, webhookConfig } from '../../../connectors/webhook/config.ts';
import { createWebhook, webhook } from '../../../connectors/webhook/index.ts';
import { flatten } from '../../../connectors/webhook/parse.ts';
import { createWebhookSandbox } from '../../../connectors/webhook/sandbox/index.ts';

const SECRET = 'whsec_c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0';
const NOW = new Date('2026-03-01T12:00:00.000Z');

function context(config: object, options: { fetch?: typeof fetch; now?: () => Date } = {}) {
  const warnings: string[] = [];
  const ctx: Context<WebhookConfig> = {
    config: webhookConfig.parse(config),
    fetch: options.fetch ?? (() => Promise.reject(new Error('nothing may be sent here'))),
    now: options.now ?? (() => NOW),
    signal: new AbortController().signal,
    log: { debug: () => {}, info: () => {}, warn: (message) => warnings.push(message) },
  };
  return { ctx, warnings };
}

function signed(body: string, at = NOW, secret = SECRET, id = 'msg_1'): Inbound {
  return {
    method: 'POST',
    url: 'https://hub.test/hooks/forms',
    headers: {
      'Webhook-Id': id,
      'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
      'webhook-signature': new Webhook(secret).sign(id, at, body),
    },
    body: new TextEncoder().encode(body),
  };
}
const inbound = (
  body: string,
  headers: Record<string, string> = {},
  url = 'https://hub.test/hooks/forms',
): Inbound => ({
  method: 'POST',
  url,
  headers,
  body: new TextEncoder().encode(body),
});
const verify = (request: Inbound, config: object = { secret: SECRET }) =>
  webhook.hook!.verify(request, context(config).ctx);
const parse = (value: unknown, config: object = {}) => {
  const { ctx, warnings } = context({ secret: SECRET, ...config });
  return { changes: webhook.hook!.parse(inbound(JSON.stringify(value)), ctx), warnings };
};

describe('configuration', () => {
  test.each([
    [{}, 'secret'],
    [{ url: 'https://a.test/' }, 'secret'],
    [{ secret: 'not base64!' }, 'scheme: hmac'],
    [{ secret: SECRET, url: 'ftp://a.test/' }, 'url'],
    [{ secret: SECRET, streams: {} }, 'streams'],
    [{ hookKey: 'short' }, '16 characters'],
    [{ secret: SECRET, tpyo: 1 }, 'tpyo'],
  ])('%j is refused, naming the place', (config, found) => {
    const result = webhookConfig.safeParse(config);
    expect(result.success).toBe(false);
    expect(JSON.stringify(result.error?.issues)).toContain(found);
  });
});

describe('Standard Webhooks in', () => {
  test('a good signature passes; among several, one is enough', async () => {
    expect(await verify(signed('{"id":1}'))).toBe(true);
    const rotated = signed('{"id":1}');
    rotated.headers['webhook-signature'] = `v1,AAAA v2,x ${rotated.headers['webhook-signature']}`;
    expect(await verify(rotated)).toBe(true);
  });

  const withHeaders = (request: Inbound, headers: Record<string, string>): Inbound => ({
    ...request,
    headers: { ...request.headers, ...headers },
  });
  const good = signed('{"id":1}');
  const { 'webhook-signature': signature = '', ...unsigned } = good.headers;
  test.each<[string, Inbound]>([
    ['another body', { ...good, body: new TextEncoder().encode('{"id":2}') }],
    ['another id', withHeaders(good, { 'Webhook-Id': 'msg_2' })],
    ['a refreshed time', withHeaders(good, { 'webhook-timestamp': '1772366401' })],
    ['a time that is no number', withHeaders(good, { 'webhook-timestamp': '1772366400x' })],
    ['no signature', { ...good, headers: unsigned }],
    ['an empty signature', withHeaders(good, { 'webhook-signature': '' })],
    ['an unversioned signature', withHeaders(good, { 'webhook-signature': signature.slice(3) })],
    ['bytes that are not UTF-8', { ...good, body: new Uint8Array([...good.body, 0xff]) }],
  ])('%s is refused', async (_, request) => {
    expect(await verify(good)).toBe(true);
    expect(await verify(request)).toBe(false);
  });

  test('older or newer than five minutes is refused', async () => {
    for (const seconds of [-301, 301, -86_400])
      expect(await verify(signed('{}', new Date(NOW.getTime() + seconds * 1000)))).toBe(false);
    for (const seconds of [-299, 299])
      expect(await verify(signed('{}', new Date(NOW.getTime() + seconds * 1000)))).toBe(true);
  });

  test('another secret is refused, and without any secret nothing is accepted', async () => {
    expect(await verify(signed('{}', NOW, 'whsec_b3RoZXItb3RoZXItb3RoZXItb3RoZXI='))).toBe(false);
    expect(
      await verify(signed('{}'), { secret: SECRET, url: 'https://a.test/', hookKey: 'k'.repeat(16) }),
    ).toBe(false);
  });
});

describe('plain HMAC in', () => {
  // HMAC-SHA256("what do ya want for nothing?", key "Jefe"): RFC 4231, test case 2.
  const body = 'what do ya want for nothing?';
  const hex = '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843';
  const config = { secret: 'Jefe', scheme: 'hmac', header: 'X-Hub-Signature-256', prefix: 'sha256=' };

  test('hex, in any case, and base64', async () => {
    expect(await verify(inbound(body, { 'x-hub-signature-256': `sha256=${hex}` }), config)).toBe(true);
    expect(
      await verify(inbound(body, { 'x-hub-signature-256': `sha256=${hex.toUpperCase()}` }), config),
    ).toBe(true);
    const base64 = Buffer.from(hex, 'hex').toString('base64');
    expect(
      await verify(inbound(body, { 'x-signature': base64 }), {
        secret: 'Jefe',
        scheme: 'hmac',
        encoding: 'base64',
      }),
    ).toBe(true);
  });

  test.each([
    [{}],
    [{ 'x-hub-signature-256': '' }],
    [{ 'x-hub-signature-256': 'sha256=' }],
    [{ 'x-hub-signature-256': hex }],
    [{ 'x-hub-signature-256': `sha256=${hex.slice(2)}` }],
    [{ 'x-hub-signature-256': `sha256=${hex.replace('5', '6')}` }],
  ])('%j is refused', async (headers) => {
    expect(await verify(inbound(body, headers as Record<string, string>), config)).toBe(false);
  });
});

test('what nests without end is rejected, brackets inside of text are not', () => {
  const nested = (levels: number) => `{"id":"1","x":${'['.repeat(levels)}${']'.repeat(levels)}}`;
  const read = (body: string) => webhook.hook!.parse(inbound(body), context({ secret: SECRET }).ctx);
  for (const levels of [200, 400_000])
    expect(() => read(nested(levels))).toThrow(expect.objectContaining({ kind: 'rejected' }));
  expect(read(nested(150))).toHaveLength(1);
  expect(read(JSON.stringify({ id: '1', x: `${'['.repeat(999)}"\\` }))).toHaveLength(1);
});

test('text that never ends is read once, not once for each of its quotes', () => {
  const before = performance.now();
  const { ctx } = context({ secret: SECRET });
  expect(() => webhook.hook!.parse(inbound(`"${'\\"'.repeat(500_000)}`), ctx)).toThrow('not JSON');
  expect(performance.now() - before).toBeLessThan(5_000);
});

test('an id that no index could hold is refused, before it is acknowledged', () => {
  expect(parse([{ id: 'あ'.repeat(111) }, { id: 'あ'.repeat(112) }])).toMatchObject({
    changes: [{ id: 'あ'.repeat(111) }],
    warnings: [expect.stringContaining('longer than 1000')],
  });
});

test.each(['0000-01-01T00:00:00Z', '-000001-01-01T00:00:00Z', -8e12])(
  'a time that no database keeps (%s) is the time of arrival',
  (timestamp) => {
    expect(parse({ id: '1', timestamp }).changes).toMatchObject([{ at: NOW.toISOString() }]);
  },
);

describe('plain HMAC over a time, and rotated secrets', () => {
  const SECONDS = NOW.getTime() / 1000;
  const config = { secret: 'new-secret', scheme: 'hmac', timestampHeader: 'X-Time' };
  const hmac = (secret: string, text: string) => createHmac('sha256', secret).update(text).digest('hex');
  const sent = (time: string | number, secret = 'new-secret', signed = `${time}.{}`) =>
    inbound('{}', { 'x-time': String(time), 'x-signature': hmac(secret, signed) });

  test.each([
    ['no time', inbound('{}', { 'x-signature': hmac('new-secret', '.{}') })],
    ['an old time', sent(SECONDS - 301)],
    ['a future time', sent(SECONDS + 301)],
    ['a time that is none', sent('soon')],
    ['an empty time', sent('')],
    [
      'a time that was not signed',
      inbound('{}', { 'x-time': String(SECONDS), 'x-signature': hmac('new-secret', '{}') }),
    ],
    [
      'a refreshed time',
      inbound('{}', { 'x-time': String(SECONDS), 'x-signature': hmac('new-secret', `${SECONDS - 900}.{}`) }),
    ],
    ['a secret of before that is not listed', sent(SECONDS, 'old-secret')],
  ])('%s is refused', async (_, request) => {
    expect(await verify(request, config)).toBe(false);
  });

  test('seconds, milliseconds and ISO times within five minutes are believed', async () => {
    for (const time of [SECONDS - 299, SECONDS + 299, NOW.getTime(), NOW.toISOString()])
      expect(await verify(sent(time), config)).toBe(true);
  });

  test('the signed text is what the connection says', async () => {
    const slack = { ...config, signed: 'v0:{timestamp}:{body}' };
    expect(await verify(sent(SECONDS, 'new-secret', `v0:${SECONDS}:{}`), slack)).toBe(true);
    expect(await verify(sent(SECONDS), slack)).toBe(false);
    // A body that looks like the template is a body.
    const body = '"{timestamp}{body}"';
    const request = inbound(body, {
      'x-time': `${SECONDS}`,
      'x-signature': hmac('new-secret', `v0:${SECONDS}:${body}`),
    });
    expect(await verify(request, slack)).toBe(true);
  });

  test.each([
    [{ signed: '{timestamp}' }, 'body'],
    [{ signed: '{body}{body}' }, 'body'],
    [{ signed: '{body}' }, 'timestamp'],
    [{ timestampHeader: undefined, signed: '{timestamp}.{body}' }, 'header'],
    [{ secret: undefined, hookKey: 'k'.repeat(16), previousSecrets: ['a'] }, 'secret'],
  ])('%j is no configuration', (wrong, why) => {
    const result = webhook.config.safeParse({ ...config, ...wrong });
    expect(result.success ? '' : result.error.message).toContain(why);
  });

  test('a replaced secret is believed while it is listed', async () => {
    expect(
      await verify(sent(SECONDS, 'old-secret'), { ...config, previousSecrets: ['older', 'old-secret'] }),
    ).toBe(true);
    const old = { secret: SECRET };
    const replaced = `whsec_${btoa('another secret, 24 bytes')}`;
    expect(await verify(signed('{}'), { ...old, secret: replaced, previousSecrets: [SECRET] })).toBe(true);
    expect(await verify(signed('{}'), { ...old, secret: replaced })).toBe(false);
  });

  test('a replay has the id of the message; without a signed time nothing tells it', () => {
    const id = (request: Inbound, given: object) => webhook.hook!.id!(request, context(given).ctx);
    expect(id(sent(SECONDS), config)).toBe(id(sent(SECONDS), config));
    expect(id(sent(SECONDS), config)).not.toBe(id(sent(SECONDS + 1), config));
    expect(id(sent(SECONDS), { secret: 'new-secret', scheme: 'hmac' })).toBeUndefined();
    expect(id(signed('{}'), { secret: SECRET })).toMatch(/./);
  });
});

describe('an address with a secret part', () => {
  const config = { hookKey: '0123456789abcdef' };
  test('only the right key opens, and what it says is only a hint to look', async () => {
    expect(await verify(inbound('{}', {}, 'https://hub.test/hooks/forms/0123456789abcdef'), config)).toBe(
      true,
    );
    expect(await verify(inbound('{}', {}, 'https://hub.test/hooks/forms/0123456789abcdeF'), config)).toBe(
      false,
    );
    expect(await verify(inbound('{}', {}, 'https://hub.test/hooks/forms'), config)).toBe(false);
    expect(parse({ id: 'a', name: '田中' }, { secret: undefined, ...config }).changes).toEqual([
      { stream: 'records', id: 'a', at: NOW.toISOString(), op: 'touch' },
    ]);
  });
});

describe('what comes in', () => {
  test.each([
    '',
    'null',
    '3',
    '"text"',
    '{"id":',
    '{}',
    '[{}]',
    '{"id":""}',
    '{"id":9007199254740993}',
    '{"id":1.5}',
    '{"id":{}}',
  ])('%j is refused without quoting it', (body) => {
    const { ctx } = context({ secret: SECRET });
    expect(() => webhook.hook!.parse(inbound(body), ctx)).toThrow(
      expect.objectContaining({ kind: 'rejected' }),
    );
  });

  test('one poisoned item does not hold back the others, and is named by place', () => {
    const { changes, warnings } = parse([{ id: 1 }, { name: 'private' }, 'x', { id: 2 }]);
    expect(changes.map(({ id }) => id)).toEqual(['1', '2']);
    expect(warnings).toHaveLength(2);
    expect(warnings.join()).not.toContain('private');
  });

  test('an empty list is no news', () => {
    expect(parse([]).changes).toEqual([]);
  });

  test('nested fields get dotted names; a field named __proto__ is only a field', () => {
    const { ctx } = context({ secret: SECRET });
    const [change] = webhook.hook!.parse(
      inbound('{"id":"1","name":{"family":"田中","first":null},"tags":["a"],"__proto__":{"x":1},"none":{}}'),
      ctx,
    );
    expect(change).toMatchObject({ op: 'upsert' });
    expect(Object.entries((change as { fields: object }).fields)).toEqual([
      ['id', '1'],
      ['name.family', '田中'],
      ['name.first', null],
      ['tags', ['a']],
      ['__proto__.x', 1],
    ]);
    expect(({} as { x?: number }).x).toBeUndefined();
  });

  test.each([
    [{ timestamp: '2026-02-01T09:00:00+09:00' }, '2026-02-01T00:00:00.000Z'],
    [{ updated_at: 1_700_000_000 }, '2023-11-14T22:13:20.000Z'],
    [{ updated_at: 1_700_000_000_000 }, '2023-11-14T22:13:20.000Z'],
    [{ updated_at: '2026-02-01 03:04' }, '2026-02-01T03:04:00.000Z'],
    [{ timestamp: 'yesterday' }, NOW.toISOString()],
    [{ timestamp: '2099-01-01T00:00:00Z' }, NOW.toISOString()],
    [{}, NOW.toISOString()],
  ])('%j is a change at %s', (fields, at) => {
    expect(parse({ id: 1, ...fields }).changes[0]!.at).toBe(at);
  });

  test('a field called type is only a field, unless streams are named', () => {
    expect(parse({ id: 1, type: 'inquiry' }).changes[0]!.stream).toBe('records');
    expect(parse({ id: 1, type: 'lead' }, { streams: { lead: {}, order: {} } }).changes[0]!.stream).toBe(
      'lead',
    );
    expect(parse({ id: 1, object: 'order' }, { streams: { lead: {}, order: {} } }).changes[0]!.stream).toBe(
      'order',
    );
    expect(parse({ id: 1, type: 'other' }, { streams: { lead: {} } }).changes[0]!.stream).toBe('lead');
    expect(
      parse([{ id: 1, type: 'lead' }, { id: 2 }], { streams: { lead: {}, order: {} } }).warnings,
    ).toHaveLength(1);
  });

  test('id, stream, time and fields stand where the configuration says', () => {
    const { changes } = parse(
      { event: { kind: 'lead', when: '2026-01-01T00:00:00Z' }, data: { key: 7, name: { first: 'Ann' } } },
      { id: 'data.key', stream: 'event.kind', at: 'event.when', record: 'data' },
    );
    expect(changes).toEqual([
      {
        stream: 'lead',
        id: '7',
        at: '2026-01-01T00:00:00.000Z',
        op: 'upsert',
        fields: { key: 7, 'name.first': 'Ann' },
      },
    ]);
  });

  test('flattening loses no value, whatever the JSON (property)', () => {
    const leaves = (value: Json): number =>
      typeof value === 'object' && value !== null && !Array.isArray(value)
        ? Object.values(value).reduce<number>((sum, inner) => sum + leaves(inner!), 0)
        : 1;
    const name = fc.string({ minLength: 1 }).filter((text) => !text.includes('.'));
    const { tree } = fc.letrec<{ tree: Json }>((tie) => ({
      tree: fc.oneof({ maxDepth: 4 }, fc.integer(), fc.dictionary(name, tie('tree') as fc.Arbitrary<Json>)),
    }));
    fc.assert(
      fc.property(fc.dictionary(name, tree), (record) => {
        expect(Object.keys(flatten(record as { [key: string]: Json }))).toHaveLength(leaves(record as Json));
      }),
    );
  });
});

describe('what goes out', () => {
  const ops: Op[] = [
    { key: 'k1', op: 'create', fields: { name: '田中' } },
    { key: 'k2', op: 'update', id: 'r9', fields: { name: null } },
  ];
  const out = { secret: SECRET, url: 'https://receiver.test/in' };
  const outside = createWebhook({ lookup: async () => ['8.8.8.8'] });

  test('each op is one signed message, which its receiver can tell from a repeat', async () => {
    const sandbox = createWebhookSandbox({ secret: SECRET });
    const { ctx } = context(out, {
      fetch: async (input, init) => await sandbox.app.request(String(input), init),
      now: () => new Date(),
    });
    const first = await outside.write!(ctx, 'contacts', ops);
    expect(first).toEqual([
      { key: 'k1', status: 'ok', id: 'r1' },
      { key: 'k2', status: 'ok', id: 'r9' },
    ]);
    expect(await outside.write!(ctx, 'contacts', ops)).toEqual(first);
    expect(sandbox.messages.map(({ id, type }) => [id, type])).toEqual([
      ['k1', 'contacts.create'],
      ['k2', 'contacts.update'],
    ]);
    expect(sandbox.records('contacts').map(({ id, fields }) => [id, fields])).toEqual([
      ['r1', { name: '田中' }],
      ['r9', { name: null }],
    ]);
    expect(sandbox.books).toMatchObject({ calls: 4, created: { contacts: 1 }, updated: { contacts: 1 } });
  });

  test('a wrong secret is an auth failure', async () => {
    const sandbox = createWebhookSandbox({ secret: 'whsec_b3RoZXItb3RoZXItb3RoZXItb3RoZXI=' });
    const { ctx } = context(out, {
      fetch: async (input, init) => await sandbox.app.request(String(input), init),
      now: () => new Date(),
    });
    expect(await outside.write!(ctx, 'contacts', ops)).toMatchObject([
      { status: 'failed', kind: 'auth' },
      { status: 'failed', kind: 'auth' },
    ]);
  });

  test.each([
    [301, 'rejected'],
    [400, 'rejected'],
    [401, 'auth'],
    [403, 'auth'],
    [404, 'rejected'],
    [409, 'conflict'],
    [410, 'rejected'],
    [413, 'rejected'],
    [429, 'quota'],
    [500, 'transient'],
    [503, 'transient'],
  ])('%i is %s', async (status, kind) => {
    const { ctx } = context(out, { fetch: async () => new Response('private words', { status }) });
    const [outcome] = await outside.write!(ctx, 's', [ops[0]!]);
    expect(outcome).toMatchObject({ key: 'k1', status: 'failed', kind });
    expect(JSON.stringify(outcome)).not.toContain('private words');
  });

  test('an answer that is no JSON is an answer all the same', async () => {
    for (const text of ['', 'OK', '{"id":', '{"id":{}}', '[]']) {
      const { ctx } = context(out, { fetch: async () => new Response(text) });
      expect(await outside.write!(ctx, 's', [ops[0]!])).toEqual([{ key: 'k1', status: 'ok', id: 'k1' }]);
    }
  });

  test('private addresses are refused unless allowed', async () => {
    const inside = { secret: SECRET, url: 'http://127.0.0.1:1/in' };
    expect(await webhook.write!(context(inside).ctx, 's', ops)).toMatchObject([
      { key: 'k1', status: 'failed', kind: 'rejected' },
      { key: 'k2', status: 'failed', kind: 'rejected' },
    ]);
    const named = createWebhook({ lookup: async () => ['10.0.0.1'] });
    expect(await named.write!(context(out).ctx, 's', [ops[0]!])).toMatchObject([{ kind: 'rejected' }]);
    const { ctx } = context(
      { ...inside, allowPrivate: true },
      { fetch: async () => new Response('{"id":"x"}') },
    );
    expect(await webhook.write!(ctx, 's', [ops[0]!])).toEqual([{ key: 'k1', status: 'ok', id: 'x' }]);
  });

  test('a connection that only receives says so', async () => {
    await expect(webhook.write!(context({ secret: SECRET }).ctx, 's', ops)).rejects.toMatchObject({
      kind: 'rejected',
      hint: expect.stringContaining('url'),
    });
  });

  test('over a real socket: lost, cut, reset and hanging answers are unknown; a repeat makes no second record', async () => {
    const sandbox = createWebhookSandbox({ secret: SECRET });
    const server = await serveSandbox(sandbox.app);
    try {
      const { ctx } = context(
        { secret: SECRET, url: `${server.url}/in`, allowPrivate: true },
        { fetch: createTransport({ fetch, deadline: 2000, retries: 0 }), now: () => new Date() },
      );
      for (const fault of ['lost-answer', 'truncated', 'reset', 'hang'] as const) {
        const op: Op = { key: fault, op: 'create', fields: { fault } };
        sandbox.fault = () => fault;
        expect(await webhook.write!(ctx, 'contacts', [op])).toEqual([{ key: fault, status: 'unknown' }]);
        sandbox.fault = undefined;
        expect(await webhook.write!(ctx, 'contacts', [op])).toMatchObject([{ status: 'ok' }]);
      }
      expect(sandbox.records('contacts').map(({ fields }) => fields.fault)).toEqual([
        'lost-answer',
        'truncated',
        'reset',
        'hang',
      ]);
      expect(sandbox.books.byRoute).toEqual({ 'POST /in': 8 });
    } finally {
      await server.close();
    }
  });
});

test('discover names the configured streams, or one that takes anything', async () => {
  const any = await webhook.discover(context({ secret: SECRET, url: 'https://a.test/' }).ctx);
  expect(any).toMatchObject([{ name: 'records', open: true, read: false, write: { idempotency: 'key' } }]);
  const { ctx } = context({ secret: SECRET, streams: { lead: { fields: { email: 'email' } }, order: {} } });
  expect(await webhook.discover(ctx, ['lead'])).toMatchObject([
    { name: 'lead', write: false, fields: [{ name: 'email', type: 'email', writable: false }] },
  ]);
});

describe('the sandbox', () => {
  test('people’s edits are not in the books', () => {
    const sandbox = createWebhookSandbox({ secret: SECRET, now: () => NOW });
    const [a, b] = sandbox.seed('s', [
      { fields: { x: 1 }, at: '2020-01-01T00:00:00.000Z' },
      { id: 'b', fields: {} },
    ]);
    sandbox.edit('s', a!, { y: 2 });
    sandbox.merge('s', a!, b!);
    expect(sandbox.records('s')).toEqual([
      { id: a, fields: { x: 1, y: 2 }, modifiedAt: NOW.toISOString(), deleted: false },
      { id: 'b', fields: {}, modifiedAt: NOW.toISOString(), deleted: true },
    ]);
    expect(sandbox.books.calls).toBe(0);
    expect(() => sandbox.edit('s', 'none', {})).toThrow('has no s none');
  });
});
