import { setTimeout as sleep } from 'node:timers/promises';
import {
  type Connector,
  ConnectorError,
  type Context,
  type Log,
  type Stream,
} from '../../connectors/contract.ts';
import { createTransport } from '../../connectors/transport.ts';
import type { Tool } from '../../core/sync/ports.ts';
import type { ConnectionConfig, HubConfig } from '../config/types.ts';

export interface ToolOptions {
  fetch: typeof fetch;
  now(): Date;
  random(): number;
  log: Log;
  /** Ends every call when the process stops. */
  signal: AbortSignal;
}

/** A connection at work: its connector, one transport, and what it learned about the tool's schema. */
export interface LiveTool extends Tool {
  config: ConnectionConfig;
  /** The streams named; asked of the tool once, then remembered for the process's life or until `forget`. */
  streams(objects: readonly string[]): Promise<Stream[]>;
  forget(): void;
}

/** Nothing is called until the first use. */
export function createTool(config: ConnectionConfig, connector: Connector, options: ToolOptions): LiveTool {
  let calls = 0;
  const transport = createTransport({
    fetch: options.fetch,
    signal: options.signal,
    budgets: connector.quota?.budgets(config.config) ?? [],
    ...(connector.quota ? { observe: (response) => connector.quota!.observe(response) } : {}),
    ...(connector.readOnly ? { readOnly: (method, url) => connector.readOnly!(method, url) } : {}),
    onCall: ({ method, url, status, ms, retry }) => {
      calls++;
      options.log.debug('call', { connection: config.name, method, url, status, ms, retry });
    },
    now: options.now,
    random: options.random,
    sleep: async (ms, signal) => {
      await sleep(ms, undefined, { signal });
    },
  });
  const known = new Map<string, Stream>();
  const context = (signal: AbortSignal): Context => ({
    config: config.config,
    fetch: transport,
    now: options.now,
    signal,
    log: options.log,
  });
  return {
    name: config.name,
    connector,
    config,
    context,
    calls: () => calls,
    forget: () => known.clear(),
    async streams(objects) {
      const missing = objects.filter((object) => !known.has(object));
      if (missing.length > 0) {
        const streams = await connector.discover(context(options.signal), missing).catch(named(config));
        for (const stream of streams) known.set(stream.name, stream);
      }
      return objects.flatMap((object) => known.get(object) ?? []);
    },
  };
}

/** The same failure, said with the connection's name: an address alone tells nobody which entry of hub.yaml to mend. */
function named({ name, type }: ConnectionConfig): (error: unknown) => never {
  return (error) => {
    if (!(error instanceof ConnectorError)) throw error;
    const { kind, message, status, retryAfter, hint, maybeApplied } = error;
    throw new ConnectorError(kind, `${name} (${type}): ${message}`, {
      ...(status === undefined ? {} : { status }),
      ...(retryAfter === undefined ? {} : { retryAfter }),
      ...(hint === undefined ? {} : { hint }),
      maybeApplied,
      cause: error,
    });
  };
}

/** The objects of a connection that mappings use: asked for together, so that discovery costs as few calls as it can. */
export function objectsOf(config: HubConfig, connection: string): string[] {
  const used = new Set(
    Object.values(config.syncs).flatMap((sync) => sync.members.map((member) => member.mapping)),
  );
  const objects = Object.values(config.mappings)
    .filter((spec) => spec.connection === connection && used.has(spec.name))
    .map((spec) => spec.object);
  return [...new Set(objects)];
}

export async function streamOf(config: HubConfig, tool: LiveTool, object: string): Promise<Stream> {
  const streams = await tool.streams(objectsOf(config, tool.name));
  const stream = streams.find((one) => one.name === object) ?? (await tool.streams([object]))[0];
  if (!stream)
    throw new ConnectorError(
      'rejected',
      `${tool.name} has no object "${object}", or its user may not see it`,
      {
        hint: `Run 'nayose check' to see what ${tool.name} offers.`,
      },
    );
  return stream;
}
