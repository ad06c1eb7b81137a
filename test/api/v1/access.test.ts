import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hashToken } from '../../../api/auth/tokens.ts';
import { saveToken } from '../../../core/store/tokens.ts';
import { DATABASES } from '../../support/databases.ts';
import { type Api, apiOver, NOW } from './harness.ts';

describe.each(DATABASES)('tokens, sessions, audit and repeats on $name', ({ open }) => {
  let api: Api;
  beforeAll(async () => {
    api = await apiOver(await open());
  });
  afterAll(() => api.db.close());

  const post = (path: string, body: unknown, headers: Record<string, string> = {}, as = 'admin') =>
    api.fetch(path, { as, method: 'POST', body: JSON.stringify(body), headers });
  const read = async (path: string, as = 'admin') => (await api.fetch(path, { as })).json();

  test('a token is shown once, works by its role until its end, and is known to nobody else', async () => {
    const expiresAt = '2026-03-04T06:06:07+01:00';
    const past = await post('/v1/tokens', { name: 'ci', role: 'viewer', expiresAt });
    expect(past.status).toBe(422);
    const made = await post('/v1/tokens', { name: 'ci', role: 'viewer', expiresAt: '2026-03-04T06:06:07Z' });
    expect(made.status).toBe(201);
    const { id, token, ...rest } = await made.json();
    expect(made.headers.get('location')).toBe(`/v1/tokens/${id}`);
    expect(rest).toMatchObject({ name: 'ci', role: 'viewer', createdBy: 'the admin', lastUsedAt: null });
    expect((await api.fetch('/v1/runs', { as: token })).status).toBe(200);
    const listed = (await read('/v1/tokens')).items as { id: string }[];
    expect(JSON.stringify(listed)).not.toContain(token);
    expect(listed.find((one) => one.id === id)).toMatchObject({ lastUsedAt: NOW.toISOString() });
    api.clock.now = new Date(NOW.getTime() + 3_600_000);
    expect((await api.fetch('/v1/runs', { as: token })).status).toBe(401);
    api.clock.now = NOW;
    const tables = await api.db.query(`select coalesce(string_agg(t::text, ' '), '') as all from (
      select to_jsonb(a) as t from token a union all select to_jsonb(b) from audit b union all select to_jsonb(c) from idempotency c) x`);
    expect(tables[0]!.all).not.toContain(token);
  });

  test('a revoked token is refused at once, and the last admin stays', async () => {
    const { id, token } = await (await post('/v1/tokens', { name: 'second', role: 'admin' })).json();
    const items = (await read('/v1/tokens')).items as { id: string; role: string }[];
    const admins = items.filter(({ role }) => role === 'admin');
    expect(admins).toHaveLength(2);
    const remove = (which: string) => api.fetch(`/v1/tokens/${which}`, { as: 'admin', method: 'DELETE' });
    expect((await remove(id)).status).toBe(204);
    expect((await api.fetch('/v1/runs', { as: token })).status).toBe(401);
    expect((await remove(id)).status).toBe(404);
    const last = await remove(admins.find((one) => one.id !== id)!.id);
    expect([last.status, (await last.json()).title]).toEqual([409, 'this is the last admin token']);
  });

  test('every change is in the audit, refused ones too, without what was sent', async () => {
    const name = 'Planted Name 93412';
    await post('/v1/tokens', { name, role: 'viewer' }, { 'X-Request-Id': 'audit-1' });
    await post('/v1/tokens', { name, role: 'viewer' }, { 'X-Request-Id': 'audit-2' }, 'operator');
    await post('/v1/tokens', { name, role: 'emperor' }, { 'X-Request-Id': 'audit-3' });
    const { items } = await read('/v1/audit?action=createToken&limit=3');
    expect(items.slice(0, 2)).toMatchObject([
      { actor: 'the operator', role: 'operator', outcome: 403, requestId: 'audit-2' },
      {
        actor: 'the admin',
        role: 'admin',
        outcome: 201,
        requestId: 'audit-1',
        target: expect.stringMatching(/^tokens\/t_/),
      },
    ]);
    expect(JSON.stringify(await read('/v1/audit'))).not.toContain(name);
    expect((await api.fetch('/v1/audit', { as: 'operator' })).status).toBe(403);
    const paged = await read(`/v1/audit?limit=1&cursor=${(await read('/v1/audit?limit=1')).next}`);
    expect(paged.items).toHaveLength(1);
  });

  test('a POST with an Idempotency-Key is done once, its secret shown once, and a key means one request', async () => {
    const key = { 'Idempotency-Key': 'k-1' };
    const body = { name: 'once', role: 'viewer' };
    const count = async () =>
      ((await read('/v1/tokens')).items as { name: string }[]).filter(({ name }) => name === 'once').length;
    expect((await post('/v1/tokens', body, key)).status).toBe(201);
    expect((await post('/v1/tokens', body, key)).status).toBe(409);
    expect((await post('/v1/tokens', { ...body, role: 'admin' }, key)).status).toBe(422);
    expect(await count()).toBe(1);
    expect((await post('/v1/tokens', body, { 'Idempotency-Key': 'no spaces please' })).status).toBe(400);
    const bad = { name: 'later', role: 'viewer', expiresAt: '2020-01-01T00:00:00Z' };
    expect((await post('/v1/tokens', bad, { 'Idempotency-Key': 'k-2' })).status).toBe(422);
    api.clock.now = new Date('2019-01-01T00:00:00Z');
    expect((await post('/v1/tokens', bad, { 'Idempotency-Key': 'k-2' })).status).toBe(201);
    api.clock.now = NOW;
    const together = await Promise.all(
      [1, 2, 3, 4].map(() => post('/v1/tokens', { ...body, name: 'race' }, { 'Idempotency-Key': 'k-3' })),
    );
    expect(together.map(({ status }) => status).sort()).toEqual([201, 409, 409, 409]);
  });

  test('a token in an address becomes a session and is gone from it; other sites cannot use the session', async () => {
    const entered = await api.fetch('/?token=a-token');
    expect([entered.status, entered.headers.get('location')]).toEqual([303, '/']);
    const cookie = entered.headers.get('set-cookie')!;
    expect(cookie).toMatch(/HttpOnly.*SameSite=Strict/);
    expect(cookie).not.toContain('a-token');
    expect(api.logged.join()).not.toContain('a-token');
    const session = { cookie: cookie.split(';')[0]! };
    expect((await api.fetch('/v1/runs', { headers: session })).status).toBe(200);
    const make = (headers: Record<string, string>) =>
      api.fetch('/v1/tokens', {
        method: 'POST',
        body: JSON.stringify({ name: 'by session', role: 'viewer' }),
        headers: { ...session, ...headers },
      });
    expect((await make({})).status).toBe(403);
    expect((await make({ origin: 'https://evil.example', host: 'hub.test' })).status).toBe(403);
    expect((await make({ 'sec-fetch-site': 'same-site' })).status).toBe(403);
    expect((await make({ origin: 'http://hub.test', host: 'hub.test' })).status).toBe(201);
    expect((await make({ 'sec-fetch-site': 'same-origin' })).status).toBe(201);
    const out = await api.fetch('/session/end', {
      method: 'POST',
      headers: { ...session, 'sec-fetch-site': 'same-origin' },
    });
    expect(out.status).toBe(303);
    expect((await api.fetch('/v1/runs', { headers: session })).status).toBe(401);
  });

  test('a session lives on while it is used, ends without use, and with its token', async () => {
    const hash = await hashToken('short-lived');
    await saveToken(api.db, { hash, name: 'console', role: 'admin', expiresAt: null }, NOW);
    const sign = async () => ({
      cookie: (await api.fetch('/?token=short-lived')).headers.get('set-cookie')!.split(';')[0]!,
    });
    const session = await sign();
    const usedOn = async (days: number, headers: Record<string, string>) => {
      api.clock.now = new Date(NOW.getTime() + days * 86_400_000);
      return (await api.fetch('/v1/runs', { headers })).status;
    };
    expect([await usedOn(29, session), await usedOn(58, session)]).toEqual([200, 200]);
    expect(await usedOn(88.1, session)).toBe(401);
    api.clock.now = NOW;
    const other = await sign();
    expect(await usedOn(0, other)).toBe(200);
    const { items } = await read('/v1/tokens?limit=200');
    const { id } = items.find(({ name }: { name: string }) => name === 'console');
    await api.fetch(`/v1/tokens/${id}`, { as: 'admin', method: 'DELETE' });
    expect(await usedOn(0, other)).toBe(401);
    api.clock.now = NOW;
  });

  test('guessing is slowed down by address, and a busy token by its rate', async () => {
    const strict = await apiOver(api.db, {
      address: (c) => c.req.header('x-test-address'),
      rate: { burst: 3, perSecond: 1 },
    });
    const guess = (address: string, as = 'wrong') =>
      strict.fetch('/v1/runs', { as, headers: { 'x-test-address': address } });
    const statuses = [];
    for (let i = 0; i < 22; i++) statuses.push((await guess('a')).status);
    expect(new Set(statuses.slice(0, 20))).toEqual(new Set([401]));
    expect(statuses.slice(20)).toEqual([429, 429]);
    expect((await guess('a', 'viewer')).headers.get('retry-after')).toMatch(/^\d+$/);
    for (let i = 0; i < 3; i++) expect((await guess('b', 'viewer')).status).toBe(200);
    const late = await guess('b', 'viewer');
    expect([late.status, late.headers.get('retry-after')]).toEqual([429, '1']);
    strict.clock.now = new Date(NOW.getTime() + 1_000);
    expect((await guess('b', 'viewer')).status).toBe(200);
  });
});
