import { z } from '@hono/zod-openapi';
import { streamSSE } from 'hono/streaming';
import { plannedWritesPage } from '../../core/store/run-pages.ts';
import { runById } from '../../core/store/runs.ts';
import { hashToken } from '../auth/tokens.ts';
import { operation } from './frame/operation.ts';
import { PAGE, page, pageOf, readCursor } from './frame/paging.ts';
import { Refusal } from './frame/refusal.ts';
import { RUN_ID, runOr404, showRun } from './runs.ts';

const LOOK_EVERY_MS = 400;
/** Proxies cut what is silent. */
const BEAT_EVERY_MS = 15_000;
/** Then the caller connects again, which EventSource does by itself. */
const LONGEST_MS = 15 * 60_000;

const events = operation({
  method: 'get',
  path: '/v1/runs/{id}/events',
  id: 'followRun',
  summary: 'Follows a run as server-sent events, until it ends',
  description:
    'Each event `run` holds the run as `/v1/runs/{id}` shows it; the last one is `end`. Whichever process works on it, and after a broken connection `Last-Event-ID` goes on where it was.',
  tag: 'Syncs',
  role: 'viewer',
  params: RUN_ID,
  problems: [404],
  answer: { description: 'Events.', schema: z.string(), type: 'text/event-stream' },
  async handle({ params }, { deps, c, requestId }) {
    await runOr404(deps, params.id);
    const known = c.req.header('last-event-id');
    c.header('X-Accel-Buffering', 'no');
    return streamSSE(
      c,
      async (stream) => {
        let shown = known;
        let silent = 0;
        for (let passed = 0; passed < LONGEST_MS && !stream.aborted; passed += LOOK_EVERY_MS) {
          const run = await runById(deps.db(), params.id);
          if (!run) return;
          const data = JSON.stringify(showRun(run));
          const id = (await hashToken(data)).slice(0, 16);
          const ended = run.endedAt !== null;
          silent = id === shown && !ended ? silent + LOOK_EVERY_MS : 0;
          if (silent === 0) await stream.writeSSE({ event: ended ? 'end' : 'run', id, data });
          else if (silent % BEAT_EVERY_MS < LOOK_EVERY_MS) await stream.write(': still here\n\n');
          if (ended) return;
          shown = id;
          await stream.sleep(LOOK_EVERY_MS);
        }
      },
      async (error) => deps.log.warn('events of a run broke off', { requestId, error: error.message }),
    );
  },
});

const CHANGE = z.object({
  attribute: z.string(),
  field: z.string(),
  from: z.unknown(),
  to: z.unknown(),
  why: z.string().openapi({ description: 'Which source and rule decided the value.' }),
});

const WRITE = z
  .object({
    sync: z.string(),
    connection: z.string(),
    object: z.string(),
    mapping: z.string(),
    op: z.enum(['create', 'update', 'delete', 'merge']),
    goldenId: z.string(),
    id: z.string().nullable().openapi({ description: 'In the tool; null: to be created.' }),
    changes: z.array(CHANGE),
  })
  .openapi('PlannedWrite');

const writes = operation({
  method: 'get',
  path: '/v1/runs/{id}/writes',
  id: 'listPlannedWrites',
  summary: 'Lists what a plan would write, field by field',
  description: 'Kept for a week.',
  tag: 'Syncs',
  role: 'viewer',
  params: RUN_ID,
  query: PAGE,
  problems: [404, 409],
  answer: { description: 'A page, in the order of writing.', schema: pageOf(WRITE, 'PlannedWritePage') },
  async handle({ params, query: { cursor, limit } }, { deps }) {
    const run = await runOr404(deps, params.id);
    if (run.mode !== 'plan')
      throw new Refusal(409, 'this run is no plan: it wrote', {
        detail: 'POST /v1/syncs/{name}/plan makes one.',
      });
    if (run.endedAt === null)
      throw new Refusal(409, 'the plan is still being made', { detail: 'Ask again when it has ended.' });
    const after = readCursor(cursor, z.int().max(2 ** 31 - 1)) ?? 0;
    const rows = await plannedWritesPage(deps.db(), run.id, after, limit + 1);
    const place = ({ position }: (typeof rows)[number]) => position;
    return { body: page(rows, limit, place, ({ body }) => body as z.input<typeof WRITE>) };
  },
});

export const runEventOperations = [events, writes];
