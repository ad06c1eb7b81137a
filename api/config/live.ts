import type { Log } from '../../connectors/contract.ts';
import type { Db } from '../../core/store/db.ts';
import { activeNumber } from '../../core/store/revisions.ts';
import { formatProblem } from '../../mappings/problem.ts';
import type { ConnectorSchemas } from './connections.ts';
import type { Env } from './env.ts';
import { readActiveConfig } from './revisions.ts';
import type { HubConfig } from './types.ts';

export interface FollowOptions<T> {
  db: Db;
  env: Env;
  connectors: ConnectorSchemas;
  log: Log;
  /** What works now, and the revision that it has: 0 for none. */
  first: T;
  revision: number;
  /** Builds the successor beside the one at work. Nothing is started yet. */
  build(config: HubConfig, before: T, revision: number): T;
  /** The successor is in its place: ends the old and starts the new. When it throws, the revision is tried again. */
  started(next: T, before: T): Promise<void>;
}

/** What serves, and follows the active revision of the config. */
export interface Live<T> {
  /** Take it at the beginning of a piece of work, and keep it to its end: another may be in its place by then. */
  current(): T;
  /** The revision at work; 0: none was ever recorded. */
  revision(): number;
  /** The newest revision, when it does not check in this process: the one before it goes on. */
  refused(): number | undefined;
  /** Looks whether there is a newer revision, and takes it up. One look at a time; each begins after the call. */
  look(): Promise<void>;
}

export function followConfig<T>(options: FollowOptions<T>): Live<T> {
  const { db, env, connectors, log } = options;
  let current = options.first;
  let revision = options.revision;
  let refused: number | undefined;
  let looking: Promise<void> = Promise.resolve();

  const lookOnce = async () => {
    const newest = await activeNumber(db);
    if (newest === undefined || newest === revision || newest === refused) return;
    const active = await readActiveConfig(db, env, connectors);
    if (!active) return;
    const { number } = active.revision;
    if ('problems' in active.result) {
      refused = number;
      log.warn('a revision of the config is refused: the one before it goes on', {
        revision: number,
        atWork: revision,
        problems: active.result.problems.map(formatProblem),
        fix: 'Apply a config that checks, or bring the last one back: nayose apply --undo',
      });
      return;
    }
    const before = current;
    current = options.build(active.result.config, before, number);
    await options.started(current, before);
    revision = number;
    refused = undefined;
    log.info('a new revision of the config is at work', { revision: number });
  };
  return {
    current: () => current,
    revision: () => revision,
    refused: () => refused,
    look() {
      looking = looking.then(lookOnce, lookOnce);
      return looking;
    },
  };
}
