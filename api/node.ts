import { randomBytes } from 'node:crypto';
import { Hono } from 'hono';
import type { Connector, Log } from '../connectors/contract.ts';
import { CONNECTORS } from '../connectors/registry.ts';
import { startPgBoss } from '../core/jobs/pgboss.ts';
import type { Jobs } from '../core/jobs/port.ts';
import { activeNumber } from '../core/store/revisions.ts';
import type { Pumped } from '../core/sync/realtime.ts';
import { createApp } from './app.ts';
import { readOidc } from './auth/oidc.ts';
import { firstToken } from './auth/tokens.ts';
import { failureGroups } from './cli/commands/failures/groups.ts';
import type { Env } from './config/env.ts';
import { followConfig } from './config/live.ts';
import { secretsOf } from './config/secrets.ts';
import type { HubConfig } from './config/types.ts';
import { createMetrics } from './ops/metrics.ts';
import { type Trace, traceCall } from './ops/trace.ts';
import { heldAccounts } from './runtime/accounts.ts';
import { createHub, type Hub } from './runtime/hub.ts';
import { createIds } from './runtime/ids.ts';
import { createPinnedFetch } from './runtime/pinned.ts';
import type { Store } from './runtime/store.ts';
import { createBlocks } from './secrets/blocks.ts';
import { connectionVaults } from './secrets/connections.ts';
import { createVault, keyringOf } from './secrets/vault.ts';
import { createCleanse } from './serve/cleanse.ts';
import { commandRoutes, type RunCommand } from './serve/commands.ts';
import { createExporting } from './serve/export.ts';
import { currentHub, endGeneration, type Generation, handOver } from './serve/generation.ts';
import { createLauncher } from './serve/launch.ts';
import { listen } from './serve/listen.ts';
import { peerOf } from './serve/peer.ts';
import { degradedBy, sweepReasons, unreadyReasons } from './serve/ready.ts';
import { createWork, takeJobs } from './serve/work.ts';

export interface ServerOptions {
  config: HubConfig;
  /** The revision that `config` is; absent: the active one, whatever it is. Newer ones are taken up while it serves. */
  revision?: number;
  /** Fills references of newer revisions, and holds NAYOSE_KEY. */
  env?: Env;
  /** The list by which `log` is redacted: secrets of newer revisions are put into it. */
  redacted?: string[];
  /** How often the active revision is looked at, in seconds. */
  lookSeconds?: number;
  /** Stays open when the server stops: whoever opened it closes it. */
  store: Store;
  /** NAYOSE_TOKEN. */
  token?: string | undefined;
  host?: string;
  /** 0: any free one. */
  port?: number;
  log: Log;
  now?: () => Date;
  fetch?: typeof fetch;
  /** Ends after the server does: whoever started it stops it. */
  trace?: Trace | undefined;
  connectors?: Record<string, Connector>;
  /** Runs the commands of other processes on the same embedded folder; absent: none is taken. */
  run?: RunCommand;
  /** Told after every round of webhooks. */
  pumped?: (result: Pumped) => void;
  /** How often schedules and jobs are looked at, in seconds. */
  pollSeconds?: number;
  cronSeconds?: number;
  /** After so long a silent process no longer follows a push feed. Default 30. */
  feedLeaseSeconds?: number;
}

export interface RunningServer {
  url: string;
  hub: Hub;
  /** Opens the console, signed in: only when a first token was made just now. */
  link: string | undefined;
  /** Resolves when every webhook received so far has been worked off, or left for the sweep. */
  idle(): Promise<void>;
  /** Finishes the step in hand, then ends everything it started. */
  stop(): Promise<void>;
}

/** Calls in hand when the server stops may take so long; then they are cut, and looked up by the next run. */
const GRACE_MS = 25_000;
const LOOK_SECONDS = 20;

