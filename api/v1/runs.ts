import { z } from '@hono/zod-openapi';
import { runsPage } from '../../core/store/run-pages.ts';
import { type RunRow, runById } from '../../core/store/runs.ts';
import type { V1Deps } from './deps.ts';
import { operation } from './frame/operation.ts';
import { PAGE, page, pageOf, readCursor } from './frame/paging.ts';
import { notFound } from './frame/refusal.ts';
import { TIME } from './shapes.ts';

const COUNT = z.int();

export const RUN = z
  .object({
    id: z.string(),
    sync: z.string(),
    mode: z.enum(['sync', 'full', 'plan']),
    status: z.enum(['running', 'complete', 'incomplete', 'halted']),
    phase: z.string(),
    reasons: z
      .array(
        z.object({
          code: z.string(),
          connection: z.string().optional(),
          object: z.string().optional(),
          count: COUNT.optional(),
          message: z.string(),
          hint: z.string().optional(),
          until: TIME.optional().openapi({ description: 'When it is over by itself.' }),
        }),
      )
      .openapi({ description: 'Why it is not complete.' }),
    counts: z.object({
      read: COUNT,
      linked: COUNT,
      created: COUNT,
      updated: COUNT,
      unchanged: COUNT,
      deleted: COUNT,
      reviews: COUNT,
      failed: COUNT,
      golden: COUNT,
      unreadable: COUNT,
      merged: COUNT,
      echoes: COUNT,
      normalised: COUNT,
      partlyOurs: COUNT,
      edits: COUNT,
    }),
    apiCalls: z.record(z.string(), COUNT),
    clock: z
      .object({ writes: COUNT, p50: COUNT, p95: COUNT, p99: COUNT })
      .nullable()
      .openapi({ description: 'Milliseconds from webhook to write-back since the run before began.' }),
    startedAt: TIME,
    endedAt: TIME.nullable(),
    resumeAt: TIME.nullable().openapi({
      description: 'A budget was used up: a serving hub goes on with the sync by itself then.',
    }),
  })
  .openapi('Run');

export const showRun = (run: RunRow): z.input<typeof RUN> => {
  const { id, sync, mode, status, phase, reasons, counts, apiCalls, clock, startedAt, endedAt, resumeAt } =
    run;
  return { id, sync, mode, status, phase, reasons, counts, apiCalls, clock, startedAt, endedAt, resumeAt };
};

export const RUN_ID = { id: z.string().min(1).max(200).openapi({ description: 'The id of a run.' }) };
export const RUN_PAGE = pageOf(RUN, 'RunPage');
const PLACE = z.object({ startedAt: z.iso.datetime(), id: z.string() });

/** Throws 404. */
export async function runOr404(deps: V1Deps, id: string): Promise<RunRow> {
  const run = await runById(deps.db(), id);
  if (!run) throw notFound('run', 'GET /v1/runs lists them.');
  return run;
}

/** A page of runs, newest first. */
export async function pageOfRuns(
  deps: V1Deps,
  filter: { sync: string | null; plans: boolean },
  { cursor, limit }: { cursor?: string | undefined; limit: number },
) {
  const rows = await runsPage(deps.db(), filter, readCursor(cursor, PLACE), limit + 1);
  return page(rows, limit, ({ startedAt, id }) => ({ startedAt, id }), showRun);
}

const PLANS = z
  .enum(['true', 'false'])
  .default('false')
  .openapi({ description: 'Whether plans are listed too.' });

const list = operation({
  method: 'get',
  path: '/v1/runs',
  id: 'listRuns',
  summary: 'Lists the runs of all syncs',
  tag: 'Syncs',
  role: 'viewer',
  query: { ...PAGE, plans: PLANS },
  answer: { description: 'A page, newest first.', schema: RUN_PAGE },
  handle: async ({ query }, { deps }) => ({
    body: await pageOfRuns(deps, { sync: null, plans: query.plans === 'true' }, query),
  }),
});

const one = operation({
  method: 'get',
  path: '/v1/runs/{id}',
  id: 'getRun',
  summary: 'Shows a run: how far it is, or how it ended',
  tag: 'Syncs',
  role: 'viewer',
  params: RUN_ID,
  problems: [404],
  answer: { description: 'The run.', schema: RUN },
  handle: async ({ params }, { deps }) => ({ body: showRun(await runOr404(deps, params.id)) }),
});

export const runOperations = [list, one];
