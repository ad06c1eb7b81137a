import { Hono } from 'hono';
import { delay, HttpResponse, http } from 'msw';
import { setupServer } from 'msw/node';
import { describe, expect, test } from 'vitest';
import type { ConnectorError, Op } from '../../../connectors/contract.ts';
import { hubspot } from '../../../connectors/hubspot/index.ts';
import type { Fault } from '../../../connectors/sandbox.ts';
import { serveSandbox } from '../../../connectors/serve.ts';
import { createTransport } from '../../../connectors/transport.ts';
import { ids, people, readAll, rig } from './harness.ts';

const create = (key: string): Op => ({ key, op: 'create', fields: { email: `${key}@example.com` } });
const HTML = '<html><body><h1>502 Bad Gateway</h1> taro@example.com</body></html>';

async function failureOf(run: Promise<unknown>): Promise<ConnectorError> {
  const error = await run.then(
    () => undefined,
    (reason: unknown) => reason as ConnectorError,
  );
  if (error === undefined) throw new Error('it did not fail');
  return error;
}

describe('a read that fails has the kind that recovers it', () => {
  const json = { 'content-type': 'application/json' };
  const cases: [string, Fault, Partial<ConnectorError>][] = [
    ['401', { status: 401, headers: json, body: '{}' }, { kind: 'auth', status: 401 }],
    ['403', { status: 403, headers: json, body: '{}' }, { kind: 'auth', status: 403 }],
    ['423', { status: 423, headers: json, body: '{}' }, { kind: 'transient', retryAfter: 2 }],
    ['500', { status: 500, headers: json, body: '{}' }, { kind: 'transient', maybeApplied: false }],
    [
      'an HTML 502',
      { status: 502, headers: { 'content-type': 'text/html' }, body: HTML },
      { kind: 'transient' },
    ],
    [
      'an HTML 200',
      { status: 200, headers: { 'content-type': 'text/html' }, body: HTML },
      { kind: 'transient' },
    ],
    ['414', { status: 414, headers: json, body: '{}' }, { kind: 'rejected', status: 414 }],
    [
      '429 with Retry-After',
      { status: 429, headers: { ...json, 'retry-after': '7' }, body: '{"policyName":"SECONDLY"}' },
      { kind: 'quota', retryAfter: 7 },
    ],
    [
      '429 SECONDLY',
      { status: 429, headers: json, body: '{"policyName":"SECONDLY"}' },
      { kind: 'quota', retryAfter: 1 },
    ],
    [
      '429 TEN_SECONDLY_ROLLING',
      { status: 429, headers: json, body: '{"policyName":"TEN_SECONDLY_ROLLING"}' },
      { kind: 'quota', retryAfter: 10 },
    ],
    ['a reset', 'reset', { kind: 'transient', maybeApplied: false }],
    ['JSON cut short', 'truncated', { kind: 'transient' }],
  ];
  for (const [name, fault, expected] of cases)
    test(name, async () => {
      const { sandbox, ctx } = await rig();
      sandbox.seed('contacts', people(3));
      await hubspot.discover(ctx, ['contacts']);
      sandbox.fault = () => fault;
      const error = await failureOf(readAll(ctx, 'contacts', null, ['email']));
      expect(error).toMatchObject({ name: 'ConnectorError', ...expected });
      expect(`${error.message} ${String(error.cause)}`).not.toMatch(/taro@|person\d/);
    });

  test('an address where nothing listens', async () => {
    const { ctx } = await rig();
    const closed = await serveSandbox(new Hono());
    await closed.close();
    const config = hubspot.config.parse({ ...ctx.config, baseUrl: closed.url });
    const error = await failureOf(hubspot.discover({ ...ctx, config }, ['contacts']));
    expect(error).toMatchObject({
      kind: 'transient',
      maybeApplied: false,
      hint: expect.stringContaining('baseUrl'),
    });
  });

  test('a wrong token, with a hint', async () => {
    const { ctx } = await rig({ accessToken: 'another' });
    const error = await failureOf(hubspot.discover(ctx));
    expect(error).toMatchObject({ kind: 'auth', hint: expect.stringContaining('token') });
  });

  test('a missing scope is named', async () => {
    const { ctx } = await rig({ scopes: ['crm.objects.contacts.read'] });
    await hubspot.discover(ctx, ['contacts']);
    const [outcome, error] = [
      await readAll(ctx, 'contacts', null, []),
      await failureOf(hubspot.write!(ctx, 'contacts', [create('k')])),
    ];
    expect(outcome.changes).toEqual([]);
    expect(error).toMatchObject({
      kind: 'auth',
      hint: expect.stringContaining('crm.objects.contacts.write'),
    });
  });

  test('streams that the token may not see are left out, unless asked for', async () => {
    const { ctx, logged } = await rig({ scopes: ['crm.objects.contacts.read', 'crm.objects.deals.read'] });
    expect((await hubspot.discover(ctx)).map(({ name }) => name)).toEqual(['contacts', 'deals']);
    expect(logged.join()).toContain('companies');
    expect(await failureOf(hubspot.discover(ctx, ['companies']))).toMatchObject({ kind: 'auth' });
  });

  test('the daily budget: stop, and look again at the next half hour', async () => {
    const now = () => new Date('2026-05-01T10:20:00Z');
    const { ctx } = await rig({ dailyLimit: 2, now });
    await hubspot.discover(ctx, ['contacts']);
    const error = await failureOf(readAll(ctx, 'contacts', null, []));
    expect(error).toMatchObject({
      kind: 'quota',
      retryAfter: 600,
      message: expect.stringContaining('daily'),
    });
  });

  test('a call without an answer ends when the hub says so', async () => {
    const { sandbox, ctx } = await rig();
    await hubspot.discover(ctx, ['contacts']);
    sandbox.fault = () => 'hang';
    const fetch = createTransport({ fetch: globalThis.fetch, deadline: 60, retries: 0 });
    expect(await failureOf(readAll({ ...ctx, fetch }, 'contacts', null, []))).toMatchObject({
      kind: 'transient',
    });
  });
});

