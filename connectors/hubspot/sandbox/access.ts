import { Hono, type MiddlewareHandler } from 'hono';
import { ApiError, missingScope, rateLimited, unauthorized } from './errors.ts';

export interface OAuthApp {
  clientId: string;
  clientSecret: string;
  refreshToken: string;
}

export interface AccessOptions {
  now: () => Date;
  portalId: number;
  /** The private app's token. */
  accessToken: string;
  oauth?: OAuthApp;
  /** Scopes granted; all when absent. */
  scopes?: string[];
  rateLimit?: { calls: number; perSeconds: number };
  dailyLimit?: number;
  /** When the account's first day ends; the next ones take 24 hours. Absent: at midnight UTC. */
  midnight?: Date;
  searchPerSecond?: number;
}

const ALL_SCOPES = [
  ...['contacts', 'companies', 'deals', 'custom'].flatMap((object) => [
    `crm.objects.${object}.read`,
    `crm.objects.${object}.write`,
  ]),
  'tickets',
  'crm.objects.owners.read',
];

const TOKEN_SECONDS = 1800;
const DAY_MS = 86_400_000;

/** What the account's limits were used for, and how often each refused. */
export interface Usage {
  /** Calls of the day, other apps' too. */
  used: number;
  refused: Record<'DAILY' | 'TEN_SECONDLY_ROLLING' | 'SECONDLY', number>;
  /** When the day ends, in milliseconds since 1970. */
  dayEnds: number;
}

/** Who may call, and how often: tokens, scopes, and the three limits with their headers and 429 bodies. */
export function createAccess(options: AccessOptions): {
  guard: MiddlewareHandler;
  routes: Hono;
  expire(): void;
  usage: Usage;
} {
  const issued = new Map<string, number>();
  const recent: number[] = [];
  const searches: number[] = [];
  const usage: Usage = {
    used: 0,
    refused: { DAILY: 0, TEN_SECONDLY_ROLLING: 0, SECONDLY: 0 },
    dayEnds: options.midnight?.getTime() ?? (Math.floor(options.now().getTime() / DAY_MS) + 1) * DAY_MS,
  };
  const most = options.dailyLimit ?? 250_000;
  const renew = () => {
    while (options.now().getTime() >= usage.dayEnds) {
      usage.used = 0;
      usage.dayEnds += DAY_MS;
    }
  };
  const refuse = (policy: keyof Usage['refused'], headers?: Record<string, string>) => {
    usage.refused[policy] += 1;
    return rateLimited(policy, headers);
  };

  const authorize = (header: string | undefined) => {
    const token = header?.replace(/^Bearer /, '');
    if (token === options.accessToken) return;
    const until = issued.get(token ?? '');
    if (until === undefined) throw unauthorized();
    if (until <= options.now().getTime())
      throw new ApiError(401, 'EXPIRED_AUTHENTICATION', 'The OAuth token used to make this call expired.');
  };

  const limit = (path: string): Record<string, string> => {
    const now = options.now().getTime();
    const { calls, perSeconds } = options.rateLimit ?? { calls: 190, perSeconds: 10 };
    const headers: Record<string, string> = {};
    const search = path.endsWith('/search');
    drop(recent, now - perSeconds * 1000);
    drop(searches, now - 1000);
    renew();
    if (!search) {
      headers['X-HubSpot-RateLimit-Max'] = String(calls);
      headers['X-HubSpot-RateLimit-Interval-Milliseconds'] = String(perSeconds * 1000);
      headers['X-HubSpot-RateLimit-Remaining'] = String(Math.max(0, calls - recent.length - 1));
      headers['X-HubSpot-RateLimit-Daily'] = String(most);
      headers['X-HubSpot-RateLimit-Daily-Remaining'] = String(Math.max(0, most - usage.used - 1));
    }
    if (options.dailyLimit !== undefined && usage.used >= most) throw refuse('DAILY', headers);
    if (options.rateLimit !== undefined && recent.length >= calls)
      throw refuse('TEN_SECONDLY_ROLLING', headers);
    if (search && options.searchPerSecond !== undefined && searches.length >= options.searchPerSecond)
      throw refuse('SECONDLY');
    usage.used += 1;
    recent.push(now);
    if (search) searches.push(now);
    return headers;
  };

  const allow = (method: string, path: string) => {
    const type = /^\/crm\/v\d\/(?:objects|properties)\/([^/]+)/.exec(path)?.[1];
    if (options.scopes === undefined || type === undefined) return;
    const reads = method === 'GET' || /\/(search|batch\/read)$/.test(path);
    const scope = `crm.objects.${type}.${reads ? 'read' : 'write'}`;
    if (!options.scopes.includes(scope)) throw missingScope(scope);
  };

  const routes = new Hono();
  routes.post('/oauth/v1/token', async (c) => {
    const form = new URLSearchParams(await c.req.text());
    const { oauth } = options;
    const right =
      oauth !== undefined &&
      form.get('grant_type') === 'refresh_token' &&
      form.get('client_id') === oauth.clientId &&
      form.get('client_secret') === oauth.clientSecret &&
      form.get('refresh_token') === oauth.refreshToken;
    if (!right)
      throw new ApiError(400, 'BAD_AUTH_CODE', 'missing or invalid refresh token', {
        error: 'invalid_grant',
        error_description: 'missing or invalid refresh token',
      });
    const token = `token-${issued.size + 1}`;
    issued.set(token, options.now().getTime() + TOKEN_SECONDS * 1000);
    return c.json({
      access_token: token,
      refresh_token: oauth.refreshToken,
      expires_in: TOKEN_SECONDS,
      token_type: 'bearer',
    });
  });

  routes.post('/oauth/v2/private-apps/get/access-token-info', async (c) => {
    const { tokenKey } = await c.req.json<{ tokenKey?: unknown }>();
    if (tokenKey !== options.accessToken) throw unauthorized();
    return c.json({ userId: 1, hubId: options.portalId, appId: 1, scopes: options.scopes ?? ALL_SCOPES });
  });

  routes.get('/account-info/v3/api-usage/daily/private-apps', (c) =>
    c.json({
      results: [
        {
          name: 'private-apps-api-calls-daily',
          usageLimit: most,
          currentUsage: usage.used,
          collectedAt: options.now().toISOString(),
          fetchStatus: 'SUCCESS',
          resetsAt: new Date(usage.dayEnds).toISOString(),
        },
      ],
    }),
  );

  return {
    routes,
    usage,
    guard: async (c, next) => {
      if (c.req.path.startsWith('/oauth/')) return await next();
      authorize(c.req.header('authorization'));
      allow(c.req.method, c.req.path);
      const headers = limit(c.req.path);
      await next();
      for (const [name, value] of Object.entries(headers)) c.res.headers.set(name, value);
    },
    expire: () => {
      for (const token of issued.keys()) issued.set(token, 0);
    },
  };
}

function drop(times: number[], before: number): void {
  while (times.length > 0 && times[0]! <= before) times.shift();
}
