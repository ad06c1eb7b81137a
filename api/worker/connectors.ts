import { type Connector, ConnectorError } from '../../connectors/contract.ts';
import { CONNECTORS } from '../../connectors/registry.ts';
import type { Db } from '../../core/store/db.ts';
import { cachedStreams, cacheStreams } from '../../core/store/streams.ts';
import type { ConnectionConfig } from '../config/types.ts';

/** Invocations remember nothing, so schemas are remembered in the database for so long. */
const SCHEMAS_KEPT_MS = 15 * 60_000;

const noFiles = () => {
  throw new ConnectorError('rejected', 'files cannot be read or written on Cloudflare Workers', {
    hint: 'Run syncs with a csv connection from a machine with Node, on the same database.',
  });
};

/** All connectors, as they are on Workers: files are refused with a reason. */
export const WORKER_CONNECTORS: Record<string, Connector> = {
  ...CONNECTORS,
  csv: { ...CONNECTORS.csv!, discover: async () => noFiles(), read: noFiles, write: noFiles },
};

/**
 * The same connectors, with schemas of these connections taken from the database where it has them. `since`: what was stored before
 * the active configuration is not believed.
 */
export function withCachedSchemas(
  connectors: Record<string, Connector>,
  connections: readonly ConnectionConfig[],
  options: { db: Db; now(): Date; since: Date },
): Record<string, Connector> {
  const { db, now, since } = options;
  const nameOf = new Map(connections.map(({ name, config }) => [config, name]));
  const wrap = (connector: Connector): Connector => ({
    ...connector,
    async discover(ctx, objects) {
      const name = nameOf.get(ctx.config);
      if (name === undefined || objects === undefined) return connector.discover(ctx, objects);
      const after = new Date(Math.max(since.getTime(), now().getTime() - SCHEMAS_KEPT_MS));
      const cached = await cachedStreams(db, name, objects, after);
      const missing = objects.filter((object) => !cached.some((stream) => stream.name === object));
      if (missing.length === 0) return cached;
      const found = await connector.discover(ctx, missing);
      await cacheStreams(db, name, found, now());
      return [...cached, ...found];
    },
  });
  return Object.fromEntries(Object.entries(connectors).map(([type, one]) => [type, wrap(one)]));
}
