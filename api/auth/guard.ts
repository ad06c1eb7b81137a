import type { Context, MiddlewareHandler } from 'hono';
import { problem } from '../routes/problem.ts';
import { type AuthDeps, type Principal, whoAsks } from './principal.ts';

/** Lets only holders of a valid token or session pass; `refuse` answers the others. */
export function guarded(
  deps: AuthDeps,
  refuse: (c: Context) => Response | Promise<Response> = unauthorized,
): MiddlewareHandler<{ Variables: { principal: Principal } }> {
  return async (c, next) => {
    const who = await whoAsks(c, deps);
    if (who === undefined) return refuse(c);
    if ('wait' in who) return tooMany(c, who.wait, 'too many wrong tokens came from your address');
    c.set('principal', who);
    await next();
  };
}

export function unauthorized(c: Context): Response {
  c.header('WWW-Authenticate', 'Bearer realm="nayose"');
  return problem(c, 401, 'a valid token is needed', {
    detail: 'Send it as Authorization: Bearer …, or open the link that `nayose serve` printed.',
  });
}

export function tooMany(c: Context, seconds: number, title: string): Response {
  c.header('Retry-After', String(seconds));
  return problem(c, 429, title, { detail: `Try again in ${seconds} s.` });
}
