/** Cloudflare Queues, as far as the hub uses them: a message wakes somebody, and the tables say what is to be done. */
import type { Json, Log } from '../../connectors/contract.ts';

/** A producer's binding. */
export interface QueueBinding {
  send(body: Json, options?: { delaySeconds?: number }): Promise<unknown>;
}

export interface QueueMessage {
  id: string;
  body: unknown;
  /** Counted from 1. */
  attempts: number;
  ack(): void;
  retry(options?: { delaySeconds?: number }): void;
}

export interface QueueBatch {
  queue: string;
  messages: readonly QueueMessage[];
}

/** Queues hold a message back for 12 hours at most. */
const LONGEST_DELAY_SECONDS = 12 * 3600;
const LONGEST_BACKOFF_SECONDS = 300;

/** Sends a message that arrives after `delayMs` at the earliest. */
export async function sendTo(queue: QueueBinding, body: Json, delayMs = 0): Promise<void> {
  const delaySeconds = Math.min(LONGEST_DELAY_SECONDS, Math.ceil(delayMs / 1000));
  await queue.send(body, delaySeconds > 0 ? { delaySeconds } : {});
}

/** Seconds until the next try after `attempts` failed ones: doubles from `base`, and half of it is jitter. */
export function backoffSeconds(attempts: number, base: number, random: () => number): number {
  const full = Math.min(LONGEST_BACKOFF_SECONDS, base * 2 ** (attempts - 1));
  return Math.ceil(full / 2 + (random() * full) / 2);
}

export interface ConsumeOptions {
  log: Log;
  random(): number;
  /** Seconds before the first retry. */
  retrySeconds: number;
}

/**
 * Works off a batch, one message after another. A message whose handler throws is tried again after a while, by itself; after the
 * retries that its queue allows, Cloudflare puts it into the dead-letter queue.
 */
export async function consume(
  batch: QueueBatch,
  handle: (body: unknown) => Promise<void>,
  { log, random, retrySeconds }: ConsumeOptions,
): Promise<void> {
  for (const message of batch.messages) {
    try {
      await handle(message.body);
      message.ack();
    } catch (error) {
      const delaySeconds = backoffSeconds(message.attempts, retrySeconds, random);
      log.warn('a message failed and is tried again', {
        queue: batch.queue,
        attempts: message.attempts,
        delaySeconds,
        error: (error as Error).message,
      });
      message.retry({ delaySeconds });
    }
  }
}
