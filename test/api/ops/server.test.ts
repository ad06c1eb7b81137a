import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Trace } from '../../../api/ops/trace.ts';
import { startTracing } from '../../../api/ops/tracing.ts';
import { pauseConnection } from '../../../core/store/budgets.ts';
import { runSync } from '../../../core/sync/run.ts';
import { keepOutput, PERSON } from '../../support/planted.ts';
import { makeWorld, type ServedHub, serveHub, TOKEN, until, type World } from '../serve/harness.ts';

interface Span {
  name: string;
  spanId: string;
  parentSpanId?: string;
  traceId: string;
  attributes: { key: string; value: Record<string, unknown> }[];
}

let collector: Server;
let world: World;
let hub: ServedHub;
let trace: Trace;
let scraped: string;
const received: string[] = [];
const get = (path: string, headers: Record<string, string> = {}) => fetch(`${hub.url}${path}`, { headers });
const bearer = { Authorization: `Bearer ${TOKEN}` };

beforeAll(async () => {
  collector = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (text) => {
      body += text;
    });
    request.on('end', () => {
      received.push(body);
      keepOutput('traces', body);
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
    });
  });
  await new Promise<void>((done) => collector.listen(0, '127.0.0.1', done));
  const { port } = collector.address() as AddressInfo;
  const silent = { debug() {}, info() {}, warn() {} };
  trace = (await startTracing({ OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}/` }, silent))!;
  world = await makeWorld();
  hub = await serveHub(world, { trace });
  for (const sync of await hub.hub.syncs())
    await runSync(hub.hub.engine, sync, { mode: 'sync', signal: new AbortController().signal });
  world.aim(hub.url);
  world.boxes.hubspot.edit('contacts', world.contacts[0]!, { jobtitle: 'Director' });
  await world.boxes.hubspot.webhooksSettled();
  await until(async () => hub.latencies().length > 0);
  await hub.idle();
  await get(`/v1/golden/${encodeURIComponent(PERSON.email)}`, bearer);
  await get('/no/such/thing');
  await fetch(`${hub.url}/hooks/ma`, { method: 'POST', body: PERSON.email });
  await fetch(`${hub.url}/hooks/${encodeURIComponent(PERSON.familyName)}`, { method: 'POST' });
  scraped = await (await get('/metrics', bearer)).text();
}, 180_000);
afterAll(async () => {
  await hub.end();
  await world.close();
  await new Promise((done) => collector.close(done));
});

describe('metrics', () => {
  test('need a token, as everything does that tells of the hub', async () => {
    expect((await get('/metrics')).status).toBe(401);
    expect((await get('/metrics', { Authorization: 'Bearer wrong' })).status).toBe(401);
    const answer = await get('/metrics', bearer);
    expect(answer.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
  });

  test.each([
    [/nayose_http_request_seconds_count\{method="POST",route="\/hooks\/:connection",status="202"\} 1/],
    [/nayose_http_request_seconds_count\{method="GET",route="\/v1\/golden\/:id",status="404"\} 1/],
    [/nayose_http_request_seconds_count\{method="GET",route="\(none\)",status="40[14]"\} 1/],
    [/nayose_hook_requests_total\{connection="ma",outcome="received"\} 1/],
    [/nayose_hook_requests_total\{connection="ma",outcome="refused"\} 1/],
    [/nayose_hook_requests_total\{connection="\(none\)",outcome="refused"\} 1/],
    [/nayose_realtime_seconds_count\{connection="crm"\} 1/],
    [/nayose_runs\{sync="people",status="complete"\} 1/],
    [/nayose_records\{connection="crm",object="Contact"\} 20/],
    [/nayose_golden_records\{entity="person"\} 20/],
    [/nayose_api_calls_total\{connection="ma",status="200"\} \d+/],
    [/nayose_budget_limit_calls\{connection="ma",budget="daily"\} 250000/],
    [/nayose_budget_used_calls\{connection="ma",budget="daily"\} [1-9]\d*/],
    [/nayose_budget_forecast_calls\{connection="ma",budget="daily"\} [1-9]\d*/],
    [/nayose_sync_complete_age_seconds\{sync="people"\} /],
    [/nayose_process_resident_bytes \d{6,}/],
    [/nayose_event_loop_lag_seconds\{quantile="0.99"\} /],
  ])('tell %s', (line) => {
    expect(scraped).toMatch(line);
  });

  test('every family has a help and a type, and no label came from a request', () => {
    const families = new Set(
      scraped
        .split('\n')
        .filter((line) => line && !line.startsWith('#'))
        .map((line) => /^\w+/.exec(line)![0].replace(/_(bucket|sum|count)$/, '')),
    );
    for (const family of families)
      expect(scraped).toMatch(new RegExp(`# HELP ${family} .+\\n# TYPE ${family} \\w+`));
    expect(scraped).not.toContain(encodeURIComponent(PERSON.familyName));
    expect(scraped).not.toContain(PERSON.email);
  });
});

