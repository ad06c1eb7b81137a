import { ConnectorError } from '../../connectors/contract.ts';
import type { Sync } from '../../core/sync/ports.ts';
import type { Hub } from '../runtime/hub.ts';
import type { Ready } from './lane.ts';

/** A sync that could not be made ready is not tried again for so long: its tool may take a deadline's time to say nothing. */
const TRY_AGAIN_MS = 30_000;

/** The syncs for webhooks and sweeps: one that cannot be made ready keeps its own connections waiting, and no others. */
export function createReady(hub: Hub, prepared: (sync: Sync) => Sync): () => Promise<Ready> {
  const { config, engine } = hub;
  const failed = new Map<string, { until: number; error: ConnectorError }>();
  const connectionsOf = (name: string) =>
    config.syncs[name]!.members.map(({ mapping }) => config.mappings[mapping]!.connection);
  /** One by one, to know which. */
  const part = async (now: number) => {
    for (const name of config.order.filter((one) => !failed.has(one)))
      await hub.syncs([name]).catch((error) => {
        if (!(error instanceof ConnectorError)) throw error;
        failed.set(name, { until: now + TRY_AGAIN_MS, error });
      });
  };
  return async () => {
    const now = engine.now().getTime();
    for (const [name, { until }] of failed) if (until <= now) failed.delete(name);
    const ready: Ready = { syncs: [], left: [] };
    const ask = () => hub.syncs(config.order.filter((name) => !failed.has(name)));
    for (;;)
      try {
        ready.syncs = (await ask()).map(prepared);
        break;
      } catch (error) {
        if (!(error instanceof ConnectorError)) throw error;
        await part(now);
      }
    for (const [name, { error }] of failed)
      ready.left.push({
        sync: name,
        code: error.kind,
        message: error.message,
        connections: connectionsOf(name),
      });
    return ready;
  };
}
