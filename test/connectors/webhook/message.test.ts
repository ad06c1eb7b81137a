/** One message to a receiver on a real socket: signatures, formats, and addresses that are not for it. */
import { Hono } from 'hono';
import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createPinnedFetch } from '../../../api/runtime/pinned.ts';
import type { Lookup } from '../../../connectors/private.ts';
import { serveSandbox } from '../../../connectors/serve.ts';
import { createTransport } from '../../../connectors/transport.ts';
import { type WebhookConfig, webhookConfig } from '../../../connectors/webhook/config.ts';
import { formatBody } from '../../../connectors/webhook/formats.ts';
import { type MessagePost, postMessage } from '../../../connectors/webhook/message.ts';

const secret = (name: string) => `whsec_${btoa(`a secret called ${name}`)}`;
const PAYLOAD = {
  type: 'alert.hot-lead',
  timestamp: '2026-01-02T03:04:05.000Z',
  data: {
    golden: {
      id: 'g_1',
      values: { familyName: '勅使河原', givenName: '<!channel> *健*', email: 'ken@alpha.example', score: 85 },
    },
    previous: { score: 70 },
    changed: { score: { from: 70, to: 85 }, title: { from: null, to: '[click](http://evil.example)' } },
  },
};
const BODY = JSON.stringify(PAYLOAD);

let url: string;
let close: () => Promise<void>;
let got: { headers: Record<string, string>; body: string }[];
let answer: () => Response | Promise<Response>;
beforeAll(async () => {
  const app = new Hono();
  app.post('*', async (c) => {
    got.push({ headers: c.req.header(), body: await c.req.text() });
    return await answer();
  });
  ({ url, close } = await serveSandbox(app));
});
afterAll(() => close());
beforeEach(() => {
  got = [];
  answer = () => new Response('thank you', { status: 200 });
});

const config = (own: object): WebhookConfig => webhookConfig.parse({ secret: secret('new'), url, ...own });
const post = (own: object, more: Partial<MessagePost> = {}) =>
  postMessage({
    config: config(own),
    message: { id: 'msg_1', format: 'standard', body: BODY },
    now: () => new Date(),
    fetch,
    signal: new AbortController().signal,
    ...more,
  });

describe('where it must not go', () => {
  test.each([
    ['loopback in figures', { url: 'http://127.0.0.1:9/' }],
    ['loopback by name', { url: 'http://localhost:9/' }],
    ['the cloud’s metadata', { url: 'http://169.254.169.254/latest' }],
    ['loopback as IPv6', { url: 'http://[::1]:9/' }],
  ])('%s', async (_, own) => {
    expect(await post(own)).toEqual({ error: expect.stringContaining('allowPrivate') });
  });

  test('a name that stands for a private address', async () => {
    const lookup: Lookup = async () => ['10.1.2.3'];
    expect(await post({ url: 'http://hooks.example/' }, { lookup })).toEqual({
      error: expect.stringContaining('its name stands for a private'),
    });
  });

  test('a name that is public when it is checked, and loopback when the socket opens (DNS rebinding)', async () => {
    const { port } = new URL(url);
    const answers = [['93.184.216.34'], ['127.0.0.1']];
    const lookup: Lookup = async () => answers.shift()!;
    const own = { url: `http://rebound.example:${port}/` };
    expect(await post(own, { lookup, fetch: createPinnedFetch(lookup) })).toEqual({
      error: expect.stringContaining('rebound.example: its name stands for a private'),
    });
    expect(answers).toEqual([]);
    expect(got).toEqual([]);
  });

  test('the same for ordinary writes of a sync, which go through the transport', async () => {
    const { port } = new URL(url);
    const lookup: Lookup = async () => ['127.0.0.1'];
    const through = createTransport({ fetch: createPinnedFetch(lookup), retries: 0 });
    const sent = through(`http://rebound.example:${port}/`, { method: 'POST', body: '{}' });
    await expect(sent).rejects.toThrow(/rebound\.example/);
    expect(got).toEqual([]);
  });

  test.each([307, 308])('a public receiver that redirects there with %i', async (status) => {
    answer = () => new Response(null, { status, headers: { location: `${url}/inside` } });
    const lookup: Lookup = async () => ['93.184.216.34'];
    const own = { url: 'http://public.example/in' };
    const first: typeof fetch = (_, init) => fetch(url, init);
    expect(await post(own, { lookup, fetch: first })).toEqual({
      error: expect.stringContaining('allowPrivate'),
    });
    expect(got).toHaveLength(1);
  });

  test('with allowPrivate a redirect is an answer, and is not followed', async () => {
    answer = () => new Response(null, { status: 308, headers: { location: `${url}/other` } });
    expect(await post({ allowPrivate: true })).toEqual({ status: 308, error: 'the receiver answered 308' });
    expect(got).toHaveLength(1);
  });
});

