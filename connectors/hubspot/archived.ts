import type { Change, Context, Page } from '../contract.ts';
import { apiOf } from './api.ts';
import { call, recordsIn } from './call.ts';
import type { HubspotConfig } from './config.ts';
import { type At, OVERLAP_MS, SWEEP_MS } from './cursor.ts';
import { BATCH } from './discover.ts';
import type { ObjectSchema } from './schema.ts';

const KEPT_MS = 90 * 86_400_000;
const UNSEEN = 'what was deleted may have left it after its 90 days. Only reconciling finds those records';

/**
 * A page of what was deleted. Search never shows it, and webhooks can be lost. Records that a merge took away are not in this
 * list: their winner tells of them. Neither are permanent deletions, which only a look at the id finds.
 */
export async function readArchived(
  ctx: Context<HubspotConfig>,
  { stream, type }: ObjectSchema,
  from: number,
  { began, since, after }: NonNullable<At<'poll'>['archived']>,
): Promise<Page> {
  const page = await call(ctx, async () => {
    const answer = await apiOf(ctx).objects.getPage(
      type,
      BATCH,
      after,
      ['hs_object_id'],
      undefined,
      undefined,
      true,
    );
    return { listed: recordsIn(answer), after: answer.paging?.next?.after };
  });
  const changes = page.listed.flatMap(({ id, archivedAt }): Change[] => {
    const at = archivedAt ?? ctx.now();
    if (since !== undefined && at.getTime() < since) return [];
    return [{ stream, id, at: at.toISOString(), op: 'delete' }];
  });
  if (page.after !== undefined) {
    const archived = { began, after: page.after, ...(since === undefined ? {} : { since }) };
    return { changes, cursor: { mode: 'poll', from, archived }, done: false };
  }
  const long = since !== undefined && began - since > KEPT_MS;
  const problems = [
    { message: `the archived list was not read since ${new Date(since ?? 0).toISOString()}: ${UNSEEN}` },
  ];
  const sweep = { due: began + SWEEP_MS, since: began - OVERLAP_MS };
  return { changes, cursor: { mode: 'poll', from, sweep }, done: true, ...(long ? { problems } : {}) };
}
