import { type SendResult, sendDue } from '../../core/messages/send.ts';
import type { Hub } from '../runtime/hub.ts';
import { createPinnedFetch } from '../runtime/pinned.ts';
import { endpointsOf, senderOf, vaultsOf } from './messages.ts';

/** Tries every message that is due once: for commands that end afterwards. What fails waits for the next command, or for `serve`. */
export async function sendOnce(
  hub: Pick<Hub, 'engine' | 'config' | 'tools'>,
  signals: { stop: AbortSignal; kill: AbortSignal },
): Promise<SendResult> {
  const { engine, config } = hub;
  const reach = {
    now: engine.now,
    fetch: globalThis.fetch,
    publicFetch: createPinnedFetch(),
    vault: vaultsOf(hub, signals.kill),
  };
  return sendDue(senderOf(engine), endpointsOf(config, reach), signals);
}
