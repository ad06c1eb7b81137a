import type { QuotaHint } from '../contract.ts';

/** Salesforce frees calls as they grow 24 hours old; when all are used, the hub looks again after this long. */
const LOOK_AGAIN_MS = 15 * 60_000;

/** `Sforce-Limit-Info: api-usage=18/5000`: calls of all the org's apps in the last 24 hours. */
export function observe(response: Response): QuotaHint | undefined {
  const usage = /api-usage=(\d+)\/(\d+)/.exec(response.headers.get('sforce-limit-info') ?? '');
  if (usage === null) return undefined;
  const [used, limit] = [Number(usage[1]), Number(usage[2])];
  const date = Date.parse(response.headers.get('date') ?? '');
  const spent = used >= limit && response.status === 403 && !Number.isNaN(date);
  return {
    name: 'day',
    used,
    limit,
    remaining: Math.max(0, limit - used),
    ...(spent ? { exhaustedUntil: new Date(date + LOOK_AGAIN_MS).toISOString() } : {}),
  };
}
