import { createHash } from 'node:crypto';
import type { Log, Vault } from '../../connectors/contract.ts';
import type { Lookup } from '../../connectors/private.ts';
import type { WebhookConfig } from '../../connectors/webhook/config.ts';
import { postMessage } from '../../connectors/webhook/message.ts';
import { type Endpoint, type Sender, sendDue, tidyMessages, untilNext } from '../../core/messages/send.ts';
import type { Engine } from '../../core/sync/ports.ts';
import type { HubConfig } from '../config/types.ts';
import type { Hub } from '../runtime/hub.ts';

export interface Reach {
  now(): Date;
  /** For addresses that an administrator let be private. */
  fetch: typeof fetch;
  /** For all others: connects to public addresses only. */
  publicFetch: typeof fetch;
  lookup?: Lookup | undefined;
  /** What each connection keeps encrypted. */
  vault?(connection: string): Vault | undefined;
}

/** The connections of a config that messages can be sent to. */
export function endpointsOf(config: Pick<HubConfig, 'connections'>, reach: Reach): Endpoint[] {
  return Object.values(config.connections).flatMap(({ name, type, config: own }): Endpoint[] => {
    const webhook = type === 'webhook' ? (own as WebhookConfig) : undefined;
    if (webhook?.url === undefined) return [];
    return [
      {
        connection: name,
        address: createHash('sha256').update(webhook.url).digest('hex'),
        post: (message, signal) =>
          postMessage({
            config: webhook,
            message,
            signal,
            now: reach.now,
            fetch: webhook.allowPrivate ? reach.fetch : reach.publicFetch,
            lookup: reach.lookup,
            vault: reach.vault?.(name),
          }),
      },
    ];
  });
}

export const senderOf = ({ db, now, random, owner, isAlive }: Engine): Sender => ({
  db,
  now,
  random,
  owner,
  isAlive,
});

export interface Messaging {
  /** Something may be due: send soon. Any number of calls while it works lead to one more round. */
  wake(): void;
  /** Takes back what dead processes had in hand, gives up what is too old, and wakes. */
  sweep(): Promise<void>;
  /** Resolves when the round in hand is over; no timer is left behind once `stop` is aborted. */
  idle(): Promise<void>;
}

/** A try that is due later is found by the sweep of each minute; sooner ones by a timer of this process. */
const SOON_MS = 60_000;

/** Sends messages to the outside for as long as the process serves. */
export function createMessaging(
  sender: Sender,
  endpoints: readonly Endpoint[],
  { stop, kill, log }: { stop: AbortSignal; kill: AbortSignal; log: Log },
): Messaging {
  let wanted = false;
  let working: Promise<void> | undefined;
  let timer: NodeJS.Timeout | undefined;
  const round = async () => {
    const { sent, failed } = await sendDue(sender, endpoints, { stop, kill });
    if (sent + failed > 0) log.info('messages', { sent, failed });
    const wait = stop.aborted ? undefined : await untilNext(sender, endpoints);
    clearTimeout(timer);
    if (wait !== undefined && wait < SOON_MS) timer = setTimeout(wake, Math.max(wait, 20)).unref();
  };
  const work = async () => {
    while (wanted && !stop.aborted) {
      wanted = false;
      try {
        await round();
      } catch (error) {
        log.warn('messages wait', { error: (error as Error).message });
      }
    }
    working = undefined;
  };
  const wake = () => {
    // Nothing is begun after a stop; a round that ended before it began would seem to work for ever.
    if (stop.aborted) return;
    wanted = true;
    working ??= work();
  };
  stop.addEventListener('abort', () => clearTimeout(timer), { once: true });
  return {
    wake,
    async sweep() {
      await tidyMessages(sender);
      wake();
    },
    async idle() {
      while (working) await working;
    },
  };
}

/** The vaults of a hub's connections, as `Reach` wants them. */
export const vaultsOf =
  ({ tools }: Pick<Hub, 'tools'>, signal: AbortSignal) =>
  (connection: string) =>
    tools.get(connection)?.context(signal).vault;
