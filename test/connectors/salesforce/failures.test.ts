import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { type Change, ConnectorError, type Op } from '../../../connectors/contract.ts';
import { salesforce } from '../../../connectors/salesforce/index.ts';
import type { Fault } from '../../../connectors/sandbox.ts';
import { createTransport } from '../../../connectors/transport.ts';
import { type Bench, bench, clock, people } from './harness.ts';

const ops: Op[] = people(3).map(({ fields }, i) => ({ key: `k${i}`, op: 'create', fields }));
const read = (b: Bench) => salesforce.read!(b.ctx, 'Contact', { since: null }, ['LastName']);
const write = (b: Bench) => salesforce.write!(b.ctx, 'Contact', ops);
const failing = async (work: Promise<unknown>): Promise<ConnectorError> => {
  const error = await work.then(
    () => undefined,
    (cause: unknown) => cause,
  );
  expect(error).toBeInstanceOf(ConnectorError);
  return error as ConnectorError;
};
/** The fault on data calls only, from now on. */
const onData = (b: Bench, fault: Fault) => {
  b.sandbox.fault = ({ path }) => (path.includes('/services/data/') ? fault : undefined);
};

describe('logging in', () => {
  const keys = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });

  test('happens once for many calls at once, and not again', async () => {
    await using b = await bench();
    await Promise.all(Array.from({ length: 8 }, () => read(b)));
    await read(b);
    expect(b.sandbox.books.byRoute['POST /services/oauth2/token']).toBe(1);
    expect(b.calls()).toBe(9);
  });

  test('works by every grant', async () => {
    await using b = await bench({ publicKey: keys.publicKey });
    b.sandbox.seed('Contact', people(1));
    const { clientId, clientSecret, refreshToken, username } = b.sandbox.credentials;
    const token = 'Bearer none';
    for (const auth of [
      { grant: 'client_credentials', clientId, clientSecret },
      { grant: 'refresh_token', clientId, clientSecret, refreshToken },
      { grant: 'refresh_token', clientId, refreshToken },
      { grant: 'jwt', clientId, username, privateKey: keys.privateKey },
    ]) {
      const page = await salesforce.read!(
        b.context({ loginUrl: b.url, auth }),
        'Contact',
        { since: null },
        [],
      );
      expect(page.changes).toHaveLength(1);
    }
    const given = b.context({ auth: { grant: 'token', accessToken: token, instanceUrl: b.url } });
    expect(await failing(salesforce.read!(given, 'Contact', { since: null }, []))).toMatchObject({
      kind: 'auth',
    });
    expect(b.sandbox.books.byRoute['POST /services/oauth2/token']).toBe(4);
  });

  test.for([
    [{ clientId: 'wrong' }, /clientId/],
    [{ clientSecret: 'wrong' }, /clientSecret/],
    [{ grant: 'refresh_token', refreshToken: 'wrong' }, /refresh token/],
    [{ grant: 'jwt', username: 'someone@else.example', privateKey: keys.privateKey }, /approved/],
  ] as const)(
    'with wrong credentials (%o) is an auth error that says what to check',
    async ([change, hint]) => {
      await using b = await bench({ publicKey: keys.publicKey });
      const { clientId, clientSecret } = b.sandbox.credentials;
      const base = 'grant' in change ? { clientId } : { grant: 'client_credentials', clientId, clientSecret };
      const ctx = b.context({ loginUrl: b.url, auth: { ...base, ...change } });
      const error = await failing(salesforce.discover(ctx, ['Contact']));
      expect(error).toMatchObject({ kind: 'auth', hint: expect.stringMatching(hint) });
      expect(JSON.stringify([error.message, error.hint])).not.toContain(clientSecret);
      expect(b.calls()).toBe(0);
    },
  );

  test.for([
    [{ status: 401, body: '{}' }, 'auth'],
    [{ status: 400, body: '<html>' }, 'auth'],
    [{ status: 429, headers: { 'retry-after': '3' } }, 'quota'],
    [{ status: 502, body: '<html>' }, 'transient'],
    [{ status: 200, body: '{"access_tok' }, 'transient'],
    ['reset', 'transient'],
    ['truncated', 'transient'],
  ] as [Fault, string][])('answered by %o is %s, and not for good', async ([fault, kind]) => {
    await using b = await bench();
    b.sandbox.fault = () => fault;
    expect(await failing(write(b))).toMatchObject({ kind, maybeApplied: false });
    expect(b.calls()).toBe(0);
    b.sandbox.fault = undefined;
    expect(await read(b)).toMatchObject({ done: true });
  });

  test('again, once, when the token was refused; a write is then sent exactly once', async () => {
    await using b = await bench();
    await read(b);
    b.sandbox.expireTokens();
    expect((await write(b)).map((o) => o.status)).toEqual(['ok', 'ok', 'ok']);
    expect(b.sandbox.books.byRoute['POST /services/oauth2/token']).toBe(2);
    expect(b.sandbox.books.created).toEqual({ Contact: 3 });
  });

  test('gives up when the new token is refused too', async () => {
    await using b = await bench();
    onData(b, {
      status: 401,
      body: '[{"message":"Session expired or invalid","errorCode":"INVALID_SESSION_ID"}]',
    });
    expect(await failing(write(b))).toMatchObject({ kind: 'auth', status: 401, hint: expect.any(String) });
    expect(b.calls()).toBe(2);
    expect(b.sandbox.books.byRoute['POST /services/oauth2/token']).toBe(2);
  });

  test('keeps a rotated refresh token for the next time', async () => {
    await using b = await bench({ rotateRefreshTokens: true });
    const { clientId, refreshToken } = b.sandbox.credentials;
    const ctx = b.context({ loginUrl: b.url, auth: { grant: 'refresh_token', clientId, refreshToken } });
    const again = () => salesforce.read!(ctx, 'Contact', { since: null }, []);
    await again();
    b.sandbox.expireTokens();
    expect(await again()).toMatchObject({ done: true });
    expect(b.logged.join()).toMatch(/rotates/);
    expect(b.logged.join()).not.toContain('5Aep');
  });
});

