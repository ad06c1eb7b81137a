/** `npm run worker`: the Worker on this machine, with a database and both tools simulated. Node only. */
import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { migrate } from '../../core/store/migrate.ts';
import { openPg } from '../../core/store/pg.ts';
import { makeToken } from '../auth/tokens.ts';
import { applyConfig } from '../config/revisions.ts';
import { demoConfig } from '../demo/config.ts';
import { type Served, serveSandboxes } from '../demo/sandboxes.ts';
import { makeWorld } from '../demo/tourWorld.ts';
import { keyringOf } from '../secrets/vault.ts';
import { WORKER_CONNECTORS } from './connectors.ts';
import { serveEmbedded } from './localDatabase.ts';

const CONFIG = fileURLToPath(new URL('../../wrangler.toml', import.meta.url));
const MINUTE_MS = 60_000;
const LOGS_EVERY_MS = 500;
const FIVE_MINUTES_MS = 5 * MINUTE_MS;

export interface LocalOptions {
  /** DATABASE_URL, NAYOSE_TOKEN and LOG_LEVEL are heeded. */
  env: Record<string, string | undefined>;
  /** Contacts in each tool. */
  people: number;
  say(line: string): void;
}

export interface LocalWorker {
  url: string;
  token: string;
  boxes: Served;
  /** Lets the Worker's clock tick; it does so each minute by itself. */
  tick(at: Date): Promise<void>;
  stop(): Promise<void>;
}

/** Starts everything and lets the first syncs begin. Whatever was started is stopped again when a part cannot start. */
export async function startLocal({ env, people, say }: LocalOptions): Promise<LocalWorker> {
  const ends: (() => Promise<void>)[] = [];
  const stop = async () => {
    for (const end of ends.splice(0).reverse()) await end();
  };
  try {
    const database = env.DATABASE_URL ? undefined : await serveEmbedded();
    if (database) ends.push(database.close);
    const address = env.DATABASE_URL ?? database!.url;
    const webhook = { url: 'http://127.0.0.1:9/', clientSecret: 'sandbox-webhook-secret' };
    const boxes = await serveSandboxes({ hubspot: { webhook } });
    ends.push(boxes.close);
    makeWorld({ people, seed: 1 }, boxes, new Date());
    const texts = {
      ...boxes.env,
      DATABASE_URL: address,
      NAYOSE_KEY: randomBytes(32).toString('base64'),
      NAYOSE_TOKEN: env.NAYOSE_TOKEN ?? makeToken(),
      LOG_LEVEL: env.LOG_LEVEL ?? 'info',
    };
    await prepare(address, boxes, texts);

    process.env.CLOUDFLARE_CF_FETCH_ENABLED = 'false';
    process.env.WRANGLER_SEND_METRICS = 'false';
    const { createTestHarness } = await import('wrangler');
    const server = createTestHarness({ workers: [{ configPath: CONFIG, secrets: texts }] });
    ends.push(() => server.close());
    const url = (await server.listen()).url.origin;
    webhook.url = `${url}/hooks/ma`;
    const logs = setInterval(() => {
      for (const { message } of server.getLogs()) say(message);
      server.clearLogs();
    }, LOGS_EVERY_MS);
    ends.push(async () => clearInterval(logs));
    const tick = async (at: Date) => {
      await server.getWorker().scheduled({ cron: '* * * * *', scheduledTime: at });
    };
    const timer = setInterval(() => {
      tick(new Date()).catch((error: Error) => say(`a tick failed: ${error.message}`));
    }, MINUTE_MS);
    ends.push(async () => clearInterval(timer));
    // The demo's syncs are due at every fifth minute: the first tick is one.
    await tick(new Date(Math.floor(Date.now() / FIVE_MINUTES_MS) * FIVE_MINUTES_MS));
    return { url, token: texts.NAYOSE_TOKEN, boxes, tick, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function prepare(address: string, boxes: Served, env: Record<string, string>): Promise<void> {
  const db = openPg(address, { max: 1 });
  try {
    await migrate(db);
    const applied = await applyConfig(db, {
      files: demoConfig(boxes),
      env,
      connectors: WORKER_CONNECTORS,
      keys: await keyringOf(env),
      note: 'npm run worker',
      by: 'npm run worker',
      now: new Date(),
    });
    if (applied.status === 'refused' || applied.status === 'outdated')
      throw new Error(`the demo's configuration was not taken: ${JSON.stringify(applied)}`);
  } finally {
    await db.close();
  }
}

/** Serves until Ctrl-C. */
export async function start(): Promise<void> {
  const say = (line: string) => process.stdout.write(`${line}\n`);
  say('Starting a database, a Salesforce, a HubSpot and a Worker on this machine …');
  const local = await startLocal({ env: process.env, people: 200, say });
  say(`listening on ${local.url}`);
  say(`Open ${local.url}/?token=${local.token}`);
  say(`Or: curl -H "Authorization: Bearer ${local.token}" ${local.url}/v1/runs`);
  say('Both syncs are under way; what the Worker logs is below. Ctrl-C ends everything.');
  const { promise, resolve } = Promise.withResolvers<void>();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
  await promise;
  await local.stop();
}
