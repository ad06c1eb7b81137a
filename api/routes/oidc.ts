import { type Context, Hono } from 'hono';
import { deleteCookie, getCookie, setCookie } from 'hono/cookie';
import { html } from 'hono/html';
import type { Log } from '../../connectors/contract.ts';
import type { Db } from '../../core/store/db.ts';
import { beginOidc, type Came, endOidc, isProviders, type OidcSettings } from '../auth/oidc.ts';
import { signIn } from '../auth/session.ts';
import { addressOf } from './hooks.ts';
import { problem } from './problem.ts';

export interface OidcDeps {
  db(): Db;
  now(): Date;
  log: Log;
  /** Absent: people sign in with tokens only. */
  oidc?: OidcSettings | undefined;
}

const COOKIE = 'nayose_login';
const CALLBACK = '/session/oidc/callback';

const WHY: Record<Extract<Came, { refused: string }>['refused'], string> = {
  expired: 'This sign-in took too long, or was used already. Begin again at /session/oidc.',
  provider: 'The provider did not confirm it. Begin again at /session/oidc; the hub’s log says more.',
  unverified: 'The provider does not vouch for an e-mail address of yours (email_verified).',
  stranger: 'Your address has no role here. An administrator can add it to NAYOSE_OIDC_ROLES.',
};

/** `/session/oidc` sends the browser to the provider; `/session/oidc/callback` is where it comes back. */
export function oidcRoutes(deps: OidcDeps): Hono {
  const app = new Hono();
  const off = (c: Context) =>
    problem(c, 404, 'signing in by OpenID Connect is not set up', {
      detail: 'Set NAYOSE_OIDC_ISSUER and its like.',
    });
  const unreachable = (c: Context, error: unknown) => {
    if (!isProviders(error)) throw error;
    deps.log.warn('the OpenID Connect provider failed', { error: (error as Error).message });
    return problem(c, 502, 'the OpenID Connect provider does not answer as it should', {
      detail: 'Sign in with a token meanwhile.',
    });
  };
  app.get('/session/oidc', async (c) => {
    const { oidc } = deps;
    if (!oidc) return off(c);
    c.header('Cache-Control', 'no-store');
    try {
      const { url, state } = await beginOidc(deps.db(), oidc, callbackOf(c), deps.now());
      // Lax: it must come along when the provider sends the browser back.
      setCookie(c, COOKIE, state, {
        httpOnly: true,
        sameSite: 'Lax',
        path: CALLBACK,
        maxAge: 600,
        secure: callbackOf(c).startsWith('https:'),
      });
      return c.redirect(url.href, 303);
    } catch (error) {
      return unreachable(c, error);
    }
  });
  app.get(CALLBACK, async (c) => {
    const { oidc } = deps;
    if (!oidc) return off(c);
    c.header('Cache-Control', 'no-store');
    const state = c.req.query('state');
    const mine = getCookie(c, COOKIE);
    deleteCookie(c, COOKIE, { path: CALLBACK });
    if (state === undefined || state !== mine)
      return problem(c, 400, 'this sign-in was not begun by this browser', { detail: WHY.expired });
    const address = new URL(callbackOf(c));
    address.search = new URL(c.req.url).search;
    try {
      const came = await endOidc(deps.db(), oidc, address, state, deps.now());
      if ('refused' in came) return problem(c, 403, 'you were not signed in', { detail: WHY[came.refused] });
      await signIn(c, deps.db(), { tokenId: null, name: came.email, role: came.role }, deps.now());
    } catch (error) {
      return unreachable(c, error);
    }
    // A redirect would still count as coming from the provider, and the session's cookie would stay behind.
    return c.html(
      html`<!doctype html><meta charset="utf-8"><meta http-equiv="refresh" content="0;url=/"><title>Nayose</title><a href="/">Nayose</a>`,
    );
  });
  return app;
}

const callbackOf = (c: Context) => new URL(CALLBACK, addressOf(c)).href;