describe('a call that fails as a whole', () => {
  const limit = '[{"message":"TotalRequests Limit exceeded.","errorCode":"REQUEST_LIMIT_EXCEEDED"}]';
  test.for([
    [{ status: 500, body: '[{"message":"x","errorCode":"UNKNOWN_EXCEPTION"}]' }, 'transient'],
    [
      { status: 502, body: '<html>Bad gateway</html>', headers: { 'content-type': 'text/html' } },
      'transient',
    ],
    [{ status: 503, headers: { 'retry-after': '7' } }, 'transient'],
    [{ status: 429, headers: { 'retry-after': '7' } }, 'quota'],
    [{ status: 403, body: limit }, 'quota'],
    [{ status: 403, body: '[{"message":"API disabled","errorCode":"API_DISABLED_FOR_ORG"}]' }, 'auth'],
    ['reset', 'transient'],
    ['truncated', 'transient'],
    ['lost-answer', 'transient'],
  ] as [Fault, string][])('read: %o is %s', async ([fault, kind]) => {
    await using b = await bench();
    b.sandbox.seed('Contact', people(10));
    onData(b, fault);
    const error = await failing(read(b));
    expect(error).toMatchObject({ kind, maybeApplied: false });
    if (typeof fault === 'object' && 'headers' in fault && fault.headers?.['retry-after'])
      expect(error.retryAfter).toBe(7);
    expect(b.calls()).toBe(1);
  });

  test('write: answered refusals throw, as nothing was applied', async () => {
    for (const [fault, kind] of [
      [{ status: 429 }, 'quota'],
      [{ status: 403, body: limit }, 'quota'],
    ] as [Fault, string][]) {
      await using b = await bench();
      onData(b, fault);
      expect(await failing(write(b))).toMatchObject({ kind, maybeApplied: false });
      expect(b.calls()).toBe(1);
    }
  });

  test.for(['lost-answer', 'truncated', 'reset', { status: 500 }, { status: 504 }] as Fault[])(
    'write: %o is unknown, sent once, and found afterwards if it was carried out',
    async (fault) => {
      await using b = await bench();
      onData(b, fault);
      expect(await write(b)).toEqual(ops.map((op) => ({ key: op.key, status: 'unknown' })));
      expect(b.calls()).toBe(1);
      b.sandbox.fault = undefined;
      const emails = people(3).map((p) => p.fields.Email);
      const found = await b.find('Contact', 'Email', emails, ['Email']);
      expect(found).toHaveLength(fault === 'lost-answer' || fault === 'truncated' ? 3 : 0);
    },
  );

  test('write: what was not sent yet is left for later, and earlier outcomes are kept', async () => {
    await using b = await bench();
    const many: Op[] = people(600).map(({ fields }, i) => ({ key: `k${i}`, op: 'create', fields }));
    let writes = 0;
    b.sandbox.fault = ({ creates }) => (creates > 0 && ++writes === 2 ? 'lost-answer' : undefined);
    const outcomes = await salesforce.write!(b.ctx, 'Contact', many);
    const kinds = outcomes.map((o) => (o.status === 'failed' ? o.kind : o.status));
    expect(kinds.slice(0, 200)).toEqual(Array(200).fill('ok'));
    expect(kinds.slice(200, 400)).toEqual(Array(200).fill('unknown'));
    expect(kinds.slice(400)).toEqual(Array(200).fill('transient'));
    expect(b.sandbox.books.created).toEqual({ Contact: 400 });
  });

  test('hanging ends with the signal', async () => {
    await using b = await bench();
    await read(b);
    onData(b, 'hang');
    const stop = new AbortController();
    const hanging = salesforce.write!({ ...b.ctx, signal: stop.signal }, 'Contact', ops);
    setTimeout(() => stop.abort(), 100);
    expect((await hanging).map((o) => o.status)).toEqual(['unknown', 'unknown', 'unknown']);
  });

  test('an unreachable tool says where it was looked for', async () => {
    await using b = await bench();
    const auth = { grant: 'token', accessToken: 'x', instanceUrl: 'http://127.0.0.1:9' };
    const ctx = b.context({ auth }, { fetch: createTransport({ fetch, retries: 0 }) });
    expect(await failing(salesforce.discover(ctx, ['Contact']))).toMatchObject({
      kind: 'transient',
      message: expect.stringContaining('127.0.0.1'),
    });
  });

  test('fields that the object no longer has are left out of a read and named; it costs two calls once', async () => {
    await using b = await bench();
    const [id] = b.sandbox.seed('Contact', [{ fields: { LastName: '青葉', Title: '課長' } }]);
    const fields = ['LastName', 'Title', 'Score__c', 'Account.Rating'];
    b.sandbox.dropField('Contact', 'Title');
    b.sandbox.dropField('Contact', 'Score__c');
    b.forget();
    const page = await salesforce.read!(b.ctx, 'Contact', { since: null }, fields);
    expect(page.changes).toMatchObject([{ id, op: 'upsert', fields: { LastName: '青葉' } }]);
    expect(Object.keys((page.changes[0] as { fields: object }).fields)).toEqual(['LastName']);
    expect(page.lacking).toEqual(['Title', 'Score__c', 'Account.Rating']);
    expect(b.calls()).toBe(4);
    for (const by of ['Id', 'LastName']) {
      const found = await salesforce.read!(
        b.ctx,
        'Contact',
        { by, in: [by === 'Id' ? id! : '青葉'] },
        fields,
      );
      expect(found.changes).toEqual([{ ...page.changes[0], fields: { LastName: '青葉' } }]);
    }
  });

  test('a query that is refused for another reason than a lost field is rejected, with what to do', async () => {
    await using b = await bench();
    const error = await failing(salesforce.read!(b.ctx, 'Nope__c', { since: null }, ['LastName']));
    expect(error).toMatchObject({ kind: 'rejected', message: expect.stringContaining('INVALID_TYPE') });
  });

  test('the daily limit is a quota error, and observed from the header before that', async () => {
    await using b = await bench({ dailyLimit: 2 });
    const seen: unknown[] = [];
    const observing: typeof fetch = async (input, init) => {
      const response = await fetch(input, init);
      seen.push(salesforce.quota!.observe(response, await response.clone().text()));
      return response;
    };
    const ctx = b.context(b.ctx.config, { fetch: observing });
    const again = () => salesforce.read!(ctx, 'Contact', { since: null }, []);
    await again();
    await again();
    expect(await failing(again())).toMatchObject({ kind: 'quota', retryAfter: 900 });
    expect(seen).toEqual([
      [],
      [{ name: 'day', used: 1, limit: 2, remaining: 1 }],
      [{ name: 'day', used: 2, limit: 2, remaining: 0 }],
      [{ name: 'day', used: 2, limit: 2, remaining: 0, exhaustedUntil: expect.any(String) }],
    ]);
  });
});

