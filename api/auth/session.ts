import type { Context } from 'hono';
import { deleteCookie, getCookie, setCookie } from 'hono/cookie';
import type { Db } from '../../core/store/db.ts';
import { endSession, openSession } from '../../core/store/sessions.ts';
import type { Role } from '../../core/store/tokens.ts';
import { hashToken, makeToken } from './tokens.ts';

export const COOKIE = 'nayose_session';
/** Without use for so long, a session ends. */
export const SESSION_MS = 30 * 86_400_000;

/** Scripts cannot read the cookie, and other sites cannot have it sent. */
export function setSessionCookie(c: Context, id: string): void {
  setCookie(c, COOKIE, id, {
    httpOnly: true,
    sameSite: 'Strict',
    path: '/',
    maxAge: SESSION_MS / 1000,
    secure: isSecure(c),
  });
}

/** Signs a browser in. What the cookie holds is random and known to nobody else; it is no token of the API. */
export async function signIn(
  c: Context,
  db: Db,
  who: { tokenId: string | null; name: string; role: Role },
  now: Date,
): Promise<void> {
  const id = makeToken();
  const expiresAt = new Date(now.getTime() + SESSION_MS).toISOString();
  await openSession(db, { ...who, hash: await hashToken(id), seenAt: now.toISOString(), expiresAt }, now);
  setSessionCookie(c, id);
}

export async function signOut(c: Context, db: Db): Promise<void> {
  const id = getCookie(c, COOKIE);
  if (id) await endSession(db, await hashToken(id));
  deleteCookie(c, COOKIE, { path: '/' });
}

/**
 * Does a changing request that a cookie speaks for come from a page of ours? The cookie is SameSite=Strict already; this
 * also stops pages of other ports and sub-domains of the same site.
 */
export function fromOurPages(c: Context): boolean {
  const site = c.req.header('sec-fetch-site');
  if (site !== undefined) return site === 'same-origin';
  const origin = c.req.header('origin');
  if (origin === undefined) return false;
  const host = c.req.header('x-forwarded-host')?.split(',')[0]?.trim() ?? c.req.header('host');
  return URL.canParse(origin) && new URL(origin).host === (host ?? new URL(c.req.url).host);
}

const isSecure = (c: Context) =>
  new URL(c.req.url).protocol === 'https:' ||
  c.req.header('x-forwarded-proto')?.split(',')[0]?.trim() === 'https';
