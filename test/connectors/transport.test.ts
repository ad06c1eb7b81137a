import { createServer, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { type CallInit, ConnectorError, type QuotaHint } from '../../connectors/contract.ts';
import { type CallRecord, createTransport, type TransportOptions } from '../../connectors/transport.ts';

/** A fetch that plays the script, one entry a call, and a transport whose waits are recorded, not slept. */
function rig(
  script: (Response | Error | ((init: RequestInit) => Promise<Response>))[],
  options: Partial<TransportOptions> = {},
) {
  const sent: { url: string; init: RequestInit }[] = [];
  const waits: number[] = [];
  const calls: CallRecord[] = [];
  const call = createTransport({
    fetch: async (url, init) => {
      const step = script[sent.length];
      sent.push({ url: String(url), init: init! });
      if (step === undefined) throw new Error('the script has ended');
      if (step instanceof Error) throw step;
      return typeof step === 'function' ? await step(init!) : step;
    },
    sleep: async (ms) => {
      waits.push(ms);
    },
    random: () => 0,
    now: () => new Date('2026-01-01T00:00:00Z'),
    onCall: (record) => calls.push(record),
    ...options,
  });
  return { call, sent, waits, calls };
}

const network = (code: string, syscall?: string) =>
  new TypeError('fetch failed', {
    cause: Object.assign(new Error(`${syscall ?? 'read'} ${code}`), { code, syscall }),
  });
const answer = (status: number, headers: Record<string, string> = {}) =>
  new Response('{}', { status, headers });
const post = { method: 'POST', body: '{"a":1}' };

async function failure(promise: Promise<unknown>): Promise<ConnectorError> {
  const error = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(ConnectorError);
  return error as ConnectorError;
}

describe('what is sent again', () => {
  test.each([408, 429, 500, 502, 503, 504])('a GET after %i', async (status) => {
    const { call, sent } = rig([answer(status), answer(200)]);
    expect((await call('http://tool.test/a')).status).toBe(200);
    expect(sent).toHaveLength(2);
  });

  test.each([400, 401, 403, 404, 409, 423])('never a GET after %i', async (status) => {
    const { call, sent } = rig([answer(status)]);
    expect((await call('http://tool.test/a')).status).toBe(status);
    expect(sent).toHaveLength(1);
  });

  test.each([408, 500, 502, 503, 504])('never a POST after %i', async (status) => {
    const { call, sent } = rig([answer(status, { 'retry-after': '1' })]);
    expect((await call('http://tool.test/a', post)).status).toBe(status);
    expect(sent).toHaveLength(1);
  });

  test('a POST after 429, with the same body', async () => {
    const { call, sent } = rig([answer(429), answer(201)]);
    expect((await call('http://tool.test/a', post)).status).toBe(201);
    expect(sent.map(({ init }) => new TextDecoder().decode(init.body as Uint8Array))).toEqual([
      '{"a":1}',
      '{"a":1}',
    ]);
  });

  test('a POST that the connector declares read-only', async () => {
    const { call, sent } = rig([answer(500), network('ECONNRESET'), answer(200)], {
      readOnly: (method, url) => method === 'POST' && url.pathname.endsWith('/search'),
    });
    expect((await call('http://tool.test/a/search', post)).status).toBe(200);
    expect(sent).toHaveLength(3);
  });

  test('what only reads and brings a proxy’s page, but no write that does: it may have been applied', async () => {
    const page = () => new Response('<html>', { headers: { 'content-type': 'text/html; charset=utf-8' } });
    const read = rig([page(), page(), answer(200)], { readOnly: (_, url) => url.pathname === '/a/search' });
    expect(await (await read.call('http://tool.test/a/search', post)).text()).toBe('{}');
    expect(read.sent).toHaveLength(3);
    const write = rig([page()]);
    expect(await (await write.call('http://tool.test/a', post)).text()).toBe('<html>');
    expect(write.sent).toHaveLength(1);
  });

  test('a read whose JSON is cut short, though it is as long as announced; a write says that it may have been applied', async () => {
    const json = (text: string) => new Response(text, { headers: { 'content-type': 'application/json' } });
    const read = rig([json('{"results":[{"id":"1"},'), json(' [1,'), json('{"results":[]}\n')]);
    expect(await (await read.call('http://tool.test/a')).json()).toEqual({ results: [] });
    expect(read.sent).toHaveLength(3);
    const write = await failure(rig([json('{"id":')]).call('http://tool.test/a', post));
    expect([write.kind, write.maybeApplied]).toEqual(['transient', true]);
    for (const whole of ['{}', '[]', '"x"', '1', ' '])
      expect(await (await rig([json(whole)]).call('http://tool.test/a')).text()).toBe(whole);
  });

  test('a POST that never found anyone to talk to', async () => {
    const { call, sent } = rig([network('ECONNREFUSED', 'connect'), answer(200)]);
    expect((await call('http://tool.test/a', post)).status).toBe(200);
    expect(sent).toHaveLength(2);
  });

  test.each(['ECONNRESET', 'UND_ERR_SOCKET', 'ETIMEDOUT', 'EHOSTUNREACH'])(
    'never a POST whose connection broke with %s: it may have been applied',
    async (code) => {
      const { call, sent } = rig([network(code, 'read')]);
      const error = await failure(call('http://tool.test/a', post));
      expect(error).toMatchObject({ kind: 'transient', maybeApplied: true });
      expect(sent).toHaveLength(1);
    },
  );

  test('retries end, and the last answer is handed back', async () => {
    const { call, sent } = rig([answer(503), answer(503), answer(502)], { retries: 2 });
    expect((await call('http://tool.test/a')).status).toBe(502);
    expect(sent).toHaveLength(3);
  });
});

describe('how long it waits', () => {
  test('backoff doubles, and half of it is jitter', async () => {
    const script = [answer(500), answer(500), answer(500), answer(200)];
    const least = rig(script.map((response) => response.clone()));
    await least.call('http://tool.test/a');
    expect(least.waits).toEqual([250, 500, 1000]);
    const most = rig(script, { random: () => 1 });
    await most.call('http://tool.test/a');
    expect(most.waits).toEqual([500, 1000, 2000]);
  });

  test('Retry-After in seconds and as a date', async () => {
    const { call, waits } = rig([
      answer(429, { 'retry-after': '7' }),
      answer(503, { 'retry-after': 'Thu, 01 Jan 2026 00:00:12 GMT' }),
      answer(200),
    ]);
    await call('http://tool.test/a');
    expect(waits).toEqual([7000, 12_000]);
  });

  test('a Retry-After beyond the limit is the caller’s to wait for', async () => {
    const { call, waits } = rig([answer(429, { 'retry-after': '31' })]);
    expect((await call('http://tool.test/a')).headers.get('retry-after')).toBe('31');
    expect(waits).toEqual([]);
  });

  test('a Retry-After that means nothing falls back on backoff', async () => {
    const { call, waits } = rig([answer(429, { 'retry-after': 'soon' }), answer(200)]);
    await call('http://tool.test/a');
    expect(waits).toEqual([250]);
  });
});

describe('budgets', () => {
  const observe = (response: Response): QuotaHint[] =>
    response.headers.get('x-daily') === 'over'
      ? [{ name: 'daily', remaining: 0, exhaustedUntil: '2026-01-02T00:00:00.000Z' }]
      : [];

  test('once the day is used up, nothing leaves any more', async () => {
    const hints: QuotaHint[] = [];
    const { call, sent } = rig([answer(429, { 'x-daily': 'over' })], {
      observe,
      onQuota: (hint) => hints.push(hint),
    });
    expect((await call('http://tool.test/a')).status).toBe(429);
    const error = await failure(call('http://tool.test/b'));
    expect(error).toMatchObject({ kind: 'quota', retryAfter: 86_400, maybeApplied: false });
    expect(error.message).toContain('daily');
    expect(sent).toHaveLength(1);
    expect(hints).toHaveLength(1);
  });

  test('never more calls in flight than allowed', async () => {
    let inFlight = 0;
    let most = 0;
    const call = createTransport({
      fetch: async () => {
        inFlight += 1;
        most = Math.max(most, inFlight);
        await new Promise((resolve) => setImmediate(resolve));
        inFlight -= 1;
        return answer(200);
      },
      concurrency: 3,
    });
    await Promise.all(Array.from({ length: 20 }, (_, i) => call(`http://tool.test/${i}`)));
    expect(most).toBe(3);
  });

  test('a budget of some calls alone holds back those, and no others', async () => {
    const stop = new AbortController();
    const sent: string[] = [];
    const call = createTransport({
      fetch: async (input) => {
        sent.push(new URL(String(input)).pathname);
        return answer(200);
      },
      budgets: [
        {
          name: 'search',
          calls: 2,
          per: 60,
          only: (method, url) => method === 'POST' && url.pathname === '/search',
        },
        { name: 'all', calls: 100, per: 60 },
      ],
      signal: stop.signal,
    });
    const searches = [1, 2, 3].map(() => call('http://tool.test/search', post));
    const held = failure(searches[2]!);
    await Promise.all([
      ...searches.slice(0, 2),
      call('http://tool.test/other'),
      call('http://tool.test/search'),
    ]);
    expect(sent.sort()).toEqual(['/other', '/search', '/search', '/search']);
    stop.abort();
    expect(await held).toMatchObject({ kind: 'transient', maybeApplied: false });
  });

  test('calls over a short budget wait, and a stop reaches them in the queue', async () => {
    const stop = new AbortController();
    let sent = 0;
    const call = createTransport({
      fetch: async () => {
        sent += 1;
        return answer(200);
      },
      budgets: [
        { name: 'burst', calls: 2, per: 60 },
        { name: 'daily', calls: 1, per: 86_400 },
      ],
      signal: stop.signal,
    });
    await Promise.all([call('http://tool.test/1'), call('http://tool.test/2')]);
    const third = failure(call('http://tool.test/3', post));
    await new Promise((resolve) => setImmediate(resolve));
    stop.abort();
    expect(await third).toMatchObject({ kind: 'transient', maybeApplied: false });
    expect(sent).toBe(2);
  });
});

describe('stopping', () => {
  const hang = () => new Promise<Response>(() => {});

  test('a call may ask for a deadline of its own, longer or shorter', async () => {
    const late = () => new Promise<Response>((done) => setTimeout(() => done(new Response('late')), 60));
    const patient: CallInit = { deadline: 10_000 };
    const { call } = rig([late, late], { deadline: 20, retries: 0 });
    expect(await (await call('https://x.test/', patient)).text()).toBe('late');
    await expect(call('https://x.test/')).rejects.toThrow('no whole answer within 0.02 s');
    const hurried: CallInit = { deadline: 20 };
    await expect(rig([hang], { retries: 0 }).call('https://x.test/', hurried)).rejects.toThrow(
      'within 0.02 s',
    );
  });

  test('a call that hangs ends at its deadline, even when fetch ignores the signal', async () => {
    const { call } = rig([hang, hang], { deadline: 20, retries: 1 });
    const error = await failure(call('http://tool.test/a?token=secret'));
    expect(error.kind).toBe('transient');
    expect(error.message).toBe('GET http://tool.test/a: no whole answer within 0.02 s');
  });

  test('a write that hangs may have been applied, and is not sent again', async () => {
    const { call, sent } = rig([hang], { deadline: 20 });
    expect((await failure(call('http://tool.test/a', post))).maybeApplied).toBe(true);
    expect(sent).toHaveLength(1);
  });

  test('the caller’s signal stops a call in flight; a write says that it may have been applied', async () => {
    const stop = new AbortController();
    const { call } = rig([hang, hang]);
    const read = failure(call('http://tool.test/a', { signal: stop.signal }));
    const write = failure(call('http://tool.test/a', { ...post, signal: stop.signal }));
    await new Promise((resolve) => setImmediate(resolve));
    stop.abort(new Error('hub stops'));
    expect(await read).toMatchObject({ kind: 'transient', maybeApplied: false });
    expect(await write).toMatchObject({
      kind: 'transient',
      maybeApplied: true,
      cause: new Error('hub stops'),
    });
  });

  test('a stop ends a wait between retries', async () => {
    const stop = new AbortController();
    const { call, sent } = rig([answer(500)], {
      signal: stop.signal,
      sleep: () => {
        stop.abort();
        return new Promise(() => {});
      },
    });
    expect((await failure(call('http://tool.test/a'))).message).toContain('was stopped');
    expect(sent).toHaveLength(1);
  });

  test('nothing leaves after a stop', async () => {
    const { call, sent } = rig([answer(200)], { signal: AbortSignal.abort() });
    expect(await failure(call('http://tool.test/a', post))).toMatchObject({ maybeApplied: false });
    expect(sent).toHaveLength(0);
  });
});

describe('bodies', () => {
  test('an answer shorter than announced is transient', async () => {
    const short = () => Promise.resolve(new Response('abc', { headers: { 'content-length': '10' } }));
    const { call, sent } = rig([short, short], { retries: 1 });
    expect((await failure(call('http://tool.test/a'))).message).toContain('ended after 3 of 10 bytes');
    expect(sent).toHaveLength(2);
  });

  test('a stream that hangs in mid-body ends at the deadline', async () => {
    const stuck = async () =>
      new Response(
        new ReadableStream({
          start: (controller) => controller.enqueue(new Uint8Array(3)),
        }),
      );
    const { call } = rig([stuck], { deadline: 20, retries: 0 });
    expect((await failure(call('http://tool.test/a'))).message).toContain('no whole answer');
  });

  test('an answer over the limit is refused and not asked for again', async () => {
    const { call, sent } = rig([new Response('x'.repeat(11))], { largestBody: 10 });
    expect(await failure(call('http://tool.test/a'))).toMatchObject({ kind: 'rejected' });
    expect(sent).toHaveLength(1);
  });

  test('204 and HEAD have no body, and the address is kept', async () => {
    const { call } = rig([
      new Response(null, { status: 204 }),
      new Response(null, { headers: { 'content-length': '9' } }),
    ]);
    expect((await call('http://tool.test/a', { method: 'DELETE' })).body).toBeNull();
    expect((await call('http://tool.test/a', { method: 'HEAD' })).headers.get('content-length')).toBe('9');
  });

  test('a Request and a form arrive as given', async () => {
    const { call, sent } = rig([answer(200)]);
    await call(new Request('http://tool.test/f', { method: 'POST', body: new URLSearchParams({ a: '名' }) }));
    expect(new Headers(sent[0]!.init.headers).get('content-type')).toContain('x-www-form-urlencoded');
    expect(new TextDecoder().decode(sent[0]!.init.body as Uint8Array)).toBe('a=%E5%90%8D');
  });
});

test('every call that left is counted, retries and failures too, with nothing private in its address', async () => {
  const { call, calls } = rig([answer(500), network('ECONNRESET'), answer(200)]);
  await call('http://tool.test/contacts/taro%40example.com?email=taro@example.com');
  expect(calls).toEqual(
    [500, undefined, 200].map((status, retry) => ({
      method: 'GET',
      url: 'http://tool.test/contacts/…',
      status,
      ms: 0,
      retry,
    })),
  );
});

describe('on a real socket', () => {
  const open: { server: Server; sockets: Set<Socket> }[] = [];
  afterEach(async () => {
    for (const { server, sockets } of open.splice(0)) {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    }
  });
  async function listen(onData: (socket: Socket) => void): Promise<string> {
    const sockets = new Set<Socket>();
    const server = createServer((socket) => {
      sockets.add(socket);
      socket.on('error', () => socket.destroy());
      socket.once('data', () => onData(socket));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    open.push({ server, sockets });
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    return `http://127.0.0.1:${address.port}`;
  }
  const real = createTransport({ fetch, retries: 0, deadline: 5000 });

  test('nothing listens', async () => {
    const url = await listen(() => {});
    const { server } = open.pop()!;
    await new Promise((resolve) => server.close(resolve));
    const error = await failure(real(`${url}/x`, post));
    expect(error).toMatchObject({ kind: 'transient', maybeApplied: false });
    expect(error.message).toContain(`nothing listens at ${url.slice(7)}`);
    expect(error.hint).toContain(url);
  });

  test('closed before, reset before, and cut in mid-body', async () => {
    const closing = await listen((socket) => socket.end());
    const resetting = await listen((socket) => socket.resetAndDestroy());
    const cutting = await listen((socket) =>
      socket.end('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"a"'),
    );
    const chunked = await listen((socket) =>
      socket.end('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\n{"a"\r\n'),
    );
    for (const url of [closing, resetting, cutting, chunked])
      expect(await failure(real(url, post))).toMatchObject({ kind: 'transient', maybeApplied: true });
  });

  test('TLS spoken to a plain port, a name that does not exist', async () => {
    const plain = await listen((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    const tls = await failure(real(plain.replace('http:', 'https:'), post));
    expect(tls).toMatchObject({ kind: 'transient', maybeApplied: false });
    expect(tls.hint).toContain('http://');
    const name = await failure(real('http://no-such-host.invalid/', post));
    expect(name.message).toContain('no-such-host.invalid cannot be found');
    expect(name.maybeApplied).toBe(false);
  });
});