test('the org tells its limits when asked; a refusal tells that the day is used up, also without the header', async () => {
  await using b = await bench({ dailyLimit: 900 });
  b.sandbox.limit.used = 99;
  expect(await salesforce.quota!.ask!(b.ctx)).toEqual([
    { name: 'day', used: 100, limit: 900, remaining: 800 },
  ]);
  b.sandbox.fault = ({ path }) => (path.endsWith('/limits') ? { status: 200, body: '{}' } : undefined);
  expect(await failing(salesforce.quota!.ask!(b.ctx))).toMatchObject({ kind: 'transient' });
  const refused = new Response(null, { status: 403, headers: { date: 'Fri, 01 May 2026 10:20:00 GMT' } });
  const { observe } = salesforce.quota!;
  expect(observe(refused, '[{"errorCode":"REQUEST_LIMIT_EXCEEDED"}]')).toEqual([
    { name: 'day', exhaustedUntil: '2026-05-01T10:35:00.000Z' },
  ]);
  expect(observe(refused, '[{"errorCode":"INSUFFICIENT_ACCESS"}]')).toEqual([]);
});

test('nothing leaves but through the fetch that was handed in', async () => {
  await using b = await bench({}, { bulkThreshold: 200 });
  const addresses: string[] = [];
  const watched: typeof fetch = (input, init) => {
    addresses.push(`${init?.method} ${new URL(String(input)).pathname}`);
    return fetch(input, init);
  };
  const ctx = b.context(b.ctx.config, { fetch: watched });
  const [id] = b.sandbox.seed('Contact', people(1));
  await salesforce.discover(ctx);
  await salesforce.read!(ctx, 'Contact', { since: null }, ['LastName']);
  await salesforce.read!(ctx, 'Contact', { by: 'Id', in: [id!] }, ['LastName']);
  const many: Op[] = people(200).map(({ fields }, i) => ({ key: `k${i}`, op: 'create', fields }));
  await salesforce.write!(ctx, 'Contact', many);
  await salesforce.write!(ctx, 'Contact', [{ key: 'd', op: 'delete', id: id! }]);
  expect(addresses).toHaveLength(b.sandbox.books.calls);
  expect(addresses).toContain('POST /services/oauth2/token');
  expect(addresses.some((address) => address.includes('/jobs/ingest'))).toBe(true);
});

