import { type Context, Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import {
  type Connector,
  ConnectorError,
  type Inbound,
  type Context as ToolContext,
} from '../../connectors/contract.ts';
import type { Db } from '../../core/store/db.ts';
import { receive } from '../../core/store/inbox.ts';
import { sameSecret } from '../auth/tokens.ts';
import { problem } from './problem.ts';

/** A connection as its webhooks meet it. */
export interface HookTarget {
  connector: Connector;
  /** The secret last part of its address, where it has one. */
  hookKey?: string | undefined;
  context(signal: AbortSignal): ToolContext;
}

export interface HookDeps {
  target(connection: string): HookTarget | undefined;
  db(): Db;
  now(): Date;
  newId(): string;
  /** Told after an event has been committed. */
  received(connection: string): void;
}

const LARGEST = 1024 * 1024;

/** `POST /hooks/{connection}` and `/hooks/{connection}/{key}`: verified, committed, and only then acknowledged (law 1). */
export function hookRoutes(deps: HookDeps): Hono {
  const app = new Hono();
  const limit = bodyLimit({
    maxSize: LARGEST,
    onError: (c) => {
      // The rest of the body is not read, so the connection is of no more use.
      c.header('Connection', 'close');
      return problem(c, 413, 'the body is too large', { detail: 'At most 1 MiB in one request.' });
    },
  });
  const handle = async (c: Context) => accept(c, deps);
  app.post('/hooks/:connection', limit, handle);
  app.post('/hooks/:connection/:key', limit, handle);
  return app;
}

async function accept(c: Context, deps: HookDeps): Promise<Response> {
  const connection = c.req.param('connection') ?? '';
  const key = c.req.param('key');
  const target = deps.target(connection);
  const hook = target?.connector.hook;
  if (!target || !hook)
    return problem(c, 404, 'no such connection takes webhooks', {
      detail: 'The address ends in the name of a connection of hub.yaml whose tool can send webhooks.',
    });
  const refused = () =>
    problem(c, 401, 'the signature is not valid', {
      detail: 'Check the secret on both sides, the exact address, and the clocks: old messages are refused.',
    });
  if (key !== undefined && !(target.hookKey && (await sameSecret(key, target.hookKey)))) return refused();
  const inbound: Inbound = {
    method: c.req.method,
    url: addressOf(c),
    headers: c.req.header(),
    body: new Uint8Array(await c.req.arrayBuffer()),
  };
  const ctx = target.context(c.req.raw.signal);
  if (!(await hook.verify(inbound, ctx))) return refused();
  try {
    const changes = hook.parse(inbound, ctx);
    if (changes.length > 0) {
      const own = hook.id?.(inbound, ctx);
      const id = own === undefined ? deps.newId() : `${connection}/${own.slice(0, 256)}`;
      await receive(deps.db(), connection, changes, id, deps.now());
      deps.received(connection);
    }
    const said = hook.acknowledge?.(inbound);
    if (said) return new Response(said.body, { status: said.status, headers: said.headers });
    return c.json({ changes: changes.length }, 202);
  } catch (error) {
    if (!(error instanceof ConnectorError)) throw error;
    return problem(c, 400, error.message, error.hint ? { detail: error.hint } : {});
  }
}

/** The address as the sender saw it, which its signature may cover: a proxy in front says how it was called, if it makes sense. */
export function addressOf(c: Context): string {
  const url = new URL(c.req.url);
  const first = (name: string) => c.req.header(name)?.split(',')[0]?.trim();
  const proto = first('x-forwarded-proto');
  const host = first('x-forwarded-host');
  if (proto !== 'http' && proto !== 'https' && !host) return c.req.url;
  const origin = `${proto === 'http' || proto === 'https' ? proto : url.protocol.slice(0, -1)}://${host || url.host}`;
  const said = `${origin}${c.req.url.slice(url.origin.length)}`;
  return URL.canParse(said) ? said : c.req.url;
}
