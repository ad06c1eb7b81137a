import { z } from '@hono/zod-openapi';
import { streamSSE } from 'hono/streaming';
import { plannedPage } from '../../core/store/run-pages.ts';
import { runById } from '../../core/store/runs.ts';
import { hashToken } from '../auth/tokens.ts';
import type { V1Deps } from './deps.ts';
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
    id: z
      .string()
      .nullable()
      .openapi({ description: 'In the tool; null: to be created; `new:…`: one that this plan creates.' }),
    into: z.string().optional().openapi({ description: 'Of a merge: the record that stays.' }),
    records: z
      .array(z.string())
      .optional()
      .openapi({ description: 'The records of the golden record, as `connection/object/id`.' }),
    why: z.string().optional().openapi({ description: 'Why there is a write at all.' }),
    changes: z.array(CHANGE),
    without: z
      .array(z.object({ attribute: z.string(), field: z.string(), holder: z.string() }))
      .optional()
      .openapi({
        description: 'Values left out, because only one record of the tool can have them: `holder`.',
      }),
  })
  .openapi('PlannedWrite');

const JOIN = z
  .object({
    kind: z.enum(['link', 'merge', 'split', 'review']).openapi({
      description:
        'A record that finds its place beside another; a golden record folded into another; a record that leaves its golden record; a doubtful pair for a person.',
    }),
    sync: z.string(),
    goldenId: z.string().optional().openapi({ description: '`new:…`: it does not exist yet.' }),
    record: z.string().optional(),
    with: z
      .string()
      .nullable()
      .optional()
      .openapi({ description: 'Of a link: the record it is most alike.' }),
    into: z.string().optional().openapi({ description: 'Of a merge: the golden record that stays.' }),
    records: z.array(z.string()).optional(),
    from: z.string().optional().openapi({ description: 'Of a split: the golden record that it leaves.' }),
    a: z.string().optional(),
    b: z.string().optional(),
    weight: z.number().optional(),
    why: z.string().optional(),
    reason: z.string().optional(),
  })
  .openapi('PlannedJoin');

const listing = (what: 'writes' | 'joins') => ({
  method: 'get' as const,
  path: `/v1/runs/{id}/${what}` as const,
  tag: 'Syncs' as const,
  role: 'viewer' as const,
  description: 'Kept for a week.',
  params: RUN_ID,
  query: PAGE,
  problems: [404, 409] as [404, 409],
});

async function listed<T>(deps: V1Deps, id: string, what: 'writes' | 'joins', query: PageQuery) {
  const run = await runOr404(deps, id);
  if (run.mode !== 'plan')
    throw new Refusal(409, 'this run is no plan: it wrote', {
      detail: 'POST /v1/syncs/{name}/plan makes one.',
    });
  if (run.endedAt === null)
    throw new Refusal(409, 'the plan is still being made', { detail: 'Ask again when it has ended.' });
  const after = readCursor(query.cursor, z.int().max(2 ** 31 - 1)) ?? 0;
  const rows = await plannedPage(deps.db(), run.id, what, after, query.limit + 1);
  const place = ({ position }: (typeof rows)[number]) => position;
  return { body: page(rows, query.limit, place, ({ body }) => body as T) };
}

interface PageQuery {
  cursor?: string | undefined;
  limit: number;
}

const writes = operation({
  ...listing('writes'),
  id: 'listPlannedWrites',
  summary: 'Lists what a plan would write, field by field',
  answer: { description: 'A page, in the order of writing.', schema: pageOf(WRITE, 'PlannedWritePage') },
  handle: ({ params, query }, { deps }) => listed<z.input<typeof WRITE>>(deps, params.id, 'writes', query),
});

const joins = operation({
  ...listing('joins'),
  id: 'listPlannedJoins',
  summary: 'Lists who would come together or part by a plan, and who would be put before a person',
  answer: { description: 'A page.', schema: pageOf(JOIN, 'PlannedJoinPage') },
  handle: ({ params, query }, { deps }) => listed<z.input<typeof JOIN>>(deps, params.id, 'joins', query),
});

export const runEventOperations = [events, writes, joins];
