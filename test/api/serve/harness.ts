import { setTimeout as sleep } from 'node:timers/promises';
import { run } from '../../../api/cli/main.ts';
import { loadConfig } from '../../../api/config/load.ts';
import { secretsOf } from '../../../api/config/secrets.ts';
import type { HubConfig } from '../../../api/config/types.ts';
import { demoConfig } from '../../../api/demo/config.ts';
import { type SandboxOptions, type Served, serveSandboxes } from '../../../api/demo/sandboxes.ts';
import { type RunningServer, startServer } from '../../../api/node.ts';
import type { Trace } from '../../../api/ops/trace.ts';
import { createLog } from '../../../api/runtime/log.ts';
import type { Store } from '../../../api/runtime/store.ts';
import { CONNECTORS } from '../../../connectors/registry.ts';
import type { Db } from '../../../core/store/db.ts';
import type { Latency, Pumped } from '../../../core/sync/realtime.ts';
import { tempFolder } from '../../support/cli.ts';
import { openMemory } from '../../support/databases.ts';
import { keepOutput, PERSON, SECRETS } from '../../support/planted.ts';
import { memoryStore } from '../../support/store.ts';

export const TOKEN = SECRETS.adminToken;
export const HUBSPOT_SECRET = SECRETS.webhookSecret;

/** Two simulated tools with a few people, and a config folder for them. HubSpot's webhooks go to `aim`. */
export interface World {
  boxes: Served;
  dir: string;
  env: Record<string, string>;
  /** Says where HubSpot sends its webhooks. */
  aim(hub: string): void;
  contacts: string[];
  close(): Promise<void>;
}

export async function makeWorld(
  options: {
    schedule?: string;
    people?: number;
    edit?: (hubYaml: string) => string;
    salesforce?: SandboxOptions['salesforce'];
    hubspot?: SandboxOptions['hubspot'];
  } = {},
): Promise<World> {
  const webhook = { url: 'http://127.0.0.1:9/hooks/ma', clientSecret: HUBSPOT_SECRET };
  const boxes = await serveSandboxes({
    hubspot: { ...options.hubspot, webhook },
    ...(options.salesforce ? { salesforce: options.salesforce } : {}),
  });
  const files = demoConfig(boxes);
  const scheduled = files['hub.yaml']!.replaceAll(
    / {4}schedule: .*\n/g,
    options.schedule ? `    schedule: "${options.schedule}"\n` : '',
  );
  files['hub.yaml'] = options.edit?.(scheduled) ?? scheduled;
  const folder = await tempFolder(files);
  const contacts = boxes.hubspot.seed(
    'contacts',
    Array.from({ length: options.people ?? 20 }, (_, i) => ({
      fields: {
        ...(i === 0 ? { phone: PERSON.phone, address: PERSON.street } : {}),
        email: `p${i}@mail${i}.example`,
        firstname: `Given${i}`,
        lastname: `Family${i}`,
        jobtitle: 'Engineer',
      },
      at: '2026-01-02T03:04:05Z',
    })),
  );
  const env = {
    ...boxes.env,
    NAYOSE_DATA: `${folder.dir}/.nayose`,
    NAYOSE_TOKEN: TOKEN,
    LOG_LEVEL: 'info',
    PORT: '0',
  };
  return {
    boxes,
    dir: folder.dir,
    env,
    contacts,
    aim: (hub) => {
      webhook.url = `${hub}/hooks/ma`;
    },
    async close() {
      await boxes.close();
      await folder.remove();
    },
  };
}

/** All that commands and hubs look at. */
export type Folder = Pick<World, 'dir' | 'env'>;

export async function configOf({ dir, env }: Folder): Promise<HubConfig> {
  const result = await loadConfig(dir, { env, connectors: CONNECTORS });
  if ('problems' in result) throw new Error(result.problems.map(({ found }) => found).join('\n'));
  return result.config;
}

/** A hub in this process over an embedded database in memory. */
export interface ServedHub extends RunningServer {
  store: Store;
  pumped: Pumped[];
  /** What it logged, debug lines too. */
  lines: string[];
  latencies(): Latency[];
  end(): Promise<void>;
}

export async function serveHub(
  world: Folder,
  options: { now?: () => Date; config?: HubConfig; cronSeconds?: number; trace?: Trace; db?: Db } = {},
): Promise<ServedHub> {
  const db = options.db ?? (await openMemory());
  const store: Store = memoryStore(db, 'served');
  const pumped: Pumped[] = [];
  const lines: string[] = [];
  const config = options.config ?? (await configOf(world));
  const server = await startServer({
    config,
    store,
    token: TOKEN,
    port: 0,
    log: createLog('debug', secretsOf(config), (line) => {
      lines.push(line);
      keepOutput('the log of a hub', line);
    }),
    pumped: (result) => pumped.push(result),
    pollSeconds: 0.5,
    trace: options.trace,
    ...(options.now ? { now: options.now } : {}),
    ...(options.cronSeconds ? { cronSeconds: options.cronSeconds } : {}),
  });
  return {
    ...server,
    store,
    lines,
    pumped,
    latencies: () => pumped.flatMap(({ latencies }) => latencies),
    async end() {
      await server.stop();
      await store.close();
    },
  };
}

/** Runs a command line in this process. */
export async function command(
  world: Folder,
  argv: readonly string[],
  store?: Store,
): Promise<{ code: number; out: string; err: string }> {
  let out = '';
  let err = '';
  const code = await run([...argv, '--config', world.dir], {
    env: world.env,
    stdout: { write: (text) => (out += text) },
    stderr: { write: (text) => (err += text) },
    signal: new AbortController().signal,
    ...(store ? { store } : {}),
  });
  return { code, out, err };
}

/** Waits until it is so; the test's own time limit ends it otherwise. */
export async function until(what: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await what())) await sleep(25);
}

export const titlesIn = ({ boxes }: World, title: string) =>
  boxes.salesforce.records('Contact').filter(({ fields, deleted }) => !deleted && fields.Title === title)
    .length;
