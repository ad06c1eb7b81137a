import { setTimeout as sleep } from 'node:timers/promises';
import type { Context, MiddlewareHandler } from 'hono';
import type { Books, Fault, SandboxCall } from '../../sandbox.ts';

/** The connection was cut on purpose, and the caller is in this process: it sees a failed fetch. */
export class HungUp extends Error {}

/** Counts every call, and lets something go wrong with it. */
export function callsMiddleware(
  books: Books,
  ask: (call: SandboxCall) => Fault | undefined,
): MiddlewareHandler {
  return async (c, next) => {
    books.calls += 1;
    const route = `${c.req.method} ${routeOf(c.req.path)}`;
    books.byRoute[route] = (books.byRoute[route] ?? 0) + 1;
    const fault = ask({ n: books.calls, method: c.req.method, path: c.req.path, creates: await creates(c) });
    if (fault === undefined) return await next();
    if (fault === 'reset') return hangUp(c);
    if (fault === 'hang') return await silence(c);
    if (typeof fault === 'object' && 'slow' in fault) {
      await sleep(fault.slow);
      return await next();
    }
    if (typeof fault === 'object')
      return new Response(fault.body ?? '', { status: fault.status, headers: fault.headers ?? {} });
    await next();
    if (fault === 'lost-answer') return hangUp(c);
    const text = await c.res.text();
    const { status } = c.res;
    c.res = undefined;
    c.res = new Response(text.slice(0, Math.floor(text.length / 2)), {
      status: status === 204 ? 200 : status,
      headers: { 'content-type': 'application/json;charset=utf-8' },
    });
  };
}

function routeOf(path: string): string {
  return path
    .replace(/^(\/crm\/v\d\/objects\/[^/]+)\/(?!batch\/|search$|merge$)[^/]+/, '$1/{id}')
    .replace(/\/\d+(?=\/|$)/g, '/{id}');
}

async function creates(c: Context): Promise<number> {
  if (c.req.method !== 'POST') return 0;
  if (/\/objects\/[^/]+$/.test(c.req.path)) return 1;
  if (!/\/objects\/[^/]+\/batch\/(create|upsert)$/.test(c.req.path)) return 0;
  const body: unknown = await c.req.json();
  return typeof body === 'object' && body !== null && 'inputs' in body && Array.isArray(body.inputs)
    ? body.inputs.length
    : 0;
}

function hangUp(c: Context): Response {
  const env = c.env as { incoming?: { socket?: { destroy(): void } } } | undefined;
  if (env?.incoming?.socket === undefined) throw new HungUp('the connection was closed without an answer');
  env.incoming.socket.destroy();
  return new Response(null, { status: 500 });
}

/** Waits for as long as the caller does. */
async function silence(c: Context): Promise<Response> {
  const { signal } = c.req.raw;
  await new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
  return hangUp(c);
}
