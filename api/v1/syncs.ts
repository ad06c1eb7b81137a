import { z } from '@hono/zod-openapi';
import { countPlannedWrites } from '../../core/store/run-pages.ts';
import { memoryOf, runById } from '../../core/store/runs.ts';
import { isWhole } from '../../core/sync/recheck.ts';
import { AlreadyRunning } from '../../core/sync/run.ts';
import { hubOf, type RunOrder, type V1Deps } from './deps.ts';
import { type Call, operation } from './frame/operation.ts';
import { PAGE, pageOf } from './frame/paging.ts';
import { notFound, notHere, Refusal, unprocessable } from './frame/refusal.ts';
import { pageOfRuns, RUN, RUN_PAGE, showRun } from './runs.ts';
import { name } from './shapes.ts';

const SYNC = z
  .object({
    name: z.string(),
    entity: z.string(),
    schedule: z
      .string()
      .nullable()
      .openapi({ description: 'A cron pattern; null: by hand and webhook only.' }),
    reconcile: z
      .object({ schedule: z.string(), repair: z.boolean() })
      .nullable()
      .openapi({ description: 'When everything is compared; null: by hand only.' }),
    realtime: z.boolean(),
    guards: z
      .object({
        maxChanged: z.number().nullable(),
        maxDeleted: z.number().nullable(),
        maxMissing: z.number().nullable(),
        maxGrowth: z.number().nullable(),
      })
      .openapi({ description: 'Shares between 0 and 1, or counts; null: the default.' }),
    members: z.array(
      z.object({ mapping: z.string(), mode: z.enum(['both', 'read', 'write']), create: z.boolean() }),
    ),
  })
  .openapi('Sync');

export const NAMED = { name: name('The name of a sync in hub.yaml.') };

export function syncOr404(deps: V1Deps, wanted: string) {
  const { config } = hubOf(deps);
  const sync = Object.hasOwn(config.syncs, wanted) ? config.syncs[wanted] : undefined;
  if (!sync) throw notFound('sync', `hub.yaml has ${config.order.join(', ') || 'none'}.`);
  return sync;
}

const list = operation({
  method: 'get',
  path: '/v1/syncs',
  id: 'listSyncs',
  summary: 'Lists the syncs, in the order that references need',
  tag: 'Syncs',
  role: 'viewer',
  problems: [501],
  answer: { description: 'All of them: there is no second page.', schema: pageOf(SYNC, 'SyncPage') },
  async handle(_, { deps }) {
    const { config } = hubOf(deps);
    const items = config.order.map((each) => {
      const { entity, schedule, reconcile, realtime, guards, members } = config.syncs[each]!;
      const { maxChanged = null, maxDeleted = null, maxMissing = null, maxGrowth = null } = guards;
      return {
        name: each,
        entity,
        schedule: schedule ?? null,
        reconcile: reconcile ?? null,
        realtime,
        guards: { maxChanged, maxDeleted, maxMissing, maxGrowth },
        members: members.map(({ mapping, mode, create }) => ({ mapping, mode, create })),
      };
    });
    return { body: { items, next: null } };
  },
});

const runs = operation({
  method: 'get',
  path: '/v1/syncs/{name}/runs',
  id: 'listRunsOfSync',
  summary: 'Lists the runs and plans of a sync',
  tag: 'Syncs',
  role: 'viewer',
  params: NAMED,
  query: PAGE,
  problems: [404, 501],
  answer: { description: 'A page, newest first.', schema: RUN_PAGE },
  async handle({ params, query }, { deps }) {
    const sync = syncOr404(deps, params.name);
    return { body: await pageOfRuns(deps, { sync: sync.name, plans: true }, query) };
  },
});

