import { z } from 'zod';
import { type Budget, ConnectorError, type Context, type QuotaHint } from '../contract.ts';
import type { SalesforceConfig } from './config.ts';
import { call } from './session.ts';

const DAY = 'day';
/** Salesforce frees calls as they grow 24 hours old; when all are used, the hub looks again after this long. */
const LOOK_AGAIN_MS = 15 * 60_000;

export const budgets = (config: SalesforceConfig): Budget[] => [
  {
    name: DAY,
    calls: config.dailyCalls,
    per: 86_400,
    rolling: true,
    renewal: 'as calls grow 24 hours old',
  },
];

/** `Sforce-Limit-Info: api-usage=18/5000`: calls of all the org's apps in the last 24 hours. */
export function observe(response: Response, body = ''): QuotaHint[] {
  const usage = /api-usage=(\d+)\/(\d+)/.exec(response.headers.get('sforce-limit-info') ?? '');
  const [used, limit] = usage === null ? [] : [Number(usage[1]), Number(usage[2])];
  const date = Date.parse(response.headers.get('date') ?? '');
  const refused = response.status === 403;
  const spent = refused && (/"REQUEST_LIMIT_EXCEEDED"/.test(body) || (used ?? 0) >= (limit ?? Infinity));
  if (used === undefined && !spent) return [];
  return [
    {
      name: DAY,
      ...(used !== undefined && limit !== undefined && { used, limit, remaining: Math.max(0, limit - used) }),
      ...(spent && !Number.isNaN(date) && { exhaustedUntil: new Date(date + LOOK_AGAIN_MS).toISOString() }),
    },
  ];
}

const LIMITS = z.object({ DailyApiRequests: z.object({ Max: z.number(), Remaining: z.number() }) });

/** The org's limits: all apps' calls of the last 24 hours. There is no moment at which they renew. */
export async function askLimits(ctx: Context<SalesforceConfig>): Promise<QuotaHint[]> {
  const { body } = await call(ctx, (connection) =>
    connection.request(`/services/data/v${ctx.config.apiVersion}/limits`),
  );
  const read = LIMITS.safeParse(body);
  if (!read.success) throw new ConnectorError('transient', 'Salesforce’s limits cannot be read');
  const { Max: limit, Remaining: remaining } = read.data.DailyApiRequests;
  return [{ name: DAY, used: limit - remaining, limit, remaining }];
}
