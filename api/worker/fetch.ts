import { StoreError } from '../../core/store/db.ts';
import { createApp } from '../app.ts';
import type { Limits } from '../auth/limits.ts';
import { failureGroups } from '../cli/commands/failures/groups.ts';
import { HUB_DEFAULTS, type HubConfig } from '../config/types.ts';
import { heldAccounts } from '../runtime/accounts.ts';
import type { Hub } from '../runtime/hub.ts';
import { createIds } from '../runtime/ids.ts';
import { keyringOf } from '../secrets/vault.ts';
import { degradedBy, sweepReasons, unreadyReasons } from '../serve/ready.ts';
import type { Configuring } from '../v1/deps.ts';
import { WORKER_CONNECTORS } from './connectors.ts';
import { databaseUrl, type Env, textsOf } from './env.ts';
import { type Invocation, NO_DATABASE } from './invocation.ts';
import { tell } from './messages.ts';
import { startHere } from './start.ts';

/** Until something is applied: no connection takes webhooks, and nothing is synced. */
const NOTHING: HubConfig = {
  hub: HUB_DEFAULTS,
  connections: {},
  entities: {},
  mappings: {},
  syncs: {},
  order: [],
  alerts: {},
  webhooks: [],
  warnings: [],
  sealed: [],
};

/** Invocations have no age: a hub without a single sweep is not ready, until its first minute is over. */
const SETTLED_MS = 3600_000;
const NO_QUEUE = 'no queue is bound: add the producer QUEUE to wrangler.toml, as docs/workers.md shows';

/** Answers one request, with the same app as on Node. `later` keeps the invocation alive for work after the answer. */
export async function answer(
  request: Request,
  invocation: Invocation,
  limits: Limits,
  later: (work: Promise<unknown>) => void,
): Promise<Response> {
  const { env, log, now } = invocation;
  const { pathname } = new URL(request.url);
  let hub: Hub | undefined;
  if (!PROBES.has(pathname)) {
    const found = await hubFor(pathname, invocation);
    if (found instanceof Response) return found;
    hub = found;
  }
  const nextId = createIds(now);
  const app = createApp({
    db: invocation.db,
    now,
    log,
    limits,
    newId: () => nextId('e'),
    config: hub?.config ?? NOTHING,
    hub: () => hub,
    unready: () => reasons(env, invocation),
    received: () =>
      later(
        tell(invocation, { do: 'pump' }).catch((error: Error) =>
          log.warn('webhooks wait for the next tick', { error: error.message }),
        ),
      ),
    failures: async () => (hub ? failureGroups(invocation.db(), hub) : []),
    target(name) {
      const tool = hub?.tools.get(name);
      return (
        tool && {
          connector: tool.connector,
          hookKey: tool.config.hookKey,
          context: () => tool.context(invocation.kill.signal, 'realtime'),
        }
      );
    },
    address: (c) => c.req.header('cf-connecting-ip'),
    degraded: () => degradedBy(invocation.db()),
    probing: async () => ({
      fetch: (input, init) => fetch(input, init),
      now,
      random: Math.random,
      log,
      signal: invocation.kill.signal,
      accounts: await heldAccounts(invocation.db()),
    }),
    ...(hub ? { startRun: startHere(invocation, hub) } : {}),
    ...(databaseUrl(env) === undefined ? {} : { configuring: await configuring(invocation) }),
  });
  return app.fetch(request);
}

/** A new revision is at work with the next invocation: each reads the active one. */
async function configuring({ env, configured }: Invocation): Promise<Configuring> {
  const found = await configured().catch(() => ({ problem: 'the database does not answer' }));
  return {
    env: textsOf(env),
    connectors: WORKER_CONNECTORS,
    keys: await keyringOf(textsOf(env)),
    applied: async () => undefined,
    atWork: () => ('revision' in found ? found.revision : 0),
  };
}

/** They say how things are, also when nothing can be had. */
const PROBES = new Set(['/healthz', '/readyz']);

/** The hub, or the answer to a request that cannot be served without one. */
async function hubFor(pathname: string, invocation: Invocation): Promise<Hub | Response | undefined> {
  const needed = pathname === '/' || pathname.startsWith('/hooks/');
  try {
    const configured = await invocation.configured();
    if ('problem' in configured) return needed ? unavailable(configured.problem) : undefined;
    return await invocation.hub();
  } catch (error) {
    invocation.log.warn('the configuration cannot be read', { error: (error as Error).message });
    const hint = error instanceof StoreError ? `${error.message}. ${error.hint}` : 'See /readyz.';
    return needed ? unavailable(hint) : undefined;
  }
}

function unavailable(detail: string): Response {
  const problem = { type: 'about:blank', title: 'this hub is not ready yet', status: 503, detail };
  return new Response(JSON.stringify(problem), {
    status: 503,
    headers: { 'Content-Type': 'application/problem+json', 'Retry-After': '60' },
  });
}

async function reasons(env: Env, invocation: Invocation): Promise<string[]> {
  if (databaseUrl(env) === undefined) return [NO_DATABASE];
  const found = await unreadyReasons(invocation.db());
  if (found.length > 0) return found;
  const configured = await invocation.configured();
  if ('problem' in configured) return [configured.problem];
  return env.QUEUE ? sweepReasons(invocation.db(), SETTLED_MS) : [NO_QUEUE];
}

/** Calls `done` when the answer's body has been read to its end or given up: a stream needs what the invocation holds. */
export function whenSent(
  response: Response,
  done: () => Promise<void>,
  later: (w: Promise<void>) => void,
): Response {
  if (!response.headers.get('content-type')?.startsWith('text/event-stream') || !response.body) {
    later(done());
    return response;
  }
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
  // A reader that went away ends the stream as well as its end does.
  later(response.body.pipeTo(writable).then(done, done));
  return new Response(readable, response);
}
