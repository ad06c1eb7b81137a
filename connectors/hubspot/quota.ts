import type { Budget, QuotaHint } from '../contract.ts';
import type { HubspotConfig } from './config.ts';

const TEN_SECONDS = 'ten-seconds';
export const DAILY = 'daily';
/** The day ends at midnight of the account's time zone. Of almost every zone that is a full or a half hour. */
const HALF_HOUR_MS = 1_800_000;

/** Of the whole account, and told by no header: another process or app may still make one be refused, and that is waited out. */
const SEARCH: Budget = {
  name: 'search',
  calls: 5,
  per: 1,
  only: (_, { pathname }) => pathname.endsWith('/search'),
};

/**
 * What HubSpot allows. A private app has 190 calls in ten seconds on a paid tier and 100 on the free one, which the first
 * answer tells; an OAuth app has 110 for each account, and no daily budget.
 */
export function budgets(config: HubspotConfig): Budget[] {
  if (config.oauth !== undefined) return [SEARCH, { name: TEN_SECONDS, calls: 110, per: 10 }];
  return [
    SEARCH,
    { name: TEN_SECONDS, calls: 190, per: 10 },
    {
      name: DAILY,
      calls: 250_000,
      per: 86_400,
      renewal: "at midnight of the HubSpot account's time zone",
    },
  ];
}

/** Search answers carry no headers: of a refused one the body tells which budget it was. */
export function observe(response: Response, body = ''): QuotaHint[] {
  const number = (name: string) => {
    const text = response.headers.get(`x-hubspot-ratelimit-${name}`);
    return text === null || !Number.isFinite(Number(text)) ? undefined : Number(text);
  };
  const now = Date.parse(response.headers.get('date') ?? '');
  const refused = response.status === 429;
  const policy = refused ? /"policyName"\s*:\s*"(\w+)"/.exec(body)?.[1] : undefined;
  const daily = number('daily-remaining');
  const limit = number('daily');
  const soon = number('remaining');
  const most = number('max');
  const interval = number('interval-milliseconds');
  const hints: QuotaHint[] = [];
  if (most !== undefined && interval !== undefined)
    hints.push({
      name: TEN_SECONDS,
      limit: most,
      per: interval / 1000,
      ...(refused &&
        daily !== 0 &&
        policy !== 'DAILY' &&
        soon === 0 &&
        !Number.isNaN(now) && { remaining: 0, exhaustedUntil: new Date(now + interval).toISOString() }),
    });
  const spent = policy === 'DAILY' || (daily !== undefined && daily <= 0);
  if (daily !== undefined || spent)
    hints.push({
      name: DAILY,
      remaining: spent ? 0 : daily!,
      ...(limit !== undefined && { limit, used: spent ? limit : limit - daily! }),
      ...(spent &&
        !Number.isNaN(now) && {
          exhaustedUntil: new Date((Math.floor(now / HALF_HOUR_MS) + 1) * HALF_HOUR_MS).toISOString(),
        }),
    });
  return hints;
}
