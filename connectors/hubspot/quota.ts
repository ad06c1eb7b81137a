import type { Budget, QuotaHint } from '../contract.ts';
import type { HubspotConfig } from './config.ts';

const TEN_SECONDS = 'ten-seconds';
const DAILY = 'daily';

/**
 * What HubSpot allows. A private app has 190 calls in ten seconds on a paid tier and 100 on the free one, where
 * the 429s that come too early are waited out; an OAuth app has 110 for each account, and no daily budget.
 */
export function budgets(config: HubspotConfig): Budget[] {
  if (config.oauth !== undefined) return [{ name: TEN_SECONDS, calls: 110, per: 10 }];
  return [
    { name: TEN_SECONDS, calls: 190, per: 10 },
    { name: DAILY, calls: 250_000, per: 86_400 },
  ];
}

/** The tightest thing the headers say. Search answers carry none. */
export function observe(response: Response): QuotaHint | undefined {
  const number = (name: string) => {
    const text = response.headers.get(`x-hubspot-ratelimit-${name}`);
    return text === null || !Number.isFinite(Number(text)) ? undefined : Number(text);
  };
  const now = Date.parse(response.headers.get('date') ?? '');
  const daily = number('daily-remaining');
  const limit = number('daily');
  const soon = number('remaining');
  const interval = number('interval-milliseconds');
  if (response.status === 429 && daily !== 0 && soon === 0 && interval !== undefined && !Number.isNaN(now))
    return { name: TEN_SECONDS, remaining: 0, exhaustedUntil: new Date(now + interval).toISOString() };
  if (daily === undefined) return undefined;
  return {
    name: DAILY,
    remaining: daily,
    ...(limit !== undefined && { limit, used: limit - daily }),
    // Renewed at some midnight, thus on a full hour: see untilRenewal.
    ...(daily <= 0 &&
      !Number.isNaN(now) && {
        exhaustedUntil: new Date((Math.floor(now / 3_600_000) + 1) * 3_600_000).toISOString(),
      }),
  };
}
