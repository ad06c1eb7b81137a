import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { readOidc, roleOf } from '../../../api/auth/oidc.ts';
import type { Db } from '../../../core/store/db.ts';
import { DATABASES } from '../../support/databases.ts';
import { CLIENT, type Provider, startProvider } from '../../support/oidc.ts';
import { type Api, apiOver, NOW } from './harness.ts';

const ENV = {
  NAYOSE_OIDC_ISSUER: 'https://id.example',
  NAYOSE_OIDC_CLIENT_ID: CLIENT.id,
  NAYOSE_OIDC_CLIENT_SECRET: CLIENT.secret,
  NAYOSE_OIDC_ROLES: 'admin=boss@x.jp, operator=*@x.jp,viewer=*@y.jp',
};

describe('the settings', () => {
  test.each([
    [{ NAYOSE_OIDC_CLIENT_SECRET: undefined }, 'NAYOSE_OIDC_CLIENT_SECRET'],
    [{ NAYOSE_OIDC_ISSUER: 'http://id.example' }, 'https://'],
    [{ NAYOSE_OIDC_ISSUER: 'id.example' }, 'https://'],
    [{ NAYOSE_OIDC_ROLES: 'emperor=*@x.jp' }, 'emperor'],
    [{ NAYOSE_OIDC_ROLES: 'admin=*' }, 'role=*@domain'],
    [{ NAYOSE_OIDC_ROLES: 'admin=a@x.jp,,' }, 'role=address'],
  ])('%o is refused and named', (change, words) => {
    expect(() => readOidc({ ...ENV, ...change })).toThrow(words);
  });

  test('the highest role of an address counts, and a stranger has none', () => {
    expect(readOidc({})).toBeUndefined();
    const settings = readOidc(ENV)!;
    expect(
      ['Boss@X.jp', 'a@x.jp', 'a@y.jp', 'a@z.jp', 'x.jp', 'a@evil.x.jp', 'a@x.jp@z.jp'].map((one) =>
        roleOf(settings, one),
      ),
    ).toEqual(['admin', 'operator', 'viewer', undefined, undefined, undefined, undefined]);
  });
});

describe('signing in', () => {
  let provider: Provider;
  let db: Db;
  let api: Api;
  beforeAll(async () => {
    provider = await startProvider();
    db = await DATABASES[1]!.open();
    api = await apiOver(db, { oidc: readOidc({ ...ENV, NAYOSE_OIDC_ISSUER: provider.url }) });
  });
  afterAll(async () => {
    await provider.close();
    await db.close();
  });
  beforeEach(() => {
    provider.person = { email: 'taro@x.jp', email_verified: true };
    delete provider.tamper;
    api.clock.now = NOW;
  });

  const begin = async () => {
    const gone = await api.fetch('/session/oidc');
    expect(gone.status).toBe(303);
    const cookie = gone.headers.get('set-cookie')!;
    expect(cookie).toMatch(/HttpOnly; SameSite=Lax/);
    return { cookie: cookie.split(';')[0]!, back: await provider.authorize(gone.headers.get('location')!) };
  };
  const end = (back: URL, cookie: string) =>
    api.fetch(`${back.pathname}${back.search}`, { headers: { cookie } });
  const session = (answer: Response) => ({
    cookie: answer.headers
      .getSetCookie()
      .find((one) => one.startsWith('nayose_session='))!
      .split(';')[0]!,
  });

  test('brings a session with the role of the verified address, which follows the settings', async () => {
    const { back, cookie } = await begin();
    const came = await end(back, cookie);
    expect(came.status).toBe(200);
    const mine = { headers: session(came) };
    expect((await api.fetch('/v1/runs', mine)).status).toBe(200);
    expect((await api.fetch('/v1/audit', mine)).status).toBe(403);
    const [row] = await db.query(`select name, role, hash from session where token_id is null`);
    expect(row).toMatchObject({ name: 'taro@x.jp', role: 'operator' });
    expect(JSON.stringify(row)).not.toContain(mine.headers.cookie.split('=')[1]);
    const promoted = await apiOver(db, { oidc: readOidc({ ...ENV, NAYOSE_OIDC_ROLES: 'admin=taro@x.jp' }) });
    expect((await promoted.fetch('/v1/audit', mine)).status).toBe(200);
    const without = await apiOver(db, { oidc: readOidc({ ...ENV, NAYOSE_OIDC_ROLES: 'admin=boss@x.jp' }) });
    expect((await without.fetch('/v1/runs', mine)).status).toBe(401);
    expect((await end(back, cookie)).status).toBe(403);
  });

  test('is refused to strangers, to unverified addresses, and when what comes back is not what was begun', async () => {
    const refused = async (
      spoil: () => void,
      twist: (way: { back: URL; cookie: string }) => void = () => undefined,
    ) => {
      spoil();
      const way = await begin();
      twist(way);
      const answer = await end(way.back, way.cookie);
      expect(answer.headers.getSetCookie().join()).not.toContain('nayose_session');
      return answer.status;
    };
    const nothing = () => undefined;
    const person = (email: string, email_verified?: boolean) => () => {
      provider.person = { email, ...(email_verified === undefined ? {} : { email_verified }) };
    };
    expect(await refused(person('mallory@z.jp', true))).toBe(403);
    expect(await refused(person('taro@x.jp', false))).toBe(403);
    expect(await refused(person('taro@x.jp'))).toBe(403);
    person('taro@x.jp', true)();
    const claim = (name: string, value: unknown) => () => {
      provider.tamper = (claims) => {
        claims[name] = value;
      };
    };
    expect(await refused(claim('nonce', 'another'))).toBe(403);
    expect(await refused(claim('aud', 'another'))).toBe(403);
    expect(await refused(claim('iss', 'https://evil.example'))).toBe(403);
    expect(await refused(claim('exp', 1))).toBe(403);
    delete provider.tamper;
    expect(await refused(nothing, (way) => way.back.searchParams.set('code', 'guessed'))).toBe(403);
    expect(await refused(nothing, (way) => way.back.searchParams.set('state', 'another'))).toBe(400);
    expect(
      await refused(nothing, (way) => {
        way.cookie = '';
      }),
    ).toBe(400);
    expect(
      await refused(nothing, () => {
        api.clock.now = new Date(NOW.getTime() + 11 * 60_000);
      }),
    ).toBe(403);
  });

  test('says so when the provider does not answer, or none is set up', async () => {
    const lost = await apiOver(db, { oidc: readOidc({ ...ENV, NAYOSE_OIDC_ISSUER: 'http://127.0.0.1:9' }) });
    expect((await lost.fetch('/session/oidc')).status).toBe(502);
    expect(lost.logged.join()).toContain('provider failed');
    const none = await apiOver(db);
    expect((await none.fetch('/session/oidc')).status).toBe(404);
    expect(await (await none.fetch('/', { headers: { accept: 'text/html' } })).text()).not.toContain(
      '/session/oidc',
    );
    expect(await (await api.fetch('/', { headers: { accept: 'text/html' } })).text()).toContain(
      '/session/oidc',
    );
  });
});
