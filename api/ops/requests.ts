import type { Context, MiddlewareHandler } from 'hono';
import { matchedRoutes } from 'hono/route';
import type { Log } from '../../connectors/contract.ts';
import type { Trace } from './trace.ts';

/** An answered request, as logs and metrics tell it: no query, no body, nothing that somebody could have written into its path. */
export interface RequestSeen {
  method: string;
  /** The pattern of the route (`/v1/golden/:id`); `(none)` where no route matched. */
  route: string;
  status: number;
  ms: number;
  requestId: string;
  /** What a hook's address names; anybody could have written it. */
  hook?: string;
}

export interface RequestWatch {
  log: Log;
  now(): Date;
  trace?: Trace | undefined;
  seen?(request: RequestSeen): void;
}

/** Health checks come every few seconds, and say nothing. */
const QUIET = new Set(['/healthz', '/readyz', '/metrics']);
const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

/** Logs, counts and traces every request. Stands first, so that refusals are told too. */
export function watchRequests({ log, now, trace, seen }: RequestWatch): MiddlewareHandler {
  return async (c, next) => {
    const started = now().getTime();
    const method = METHODS.has(c.req.method) ? c.req.method : 'OTHER';
    const work = async () => {
      await next();
      const route = routeOf(c);
      const request: RequestSeen = {
        method,
        route,
        status: c.res.status,
        ms: Math.max(0, now().getTime() - started),
        requestId: (c.get('requestId') as string | undefined) ?? '',
        ...(route.startsWith('/hooks/') ? { hook: c.req.path.split('/')[2] ?? '' } : {}),
      };
      (QUIET.has(route) && request.status < 400 ? log.debug : log.info)('request', {
        method,
        route,
        status: request.status,
        ms: request.ms,
        requestId: request.requestId,
      });
      seen?.(request);
      return request;
    };
    if (!trace) return void (await work());
    await trace.span(method, { 'http.request.method': method }, work, ({ route, status }) => ({
      name: `${method} ${route}`,
      attributes: { 'http.route': route, 'http.response.status_code': status },
    }));
  };
}

/** The pattern of the handler that answered: middleware stands on patterns that end in a star. */
function routeOf(c: Context): string {
  const own = matchedRoutes(c).filter(({ path }) => !path.endsWith('*'));
  return own.at(-1)?.path ?? '(none)';
}
