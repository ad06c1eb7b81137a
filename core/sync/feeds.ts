import type { Page } from '../../connectors/contract.ts';
import { askRescan } from '../store/cursors.ts';
import { closeGaps, type GapReader, openGaps, saveFeed } from '../store/feeds.ts';
import { receive } from '../store/inbox.ts';
import type { Engine } from './ports.ts';

/** A push feed as its one subscriber works for it. */
export interface Followed {
  connection: string;
  /** The syncs that read its streams. */
  readers: readonly GapReader[];
}

/**
 * Commits a page of a push feed: its changes to the inbox, together with the cursor that ends it (law 1), and what
 * was missed. Whoever asks the tool again begins after this page only once it is safe. false: another process has taken
 * the feed over, and nothing was kept.
 */
export async function commitFeedPage(engine: Engine, feed: Followed, page: Page): Promise<boolean> {
  const now = engine.now();
  const missed = page.missed ?? [];
  return engine.db.transaction(async (tx) => {
    const { connection, readers } = feed;
    const at = now.toISOString();
    if (!(await saveFeed(tx, connection, engine.owner, page.cursor, page.changes.length, at))) return false;
    if (page.changes.length > 0)
      await receive(tx, connection, page.changes, `${connection}/feed/${engine.newId()}`, now);
    await openGaps(
      tx,
      connection,
      missed.map(({ stream }) => stream),
      at,
    );
    for (const { stream, all } of missed)
      if (all)
        for (const { mapping } of readers.filter((reader) => reader.stream === stream))
          await askRescan(tx, mapping);
    return true;
  });
}

/** The syncs that have to run for what the feed has missed; gaps that were read since are closed. */
export function syncsToRead(engine: Engine, { connection, readers }: Followed): Promise<string[]> {
  return closeGaps(engine.db, connection, readers);
}
