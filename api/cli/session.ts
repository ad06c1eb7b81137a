import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { CONNECTORS } from '../../connectors/registry.ts';
import { StoreError } from '../../core/store/db.ts';
import { holderOf } from '../../core/store/lock.ts';
import { formatProblem } from '../../mappings/problem.ts';
import { secretsNamedIn } from '../config/env.ts';
import { ConfigError } from '../config/error.ts';
import { readFolder } from '../config/load.ts';
import { type ConfigFiles, readConfig } from '../config/read.ts';
import { openSecrets, optionsOf } from '../config/revisions.ts';
import { secretsOf } from '../config/secrets.ts';
import type { HubConfig } from '../config/types.ts';
import { tellHome } from '../runtime/home.ts';
import { createHub, type Hub } from '../runtime/hub.ts';
import { createLog } from '../runtime/log.ts';
import { createPinnedFetch } from '../runtime/pinned.ts';
import { openStore, type Store } from '../runtime/store.ts';
import { createBlocks } from '../secrets/blocks.ts';
import { connectionVaults, vaultsWritten } from '../secrets/connections.ts';
import { createVault, keyringOf } from '../secrets/vault.ts';
import type { Out } from './out.ts';

export type Env = Record<string, string | undefined>;

/** What every command is handed. */
export interface Session {
  env: Env;
  out: Out;
  /** The config folder. */
  dir: string;
  /** The folder that relative paths start from: the caller's, where another process runs the command for it. */
  cwd: string;
  /** Asked to stop: the step in hand is finished. */
  signal: AbortSignal;
  /** Ends even calls in flight: some time after `signal`. */
  kill: AbortSignal;
  now(): Date;
  /** The store of the hub that runs this command for another process; absent: the command opens its own. */
  store?: Store;
}

/** The environment, and below it what the config folder's own .env says: a variable that is set outranks the file. */
export async function withEnvFile(env: Env, dir: string): Promise<Env> {
  let text: string;
  try {
    text = await readFile(join(dir, '.env'), 'utf8');
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return env;
    throw error;
  }
  return { ...parseEnv(text), ...env };
}

/** The files of the config folder as they are. A folder without hub.yaml is a ConfigError. */
export async function folderFiles({ dir }: Pick<Session, 'dir'>): Promise<ConfigFiles> {
  const files = await readFolder(dir);
  if (!hasHub(files))
    throw new ConfigError(
      `there is no hub.yaml in ${dir}\nRun 'nayose init' to make a config folder, or name one with --config DIR.`,
    );
  return files;
}

export const hasHub = (files: ConfigFiles) => 'hub.yaml' in files || 'hub.yml' in files;

/**
 * Reads and checks the config folder; warnings are spoken, errors thrown all at once. The store is opened only for sealed
 * secrets that the folder refers to.
 */
export async function readConfigFolder(session: Session): Promise<HubConfig> {
  const files = await folderFiles(session);
  const { env, out } = session;
  const secrets =
    secretsNamedIn(files).length === 0
      ? {}
      : await withStore(session, ({ db }) => openSecrets(db, files, env));
  const result = readConfig(files, { ...optionsOf(env, CONNECTORS), secrets });
  if ('problems' in result) throw new ConfigError(result.problems.map(formatProblem).join('\n\n'));
  for (const warning of result.config.warnings) out.warn(formatProblem(warning));
  return result.config;
}

/** Opens the store for one command that needs no config, and closes it after it. */
export async function withStore<T>(session: Session, work: (store: Store) => Promise<T>): Promise<T> {
  const store = session.store ?? (await openStore(session.env, session.now));
  try {
    return await work(store);
  } finally {
    await vaultsWritten(store.db);
    if (!session.store) await store.close();
  }
}

/** Opens config, store and hub for one command, and closes them after it. */
export async function withHub<T>(session: Session, work: (hub: Hub) => Promise<T>): Promise<T> {
  const config = await readConfigFolder(session);
  return withStore(session, async (store) => {
    const hub = await hubFor(session, config, store);
    try {
      return await work(hub);
    } finally {
      // What its last calls cost is told to the other processes before the database closes.
      await hub.settled();
    }
  });
}

/** Says so where the records in the database are another config folder's. `look`: for commands that write nothing. */
export async function warnOfHome(
  session: Session,
  { config, store }: { config: HubConfig; store: Store },
  look = false,
): Promise<void> {
  const { dir, env, out } = session;
  const warning = await tellHome(config, store, { dir, env, now: session.now(), look });
  if (warning !== undefined) out.warn(`warning: ${warning}`);
}

export async function hubFor(session: Session, config: HubConfig, store: Store): Promise<Hub> {
  const log = createLog(session.env.LOG_LEVEL ?? 'warn', secretsOf(config));
  const keys = await keyringOf(session.env);
  const vault = createVault(store.db, keys, session.now);
  return createHub(config, store, CONNECTORS, {
    now: session.now,
    signal: session.kill,
    publicFetch: createPinnedFetch(),
    vaults: connectionVaults(store.db, vault, log),
    blocks: createBlocks(keys, session.now),
    log,
    progress: (event) => session.out.progress(event),
  });
}

/** Where a hub serves the embedded folder that this command would open; undefined when it may open it itself. */
export async function servingAt(env: Env): Promise<string | undefined> {
  if (env.DATABASE_URL) return undefined;
  return (await holderOf(env.NAYOSE_DATA ?? '.nayose'))?.url;
}

export { StoreError };