test('the hub’s transport may repeat what only reads, and nothing else', async () => {
  await using b = await bench();
  const url = (path: string) => new URL(path, b.url);
  const readOnly = salesforce.readOnly!;
  expect(readOnly('POST', url('/services/data/v62.0/composite/sobjects/Contact'))).toBe(true);
  expect(readOnly('POST', url('/services/oauth2/token'))).toBe(true);
  for (const [method, path] of [
    ['POST', '/services/data/v62.0/composite/sobjects'],
    ['PATCH', '/services/data/v62.0/composite/sobjects/Contact/Nayose_Id__c'],
    ['DELETE', '/services/data/v62.0/composite/sobjects'],
    ['POST', '/services/data/v62.0/sobjects/Contact'],
    ['POST', '/services/data/v62.0/jobs/ingest'],
  ] as const)
    expect(readOnly(method, url(path))).toBe(false);
});

describe('over the hub’s transport', () => {
  test('a read survives two resets, and a write with a lost answer is sent once', async () => {
    await using b = await bench();
    b.sandbox.seed('Contact', people(3));
    const quick = createTransport({
      fetch,
      readOnly: salesforce.readOnly!,
      observe: salesforce.quota!.observe,
      backoff: 1,
    });
    const ctx = b.context(b.ctx.config, { fetch: quick });
    let resets = 0;
    b.sandbox.fault = ({ path }) => (path.endsWith('/queryAll') && ++resets <= 2 ? 'reset' : undefined);
    expect((await salesforce.read!(ctx, 'Contact', { since: null }, [])).changes).toHaveLength(3);
    b.sandbox.fault = ({ creates }) => (creates > 0 ? 'lost-answer' : undefined);
    const outcomes = await salesforce.write!(ctx, 'Contact', ops);
    expect(new Set(outcomes.map((o) => o.status))).toEqual(new Set(['unknown']));
    expect(b.sandbox.books.created).toEqual({ Contact: 3 });
  });
});

