import { afterAll, beforeAll, expect, test } from 'vitest';
import { hashToken } from '../../../api/auth/tokens.ts';
import { LARGEST_BODY } from '../../../api/v1/frame/input.ts';
import { OPERATIONS } from '../../../api/v1/index.ts';
import { revokeToken, saveToken } from '../../../core/store/tokens.ts';
import { NOW } from './harness.ts';
import { apiOfHub, type HubApi } from './hub.ts';
import { DOCUMENTED, type Documented, wellFormed } from './requests.ts';

const ROLES = ['viewer', 'operator', 'admin'] as const;

let api: HubApi;
beforeAll(async () => {
  // The command itself is run by resources.test.ts.
  api = await apiOfHub({ cleanse: async () => ({ report: {}, clusters: [] }) });
  const row = async (token: string, expiresAt: string | null) => ({
    hash: await hashToken(token),
    name: token,
    role: 'admin' as const,
    expiresAt,
  });
  await saveToken(api.db, await row('expired', '2026-03-04T05:06:06Z'), NOW);
  const id = await saveToken(api.db, await row('revoked', null), NOW);
  expect(await revokeToken(api.db, id, NOW)).toBe('revoked');
});
afterAll(() => api.end());

const call = async (operation: Documented, more: Parameters<HubApi['fetch']>[1]) => {
  const { path, ...request } = wellFormed(operation);
  const response = await api.fetch(path, {
    ...request,
    ...more,
    headers: { ...request.headers, ...(more?.headers as Record<string, string> | undefined) },
  });
  const text = await response.text();
  if (!response.ok && response.status !== 405)
    expect(JSON.parse(text), `${operation.id} ${response.status}`).toMatchObject({
      status: response.status,
      title: expect.any(String),
    });
  return { status: response.status, text, headers: response.headers };
};

/** Wrong tokens are counted by address: a fresh minute for each operation. */
const later = () => {
  api.clock.now = new Date(api.clock.now.getTime() + 120_000);
};

test('the document has every operation of the program, and what is outside /v1', () => {
  expect(
    DOCUMENTED.filter(({ path }) => path.startsWith('/v1/'))
      .map(({ id }) => id)
      .sort(),
  ).toEqual(OPERATIONS.map(({ id }) => id).sort());
  expect(DOCUMENTED.filter(({ role }) => role === undefined).length).toBeGreaterThanOrEqual(6);
});

const named = (fits: (operation: Documented) => boolean) =>
  DOCUMENTED.filter(fits).map((operation) => ({ ...operation, name: operation.id }));
const GUARDED = named(({ role }) => role !== undefined);
const TAKING_JSON = GUARDED.filter(({ body }) => body?.type === 'application/json');
const TAKING = named(({ body }) => body !== undefined);

test.each(GUARDED)('$name is refused without a token, and with one that is none', async (operation) => {
  later();
  for (const as of [undefined, 'another-hubs-token', 'expired', 'revoked']) {
    const { status, headers } = await call(operation, as === undefined ? {} : { as });
    expect([as, status, headers.get('www-authenticate')]).toEqual([
      as,
      401,
      expect.stringContaining('Bearer'),
    ]);
  }
  for (const authorization of ['Basic YTpi', 'Bearer', 'Bearer a b', ''])
    expect((await call(operation, { headers: { authorization } })).status).toBe(401);
});

test.each(named(() => true))(
  '$name is refused to a lower role, and answers the others by what the document says',
  async (operation) => {
    const { role, statuses } = operation;
    for (const as of ROLES) {
      const { status, text } = await call(operation, { as });
      if (role !== undefined && ROLES.indexOf(as) < ROLES.indexOf(role)) {
        expect([as, status]).toEqual([as, 403]);
        expect(text).toContain(role);
        continue;
      }
      expect(status === 403 || status >= 500 ? `${as} ${status} ${text}` : 'well').toBe('well');
      expect(statuses, `${as} ${text}`).toContain(String(status));
      const declared = OPERATIONS.find(({ id }) => id === operation.id);
      if (declared && status < 300 && status !== 204 && declared.answer.type === undefined)
        declared.answer.schema.parse(JSON.parse(text));
    }
  },
);

test.each(GUARDED)('$name takes no query that it does not know', async (operation) => {
  const { path, ...request } = wellFormed(operation);
  const odd = await api.fetch(`${path}${path.includes('?') ? '&' : '?'}no_such=1`, {
    ...request,
    as: 'admin',
  });
  expect([400, 428]).toContain(odd.status);
});

test.each(TAKING_JSON)('$name refuses bodies that are not what it takes', async (operation) => {
  const as = 'admin';
  expect((await call(operation, { as, body: '{"a":' })).status).toBe(400);
  expect((await call(operation, { as, body: new Uint8Array([0xff, 0xfe, 0x22]) })).status).toBe(400);
  for (const wrong of ['[]', '"text"', 'null', '17', '{"no_such_property":1}'])
    expect([wrong, (await call(operation, { as, body: wrong })).status]).toEqual([wrong, 400]);
  const example = JSON.parse(wellFormed(operation).body!) as Record<string, unknown>;
  for (const name of Object.keys(example)) {
    const twisted = { ...example, [name]: { deep: [{ wrong: true }] } };
    const { status, text } = await call(operation, { as, body: JSON.stringify(twisted) });
    if (status !== 400) expect([422, 428, 404, 409, 412]).toContain(status);
    else expect(text).toContain(`"where":"body.${name}`);
  }
  expect((await call(operation, { as, headers: { 'content-type': 'text/plain' } })).status).toBe(415);
});

test.each(TAKING)('$name refuses a body that is too large, told or not', async (operation) => {
  const { role } = operation;
  const declared = OPERATIONS.find(({ id }) => id === operation.id);
  const size = (declared?.largestBody ?? LARGEST_BODY) + 1;
  const large = JSON.stringify('x'.repeat(size));
  const as = role === undefined ? {} : { as: 'admin' };
  const told = await call(operation, {
    ...as,
    body: large,
    headers: { 'content-length': String(size + 2) },
  });
  const untold = await call(operation, { ...as, body: large });
  expect([413, 404]).toContain(told.status);
  expect([413, 404]).toContain(untold.status);
  if (role !== undefined) expect([told.status, untold.status]).toEqual([413, 413]);
});