describe('what comes back', () => {
  const here = { allowPrivate: true };
  test('a hanging receiver, nobody there, and a name that does not exist', async () => {
    answer = () => new Promise<Response>(() => {});
    expect(await post(here, { deadlineMs: 150 })).toEqual({ error: 'the receiver did not answer in time' });
    const gone = await serveSandbox(new Hono());
    await gone.close();
    expect(await post({ ...here, url: `${gone.url}/secret-path` })).toEqual({
      error: `nothing listens at ${new URL(gone.url).host}`,
    });
    const lookup: Lookup = () => Promise.reject(Object.assign(new Error('none'), { code: 'ENOTFOUND' }));
    expect(await post({ url: 'https://nowhere.example/secret-path' }, { lookup })).toEqual({
      error: expect.stringContaining('nowhere.example cannot be found'),
    });
  });

  test('a receiver that asks for time, in seconds', async () => {
    answer = () => new Response('private words', { status: 429, headers: { 'retry-after': '120' } });
    expect(await post(here)).toEqual({
      status: 429,
      retryAfterMs: 120_000,
      error: 'the receiver answered 429',
    });
  });
});

test('a public receiver gets what a fetch would send, and is heard', async () => {
  const { port } = new URL(url);
  const lookup: Lookup = async () => ['93.184.216.34'];
  const there = createPinnedFetch(
    async () => ['127.0.0.1'],
    () => true,
  );
  answer = () => new Response('wait', { status: 503, headers: { 'retry-after': '7' } });
  const own = { url: `http://public.example:${port}/in` };
  expect(await post(own, { lookup, fetch: there })).toMatchObject({ status: 503, retryAfterMs: 7000 });
  answer = () => new Response(null, { status: 204 });
  expect(await post(own, { lookup, fetch: there })).toEqual({ status: 204 });
  expect(new Webhook(secret('new')).verify(got[1]!.body, got[1]!.headers)).toEqual(PAYLOAD);
  expect(got[1]!.headers.host).toBe(`public.example:${port}`);
  const bytes = await there(own.url, { method: 'POST', body: new TextEncoder().encode('{"é":1}') });
  expect([bytes.status, got[2]!.body]).toEqual([204, '{"é":1}']);
  answer = () => new Promise<Response>(() => {});
  expect(await post(own, { lookup, fetch: there, deadlineMs: 100 })).toEqual({
    error: 'the receiver did not answer in time',
  });
});

describe('signatures', () => {
  test('while secrets are rotated each of them checks the message; the id stays, the time does not', async () => {
    const own = { allowPrivate: true, previousSecrets: [secret('old'), secret('older')] };
    expect(await post(own)).toEqual({ status: 200 });
    const [{ headers, body }] = got as [(typeof got)[0]];
    expect(headers['webhook-signature']!.split(' ')).toHaveLength(3);
    for (const name of ['new', 'old', 'older'])
      expect(new Webhook(secret(name)).verify(body, headers)).toEqual(PAYLOAD);
    expect(() => new Webhook(secret('other')).verify(body, headers)).toThrow('No matching signature');
    expect(headers['webhook-id']).toBe('msg_1');
  });

  test.each([
    [{ previousSecrets: ['not base64!'] }, /not base64/],
    [{ secret: undefined }, /add a secret/],
    [{ format: 'discord' }, /slack/],
  ])('a configuration that cannot sign: %o', (own, message) => {
    const parsed = webhookConfig.safeParse({ secret: secret('new'), url, ...own });
    expect(JSON.stringify(parsed.error?.issues)).toMatch(message);
  });
});

describe('formats', () => {
  test('slack and teams: unsigned, and nothing of a record is read as markup', async () => {
    const { secret: _, ...own } = webhookConfig.parse({ url, format: 'slack', allowPrivate: true });
    for (const format of ['slack', 'teams'] as const)
      expect(await post({}, { config: own, message: { id: 'msg_1', format, body: BODY } })).toEqual({
        status: 200,
      });
    const [slack, teams] = got.map(({ body }) => JSON.parse(body));
    expect(got[0]!.headers['webhook-signature']).toBeUndefined();
    expect(slack.text).toBe('hot-lead: 勅使河原 &lt;!channel&gt; *健*');
    expect(slack.blocks[0].text).toMatchObject({
      type: 'plain_text',
      text: 'hot-lead: 勅使河原 <!channel> *健*',
    });
    expect(
      slack.blocks[1].fields.map(({ type, text }: { type: string; text: string }) => [type, text]),
    ).toEqual([
      ['plain_text', 'email: ken@alpha.example'],
      ['plain_text', 'score: 70 → 85'],
      ['plain_text', 'title: – → [click](http://evil.example)'],
      ['plain_text', 'golden record: g_1'],
    ]);
    const [{ contentType, content }] = teams.attachments;
    expect(contentType).toBe('application/vnd.microsoft.card.adaptive');
    expect(content).toMatchObject({ type: 'AdaptiveCard', version: '1.4' });
    for (const block of content.body) {
      expect(block.type).toBe('RichTextBlock');
      for (const run of block.inlines) expect(run.type).toBe('TextRun');
    }
  });

  test('long values and many changes fit what Slack takes', () => {
    const changed = Object.fromEntries(
      Array.from({ length: 40 }, (_, i) => [`field${i}`, { from: null, to: '𠮷'.repeat(5000) }]),
    );
    const body = JSON.stringify({
      ...PAYLOAD,
      data: { golden: { id: 'g', values: { name: 'x'.repeat(500) } }, changed },
    });
    const { blocks } = JSON.parse(formatBody('slack', body));
    expect(blocks[0].text.text.length).toBeLessThanOrEqual(150);
    expect(blocks[1].fields).toHaveLength(10);
    for (const { text } of blocks[1].fields) expect(text.length).toBeLessThanOrEqual(2000);
  });
});