describe('the hook', () => {
  test('of a person’s edit is signed, verified and parsed; tampered, stale or unsigned it is refused', async () => {
    const time = clock('2026-03-01T09:00:00Z');
    const hookSecret = 'a-shared-secret-of-some-length';
    const received: { headers: Record<string, string>; body: Uint8Array }[] = [];
    const receive: typeof fetch = async (_input, init) => {
      received.push({
        headers: Object.fromEntries(new Headers(init?.headers)),
        body: new TextEncoder().encode(String(init?.body)),
      });
      return new Response(null, { status: 202 });
    };
    const hook = { url: 'http://hub.invalid/hooks/crm', secret: hookSecret, fetch: receive };
    await using b = await bench({ now: time.now, hook }, { hookSecret });
    const [id] = b.sandbox.seed('Contact', people(1));
    b.sandbox.edit('Contact', id!, { Title: '部長' });
    await b.sandbox.hooksDelivered();
    const inbound = { method: 'POST', url: hook.url, ...received[0]! };
    const { verify, parse } = salesforce.hook!;
    expect(await verify(inbound, b.ctx)).toBe(true);
    const expected: Change = { stream: 'Contact', id: id!, at: time.now().toISOString(), op: 'touch' };
    expect(parse(inbound, b.ctx)).toEqual([expected]);

    const tampered = new Uint8Array(inbound.body);
    tampered[tampered.length - 4]! ^= 1;
    const { 'x-nayose-signature': signature, ...unsigned } = inbound.headers;
    const later = String(Number(inbound.headers['x-nayose-timestamp']) + 10);
    for (const bad of [
      { ...inbound, body: tampered },
      { ...inbound, headers: unsigned },
      { ...inbound, headers: { ...inbound.headers, 'x-nayose-timestamp': later } },
      { ...inbound, headers: { ...inbound.headers, 'x-nayose-signature': signature!.replace(/^../, 'zz') } },
    ])
      expect(await verify(bad, b.ctx)).toBe(false);
    expect(await verify(inbound, b.context({ ...b.ctx.config, hookSecret: undefined }))).toBe(false);
    time.forward(301);
    expect(await verify(inbound, b.ctx)).toBe(false);
  });

  test('whose body is not what it should be is an error with a hint', async () => {
    await using b = await bench();
    for (const body of ['', '[]', '{"object":"Contact","ids":["x"]}', '{"object":"a b","ids":[]}']) {
      const inbound = { method: 'POST', url: b.url, headers: {}, body: new TextEncoder().encode(body) };
      expect(() => salesforce.hook!.parse(inbound, b.ctx)).toThrow(ConnectorError);
    }
  });
});
