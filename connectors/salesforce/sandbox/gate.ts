/** What every call passes: the books, faults on demand, the daily limit, the token, and errors as Salesforce words them. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Context, MiddlewareHandler } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import type { Fault, SandboxCall } from '../../sandbox.ts';
import { Refusal, refuse } from './errors.ts';
import type { World } from './world.ts';

/** What the Node server lends a handler; absent where the app is called without a socket. */
export interface Env {
  Bindings: {
    incoming?: {
      socket: {
        destroy(): void;
        destroyed: boolean;
        once(event: 'close', then: () => void): void;
        off(event: 'close', then: () => void): void;
      };
    };
  };
}

export interface Gate {
  fault: ((call: SandboxCall) => Fault | undefined) | undefined;
  /** Calls still allowed today, and those made, as Sforce-Limit-Info tells them. */
  limit: { used: number; max: number };
  tokens: Set<string>;
}

const LONGEST_URI = 16_384;

export function gatekeeper(
  world: World,
  gate: Gate,
  creates: (c: Context<Env>) => Promise<number>,
): MiddlewareHandler<Env> {
  return async (c, next) => {
    const { books } = world;
    books.calls += 1;
    const route = `${c.req.method} ${routeOf(c.req.path)}`;
    books.byRoute[route] = (books.byRoute[route] ?? 0) + 1;
    const call = { n: books.calls, method: c.req.method, path: c.req.path, creates: await creates(c) };
    const fault = gate.fault?.(call);
    if (fault === 'reset') return cut(c);
    if (fault === 'hang') return silence(c);
    if (typeof fault === 'object' && 'slow' in fault) await sleep(fault.slow);
    else if (typeof fault === 'object')
      return new Response(fault.body ?? '', {
        status: fault.status,
        headers: { 'content-type': 'application/json', ...fault.headers },
      });
    await next();
    c.res.headers.set('date', world.now().toUTCString());
    if (c.req.path.startsWith('/services/data/'))
      c.res.headers.set('Sforce-Limit-Info', `api-usage=${gate.limit.used}/${gate.limit.max}`);
    if (fault === 'lost-answer') c.res = cut(c);
    if (fault === 'truncated') {
      const whole = await c.res.text();
      c.res = new Response(whole.slice(0, Math.floor(whole.length / 2)), c.res);
    }
    return;
  };
}

/** Every data call is counted against the day and needs a live token. */
export function dataGate(gate: Gate): MiddlewareHandler<Env> {
  return async (c, next) => {
    const token = c.req.header('authorization')?.replace(/^(Bearer|OAuth) /, '');
    if (token === undefined || !gate.tokens.has(token))
      throw refuse(401, 'INVALID_SESSION_ID', 'Session expired or invalid');
    if (gate.limit.used >= gate.limit.max)
      throw refuse(403, 'REQUEST_LIMIT_EXCEEDED', 'TotalRequests Limit exceeded.');
    gate.limit.used += 1;
    const asked = new URL(c.req.url);
    if (asked.pathname.length + asked.search.length > LONGEST_URI)
      throw refuse(414, 'URI_TOO_LONG', 'The URI is longer than 16,384 bytes');
    await next();
  };
}

export function answerError(error: Error, c: Context): Response {
  if (!(error instanceof Refusal)) throw error;
  return c.json(error.body(), error.status as ContentfulStatusCode);
}

export function routeOf(path: string): string {
  return path
    .replace(/\/(query|queryAll)\/[^/]+$/, '/$1/{id}')
    .replace(/\/(jobs\/\w+)\/[^/]+/, '/$1/{id}')
    .replace(/\/(?=[A-Za-z0-9]*\d)[A-Za-z0-9]{15}([A-Za-z0-9]{3})?(?=\/|$)/g, '/{id}')
    .replace(/(\/sobjects\/\w+\/\w+__c)\/.+$/, '$1/{id}');
}

/** Closes the connection with no answer. Without a socket, an answer that breaks off says the same. */
function cut(c: Context<Env>): Response {
  const socket = c.env?.incoming?.socket;
  if (socket === undefined)
    return new Response(new ReadableStream({ start: (s) => s.error(new Error('cut')) }));
  socket.destroy();
  return new Response(null, { headers: { 'x-hono-already-sent': 'true' } });
}

async function silence(c: Context<Env>): Promise<Response> {
  const socket = c.env?.incoming?.socket;
  await new Promise<void>((resolve) => {
    if (socket === undefined) c.req.raw.signal.addEventListener('abort', () => resolve(), { once: true });
    else if (socket.destroyed) resolve();
    else socket.once('close', resolve);
  });
  return new Response(null, { headers: { 'x-hono-already-sent': 'true' } });
}
