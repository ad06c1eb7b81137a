import { monitorEventLoopDelay } from 'node:perf_hooks';
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { CallRecord } from '../../connectors/transport.ts';
import { pauses } from '../../core/store/budgets.ts';
import type { Db } from '../../core/store/db.ts';
import * as tables from '../../core/store/metrics.ts';
import type { News } from '../../core/sync/observe.ts';
import type { Latency } from '../../core/sync/realtime.ts';
import { budgetReports } from './forecast.ts';
import type { RequestSeen } from './requests.ts';

export interface MetricsOptions {
  db: Db;
  now(): Date;
  /** Names of the connections: labels come from the configuration, never from a request. */
  connections: readonly string[];
  /** The connections as they are configured now, for forecasts of their budgets. */
  budgets(): Parameters<typeof budgetReports>[1];
  timeZone: string;
  /** Seconds for which counts of tables are told again instead of being counted anew. Default 10. */
  keepSeconds?: number;
}

/** What one server measures. Its registry is its own, so that several servers in one process do not meet. */
export interface Metrics {
  request(seen: RequestSeen): void;
  called(connection: string, call: CallRecord): void;
  written(latencies: readonly Latency[]): void;
  observed(connection: string, news: Readonly<Record<News, number>>): void;
  strangers(connection: string, told: ReadonlyMap<string, number>): void;
  /** In Prometheus' text format. Throws what the database throws. */
  text(): Promise<{ type: string; body: string }>;
  stop(): void;
}

const MS = 1000;
const REQUEST_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const LATENCY_SECONDS = [0.01, 0.02, 0.03, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.5, 1, 2, 5, 10, 30, 60, 300];

/** Called once a server. Labels are names of the configuration, states and route patterns: bounded, and nothing of a person. */
export function createMetrics(options: MetricsOptions): Metrics {
  const { db, now, connections } = options;
  const registry = new Registry();
  const registers = [registry];
  const known = new Set(connections);
  const counter = (name: string, help: string, labelNames: string[]) =>
    new Counter({ name: `nayose_${name}`, help, labelNames, registers });
  const gauge = (name: string, help: string, labelNames: string[] = []) =>
    new Gauge({ name: `nayose_${name}`, help, labelNames, registers });

  const requests = new Histogram({
    name: 'nayose_http_request_seconds',
    help: 'Answered HTTP requests, by route pattern and status.',
    labelNames: ['method', 'route', 'status'],
    buckets: REQUEST_SECONDS,
    registers,
  });
  const latency = new Histogram({
    name: 'nayose_realtime_seconds',
    help: 'From the commit of a webhook to the end of its writing into the other tools.',
    labelNames: ['connection'],
    buckets: LATENCY_SECONDS,
    registers,
  });
  const hooks = counter('hook_requests_total', 'Webhook requests, by what became of them.', [
    'connection',
    'outcome',
  ]);
  const calls = counter('api_calls_total', 'Calls to tools, retries included; status none: no answer came.', [
    'connection',
    'status',
  ]);
  const changes = counter(
    'changes_total',
    'Looks at records: new, same, echo, normalised, partly (ours), edit.',
    ['connection', 'news'],
  );
  const strangers = counter(
    'hook_strangers_total',
    'Changes of other accounts that webhooks told of, and that were passed over.',
    ['connection'],
  );
  const budgetUsed = gauge('budget_used_calls', 'Calls used of a budget of the tool.', [
    'connection',
    'budget',
  ]);
  const budgetLimit = gauge('budget_limit_calls', 'What the budget allows.', ['connection', 'budget']);
  const budgetForecast = gauge(
    'budget_forecast_calls',
    'Calls used by the end of the day, at the pace of the last hour.',
    ['connection', 'budget'],
  );
  const paused = gauge('connection_paused', '1 while a connection rests.', ['connection', 'state']);
  const counts: [Gauge, () => Promise<tables.Counted[]>][] = [
    [
      gauge('records', 'Live records of the tools.', ['connection', 'object']),
      () => tables.recordsByStream(db),
    ],
    [gauge('golden_records', 'Live golden records.', ['entity']), () => tables.goldenByEntity(db)],
    [
      gauge('outbox', 'Deliveries not done; held: dead letters, which need someone.', ['mapping', 'state']),
      () => tables.outboxByState(db),
    ],
    [
      gauge('frozen_fields', 'Fields that flip, and are not written to for now.', ['connection']),
      () => tables.frozenByConnection(db),
    ],
    [
      gauge('messages', 'Outgoing webhooks and alerts, by state.', ['connection', 'state']),
      () => tables.messagesByState(db),
    ],
    [
      gauge('reviews_open', 'Doubtful pairs that wait for a person.', ['entity']),
      () => tables.openReviewsByEntity(db),
    ],
    [
      gauge('runs', 'Runs in the store, by sync and status.', ['sync', 'status']),
      () => tables.runsByStatus(db),
    ],
    [
      gauge('inbox_oldest_seconds', 'Age of the oldest webhook that waits.', ['connection']),
      () => tables.inboxAges(db, now()),
    ],
    [
      gauge('sync_complete_age_seconds', 'Since a sync last ended complete.', ['sync']),
      () => tables.secondsSinceComplete(db, now()),
    ],
  ];
  const memory = gauge('process_resident_bytes', 'Resident memory of this process.');
  const lag = gauge('event_loop_lag_seconds', 'Event loop delay since the last scrape.', ['quantile']);
  const loop = monitorEventLoopDelay({ resolution: 20 });
  loop.enable();

  let counted = Number.NEGATIVE_INFINITY;
  const count = async () => {
    const at = now().getTime();
    if (at - counted < (options.keepSeconds ?? 10) * MS) return;
    const found = await Promise.all(counts.map(async ([into, ask]) => [into, await ask()] as const));
    const resting = await pauses(db);
    const budgets = await budgetReports(db, options.budgets(), { now: now(), timeZone: options.timeZone });
    for (const [into, values] of found) {
      into.reset();
      for (const { labels, value } of values) into.set(labels, value);
    }
    paused.reset();
    for (const { connection, state } of resting) paused.set({ connection, state }, 1);
    budgetUsed.reset();
    budgetLimit.reset();
    budgetForecast.reset();
    for (const { connection, name, used, limit, forecast } of budgets) {
      budgetForecast.set({ connection, budget: name }, forecast.used);
      budgetUsed.set({ connection, budget: name }, used);
      budgetLimit.set({ connection, budget: name }, limit);
    }
    counted = at;
  };

  return {
    request({ method, route, status, ms, hook }) {
      requests.observe({ method, route, status: String(status) }, ms / MS);
      if (hook === undefined) return;
      const outcome = status < 300 ? 'received' : status < 500 ? 'refused' : 'failed';
      hooks.inc({ connection: known.has(hook) ? hook : '(none)', outcome });
    },
    called: (connection, { status }) => calls.inc({ connection, status: String(status ?? 'none') }),
    observed(connection, news) {
      for (const [kind, n] of Object.entries(news)) if (n > 0) changes.inc({ connection, news: kind }, n);
    },
    strangers(connection, told) {
      for (const n of told.values()) strangers.inc({ connection }, n);
    },
    written(latencies) {
      for (const { connection, milliseconds } of latencies)
        latency.observe({ connection }, milliseconds / MS);
    },
    async text() {
      await count();
      memory.set(process.memoryUsage.rss());
      for (const quantile of [50, 99])
        lag.set({ quantile: String(quantile / 100) }, loop.percentile(quantile) / 1e9);
      loop.reset();
      return { type: registry.contentType, body: await registry.metrics() };
    },
    stop: () => loop.disable(),
  };
}
