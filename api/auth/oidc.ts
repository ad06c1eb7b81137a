import * as client from 'openid-client';
import type { Db } from '../../core/store/db.ts';
import { beginLogin, takeLogin } from '../../core/store/sessions.ts';
import type { Role } from '../../core/store/tokens.ts';
import { mayAs } from './roles.ts';

/** Signing in by OpenID Connect, as the environment says. */
export interface OidcSettings {
  issuer: URL;
  clientId: string;
  clientSecret: string;
  /** Who gets which role: a whole address, or `*@domain`. */
  roles: { role: Role; address: string }[];
}

/** The settings do not hold together; `message` says which one, and what it should be. */
export class OidcError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'OidcError';
  }
}

const NAMES = [
  'NAYOSE_OIDC_ISSUER',
  'NAYOSE_OIDC_CLIENT_ID',
  'NAYOSE_OIDC_CLIENT_SECRET',
  'NAYOSE_OIDC_ROLES',
];

/** undefined: none of the variables is set. Throws OidcError when only some are, or one is not what it should be. */
export function readOidc(env: Readonly<Record<string, string | undefined>>): OidcSettings | undefined {
  const missing = NAMES.filter((name) => !env[name]);
  if (missing.length === NAMES.length) return undefined;
  if (missing.length > 0) throw new OidcError(`OpenID Connect also needs ${missing.join(' and ')}`);
  const [issuer, clientId, clientSecret, roles] = NAMES.map((name) => env[name]!) as [
    string,
    string,
    string,
    string,
  ];
  const url = URL.canParse(issuer) ? new URL(issuer) : undefined;
  if (!url || !(url.protocol === 'https:' || isLoopback(url)))
    throw new OidcError('NAYOSE_OIDC_ISSUER is not an https:// address, as https://accounts.google.com');
  return { issuer: url, clientId, clientSecret, roles: roles.split(',').map(readRole) };
}

function readRole(text: string): { role: Role; address: string } {
  const [, role, address] =
    /^\s*(viewer|operator|admin)\s*=\s*((?:\*|[^\s*@]+)@[^\s*@]+)\s*$/.exec(text) ?? [];
  if (role === undefined || address === undefined)
    throw new OidcError(
      `NAYOSE_OIDC_ROLES has "${text.trim()}": write role=address or role=*@domain with commas, as admin=a@x.jp,operator=*@x.jp`,
    );
  return { role: role as Role, address: address.toLowerCase() };
}

/** The highest role that the settings give to an address; undefined: none, it may not come in. */
export function roleOf({ roles }: OidcSettings, email: string): Role | undefined {
  const address = email.toLowerCase();
  const domain = `*${address.slice(address.lastIndexOf('@'))}`;
  return roles
    .filter((one) => one.address === address || one.address === domain)
    .reduce<Role | undefined>(
      (best, { role }) => (best !== undefined && mayAs(best, role) ? best : role),
      undefined,
    );
}

const LOGIN_MS = 10 * 60_000;

/** Begins a sign-in: where to send the browser, and the state that its cookie must bring back. */
export async function beginOidc(
  db: Db,
  settings: OidcSettings,
  callback: string,
  now: Date,
): Promise<{ url: URL; state: string }> {
  const [state, nonce, verifier] = [
    client.randomState(),
    client.randomNonce(),
    client.randomPKCECodeVerifier(),
  ];
  const provider = await discover(settings);
  await beginLogin(
    db,
    { state, verifier, nonce, expiresAt: new Date(now.getTime() + LOGIN_MS).toISOString() },
    now,
  );
  const url = client.buildAuthorizationUrl(provider, {
    redirect_uri: callback,
    scope: 'openid email',
    state,
    nonce,
    code_challenge: await client.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
  });
  return { url, state };
}

export type Came =
  | { email: string; role: Role }
  | { refused: 'expired' | 'unverified' | 'stranger' | 'provider' };

/** Ends a sign-in that the provider sent back to `address`. Every state counts once. */
export async function endOidc(
  db: Db,
  settings: OidcSettings,
  address: URL,
  state: string,
  now: Date,
): Promise<Came> {
  const login = await takeLogin(db, state, now);
  if (!login) return { refused: 'expired' };
  let claims: ReturnType<client.TokenEndpointResponseHelpers['claims']>;
  try {
    const tokens = await client.authorizationCodeGrant(await discover(settings), address, {
      expectedState: state,
      expectedNonce: login.nonce,
      pkceCodeVerifier: login.verifier,
      idTokenExpected: true,
    });
    claims = tokens.claims();
  } catch (error) {
    if (isProviders(error)) return { refused: 'provider' };
    throw error;
  }
  // An address that nobody has verified is anybody's claim.
  if (typeof claims?.email !== 'string' || claims.email_verified !== true) return { refused: 'unverified' };
  const role = roleOf(settings, claims.email);
  return role === undefined ? { refused: 'stranger' } : { email: claims.email, role };
}

/** The provider could not be reached, refused, or said what does not hold. */
export const isProviders = (error: unknown) =>
  error instanceof client.ClientError ||
  error instanceof client.AuthorizationResponseError ||
  error instanceof client.ResponseBodyError ||
  error instanceof TypeError;

/** Asked anew at each sign-in: they are few, and nothing is held between them. */
const discover = ({ issuer, clientId, clientSecret }: OidcSettings) =>
  client.discovery(issuer, clientId, clientSecret, undefined, {
    timeout: 10,
    execute: isLoopback(issuer) ? [client.allowInsecureRequests] : [],
  });

const isLoopback = ({ hostname, protocol }: URL) =>
  protocol === 'http:' && ['127.0.0.1', 'localhost', '[::1]'].includes(hostname);
