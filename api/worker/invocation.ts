import type { Connector } from '../../connectors/contract.ts';
import { type Db, StoreError } from '../../core/store/db.ts';
import { openPg } from '../../core/store/pg.ts';
import { beat, leave, processOf } from '../../core/store/processes.ts';
import { emptyHands } from '../../core/sync/hands.ts';
import { readActiveConfig } from '../config/revisions.ts';
import { secretsOf } from '../config/secrets.ts';
import type { HubConfig } from '../config/types.ts';
import { createHub, type Hub } from '../runtime/hub.ts';
import type { Store } from '../runtime/store.ts';
import { createBlocks } from '../secrets/blocks.ts';
import { connectionVaults } from '../secrets/connections.ts';
import { createVault, keyringOf } from '../secrets/vault.ts';
import { WORKER_CONNECTORS, withCachedSchemas } from './connectors.ts';
import { databaseUrl, type Env, textsOf } from './env.ts';
import { createWorkerLog, type WorkerLog } from './log.ts';

export const NO_DATABASE = 'no database is bound: add HYPERDRIVE to wrangler.toml, or set DATABASE_URL';
export const NO_CONFIG =
  'no configuration has been applied yet: run `nayose apply` on a machine with the config folder, with DATABASE_URL set to this database';

/** Workers keep six connections open at once, calls to tools among them. */
const DATABASE_CONNECTIONS = 3;
/** An invocation is too short to ask each tool whose it is. Other credentials are another configuration, and asked about at once. */
const ACCOUNTS_BELIEVED_MS = 15 * 60_000;
const BEAT_MS = 5_000;
const DEAD_AFTER_SECONDS = 30;

/** The configuration that is active, or why there is none. */
export type Configured = { config: HubConfig; at: string; revision: number } | { problem: string };

/**
 * Everything one invocation holds: its own database connections, its own view of the configuration. Nothing of it outlives the
 * invocation, since a connection belongs to the request that opened it and hangs any other.
 */
export interface Invocation {
  env: Env;
  log: WorkerLog;
  now(): Date;
  /** Opened by its first use. Throws StoreError when no database is bound. */
  db(): Db;
  /** How this invocation signs what it has in flight. */
  owner: string;
  configured(): Promise<Configured>;
  /** The hub of the active configuration; undefined: see `configured`. */
  hub(): Promise<Hub | undefined>;
  /** Ends calls in hand. */
  kill: AbortController;
  /** Is a sign of life needed? Called before the invocation takes anything in hand; beats until `close`. */
  sign(): Promise<void>;
  close(): Promise<void>;
}

export function openInvocation(env: Env, write: (line: string) => void): Invocation {
  const log = createWorkerLog(env.LOG_LEVEL, write);
  const now = () => new Date();
  const owner = `workers:${crypto.randomUUID()}`;
  const kill = new AbortController();
  let opened: Db | undefined;
  let beating: ReturnType<typeof setInterval> | undefined;
  let configured: Promise<Configured> | undefined;
  let hub: Promise<Hub | undefined> | undefined;
  const db = () => {
    const url = databaseUrl(env);
    if (url === undefined) throw new StoreError(NO_DATABASE, 'See docs/workers.md.');
    opened ??= openPg(url, { max: DATABASE_CONNECTIONS });
    return opened;
  };
  const read = async (): Promise<Configured> => {
    const active = await readActiveConfig(db(), textsOf(env), WORKER_CONNECTORS);
    if (!active) return { problem: NO_CONFIG };
    const { result, revision } = active;
    if ('problems' in result) {
      const [first] = result.problems;
      const place = first ? `${first.place.file}:${first.place.line}: ${first.message}` : 'it is not valid';
      return {
        problem: `revision ${revision.number} of the configuration cannot be used here: ${place}${first?.fix ? ` (${first.fix})` : ''}`,
      };
    }
    log.hide(secretsOf(result.config));
    return { config: result.config, at: revision.at, revision: revision.number };
  };
  const invocation: Invocation = {
    env,
    log,
    now,
    db,
    owner,
    kill,
    configured() {
      configured ??= read();
      return configured;
    },
    hub() {
      hub ??= invocation.configured().then(async (found) => {
        if ('problem' in found) return undefined;
        const keys = await keyringOf(textsOf(env));
        const vault = createVault(db(), keys, now);
        const connectors: Record<string, Connector> = withCachedSchemas(
          WORKER_CONNECTORS,
          Object.values(found.config.connections),
          { db: db(), now, since: new Date(found.at) },
        );
        return createHub(found.config, storeOf(db(), owner), connectors, {
          now,
          log,
          revision: () => ({ looked: found.revision, refused: false }),
          signal: kill.signal,
          accountsBelievedMs: ACCOUNTS_BELIEVED_MS,
          vaults: connectionVaults(db(), vault, log),
          blocks: createBlocks(keys, now),
          // As a method of another object, workerd's fetch refuses to work.
          fetch: (input, init) => fetch(input, init),
        });
      });
      return hub;
    },
    async sign() {
      await beat(db(), owner, 'workers', 0);
      beating ??= setInterval(() => {
        // A missed beat is harmless by itself; whoever needs the database reports its absence.
        beat(db(), owner, 'workers', 0).catch(() => undefined);
      }, BEAT_MS);
    },
    async close() {
      kill.abort();
      if (!opened) return;
      await (await hub?.catch(() => undefined))?.settled();
      if (beating !== undefined) {
        clearInterval(beating);
        await leave(opened, owner).catch((error: Error) =>
          log.warn('this invocation could not leave', { error: error.message }),
        );
      }
      await opened.close();
    },
  };
  return invocation;
}

function storeOf(db: Db, owner: string): Store {
  return {
    db,
    place: 'the database of this Worker',
    owner,
    async isAlive(other) {
      if (other === owner) return true;
      const row = await processOf(db, other);
      return row !== undefined && row.silent <= DEAD_AFTER_SECONDS;
    },
    hands: emptyHands(),
    serving: async () => undefined,
    close: async () => undefined,
  };
}
