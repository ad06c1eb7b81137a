import type { Context, MiddlewareHandler } from 'hono';
import { getCookie, setCookie } from 'hono/cookie';
import type { Db } from '../../core/store/db.ts';
import { tokenByHash } from '../../core/store/tokens.ts';
import { problem } from '../routes/problem.ts';
import { hashToken } from './tokens.ts';

const COOKIE = 'nayose_session';
const THIRTY_DAYS = 30 * 86_400;

/** The token of a request: from its Authorization header, or from the console's cookie. */
function tokenOf(c: Context): string | undefined {
  const header = c.req.header('authorization');
  if (header !== undefined) return /^Bearer +(\S+)$/i.exec(header)?.[1];
  return getCookie(c, COOKIE);
}

/** Lets only holders of a valid token pass; `refuse` answers the others. */
export function guarded(
  db: () => Db,
  now: () => Date,
  refuse: (c: Context) => Response | Promise<Response> = unauthorized,
): MiddlewareHandler {
  return async (c, next) => {
    const token = tokenOf(c);
    if (token === undefined || !(await tokenByHash(db(), await hashToken(token), now()))) return refuse(c);
    await next();
  };
}

export function unauthorized(c: Context): Response {
  c.header('WWW-Authenticate', 'Bearer realm="nayose"');
  return problem(c, 401, 'a valid token is needed', {
    detail: 'Send it as Authorization: Bearer …, or open the link that `nayose serve` printed.',
  });
}

/** Keeps a browser signed in. Scripts cannot read the cookie, and other sites cannot have it sent. */
export function signIn(c: Context, token: string): void {
  setCookie(c, COOKIE, token, {
    httpOnly: true,
    sameSite: 'Strict',
    path: '/',
    maxAge: THIRTY_DAYS,
    secure: new URL(c.req.url).protocol === 'https:',
  });
}