/** Starts the whole hub in this process: HTTP, webhooks, schedules, workers, sweeps. Rejects when it cannot serve. */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const { config, store, log } = options;
  const now = options.now ?? (() => new Date());
  const started = now();
  const stop = new AbortController();
  const kill = new AbortController();
  const env = options.env ?? {};
  const connectors = options.connectors ?? CONNECTORS;
  const keys = await keyringOf(env);
  const vaults = connectionVaults(store.db, createVault(store.db, keys, now), log);
  const generation = (checked: HubConfig, number: number, before?: Generation): Generation => {
    const retired = new AbortController();
    const made = createHub(checked, store, connectors, {
      now,
      log,
      signal: kill.signal,
      vaults,
      lastSeen: true,
      blocks: createBlocks(keys, now),
      before: before?.hub.tools,
      revision: () => {
        const refused = live.refused();
        return { looked: refused ?? number, refused: refused !== undefined };
      },
      called(connection, call) {
        metrics.called(connection, call);
        traceCall(options.trace, connection, call);
      },
      observed: (connection, news) => metrics.observed(connection, news),
      strangers: (connection, told) => metrics.strangers(connection, told),
      ...(options.trace ? { span: options.trace.span } : {}),
      publicFetch: options.fetch ?? createPinnedFetch(),
      ...(options.fetch ? { fetch: options.fetch } : {}),
    });
    const work = createWork({
      hub: made,
      log,
      stop: AbortSignal.any([stop.signal, retired.signal]),
      kill: kill.signal,
      pumped(result) {
        metrics.written(result.latencies);
        options.pumped?.(result);
      },
      outdated: () =>
        void look().then(() => {
          // Otherwise whoever took the new revision up has woken it.
          if (live.refused() !== undefined) live.current().work.lane.wake();
        }),
      feedLeaseSeconds: options.feedLeaseSeconds,
      fetch: options.fetch,
    });
    return { hub: made, work, retire: () => retired.abort() };
  };
  const ending = new Set<Promise<void>>();
  const revision = options.revision ?? (await activeNumber(store.db)) ?? 0;
  const live = followConfig<Generation>({
    db: store.db,
    env,
    connectors,
    log,
    first: generation(config, revision),
    revision,
    build(checked, before, number) {
      // Longest first, as they were: a part is never replaced before the whole.
      options.redacted?.push(...secretsOf(checked));
      options.redacted?.sort((a, b) => b.length - a.length);
      return generation(checked, number, before);
    },
    async started(next, before) {
      await handOver(next, before, jobs!);
      const ended = endGeneration(before)
        .catch((error: Error) => {
          log.warn('the work of the revision before did not end well', { error: error.message });
        })
        .finally(() => ending.delete(ended));
      ending.add(ended);
    },
  });
  const hub = currentHub(() => live.current().hub);
  const work = () => live.current().work;
  let looking: Promise<void> | undefined;
  const look = async () => {
    if (!stop.signal.aborted)
      looking = live.look().catch((error: Error) => {
        log.warn('the active revision of the config was not looked at', { error: error.message });
      });
    await looking;
  };
  const metrics = createMetrics({
    db: store.db,
    now,
    connections: [...hub.tools.keys()],
    budgets: () => hub.config.connections,
    timeZone: config.hub.timeZone,
  });
  const launcher = createLauncher({
    hub: () => live.current().hub,
    stop: stop.signal,
    kill: kill.signal,
    log,
  });
  let starting = true;
  const nextId = createIds(now);
  const app = createApp({
    db: () => store.db,
    now,
    log,
    config: hub.config,
    newId: () => nextId('e'),
    unready: async () => {
      const reasons = [
        ...(starting ? ['starting'] : stop.signal.aborted ? ['stopping'] : []),
        ...(await unreadyReasons(store.db)),
      ];
      if (reasons.length > 0 || work().sweeping()) return reasons;
      return sweepReasons(store.db, now().getTime() - started.getTime());
    },
    async degraded() {
      const refused = live.refused();
      const resting = await degradedBy(store.db);
      return refused === undefined ? resting : [...resting, { revision: refused, state: 'refused' }];
    },
    seen: metrics.request,
    trace: options.trace,
    metrics: metrics.text,
    failures: () => failureGroups(store.db, hub),
    hub: () => live.current().hub,
    configuring: { env, connectors, keys, applied: look, atWork: live.revision },
    startRun: launcher.startRun,
    startReconcile: launcher.startReconcile,
    cleanse: createCleanse(stop.signal),
    exporting: createExporting(store.db, now),
    probing: async () => ({
      fetch: options.fetch ?? fetch,
      now,
      random: Math.random,
      log,
      signal: kill.signal,
      accounts: await heldAccounts(store.db),
    }),
    address: peerOf,
    oidc: readOidc(env),
    received: (connection) =>
      options.trace ? options.trace.apart(() => work().lane.wake(connection)) : work().lane.wake(connection),
    target(name) {
      const tool = hub.tools.get(name);
      return (
        tool && {
          connector: tool.connector,
          hookKey: tool.config.hookKey,
          context: () => tool.context(kill.signal, 'realtime'),
        }
      );
    },
  });
  const key = randomBytes(32).toString('hex');
  const root = new Hono();
  const commands = new Set<Promise<number>>();
  if (options.run) {
    const run = options.run;
    root.route(
      '/',
      commandRoutes(key, (asked, say, signal) => {
        const command = run(asked, say, AbortSignal.any([signal, stop.signal])).finally(look);
        commands.add(command);
        return command.finally(() => commands.delete(command));
      }),
    );
  }
  root.mount('/', app.fetch);

  const server = await listen(root.fetch, options.host ?? '127.0.0.1', options.port ?? 8787);
  // Not before it listens: a token that is made is shown once, by whoever got that far.
  const token = await firstToken(store.db, options.token, now()).catch(async (error: Error) => {
    await server.close(0);
    throw error;
  });
  let jobs: Jobs | undefined;
  let looks: NodeJS.Timeout | undefined;
  const end = async () => {
    stop.abort();
    const impatient = setTimeout(() => kill.abort(), GRACE_MS);
    clearInterval(looks);
    await looking;
    await work().ended();
    await jobs?.stop();
    await launcher.idle();
    await Promise.allSettled(commands);
    await endGeneration(live.current());
    await Promise.all(ending);
    await server.close(5_000);
    metrics.stop();
    clearTimeout(impatient);
    kill.abort();
  };
  try {
    jobs = await startPgBoss(store.db, {
      log,
      ...(options.pollSeconds ? { pollSeconds: options.pollSeconds } : {}),
      ...(options.cronSeconds ? { cronSeconds: options.cronSeconds } : {}),
    });
    await takeJobs(jobs, work);
    await work().start(jobs);
    looks = setInterval(() => void look(), (options.lookSeconds ?? LOOK_SECONDS) * 1000);
    if (options.run) await store.serving(server.url, key);
  } catch (error) {
    await end();
    throw error;
  }
  starting = false;
  let stopped: Promise<void> | undefined;
  return {
    url: server.url,
    hub,
    link: token === undefined ? undefined : `${server.url}/?token=${token}`,
    idle: () => work().lane.idle(),
    stop: () => {
      stopped ??= end();
      return stopped;
    },
  };
}
