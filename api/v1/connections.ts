import { z } from '@hono/zod-openapi';
import { type Pause, pauses } from '../../core/store/budgets.ts';
import { type BudgetReport, budgetReports } from '../ops/forecast.ts';
import type { Hub } from '../runtime/hub.ts';
import { objectsOf } from '../runtime/tools.ts';
import { CHECK_ORDER, checked, FORECAST, REPORT, SHARE } from './checkShapes.ts';
import { hubOf, type V1Deps } from './deps.ts';
import { operation } from './frame/operation.ts';
import { pageOf } from './frame/paging.ts';
import { notFound } from './frame/refusal.ts';
import { STREAM, showStream } from './schemaShapes.ts';
import { name, TIME } from './shapes.ts';

const BUDGET = z
  .object({
    name: z.string(),
    used: z.int().openapi({ description: 'By all your apps, where the tool tells.' }),
    limit: z.int(),
    perSeconds: z.number(),
    share: SHARE,
    rolling: z.boolean().openapi({ description: 'Calls are given back as they grow a day old.' }),
    resetsAt: TIME.nullable().openapi({ description: 'When all of it renews, where the tool tells.' }),
    forecast: FORECAST,
  })
  .openapi('Budget');

const CONNECTION = z
  .object({
    name: z.string(),
    type: z.string(),
    objects: z.array(z.string()).openapi({ description: 'Those that mappings use.' }),
    takesHooks: z.boolean().openapi({ description: 'POST /hooks/{connection} is served.' }),
    paused: z
      .object({ state: z.enum(['quota', 'auth']), reason: z.string(), until: TIME })
      .nullable()
      .openapi({ description: 'Why no process calls it now.' }),
    budgets: z.array(BUDGET).openapi({ description: 'Of a day, as far as they are known.' }),
  })
  .openapi('Connection');

const NAMED = { name: name('The name of a connection in hub.yaml.') };

function connectionOr404(deps: V1Deps, wanted: string) {
  const hub = hubOf(deps);
  const tool = hub.tools.get(wanted);
  if (!tool) throw notFound('connection', `hub.yaml has ${[...hub.tools.keys()].join(', ') || 'none'}.`);
  return { hub, tool };
}

function show(
  { config, tools }: Hub,
  wanted: string,
  resting: readonly Pause[],
  budgets: readonly BudgetReport[],
): z.input<typeof CONNECTION> {
  const tool = tools.get(wanted)!;
  const pause = resting.find(({ connection }) => connection === wanted);
  return {
    name: wanted,
    type: tool.config.type,
    objects: objectsOf(config, wanted),
    takesHooks: tool.connector.hook !== undefined,
    paused: pause ? { state: pause.state, reason: pause.reason, until: pause.until } : null,
    budgets: budgets
      .filter(({ connection }) => connection === wanted)
      .map(({ connection: _, ...budget }) => budget),
  };
}

const reportsFor = (deps: V1Deps, { config }: Hub) =>
  budgetReports(deps.db(), config.connections, { now: deps.now(), timeZone: config.hub.timeZone });

const list = operation({
  method: 'get',
  path: '/v1/connections',
  id: 'listConnections',
  summary: 'Lists the connections to tools',
  tag: 'Tools',
  role: 'viewer',
  problems: [501],
  answer: {
    description: 'All of them: there is no second page.',
    schema: pageOf(CONNECTION, 'ConnectionPage'),
  },
  async handle(_, { deps }) {
    const hub = hubOf(deps);
    const [resting, budgets] = [await pauses(deps.db()), await reportsFor(deps, hub)];
    return {
      body: { items: [...hub.tools.keys()].map((each) => show(hub, each, resting, budgets)), next: null },
    };
  },
});

const one = operation({
  method: 'get',
  path: '/v1/connections/{name}',
  id: 'getConnection',
  summary: 'Shows a connection; nothing of its credentials',
  tag: 'Tools',
  role: 'viewer',
  params: NAMED,
  problems: [404, 501],
  answer: { description: 'The connection.', schema: CONNECTION },
  async handle({ params }, { deps }) {
    const { hub } = connectionOr404(deps, params.name);
    return { body: show(hub, params.name, await pauses(deps.db()), await reportsFor(deps, hub)) };
  },
});

const schema = operation({
  method: 'get',
  path: '/v1/connections/{name}/schema',
  id: 'getSchema',
  summary: 'Asks the tool for its objects and fields as they are now',
  tag: 'Tools',
  role: 'operator',
  params: NAMED,
  query: {
    object: z.string().min(1).max(200).optional().openapi({
      description: 'Only this one, as `Contact`; absent: every one that the user of the connection sees.',
    }),
  },
  problems: [404, 422, 501, 502],
  answer: {
    description: 'The live schema.',
    schema: z.object({ streams: z.array(STREAM) }).openapi('Schema'),
  },
  async handle({ params, query: { object } }, { deps, signal }) {
    const { tool } = connectionOr404(deps, params.name);
    const only = object === undefined ? undefined : [object];
    const streams = await tool.connector.discover(tool.context(signal), only);
    return { body: { streams: streams.map(showStream) } };
  },
});

const check = operation({
  method: 'post',
  path: '/v1/connections/{name}/check',
  id: 'checkConnection',
  summary: 'Checks credentials, permissions, and how each mapping fits the live schema and real records',
  description:
    'What `nayose check --json` says, of one connection; the tools that it shares a sync with are asked too. No record is written.',
  tag: 'Tools',
  role: 'operator',
  changes: false,
  params: NAMED,
  emptyBody: true,
  body: CHECK_ORDER,
  problems: [404, 501],
  answer: { description: 'What was found, each with its fix.', schema: REPORT },
  async handle({ params, body }, { deps, signal }) {
    const { hub } = connectionOr404(deps, params.name);
    return { body: await checked(deps, hub, { connection: params.name }, body.sample, signal) };
  },
});

export const connectionOperations = [list, one, schema, check];
