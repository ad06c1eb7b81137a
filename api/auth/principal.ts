import type { Context } from 'hono';
import { getCookie } from 'hono/cookie';
import type { Db } from '../../core/store/db.ts';
import { prolongSession, sessionByHash } from '../../core/store/sessions.ts';
import { type Role, tokenByHash, touchToken } from '../../core/store/tokens.ts';
import type { Limits, Rate } from './limits.ts';
import { type OidcSettings, roleOf } from './oidc.ts';
import { COOKIE, SESSION_MS, setSessionCookie } from './session.ts';
import { hashToken } from './tokens.ts';

/** Who asks. */
export interface Principal {
  /** The token's id; for a session without one, the session's name. */
  id: string;
  name: string;
  role: Role;
  by: 'token' | 'session';
}

export interface AuthDeps {
  db(): Db;
  now(): Date;
  limits: Limits;
  /** Where the request comes from, for counting failed sign-ins; undefined: unknown, and all such count as one. */
  address?(c: Context): string | undefined;
  /** Signing in by OpenID Connect; absent: with tokens only. */
  oidc?: OidcSettings | undefined;
}

/** Guesses of one address. */
const GUESSES: Rate = { burst: 20, perSecond: 0.2 };
const TOKEN_SEEN_EVERY_MS = 60_000;
const SESSION_SEEN_EVERY_MS = 3_600_000;

export type Answer = Principal | { wait: number } | undefined;

/**
 * Who a request comes from: by its Authorization header, or else by the console's cookie. undefined: nobody known. `wait`: too
 * many wrong tokens came from this address, and until then none of its tokens is looked at.
 */
export async function whoAsks(c: Context, deps: AuthDeps): Promise<Answer> {
  const header = c.req.header('authorization');
  if (header === undefined) {
    const id = getCookie(c, COOKIE);
    return id ? bySession(c, id, deps) : undefined;
  }
  const token = /^Bearer +(\S+)$/i.exec(header)?.[1];
  return token === undefined ? undefined : byToken(c, token, deps);
}

/** The holder of a token; counts against guessing. */
export async function byToken(c: Context, token: string, deps: AuthDeps): Promise<Answer> {
  const now = deps.now();
  const key = `guess ${deps.address?.(c) ?? ''}`;
  const wait = deps.limits.wait(key, GUESSES, now);
  if (wait > 0) return { wait };
  const row = await tokenByHash(deps.db(), await hashToken(token), now);
  if (!row) {
    deps.limits.take(key, GUESSES, now);
    return undefined;
  }
  if (now.getTime() - Date.parse(row.lastUsedAt ?? '1970-01-01') > TOKEN_SEEN_EVERY_MS)
    await touchToken(deps.db(), row.id, now);
  return { id: row.id, name: row.name, role: row.role, by: 'token' };
}

async function bySession(c: Context, id: string, { db, now: clock, oidc }: AuthDeps): Promise<Answer> {
  const now = clock();
  const session = await sessionByHash(db(), await hashToken(id), now);
  if (!session) return undefined;
  // Without a token of its own, a session is worth what the settings say of its address now.
  const role = session.tokenId !== null ? session.role : oidc && roleOf(oidc, session.name);
  if (role === undefined) return undefined;
  if (now.getTime() - Date.parse(session.seenAt) > SESSION_SEEN_EVERY_MS) {
    await prolongSession(db(), session.hash, now, new Date(now.getTime() + SESSION_MS));
    setSessionCookie(c, id);
  }
  return { id: session.tokenId ?? session.name, name: session.name, role, by: 'session' };
}
