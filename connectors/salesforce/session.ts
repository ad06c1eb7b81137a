/** Logging in, and calling with the token that login gave: once more, exactly, when it was refused. */
import { z } from 'zod';
import { ConnectorError, type Context } from '../contract.ts';
import type { SalesforceConfig } from './config.ts';
import { toConnectorError } from './failures.ts';
import { type Connection, connect, type FetchTransport, fetchTransport, oauth } from './http.ts';
import { isId, to18 } from './ids.ts';
import { jwtAssertion } from './jwt.ts';
import { readOnly } from './readonly.ts';
import { keepRefreshToken, newestRefreshToken, withRefreshToken } from './refresh.ts';

export interface Token {
  accessToken: string;
  instanceUrl: string;
  /** Whose changes are the hub's; undefined where the login does not tell. */
  userId?: string;
  /** Undefined where the login does not tell. */
  organizationId?: string;
}

interface Session {
  /** A login in progress is shared by all who wait for it. */
  token: Promise<Token> | undefined;
  /** A rotated refresh token that is not in the vault: it counts while this process lives. */
  refreshToken: string | undefined;
  /** Of the first login: all that is known here came from there. */
  organizationId: string | undefined;
}

/** Per config object, so that nothing outlives the connection and nothing is shared between two. */
const sessions = new WeakMap<object, Session>();

export function sessionOf(config: SalesforceConfig): Session {
  const known = sessions.get(config);
  if (known !== undefined) return known;
  const session: Session = {
    token: undefined,
    refreshToken: undefined,
    organizationId: undefined,
  };
  sessions.set(config, session);
  return session;
}

const mayHaveWritten = (method: string, url: URL) =>
  method !== 'GET' && method !== 'HEAD' && !readOnly(method, url);

/** Salesforce's answer with what only its headers say. */
export interface Answer<T> {
  body: T;
  /** The tool's clock when it answered. */
  date: Date | undefined;
  /** Who asked. */
  userId: string | undefined;
}

/**
 * One call through jsforce. Throws ConnectorError only. `wrote`: a broken-off call may have changed something.
 * A refused call (401) was not carried out, so it is safe to send it again after a new login.
 */
export async function call<T>(
  ctx: Context<SalesforceConfig>,
  run: (connection: Connection) => Promise<T>,
  wrote = false,
): Promise<Answer<T>> {
  const session = sessionOf(ctx.config);
  for (let attempt = 0; ; attempt += 1) {
    const { pending, token } = await tokenIn(ctx, session);
    const transport = fetchTransport(ctx.fetch, ctx.signal, mayHaveWritten);
    const { loginUrl, apiVersion: version, clientName } = ctx.config;
    const connection = connect(transport, {
      loginUrl,
      version,
      ...token,
      ...(clientName === undefined ? {} : { callOptions: { client: clientName } }),
    });
    try {
      const body = await run(connection);
      return { body, date: transport.last?.date, userId: token.userId };
    } catch (error) {
      const failure = toConnectorError(error, transport.last, wrote);
      const refused = failure.status === 401 && !(error instanceof ConnectorError);
      if (!refused || attempt > 0 || ctx.config.auth.grant === 'token') throw failure;
      if (session.token === pending) session.token = undefined;
      ctx.log.info('salesforce: the access token was refused; logging in again');
    }
  }
}

async function tokenIn(ctx: Context<SalesforceConfig>, session: Session) {
  const pending = session.token ?? login(ctx, session);
  session.token = pending;
  const token = await pending.catch((error: unknown) => {
    if (session.token === pending) session.token = undefined;
    throw error;
  });
  return { pending, token };
}

/**
 * For calls that do not go through jsforce: the token in use, or a new one when Salesforce has refused that one
 * (`refused`). Throws ConnectorError.
 */
export async function tokenOf(ctx: Context<SalesforceConfig>, refused?: string): Promise<Token> {
  const session = sessionOf(ctx.config);
  const { pending, token } = await tokenIn(ctx, session);
  if (token.accessToken !== refused) return token;
  if (ctx.config.auth.grant === 'token')
    throw new ConnectorError('auth', 'Salesforce refused the access token', {
      hint: 'Give a new auth.accessToken, or let the hub log in by itself with client_credentials.',
    });
  if (session.token === pending) session.token = undefined;
  return (await tokenIn(ctx, session)).token;
}