test('the overview shows how much of each tool’s day is used, and where that goes; and what rests', async () => {
  const page = async (language: string) =>
    (await get('/', { ...bearer, Accept: 'text/html', 'Accept-Language': language })).text();
  await pauseConnection(
    hub.store.db,
    { connection: 'ma', state: 'quota', reason: 'the daily budget is used up <b>' },
    { at: '2100-01-01T00:00:00Z' },
  );
  const en = await page('en');
  expect(en).toMatch(/API budgets of the day.*<strong>ma<\/strong>.*rests until.*250,000.*0% by /s);
  expect(en).toContain('used up &lt;b&gt;');
  expect(await page('ja')).toMatch(/1日のAPI呼び出し枠.*まで休止中.*250,000/s);
  await hub.store.db.query('delete from connection');
});

describe('log lines of requests', () => {
  test('tell method, route, status, time and id, and nothing that the asker wrote', () => {
    const lines = hub.lines
      .map((line) => JSON.parse(line) as Record<string, unknown>)
      .filter(({ message }) => message === 'request');
    expect(lines).toContainEqual({
      level: 'info',
      time: expect.stringMatching(/Z$/),
      method: 'GET',
      route: '/v1/golden/:id',
      status: 404,
      ms: expect.any(Number),
      requestId: expect.stringMatching(/.{8,}/),
      message: 'request',
    });
    expect(JSON.stringify(lines)).not.toContain('planted');
  });
});

describe('readiness', () => {
  test('a connection that rests is told, and does not keep the hub from being ready', async () => {
    const ready = async () => {
      const answer = await get('/readyz');
      return { status: answer.status, body: await answer.json() };
    };
    expect(await ready()).toEqual({ status: 200, body: { status: 'ready' } });
    await pauseConnection(
      hub.store.db,
      { connection: 'ma', state: 'quota', reason: `told ${PERSON.email}` },
      { seconds: 60 },
    );
    expect(await ready()).toEqual({
      status: 200,
      body: { status: 'ready', degraded: [{ connection: 'ma', state: 'quota', until: expect.any(String) }] },
    });
    await hub.store.db.query('delete from connection');
  });
});

describe('traces', () => {
  test('none are sent, and nothing is loaded, unless an address is given', async () => {
    expect(await startTracing({}, { debug() {}, info() {}, warn() {} })).toBeUndefined();
  });

  test('spans of requests, runs, steps and calls hang together and hold no value', async () => {
    await trace.stop();
    const spans = received.flatMap((body) =>
      (JSON.parse(body) as { resourceSpans: { scopeSpans: { spans: Span[] }[] }[] }).resourceSpans.flatMap(
        ({ scopeSpans }) => scopeSpans.flatMap((scope) => scope.spans),
      ),
    );
    const named = (name: string) => spans.filter((span) => span.name === name);
    const [request] = named('GET /v1/golden/:id');
    expect(request?.attributes.map(({ key }) => key)).toContain('http.route');
    const [run] = named('run');
    const steps = named('step').filter(({ parentSpanId }) => parentSpanId === run?.spanId);
    expect(steps.length).toBeGreaterThan(3);
    const call = spans.find(({ name }) => name === 'GET /crm/v3/objects/contacts');
    const above = spans.find(({ spanId }) => spanId === call?.parentSpanId);
    expect(above?.name).toBe('step');
    expect(above?.traceId).toBe(call?.traceId);
    // What a webhook sets off is nobody's child: the request was answered long before.
    const written = spans.find(({ name }) => name.startsWith('PATCH '));
    expect(written).toBeDefined();
    expect(written?.parentSpanId ?? '').toBe('');
    const all = received.join('');
    for (const { email, phone } of [PERSON]) {
      expect(all).not.toContain(email);
      expect(all).not.toContain(phone);
    }
    expect(all).not.toMatch(/@mail\d|Family\d|properties=|Bearer/);
    for (const id of world.contacts) expect(spans.map(({ name }) => name).join()).not.toContain(id);
  });
});
