import { ConnectorError, type Context, type Person } from '../contract.ts';
import { apiOf } from './api.ts';
import { call, results } from './call.ts';
import type { HubspotConfig } from './config.ts';

/** Whom an owner property may name: inactive owners are refused. Unknown without the scope for it. */
export async function activeOwners(ctx: Context<HubspotConfig>): Promise<Person[] | undefined> {
  const owners: Person[] = [];
  let after: string | undefined;
  try {
    do {
      const page = await call(ctx, async () => {
        const answer = await apiOf(ctx).owners.getPage(undefined, after, 500, false);
        return { found: results(answer), next: answer.paging?.next?.after };
      });
      for (const { id, firstName, lastName, email } of page.found)
        owners.push({
          id,
          name: [firstName, lastName].filter(Boolean).join(' ') || id,
          ...(email ? { email } : {}),
        });
      after = page.next;
    } while (after !== undefined);
    return owners;
  } catch (error) {
    if (!(error instanceof ConnectorError) || error.status !== 403) throw error;
    ctx.log.info('HubSpot owners are not shown as options: the token has no scope crm.objects.owners.read');
    return undefined;
  }
}

export const people = async (ctx: Context<HubspotConfig>): Promise<Person[]> =>
  (await activeOwners(ctx)) ?? [];