const start = operation({
  method: 'post',
  path: '/v1/syncs/{name}/runs',
  id: 'startRun',
  summary: 'Runs a sync',
  description:
    'Answers at once with the run; follow it at `/v1/runs/{id}` or `/v1/runs/{id}/events`. The same as `nayose sync NAME`.',
  tag: 'Syncs',
  role: 'operator',
  params: NAMED,
  emptyBody: true,
  body: z.strictObject({
    full: z.boolean().default(false).openapi({ description: 'Reads every stream from its beginning.' }),
    approve: z
      .string()
      .min(1)
      .max(200)
      .optional()
      .openapi({ description: 'A run that a guard halted, and whose writes you approve.' }),
    plan: z.string().min(1).max(200).optional().openapi({
      description:
        'A plan of this sync, by the id of its run: its writes are made and no others. It is planned anew first; where anything has moved on since, the run ends `incomplete` with the reason `plan-moved`, and nothing is written.',
    }),
  }),
  problems: [404, 501, 502],
  answer: { status: 202, description: 'It has begun.', schema: RUN, headers: { Location: 'The run.' } },
  async handle({ params, body }, call) {
    const sync = syncOr404(call.deps, params.name);
    if (body.approve !== undefined) await refuseApproval(call.deps, sync.name, body.approve);
    const order = { sync: sync.name, approve: body.approve };
    if (body.plan === undefined) return begin(call, { ...order, mode: body.full ? 'full' : 'sync' });
    if (body.full)
      throw unprocessable('`full` goes with the plan', `POST /v1/syncs/${sync.name}/plan takes it.`);
    const { full } = await planOr422(call.deps, sync.name, body.plan);
    return begin(call, { ...order, mode: full ? 'full' : 'sync', plan: body.plan });
  },
});

const plan = operation({
  method: 'post',
  path: '/v1/syncs/{name}/plan',
  id: 'planSync',
  summary: 'Works out what a sync would write, and writes nothing to any tool',
  description:
    'Answers at once with a run of mode `plan`; once it has ended, `/v1/runs/{id}/writes` lists each write field by field. The same as `nayose plan NAME`.',
  tag: 'Syncs',
  role: 'operator',
  params: NAMED,
  emptyBody: true,
  body: z.strictObject({ full: z.boolean().default(false) }),
  problems: [404, 501, 502],
  answer: { status: 202, description: 'It has begun.', schema: RUN, headers: { Location: 'The run.' } },
  handle: async ({ params, body }, call) =>
    begin(call, { sync: syncOr404(call.deps, params.name).name, mode: 'plan', full: body.full }),
});

/** Only a run that a guard halted can be approved: a slip of the pen must not write anything. */
async function refuseApproval(deps: V1Deps, sync: string, id: string): Promise<void> {
  const run = await runById(deps.db(), id);
  if (!run || run.sync !== sync)
    throw unprocessable(`${sync} has no such run to approve`, `GET /v1/syncs/${sync}/runs lists them.`);
  if (run.mode === 'plan')
    throw unprocessable(`run ${id} was a plan`, 'A sync stops at the same guard; approve that run.');
  if (run.status !== 'halted')
    throw unprocessable(
      `run ${id} was not halted by a guard (it is ${run.status})`,
      'There is nothing to approve: leave `approve` out.',
    );
}

/** Only a plan of this sync that is kept whole can be carried out. */
async function planOr422(deps: V1Deps, sync: string, id: string): Promise<{ full: boolean }> {
  const again = `POST /v1/syncs/${sync}/plan makes one.`;
  const run = await runById(deps.db(), id);
  if (!run || run.sync !== sync || run.mode !== 'plan')
    throw unprocessable(`${sync} has no such plan to carry out`, again);
  if (run.endedAt === null)
    throw unprocessable('the plan is still being made', 'Ask again when it has ended.');
  if (!isWhole(run))
    throw unprocessable(
      'not everything could be read when this plan was made, and what is missing may lead to more writes',
      `Its reasons say what: GET /v1/runs/${id}. ${again}`,
    );
  const memory = await memoryOf(deps.db(), id);
  if (!memory?.plan || (await countPlannedWrites(deps.db(), id)) !== memory.plan.writes)
    throw unprocessable('this plan is not kept any more', `Plans are kept for a week. ${again}`);
  return memory;
}

async function begin({ deps, target }: Call, order: RunOrder) {
  if (!deps.startRun)
    throw notHere('this process cannot run syncs', 'Use `nayose sync` with the same database.');
  try {
    const run = await deps.startRun(order);
    target(`syncs/${order.sync} ${run.id}`);
    return { body: showRun(run), headers: { Location: `/v1/runs/${run.id}` } };
  } catch (error) {
    if (!(error instanceof AlreadyRunning)) throw error;
    throw new Refusal(409, error.message, {
      detail: 'Wait for it to end; GET /v1/runs shows how far it is.',
    });
  }
}

export const syncOperations = [list, runs, start, plan];
