import { z } from '@hono/zod-openapi';
import { differencePage } from '../../core/store/differences.ts';
import { reconcileById, reconcilesOf } from '../../core/store/reconciles.ts';
import { CLASSES, type Class } from '../../core/sync/reconcile/classes.ts';
import { reportOf } from '../../core/sync/reconcile/report.ts';
import { AlreadyReconciling } from '../../core/sync/reconcile/start.ts';
import type { V1Deps } from './deps.ts';
import { operation } from './frame/operation.ts';
import { PAGE, page, pageOf, readCursor } from './frame/paging.ts';
import { notFound, notHere, Refusal } from './frame/refusal.ts';
import { TIME } from './shapes.ts';
import { NAMED, syncOr404 } from './syncs.ts';

const COUNT = z.int();
const EQUAL = z.object({ compared: COUNT, equal: COUNT });
const BY_CLASS = z.record(z.string(), COUNT);

const RECONCILE = z
  .object({
    reconcile: z.string(),
    sync: z.string(),
    status: z.enum(['running', 'complete', 'incomplete']),
    repair: z.boolean(),
    startedAt: TIME,
    endedAt: TIME.nullable(),
    values: EQUAL,
    records: EQUAL,
    differences: COUNT,
    classes: BY_CLASS,
    streams: z.array(
      z.object({
        mapping: z.string(),
        whole: z.boolean().openapi({ description: 'Whether it was read to its end.' }),
        records: EQUAL,
        fields: z.array(z.object({ attribute: z.string(), compared: COUNT, equal: COUNT })),
        classes: BY_CLASS,
      }),
    ),
    repaired: COUNT,
    run: z.string().nullable().openapi({ description: 'The run that delivered the repairs.' }),
    apiCalls: z.record(z.string(), COUNT),
    reasons: z.array(
      z.object({
        code: z.string(),
        connection: z.string().optional(),
        count: COUNT.optional(),
        message: z.string(),
        hint: z.string().optional(),
      }),
    ),
  })
  .openapi('Reconcile');

const DIFFERENCE = z
  .object({
    id: COUNT,
    mapping: z.string(),
    record: z.string().openapi({ description: 'Source key; empty where the tool has no record yet.' }),
    golden: z.string().nullable(),
    attribute: z.string().openapi({ description: 'Empty where it is about the whole record.' }),
    class: z.string(),
    reason: z.string(),
  })
  .openapi('Difference');

const ID = { id: z.string().min(1).max(200).openapi({ description: 'The id of a reconcile.' }) };

async function reconcileOr404(deps: V1Deps, id: string) {
  const row = await reconcileById(deps.db(), id);
  if (!row) throw notFound('reconcile', 'GET /v1/syncs/{name}/reconciles lists them.');
  return row;
}

const start = operation({
  method: 'post',
  path: '/v1/syncs/{name}/reconciles',
  id: 'startReconcile',
  summary: 'Compares everything in the tools with the hub, and repairs it if told to',
  description:
    'Answers at once; follow it at `/v1/reconciles/{id}`. Goes on with one that was interrupted. The same as `nayose reconcile`.',
  tag: 'Syncs',
  role: 'operator',
  params: NAMED,
  emptyBody: true,
  body: z.strictObject({
    repair: z.boolean().default(false).openapi({
      description: 'Reads again what was missed, and has a run deliver what follows. Its guards apply.',
    }),
  }),
  problems: [404, 501, 502],
  answer: {
    status: 202,
    description: 'It has begun.',
    schema: RECONCILE,
    headers: { Location: 'The reconcile.' },
  },
  async handle({ params, body }, { deps, target }) {
    const sync = syncOr404(deps, params.name);
    if (!deps.startReconcile)
      throw notHere('this process cannot reconcile', 'Use `nayose reconcile` with the same database.');
    try {
      const row = await deps.startReconcile(sync.name, body.repair);
      target(`syncs/${sync.name} ${row.id}`);
      return { body: await reportOf(deps.db(), row), headers: { Location: `/v1/reconciles/${row.id}` } };
    } catch (error) {
      if (!(error instanceof AlreadyReconciling)) throw error;
      throw new Refusal(409, error.message, {
        detail: `GET /v1/reconciles/${error.id} shows how far it is.`,
      });
    }
  },
});

const list = operation({
  method: 'get',
  path: '/v1/syncs/{name}/reconciles',
  id: 'listReconciles',
  summary: 'Lists the reconciles of a sync whose findings are kept',
  tag: 'Syncs',
  role: 'viewer',
  params: NAMED,
  problems: [404, 501],
  answer: {
    description: 'Newest first: there is no second page.',
    schema: pageOf(RECONCILE, 'ReconcilePage'),
  },
  async handle({ params }, { deps }) {
    const rows = await reconcilesOf(deps.db(), syncOr404(deps, params.name).name, 20);
    return {
      body: { items: await Promise.all(rows.map((row) => reportOf(deps.db(), row))), next: null },
    };
  },
});

const one = operation({
  method: 'get',
  path: '/v1/reconciles/{id}',
  id: 'getReconcile',
  summary: 'Shows what a reconcile found, or has found so far',
  tag: 'Syncs',
  role: 'viewer',
  params: ID,
  problems: [404],
  answer: { description: 'The reconcile.', schema: RECONCILE },
  handle: async ({ params }, { deps }) => ({
    body: await reportOf(deps.db(), await reconcileOr404(deps, params.id)),
  }),
});

const PLACE = z.object({ id: z.int() });

const differences = operation({
  method: 'get',
  path: '/v1/reconciles/{id}/differences',
  id: 'listDifferences',
  summary: 'Lists the differences that a reconcile found, each with its class and reason',
  description: Object.entries(CLASSES)
    .map(([name, means]) => `- \`${name}\`: ${means}`)
    .join('\n'),
  tag: 'Syncs',
  role: 'viewer',
  params: ID,
  query: {
    ...PAGE,
    class: z
      .enum(Object.keys(CLASSES) as [Class, ...Class[]])
      .optional()
      .openapi({ description: 'Only this class.' }),
  },
  problems: [404],
  answer: { description: 'A page, in order of finding.', schema: pageOf(DIFFERENCE, 'DifferencePage') },
  async handle({ params, query }, { deps }) {
    const { id } = await reconcileOr404(deps, params.id);
    const after = readCursor(query.cursor, PLACE)?.id ?? 0;
    const wanted = query.class === undefined ? null : [query.class];
    const rows = await differencePage(deps.db(), id, after, query.limit + 1, wanted);
    return {
      body: page(
        rows,
        query.limit,
        (row) => ({ id: row.id }),
        ({ goldenId, ...row }) => ({ ...row, golden: goldenId }),
      ),
    };
  },
});

export const reconcileOperations = [start, list, one, differences];
