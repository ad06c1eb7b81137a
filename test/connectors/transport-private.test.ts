import { describe, expect, test } from 'vitest';
import { ConnectorError } from '../../connectors/contract.ts';
import { isPublicAddress, publicOnly, refusePrivate } from '../../connectors/private.ts';

const noLookup = async (): Promise<string[]> => {
  throw new Error('a literal address needs no look-up');
};
const resolves = (...addresses: string[]) => ({ lookup: async () => addresses });

describe('refusePrivate', () => {
  test.each([
    'http://127.0.0.1/',
    'http://127.9.9.9/',
    'http://0x7f000001/',
    'http://2130706433/',
    'http://127.1/',
    'http://0/',
    'http://10.1.2.3/',
    'http://100.64.0.1/',
    'http://172.16.0.1/',
    'http://172.31.255.255/',
    'http://192.168.1.1/',
    'http://169.254.169.254/latest/meta-data',
    'http://224.0.0.1/',
    'http://255.255.255.255/',
    'http://[::1]/',
    'http://[::]/',
    'http://[::ffff:10.0.0.1]/',
    'http://[::ffff:8.8.8.8]/',
    'http://[64:ff9b::7f00:1]/',
    'http://[fe80::1]/',
    'http://[fd00::1]/',
    'http://[2002:7f00:1::]/',
    'http://[2001:db8::1]/',
    'http://[ff02::1]/',
    'http://localhost:3000/',
    'http://LOCALHOST./',
    'http://a.localhost/',
    'ftp://example.com/',
    'file:///etc/passwd',
    'http://user:pw@8.8.8.8/',
  ])('%s is refused without a look-up', async (url) => {
    await expect(refusePrivate(url, { lookup: noLookup })).rejects.toMatchObject({
      kind: 'rejected',
      hint: expect.stringContaining('allowPrivate'),
    });
  });

  test.each([
    'http://8.8.8.8/',
    'http://172.32.0.1/',
    'http://100.128.0.1/',
    'https://[2606:4700::1111]/',
    'http://[64:ff9b::808:808]/',
  ])('%s may be called', async (url) => {
    await expect(refusePrivate(url, { lookup: noLookup })).resolves.toBeUndefined();
  });

  test('a name is refused when any of its addresses is private', async () => {
    await expect(refusePrivate('https://hooks.test/', resolves('8.8.8.8'))).resolves.toBeUndefined();
    await expect(refusePrivate('https://hooks.test/', resolves('8.8.8.8', '10.0.0.1'))).rejects.toMatchObject(
      {
        kind: 'rejected',
      },
    );
    await expect(refusePrivate('https://hooks.test/', resolves('fe80::1%eth0'))).rejects.toMatchObject({
      kind: 'rejected',
    });
    await expect(refusePrivate('https://hooks.test/', resolves('not an address'))).rejects.toMatchObject({
      kind: 'rejected',
    });
  });

  test('a name that cannot be looked up is transient', async () => {
    await expect(refusePrivate('https://hooks.test/', resolves())).rejects.toMatchObject({
      kind: 'transient',
    });
    await expect(
      refusePrivate('https://hooks.test/', { lookup: () => Promise.reject(new Error('ENOTFOUND')) }),
    ).rejects.toMatchObject({ kind: 'transient' });
    await expect(refusePrivate('https://no-such-host.invalid/')).rejects.toBeInstanceOf(ConnectorError);
  });

  test('a name is told from an address', () => {
    expect(isPublicAddress('example.com')).toBeUndefined();
    expect(isPublicAddress('1.1.1.1')).toBe(true);
    expect(isPublicAddress('::1')).toBe(false);
  });
});

describe('publicOnly', () => {
  const redirect = (status: number, location: string) =>
    new Response(null, { status, headers: { location } });
  function rig(answers: Response[], names: Record<string, string> = {}) {
    const sent: { url: string; init: RequestInit | undefined }[] = [];
    const call = publicOnly(
      async (input, init) => {
        sent.push({ url: String(input), init });
        return answers[sent.length - 1]!;
      },
      { lookup: async (name) => [names[name] ?? '8.8.8.8'] },
    );
    return { call, sent };
  }
  const post = { method: 'POST', body: 'x' };

  test('a redirect inwards is refused before anything is sent there', async () => {
    for (const location of ['http://127.0.0.1/', '//10.0.0.1/x', 'https://inner.test/']) {
      const { call, sent } = rig([redirect(307, location)], { 'inner.test': '192.168.0.1' });
      await expect(call('https://a.test/', post)).rejects.toMatchObject({ kind: 'rejected' });
      expect(sent).toHaveLength(1);
    }
  });

  test('307 and 308 keep method and body; 302 is not followed', async () => {
    const { call, sent } = rig([redirect(308, '/b'), new Response('ok')]);
    expect(await (await call('https://a.test/a', post)).text()).toBe('ok');
    expect(sent.map(({ url, init }) => [url, init?.method, init?.body, init?.redirect])).toEqual([
      ['https://a.test/a', 'POST', 'x', 'manual'],
      ['https://a.test/b', 'POST', 'x', 'manual'],
    ]);
    expect((await rig([redirect(302, 'https://b.test/')]).call('https://a.test/', post)).status).toBe(302);
  });

  test('none leads from https to http, where others could read it; from http to http it may', async () => {
    const down = rig([redirect(307, 'http://b.test/')]);
    await expect(down.call('https://a.test/', post)).rejects.toMatchObject({
      kind: 'rejected',
      message: 'https://a.test redirects to an address without https',
    });
    expect(down.sent).toHaveLength(1);
    const level = rig([redirect(307, 'http://b.test/'), new Response('ok')]);
    expect((await level.call('http://a.test/', post)).status).toBe(200);
  });

  test('a circle ends', async () => {
    const { call } = rig(Array.from({ length: 9 }, () => redirect(307, 'https://a.test/')));
    await expect(call('https://a.test/', post)).rejects.toMatchObject({ kind: 'rejected' });
  });
});
