import { Hono } from 'hono';
import { HTTPException } from 'hono/http-exception';
import { requestId } from 'hono/request-id';
import { secureHeaders } from 'hono/secure-headers';
import type { Log } from '../connectors/contract.ts';
import { type Db, StoreError } from '../core/store/db.ts';
import { guarded } from './auth/guard.ts';
import { createLimits, type Limits } from './auth/limits.ts';
import { type MetricsText, metricsRoutes } from './ops/exposition.ts';
import { type RequestSeen, watchRequests } from './ops/requests.ts';
import type { Trace } from './ops/trace.ts';
import { type ConsoleDeps, consoleRoutes } from './routes/console/index.ts';
import { type Degraded, healthRoutes } from './routes/health.ts';
import { type HookDeps, hookRoutes } from './routes/hooks.ts';
import { oidcRoutes } from './routes/oidc.ts';
import { problem } from './routes/problem.ts';
import type { V1Deps } from './v1/deps.ts';
import { v1Routes } from './v1/index.ts';

/** What the app needs of its runtime. Nothing in this file or below it is Node's alone: Workers serve it too. */
export interface AppDeps extends HookDeps, Omit<ConsoleDeps, 'limits'>, Omit<V1Deps, 'limits'> {
  db(): Db;
  now(): Date;
  log: Log;
  /** Reasons why no work can be done now; none: ready. */
  unready(): Promise<string[]>;
  /** Connections that rest; absent: none is known. */
  degraded?(): Promise<Degraded[]>;
  /** Told of every request. */
  seen?(request: RequestSeen): void;
  trace?: Trace | undefined;
  /** What `/metrics` tells; absent: this runtime measures nothing. */
  metrics?: MetricsText | undefined;
  /** Counts requests and wrong tokens; absent: it lives as long as the app. */
  limits?: Limits;
}

/** Everything that answers over HTTP: health, webhooks, the API under /v1, and the console. */
export function createApp(given: AppDeps): Hono {
  const deps = { ...given, limits: given.limits ?? createLimits() };
  const app = new Hono();
  app.use(requestId({ limitLength: 100 }));
  app.use(watchRequests(deps));
  app.use(
    secureHeaders({
      contentSecurityPolicy: {
        defaultSrc: ["'none'"],
        styleSrc: ["'self'"],
        imgSrc: ["'self'", 'data:'],
        formAction: ["'self'"],
        baseUri: ["'none'"],
        frameAncestors: ["'none'"],
      },
      // Nothing is told to other sites, and forms of our own pages keep the Origin that guards sessions.
      referrerPolicy: 'same-origin',
      // Set by whoever ends TLS; on plain loopback it would lock the browser out of other local servers.
      strictTransportSecurity: false,
    }),
  );
  app.route('/', healthRoutes(deps.unready, deps.degraded ?? (async () => [])));
  app.route('/', hookRoutes(deps));
  app.route('/', oidcRoutes(deps));
  app.route('/', consoleRoutes(deps));
  app.route('/', v1Routes(deps));
  app.route('/', metricsRoutes(deps));
  // Whoever has no token is not told what there is.
  app.use('*', guarded(deps));
  app.notFound((c) => problem(c, 404, 'there is nothing here', { detail: 'See / for the console.' }));
  app.onError((error, c) => {
    if (error instanceof HTTPException) return problem(c, error.status, error.message);
    const requestId = c.get('requestId') as string;
    if (error instanceof StoreError) {
      deps.log.warn('the database failed a request', { requestId, error: error.message });
      return problem(c, 503, 'the database does not answer', { detail: 'Try again; /readyz says when.' });
    }
    deps.log.warn('a request failed', { requestId, path: c.req.path.split('/')[1], error: error.message });
    return problem(c, 500, 'the hub failed', { detail: 'Its log says why.' });
  });
  return app;
}
