/**
 * jsforce over the hub's fetch. A jsforce Connection (and its OAuth2) sends everything through its `_transport`;
 * ours hands each request to `ctx.fetch` and nothing else, so jsforce's own undici, its hidden retries, its
 * proxy variables and its 30-minute time-out never come into play.
 */
import { Duplex } from 'node:stream';
import jsforce from 'jsforce';
import { ConnectorError } from '../contract.ts';

type Transport = InstanceType<typeof jsforce.Connection>['_transport'];
type HttpRequest = Parameters<Transport['httpRequest']>[0];
type HttpResponse = Awaited<ReturnType<Transport['httpRequest']>>;
export type Sent = { method: string; status: number; retryAfter: number | undefined; date: Date | undefined };

export interface FetchTransport extends Transport {
  /** The last answer that came, for what jsforce's errors leave out. */
  last: Sent | undefined;
}

/** `mayHaveWritten`: whether a call that broke off may have changed something. */
export function fetchTransport(
  fetcher: typeof fetch,
  signal: AbortSignal,
  mayHaveWritten: (method: string, url: URL) => boolean,
): FetchTransport {
  const send = async (request: HttpRequest): Promise<HttpResponse> => {
    const { method, url, body } = request;
    if (body !== null && body !== undefined && typeof body !== 'string')
      throw new Error(`jsforce sent a body that is no text to ${method} ${new URL(url).pathname}`);
    const headers = new Headers(request.headers);
    headers.delete('content-length');
    try {
      const response = await fetcher(url, { method, headers, signal, ...(body ? { body } : {}) });
      const text = await response.text();
      transport.last = {
        method,
        status: response.status,
        retryAfter: seconds(response.headers.get('retry-after')),
        date: readDate(response.headers.get('date')),
      };
      return { statusCode: response.status, headers: Object.fromEntries(response.headers), body: text };
    } catch (cause) {
      if (cause instanceof ConnectorError) throw cause;
      const { pathname, host } = new URL(url);
      throw new ConnectorError('transient', `${method} ${host}${pathname} brought no whole answer`, {
        maybeApplied: mayHaveWritten(method, new URL(url)),
        hint: `Check that ${host} can be reached from here. The hub tries again by itself.`,
        cause,
      });
    }
  };
  const transport: FetchTransport = {
    last: undefined,
    // jsforce pipes into this stream what it uploads as a stream; we upload text only.
    httpRequest: (request) => Object.assign(send(request), { stream: () => new Sink() }),
    getRequestStreamCreator: () => () => new Sink(),
  };
  return transport;
}

/** Takes and gives nothing. */
class Sink extends Duplex {
  override _write(_chunk: unknown, _encoding: string, done: () => void) {
    done();
  }
  override _read() {
    this.push(null);
  }
}

export function connect(
  transport: Transport,
  login: {
    loginUrl: string;
    instanceUrl: string;
    accessToken: string;
    version: string;
    callOptions?: { client: string };
  },
) {
  const connection = new jsforce.Connection(login);
  connection._transport = transport;
  connection.oauth2._transport = transport;
  return connection;
}

export function oauth(
  transport: Transport,
  app: { loginUrl: string; clientId: string; clientSecret?: string },
) {
  const client = new jsforce.OAuth2(app);
  client._transport = transport;
  return client;
}

export type Connection = ReturnType<typeof connect>;

function seconds(text: string | null): number | undefined {
  return text !== null && /^\d+$/.test(text) ? Number(text) : undefined;
}

function readDate(text: string | null): Date | undefined {
  const time = Date.parse(text ?? '');
  return Number.isNaN(time) ? undefined : new Date(time);
}
