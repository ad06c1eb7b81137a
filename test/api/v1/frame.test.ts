import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hashToken } from '../../../api/auth/tokens.ts';
import { saveGoldens } from '../../../core/store/goldens.ts';
import { saveToken } from '../../../core/store/tokens.ts';
import { DATABASES } from '../../support/databases.ts';
import { type Api, apiOver, NOW } from './harness.ts';

describe.each(DATABASES)('the frame of the API on $name', ({ open }) => {
  let api: Api;
  beforeAll(async () => {
    api = await apiOver(await open());
    const at = NOW.toISOString();
    await saveGoldens(
      api.db,
      Array.from({ length: 5 }, (_, i) => ({
        id: `g_${i}`,
        entity: 'person',
        values: { familyName: `Sato${i}`, email: `P${i}@Example.com` },
        provenance: {},
        version: i + 1,
        aliasOf: null,
        live: true,
        createdAt: at,
        updatedAt: at,
      })),
    );
  });
  afterAll(() => api.db.close());

  const json = async (path: string, init?: Parameters<Api['fetch']>[1]) => {
    const response = await api.fetch(path, { as: 'viewer', ...init });
    return { status: response.status, headers: response.headers, body: await response.json() };
  };

  test('without a token 401, with an expired one too, and what is unknown is 404', async () => {
    expect((await api.fetch('/v1/golden')).status).toBe(401);
    expect((await api.fetch('/v1/golden', { as: 'no-such-token' })).status).toBe(401);
    const hash = await hashToken('old');
    await saveToken(api.db, { hash, name: 'old', role: 'admin', expiresAt: '2026-01-01T00:00:00Z' }, NOW);
    expect((await api.fetch('/v1/golden', { as: 'old' })).status).toBe(401);
    expect((await api.fetch('/v1/nothing', { as: 'viewer' })).status).toBe(404);
    expect((await json('/v1/golden/g_9')).body).toMatchObject({
      status: 404,
      title: 'no such golden record',
    });
  });

  test('another method is 405 and says which are possible', async () => {
    const answer = await json('/v1/golden', { method: 'DELETE' });
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'GET']);
  });

  test.each([
    ['limit=0', 'query.limit'],
    ['limit=many', 'query.limit'],
    ['limit=201', 'query.limit'],
    ['cursor=%25%25', 'query.cursor'],
    ['cursor=eyJhIjoxfQ', 'query.cursor'],
    ['limti=5', 'query.limti'],
    ['q=a&q=b', 'query.q'],
    ['q=%00', 'query.q'],
  ])('?%s is refused by its place', async (query, where) => {
    const { status, body } = await json(`/v1/golden?${query}`);
    expect(status).toBe(400);
    expect(body.errors.map((fault: { where: string }) => fault.where)).toContain(where);
  });

  test('a list is paged to its end, each item once', async () => {
    const seen: string[] = [];
    let next: string | null = '';
    while (next !== null) {
      const { body } = await json(`/v1/golden?limit=2${next ? `&cursor=${next}` : ''}`);
      seen.push(...body.items.map(({ id }: { id: string }) => id));
      next = body.next;
    }
    expect(seen).toEqual(['g_0', 'g_1', 'g_2', 'g_3', 'g_4']);
    expect((await json('/v1/golden?email=p3@example.COM')).body.items).toMatchObject([{ id: 'g_3' }]);
    expect((await json('/v1/golden?q=TO4')).body.items).toMatchObject([{ id: 'g_4' }]);
    expect((await json('/v1/golden?q=%25')).body.items).toEqual([]);
  });

  test('a golden record has its version as ETag, and its request an id', async () => {
    const { headers } = await json('/v1/golden/g_2', { headers: { 'X-Request-Id': 'mine-1' } });
    expect([headers.get('etag'), headers.get('x-request-id')]).toEqual(['"3"', 'mine-1']);
    const odd = await json('/v1/golden/g_2', { headers: { 'X-Request-Id': 'a b' } });
    expect(odd.headers.get('x-request-id')).toMatch(/^[\w-]{36}$/);
  });
});
