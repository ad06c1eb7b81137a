import { z } from 'zod';
import type { Context, QuotaHint } from '../contract.ts';
import { getJson } from './api.ts';
import { call } from './call.ts';
import type { HubspotConfig } from './config.ts';
import { DAILY } from './quota.ts';

const USAGE = z.object({
  results: z.array(
    z.object({
      name: z.string(),
      usageLimit: z.number(),
      currentUsage: z.number(),
      resetsAt: z.iso.datetime({ offset: true }).optional(),
    }),
  ),
});

/**
 * What all private apps of the account have used of the day: the only place that tells when the day ends. HubSpot may answer
 * from a cache. An OAuth app has no day.
 */
export async function askUsage(ctx: Context<HubspotConfig>): Promise<QuotaHint[]> {
  if (ctx.config.oauth !== undefined) return [];
  const { results } = await call(ctx, async () => {
    const read = USAGE.safeParse(await getJson(ctx, '/account-info/v3/api-usage/daily/private-apps'));
    if (!read.success) throw new SyntaxError('no usage in the answer');
    return read.data;
  });
  const day = results.find(({ name }) => name === 'private-apps-api-calls-daily');
  if (day === undefined) return [];
  const { usageLimit: limit, currentUsage: used, resetsAt } = day;
  return [
    {
      name: DAILY,
      used,
      limit,
      ...(resetsAt !== undefined && { resetsAt: new Date(resetsAt).toISOString() }),
    },
  ];
}
