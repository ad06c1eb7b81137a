import { Hono } from 'hono';
import { secureHeaders } from 'hono/secure-headers';
import type { Log } from '../connectors/contract.ts';
import { type Db, StoreError } from '../core/store/db.ts';
import { guarded } from './auth/guard.ts';
import { type ConsoleDeps, consoleRoutes } from './routes/console/index.ts';
import { healthRoutes } from './routes/health.ts';
import { type HookDeps, hookRoutes } from './routes/hooks.ts';
import { problem } from './routes/problem.ts';
import { recordRoutes } from './routes/records.ts';

/** What the app needs of its runtime. Nothing in this file or below it is Node's alone: Workers serve it too. */
export interface AppDeps extends HookDeps, ConsoleDeps {
  db(): Db;
  now(): Date;
  log: Log;
  /** Reasons why no work can be done now; none: ready. */
  unready(): Promise<string[]>;
}

/** Everything that answers over HTTP: health, webhooks, the API under /v1, and the console. */
export function createApp(deps: AppDeps): Hono {
  const app = new Hono();
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
      referrerPolicy: 'no-referrer',
      // Set by whoever ends TLS; on plain loopback it would lock the browser out of other local servers.
      strictTransportSecurity: false,
    }),
  );
  app.route('/', healthRoutes(deps.unready));
  app.route('/', hookRoutes(deps));
  app.route('/', consoleRoutes(deps));
  app.use('*', guarded(deps.db, deps.now));
  app.route('/', recordRoutes(deps.db));
  app.notFound((c) => problem(c, 404, 'there is nothing here', { detail: 'See / for the console.' }));
  app.onError((error, c) => {
    if (error instanceof StoreError) {
      deps.log.warn('the database failed a request', { path: c.req.path, error: error.message });
      return problem(c, 503, 'the database does not answer', { detail: 'Try again; /readyz says when.' });
    }
    deps.log.warn('a request failed', { path: c.req.path.split('/')[1], error: error.message });
    return problem(c, 500, 'the hub failed', { detail: 'Its log says why.' });
  });
  return app;
}
