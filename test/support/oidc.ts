import { createHash, generateKeyPairSync, randomUUID, sign } from 'node:crypto';
import { serve } from '@hono/node-server';
import { Hono } from 'hono';

/** What the provider says of whoever signs in next. */
export interface Person {
  email: string;
  email_verified?: boolean;
}

export interface Provider {
  url: string;
  person: Person;
  /** Changes the claims of the next ID token. */
  tamper?: (claims: Record<string, unknown>) => void;
  /** As the browser: follows the authorization address, and gives where it is sent back to. */
  authorize(address: string): Promise<URL>;
  close(): Promise<void>;
}

export const CLIENT = { id: 'nayose', secret: 'a secret of the client' };

const encoded = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');

/** A small OpenID Connect provider on loopback: discovery, keys, authorization code with PKCE, ID tokens. */
export async function startProvider(): Promise<Provider> {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const codes = new Map<string, { challenge: string; nonce: string; redirect: string }>();
  const app = new Hono();
  const provider: Provider = {
    url: '',
    person: { email: 'someone@x.jp', email_verified: true },
    async authorize(address) {
      const answer = await fetch(address, { redirect: 'manual' });
      return new URL(answer.headers.get('location')!);
    },
    close: async () => undefined,
  };
  app.get('/.well-known/openid-configuration', (c) =>
    c.json({
      issuer: provider.url,
      authorization_endpoint: `${provider.url}/authorize`,
      token_endpoint: `${provider.url}/token`,
      jwks_uri: `${provider.url}/keys`,
      response_types_supported: ['code'],
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: ['RS256'],
      code_challenge_methods_supported: ['S256'],
    }),
  );
  app.get('/keys', (c) =>
    c.json({ keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'k', alg: 'RS256', use: 'sig' }] }),
  );
  app.get('/authorize', (c) => {
    const asked = c.req.query();
    if (
      asked.client_id !== CLIENT.id ||
      asked.code_challenge_method !== 'S256' ||
      !asked.nonce ||
      !asked.state
    )
      return c.text('bad request', 400);
    const code = randomUUID();
    codes.set(code, { challenge: asked.code_challenge!, nonce: asked.nonce, redirect: asked.redirect_uri! });
    const back = new URL(asked.redirect_uri!);
    back.searchParams.set('code', code);
    back.searchParams.set('state', asked.state);
    return c.redirect(back.href);
  });
  app.post('/token', async (c) => {
    const form = new URLSearchParams(await c.req.text());
    const known = codes.get(form.get('code') ?? '');
    codes.delete(form.get('code') ?? '');
    const challenge = createHash('sha256')
      .update(form.get('code_verifier') ?? '')
      .digest('base64url');
    const right = form.get('client_id') === CLIENT.id && form.get('client_secret') === CLIENT.secret;
    if (!known || !right || known.challenge !== challenge || known.redirect !== form.get('redirect_uri'))
      return c.json({ error: 'invalid_grant' }, 400);
    const now = Math.floor(Date.now() / 1000);
    const claims = {
      iss: provider.url,
      aud: CLIENT.id,
      sub: 'u1',
      iat: now,
      exp: now + 300,
      nonce: known.nonce,
      ...provider.person,
    };
    provider.tamper?.(claims);
    const unsigned = `${encoded({ alg: 'RS256', kid: 'k' })}.${encoded(claims)}`;
    const signature = sign('RSA-SHA256', Buffer.from(unsigned), privateKey).toString('base64url');
    return c.json({ access_token: 'at', token_type: 'Bearer', id_token: `${unsigned}.${signature}` });
  });
  await new Promise<void>((listening) => {
    const server = serve({ fetch: app.fetch, hostname: '127.0.0.1', port: 0 }, ({ port }) => {
      provider.url = `http://127.0.0.1:${port}`;
      listening();
    });
    provider.close = () => new Promise((closed) => server.close(() => closed()));
  });
  return provider;
}
