import {
  createConfiguration,
  ServerConfiguration,
  TokensApi,
  wrapHttpLibrary,
} from '@hubspot/api-client/lib/codegen/oauth/index.js';
import { ConnectorError, type Context } from '../contract.ts';
import type { HubspotConfig } from './config.ts';
import { asFailure } from './errors.ts';
import { exchange } from './http.ts';

interface Token {
  value: string;
  /** Milliseconds since 1970. */
  until: number;
}

const tokens = new WeakMap<HubspotConfig, Token>();

/** HubSpot's tokens live 30 minutes; one that would end during a call is not used. */
const MARGIN_MS = 120_000;

/** The token to call with. An OAuth token is kept until shortly before its end, or until `forgetToken`. */
export async function accessToken(ctx: Context<HubspotConfig>): Promise<string> {
  const { accessToken: fixed, oauth } = ctx.config;
  if (fixed !== undefined) return fixed;
  const known = tokens.get(ctx.config);
  if (known !== undefined && known.until > ctx.now().getTime()) return known.value;
  const api = new TokensApi(
    createConfiguration({
      baseServer: new ServerConfiguration(ctx.config.baseUrl, {}),
      httpApi: wrapHttpLibrary({ send: (request) => exchange(ctx, request, {}) }),
    }),
  );
  const { clientId, clientSecret, refreshToken } = oauth!;
  try {
    const answer = await api.create(
      'refresh_token',
      undefined,
      undefined,
      clientId,
      clientSecret,
      refreshToken,
    );
    if (typeof answer.accessToken !== 'string') throw new SyntaxError('no access_token in the answer');
    const until = ctx.now().getTime() + answer.expiresIn * 1000 - MARGIN_MS;
    tokens.set(ctx.config, { value: answer.accessToken, until });
    return answer.accessToken;
  } catch (error) {
    const failure = asFailure(error, false, ctx.now());
    if (failure.kind !== 'rejected') throw failure;
    throw new ConnectorError('auth', 'HubSpot refused to renew the OAuth token', {
      ...(failure.status !== undefined && { status: failure.status }),
      hint: 'Check clientId and clientSecret, and authorise the app again for a new refreshToken.',
    });
  }
}

/** The token was refused: the next call gets a new one. false when there is none to be had (a private app's). */
export function forgetToken(config: HubspotConfig): boolean {
  return config.oauth !== undefined && tokens.delete(config);
}
