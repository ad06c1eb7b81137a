/** The token endpoint: client credentials, JWT bearer and refresh token, refused in Salesforce's own words. */
import type { Hono } from 'hono';
import type { Env, Gate } from './gate.ts';
import type { World } from './world.ts';

export interface Credentials {
  clientId: string;
  clientSecret: string;
  refreshToken: string;
  username: string;
  /** SPKI PEM. Without it no assertion is accepted. */
  publicKey: string | undefined;
  /** Every refresh hands out a new refresh token and voids the old. */
  rotate: boolean;
}

type Denial = { error: string; error_description: string };
const deny = (error: string, error_description: string): Denial => ({ error, error_description });

export function oauthRoutes(
  app: Hono<Env>,
  gate: Gate,
  known: Credentials,
  { now, apiUser, organization }: Pick<World, 'now' | 'apiUser'> & { organization: string },
): void {
  let issued = 0;
  app.post('/services/oauth2/token', async (c) => {
    const form = new URLSearchParams(await c.req.text());
    const denial = await check(form, known, now());
    if (denial !== undefined) return c.json(denial, 400);
    issued += 1;
    const origin = new URL(c.req.url).origin;
    const token = `00Dsandbox!token${issued}`;
    gate.tokens.add(token);
    const rotated = known.rotate && form.get('grant_type') === 'refresh_token';
    if (rotated) known.refreshToken = `5Aepsandbox${issued}`;
    return c.json({
      access_token: token,
      ...(rotated ? { refresh_token: known.refreshToken } : {}),
      scope: 'api',
      instance_url: origin,
      id: `${origin}/id/${organization}/${apiUser}`,
      token_type: 'Bearer',
      issued_at: String(now().getTime()),
      signature: 'c2FuZGJveA==',
    });
  });
}

async function check(form: URLSearchParams, known: Credentials, now: Date): Promise<Denial | undefined> {
  const grant = form.get('grant_type');
  if (grant === 'urn:ietf:params:oauth:grant-type:jwt-bearer')
    return checkAssertion(form.get('assertion') ?? '', known, now);
  if (grant !== 'client_credentials' && grant !== 'refresh_token')
    return deny('unsupported_grant_type', 'grant type not supported');
  if (form.get('client_id') !== known.clientId) return deny('invalid_client_id', 'client identifier invalid');
  const secret = form.get('client_secret');
  if (grant === 'client_credentials' && secret !== known.clientSecret)
    return deny('invalid_client', 'invalid client credentials');
  if (grant === 'refresh_token') {
    if (secret !== null && secret !== known.clientSecret)
      return deny('invalid_client', 'invalid client credentials');
    if (form.get('refresh_token') !== known.refreshToken)
      return deny('invalid_grant', 'expired access/refresh token');
  }
  return undefined;
}

async function checkAssertion(assertion: string, known: Credentials, now: Date): Promise<Denial | undefined> {
  const [head = '', body = '', signature = ''] = assertion.split('.');
  if (known.publicKey === undefined || signature === '') return deny('invalid_grant', 'invalid assertion');
  const der = Buffer.from(known.publicKey.replace(/-----[^-]+-----|\s/g, ''), 'base64');
  const algorithm = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' };
  const key = await crypto.subtle.importKey('spki', der, algorithm, false, ['verify']);
  const signed = Buffer.from(`${head}.${body}`);
  if (!(await crypto.subtle.verify(algorithm, key, Buffer.from(signature, 'base64url'), signed)))
    return deny('invalid_grant', 'invalid assertion');
  const claims = JSON.parse(Buffer.from(body, 'base64url').toString()) as Record<string, unknown>;
  if (claims.iss !== known.clientId) return deny('invalid_client_id', 'client identifier invalid');
  if (claims.sub !== known.username) return deny('invalid_grant', "user hasn't approved this consumer");
  const left = Number(claims.exp) - now.getTime() / 1000;
  if (!(left > 0 && left <= 300)) return deny('invalid_grant', 'expired authorization code');
  return undefined;
}