describe('through the transport', () => {
  test('searches and batch reads are sent again after a 503, creates never', async () => {
    const { sandbox, ctx } = await rig();
    sandbox.seed('contacts', people(3));
    await hubspot.discover(ctx, ['contacts']);
    const fetch = createTransport({
      fetch: globalThis.fetch,
      backoff: 1,
      readOnly: hubspot.readOnly!,
      budgets: hubspot.quota!.budgets(ctx.config),
      observe: hubspot.quota!.observe,
    });
    let failed = 0;
    sandbox.fault = ({ path }) => {
      failed += 1;
      return failed % 2 === 1 && /search|batch/.test(path) ? { status: 503 } : undefined;
    };
    const via = { ...ctx, fetch };
    const cursor = { mode: 'poll', from: 0 };
    expect(ids((await readAll(via, 'contacts', cursor, ['email'])).changes)).toHaveLength(3);
    const found = await hubspot.read!(via, 'contacts', { by: 'email', in: ['person1@example.com'] }, []);
    expect(found.changes).toHaveLength(1);
    sandbox.fault = () => ({ status: 503 });
    const before = sandbox.books.calls;
    expect(await hubspot.write!(via, 'contacts', [create('k')])).toEqual([{ key: 'k', status: 'unknown' }]);
    expect(sandbox.books.calls - before).toBe(1);
  });

  test('the ten-second limit is waited out', async () => {
    let time = Date.parse('2026-05-01T00:00:00Z');
    const { sandbox, ctx } = await rig({
      rateLimit: { calls: 4, perSeconds: 10 },
      now: () => new Date(time),
    });
    sandbox.seed('contacts', people(950));
    const waited: number[] = [];
    const fetch = createTransport({
      fetch: globalThis.fetch,
      observe: hubspot.quota!.observe,
      now: () => new Date(time),
      sleep: async (ms) => {
        waited.push(ms);
        time += ms;
      },
    });
    const { changes } = await readAll({ ...ctx, fetch }, 'contacts', null, ['email']);
    expect(changes).toHaveLength(950);
    expect(waited.length).toBeGreaterThan(0);
    expect(Math.max(...waited)).toBeLessThanOrEqual(10_000);
  });
});

describe('a write without a readable answer is unknown, and then found', () => {
  const lost: [string, Fault][] = [
    ['a lost answer', 'lost-answer'],
    ['JSON cut short', 'truncated'],
  ];
  for (const [name, fault] of lost)
    test(name, async () => {
      const { sandbox, ctx } = await rig();
      await hubspot.discover(ctx, ['contacts']);
      sandbox.fault = ({ creates }) => (creates > 0 ? fault : undefined);
      const outcomes = await hubspot.write!(ctx, 'contacts', [create('a'), create('b')]);
      expect(outcomes).toEqual([
        { key: 'a', status: 'unknown' },
        { key: 'b', status: 'unknown' },
      ]);
      const found = await hubspot.read!(
        ctx,
        'contacts',
        { by: 'email', in: ['a@example.com', 'b@example.com'] },
        ['email'],
      );
      expect(new Set(ids(found.changes))).toEqual(new Set(sandbox.records('contacts').map(({ id }) => id)));
      expect(found.changes).toHaveLength(2);
    });

  test('a reset or a 502 before it was carried out is unknown too, and nothing is found', async () => {
    const { sandbox, ctx } = await rig();
    await hubspot.discover(ctx, ['contacts']);
    for (const fault of [
      'reset',
      { status: 502, headers: { 'content-type': 'text/html' }, body: HTML },
    ] as const) {
      sandbox.fault = ({ creates }) => (creates > 0 ? fault : undefined);
      expect(await hubspot.write!(ctx, 'contacts', [create('a')])).toEqual([{ key: 'a', status: 'unknown' }]);
    }
    expect(sandbox.records('contacts')).toEqual([]);
  });

  test('what is settled stays settled when a later call of the same write is refused', async () => {
    const { sandbox, ctx } = await rig({ partial: 'none' });
    await hubspot.discover(ctx, ['contacts']);
    let creates = 0;
    sandbox.fault = (call) => {
      if (call.creates > 0) creates += 1;
      return creates === 3
        ? { status: 429, headers: { 'content-type': 'application/json' }, body: '{}' }
        : undefined;
    };
    const bad: Op = { key: 'bad', op: 'create', fields: { email: '???' } };
    const outcomes = await hubspot.write!(ctx, 'contacts', [create('a'), create('b'), create('c'), bad]);
    expect(outcomes).toMatchObject([
      { key: 'a', status: 'ok' },
      { key: 'b', status: 'ok' },
      { key: 'c', status: 'failed', kind: 'quota' },
      { key: 'bad', status: 'failed', kind: 'quota' },
    ]);
    sandbox.fault = () => ({ status: 429, headers: { 'content-type': 'application/json' }, body: '{}' });
    expect(await failureOf(hubspot.write!(ctx, 'contacts', [create('x')]))).toMatchObject({ kind: 'quota' });
  });

  test('a look at where a merged record went that fails leaves the row to be tried again, never gone', async () => {
    const { sandbox, ctx } = await rig();
    const [a, b] = sandbox.seed('contacts', people(2));
    await hubspot.discover(ctx, ['contacts']);
    sandbox.merge('contacts', a!, b!);
    sandbox.fault = ({ path }) => (path.endsWith('batch/read') ? { status: 503 } : undefined);
    const op: Op = { key: 'k', op: 'update', id: a!, fields: { lastname: '林' } };
    expect(await failureOf(hubspot.write!(ctx, 'contacts', [op]))).toMatchObject({ kind: 'transient' });
  });
});