const TokenAnswer = z.object({
  access_token: z.string().min(1),
  instance_url: z.string().min(1),
  refresh_token: z.string().optional(),
  /** Of the user: `https://login.salesforce.com/id/{org}/{user}`. */
  id: z.string().optional(),
});

async function login(ctx: Context<SalesforceConfig>, session: Session): Promise<Token> {
  const { auth, instanceUrl, loginUrl } = ctx.config;
  if (auth.grant === 'token') return { accessToken: auth.accessToken, instanceUrl: auth.instanceUrl };
  const transport = fetchTransport(ctx.fetch, ctx.signal, () => false);
  const secret = 'clientSecret' in auth && auth.clientSecret ? { clientSecret: auth.clientSecret } : {};
  const client = oauth(transport, { loginUrl, clientId: auth.clientId, ...secret });
  const ask = async (): Promise<unknown> => {
    if (auth.grant === 'client_credentials') return client.requestToken({ grant_type: 'client_credentials' });
    if (auth.grant === 'refresh_token') {
      const newest = () => newestRefreshToken(ctx, session, auth.refreshToken);
      return withRefreshToken(newest, (token) => client.refreshToken(token));
    }
    const assertion = await jwtAssertion(auth, loginUrl, ctx.now());
    return client.requestToken({ grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', assertion });
  };
  let answer: unknown;
  try {
    answer = await ask();
  } catch (error) {
    throw loginError(error, transport, loginUrl);
  }
  const parsed = TokenAnswer.safeParse(answer);
  if (!parsed.success)
    throw new ConnectorError('transient', `${loginUrl} answered the login with something that is no token`, {
      hint: 'Check loginUrl: it must be login.salesforce.com, test.salesforce.com or your My Domain.',
    });
  if (parsed.data.refresh_token !== undefined && auth.grant === 'refresh_token') {
    await keepRefreshToken(ctx, session, auth.refreshToken, parsed.data.refresh_token);
  }
  const [organization, user] = (parsed.data.id?.split('/').slice(-2) ?? []).map((id) =>
    isId(id) ? to18(id) : undefined,
  );
  if (organization !== undefined) stayIn(session, organization);
  return {
    accessToken: parsed.data.access_token,
    instanceUrl: instanceUrl ?? parsed.data.instance_url,
    ...(user !== undefined && { userId: user }),
    ...(organization !== undefined && { organizationId: organization }),
  };
}

/** A sandbox that is refreshed becomes another organization behind the same login, also while a process runs. */
function stayIn(session: Session, organization: string): void {
  session.organizationId ??= organization;
  if (session.organizationId === organization) return;
  throw new ConnectorError(
    'auth',
    `the login now leads to organization ${organization}, and led to ${session.organizationId} before`,
    {
      hint: 'Is it the right one? Restart the hub: it then says what to do if this organization is to take the place of the other.',
    },
  );
}

const LOGIN_HINTS: Record<string, string> = {
  invalid_client_id: 'Check auth.clientId: it is the consumer key of the connected app, of this org.',
  invalid_client: 'Check auth.clientSecret: it is the consumer secret of the connected app.',
  invalid_grant:
    'Check that the user is approved for the connected app, that the refresh token or certificate is current, and that loginUrl is right (test.salesforce.com for a sandbox).',
  unsupported_grant_type: 'Enable this OAuth flow in the connected app.',
};

/**
 * jsforce throws OAuth errors with the error's code as their name: ERROR_HTTP_nnn where the body was no JSON, and
 * no name at all where it was some other JSON.
 */
const OAuthError = z.object({ name: z.string().catch(''), message: z.string().catch('') });

function loginError(error: unknown, transport: FetchTransport, loginUrl: string): ConnectorError {
  if (error instanceof ConnectorError) return error;
  const { name, message } = OAuthError.parse(error);
  const status = transport.last?.status;
  if (status === undefined || status < 400) throw error;
  const detail = { status, ...(transport.last?.retryAfter ? { retryAfter: transport.last.retryAfter } : {}) };
  if (status === 429)
    return new ConnectorError('quota', `${loginUrl} refused the login for now (429)`, detail);
  if (status >= 500 || status === 408)
    return new ConnectorError('transient', `${loginUrl} answered the login with ${status}`, detail);
  const said = /^[a-z_]+$/.test(name) ? `${name} (${message})` : `status ${status}`;
  return new ConnectorError('auth', `${loginUrl} refused the login: ${said}`, {
    ...detail,
    hint: LOGIN_HINTS[name] ?? 'Check loginUrl and auth.',
  });
}
