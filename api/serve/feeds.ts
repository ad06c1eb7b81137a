import { ConnectorError, type Cursor, type Log } from '../../connectors/contract.ts';
import { breakFeed, keepFeed, leaveFeed, takeFeed } from '../../core/store/feeds.ts';
import { backoff } from '../../core/sync/backoff.ts';
import { commitFeedPage, type Followed, syncsToRead } from '../../core/sync/feeds.ts';
import { pause } from '../../core/sync/pause.ts';
import type { HubConfig } from '../config/types.ts';
import type { Hub } from '../runtime/hub.ts';
import type { LiveTool } from '../runtime/tools.ts';

export interface FeedsOptions {
  hub: Hub;
  log: Log;
  stop: AbortSignal;
  /** Told after changes were committed to the inbox. */
  received(): void;
  /** A process that has been silent for so long is no longer the subscriber. Default 30. */
  leaseSeconds?: number;
}

/** Follows the tools' push feeds: each connection's by one process of all, which another replaces when it dies. */
export interface Feeds {
  /** `ask` has a sync run soon. Returns at once. */
  start(ask: (sync: string) => Promise<void>): void;
  /** Resolves when nothing is followed any more: some time after `stop` is aborted. */
  ended(): Promise<void>;
}

interface Feed extends Followed {
  tool: LiveTool;
  streams: string[];
}

const LEASE_SECONDS = 30;

export function createFeeds({ hub, log, stop, received, leaseSeconds = LEASE_SECONDS }: FeedsOptions): Feeds {
  const { engine } = hub;
  const { db, owner } = engine;
  const beatMs = (leaseSeconds * 1000) / 3;

  /** Where to go on from; undefined: another living process follows it. */
  const take = async ({ connection }: Feed): Promise<{ cursor: Cursor } | undefined> => {
    const taken = await takeFeed(db, connection, owner, leaseSeconds);
    if ('cursor' in taken) return taken;
    if (taken.holder === null || (await engine.isAlive(taken.holder))) return undefined;
    const again = await takeFeed(db, connection, owner, leaseSeconds, taken.holder);
    return 'cursor' in again ? again : undefined;
  };

  /** Returns when the feed has become another process's; throws when it breaks. */
  const follow = async (
    feed: Feed,
    cursor: Cursor,
    ask: (sync: string) => Promise<void>,
    alive: () => void,
  ): Promise<void> => {
    const { connection, tool, streams } = feed;
    const lost = new AbortController();
    const lease = keepLease(feed, lost);
    try {
      const pages = tool.connector.subscribe!(
        tool.context(AbortSignal.any([stop, lost.signal]), 'realtime'),
        streams,
        cursor,
      );
      for await (const page of pages) {
        if (!(await commitFeedPage(engine, feed, page))) return;
        alive();
        if (page.changes.length > 0) received();
        // While it is busy nothing new can have become of old gaps.
        if (page.changes.length === 0 || (page.missed ?? []).length > 0)
          for (const sync of await syncsToRead(engine, feed)) await ask(sync);
      }
      throw new ConnectorError('transient', `${connection} ended its feed`);
    } catch (error) {
      if (!lost.signal.aborted) throw error;
    } finally {
      await lease.end();
    }
  };

  /** Says that this process lives, until `end`; aborts `lost` when the feed has been taken over, or may have been. */
  const keepLease = ({ connection }: Feed, lost: AbortController) => {
    let kept = engine.now().getTime();
    let beating: Promise<void> = Promise.resolve();
    const beat = async () => {
      try {
        if (!(await keepFeed(db, connection, owner, leaseSeconds))) lost.abort();
        kept = engine.now().getTime();
      } catch (error) {
        log.warn('a feed’s lease was not renewed', { connection, error: (error as Error).message });
        if (engine.now().getTime() - kept > leaseSeconds * 1000) lost.abort();
      }
    };
    const timer = setInterval(() => {
      beating = beating.then(beat);
    }, beatMs);
    return {
      end: () => {
        clearInterval(timer);
        return beating;
      },
    };
  };

  const broke = async ({ connection }: Feed, error: unknown) => {
    const { message } = error as Error;
    log.warn('a feed broke and is taken up again', {
      connection,
      code: error instanceof ConnectorError ? error.kind : 'fault',
      message,
      ...(error instanceof ConnectorError && error.hint ? { hint: error.hint } : {}),
    });
    await breakFeed(db, connection, owner, message);
  };

  const attend = async (feed: Feed, ask: (sync: string) => Promise<void>) => {
    const { connection } = feed;
    let failures = 0;
    while (!stop.aborted)
      try {
        const taken = await take(feed);
        if (taken) {
          log.info('following a feed', { connection, streams: feed.streams });
          await follow(feed, taken.cursor, ask, () => {
            failures = 0;
          });
          log.info('a feed is followed by another process', { connection });
        } else await pause(beatMs, stop);
      } catch (error) {
        if (stop.aborted) break;
        failures += 1;
        // The database may be what failed: then its own word is the one that counts.
        await broke(feed, error).catch((worse: Error) =>
          log.warn('a feed’s break was not noted', { connection, error: worse.message }),
        );
        await pause(backoff(failures, engine.random()), stop);
      }
    await leaveFeed(db, connection, owner).catch((error: Error) =>
      log.warn('a feed was not handed over; it is free when its time runs out', {
        connection,
        error: error.message,
      }),
    );
  };

  let attending: Promise<unknown> = Promise.resolve();
  return {
    start(ask) {
      attending = Promise.all(feedsOf(hub).map((feed) => attend(feed, ask)));
    },
    async ended() {
      await attending;
    },
  };
}

/** The feeds that realtime syncs are interested in. */
function feedsOf({ config, tools }: Hub): Feed[] {
  return [...tools.values()].flatMap((tool): Feed[] => {
    const { connector, name: connection } = tool;
    if (!connector.subscribe || !(connector.subscribes?.(tool.config.config) ?? true)) return [];
    const readers = readersOf(config, connection);
    const streams = [...new Set(readers.map(({ stream }) => stream))];
    return streams.length === 0 ? [] : [{ connection, tool, readers, streams }];
  });
}

function readersOf({ syncs, mappings }: HubConfig, connection: string): Followed['readers'] {
  return Object.values(syncs)
    .filter(({ realtime }) => realtime)
    .flatMap((sync) =>
      sync.members
        .filter(({ mode, mapping }) => mode !== 'write' && mappings[mapping]!.connection === connection)
        .map(({ mapping }) => ({ stream: mappings[mapping]!.object, mapping, sync: sync.name })),
    );
}