describe('OAuth', () => {
  const oauth = { clientId: 'app', clientSecret: 's3cret', refreshToken: 'r' };

  test('one token serves many calls, and is renewed before its end', async () => {
    let time = Date.parse('2026-05-01T00:00:00Z');
    const { sandbox, ctx } = await rig({ oauth, now: () => new Date(time) }, { config: { oauth } });
    const renewals = () => sandbox.books.byRoute['POST /oauth/v1/token'];
    await hubspot.discover(ctx, ['contacts', 'companies']);
    expect(renewals()).toBe(1);
    time += 29 * 60_000;
    await hubspot.discover(ctx, ['contacts']);
    expect(renewals()).toBe(2);
  });

  test('a token that ended early is renewed once, and the call is sent again', async () => {
    const { sandbox, ctx } = await rig({ oauth }, { config: { oauth } });
    await hubspot.discover(ctx, ['contacts']);
    sandbox.expireTokens();
    const [outcome] = await hubspot.write!(ctx, 'contacts', [create('k')]);
    expect(outcome).toMatchObject({ status: 'ok' });
    expect(sandbox.records('contacts')).toHaveLength(1);
    sandbox.fault = ({ path }) =>
      path.startsWith('/crm')
        ? { status: 401, headers: { 'content-type': 'application/json' }, body: '{}' }
        : undefined;
    const before = sandbox.books.calls;
    expect(await failureOf(readAll(ctx, 'contacts', null, []))).toMatchObject({ kind: 'auth' });
    expect(sandbox.books.calls - before).toBe(3);
  });

  test('a refused refresh token is an auth failure with a hint; an unreachable token address is not', async () => {
    const { sandbox, ctx } = await rig({ oauth: { ...oauth, refreshToken: 'other' } }, { config: { oauth } });
    expect(await failureOf(hubspot.discover(ctx))).toMatchObject({
      kind: 'auth',
      hint: expect.stringContaining('refreshToken'),
    });
    sandbox.fault = () => ({ status: 503 });
    const error = await failureOf(hubspot.write!(ctx, 'contacts', [create('k')]));
    expect(error).toMatchObject({ kind: 'transient', maybeApplied: false });
  });
});

describe('answers that no sandbox gives (msw)', () => {
  const base = 'https://api.hubapi.test';
  const answers: [string, () => Response][] = [
    ['no content type', () => new Response(new TextEncoder().encode('{"results":[]}'))],
    [
      'a content type that is none',
      () => new Response('{}', { headers: { 'content-type': 'application/zip' } }),
    ],
    ['null', () => HttpResponse.json(null)],
    ['results that are no list', () => HttpResponse.json({ results: 'none' })],
  ];
  for (const [name, answer] of answers)
    test(name, async () => {
      const { ctx } = await rig();
      await hubspot.discover(ctx, ['contacts']);
      const server = setupServer(
        http.get(`${base}/crm/v3/properties/contacts`, () => HttpResponse.json({ results: [] })),
        http.all(`${base}/*`, async () => {
          await delay(1);
          return answer();
        }),
      );
      server.listen({ onUnhandledFrame: 'bypass' });
      try {
        const via = { ...ctx, config: hubspot.config.parse({ accessToken: 't', baseUrl: base }) };
        expect(await failureOf(readAll(via, 'contacts', null, []))).toMatchObject({ kind: 'transient' });
        expect(await hubspot.write!(via, 'contacts', [create('k')])).toEqual([
          { key: 'k', status: 'unknown' },
        ]);
      } finally {
        server.close();
      }
    });
});
