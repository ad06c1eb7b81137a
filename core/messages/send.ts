import type { Db } from '../store/db.ts';
import {
  abandonMessages,
  claimMessages,
  disableEndpoint,
  enableMoved,
  type Message,
  messageOwners,
  nextMessage,
  pruneMessages,
  releaseMessages,
  settleMessage,
} from '../store/messages.ts';
import { waitAfter } from './schedule.ts';

/** What came of one try. No status: no answer came. */
export interface Answer {
  status?: number;
  retryAfterMs?: number;
  /** In plain words, without anything of the message or the address's path. */
  error?: string;
}

/** A connection that takes messages. `address`: a fingerprint of where they go. Never rejects. */
export interface Endpoint {
  connection: string;
  address: string;
  post(message: Message, signal: AbortSignal): Promise<Answer>;
}

export interface Sender {
  db: Db;
  now(): Date;
  random(): number;
  owner: string;
  isAlive(owner: string): Promise<boolean>;
}

export interface SendOptions {
  /** No further message is taken. */
  stop: AbortSignal;
  /** Ends tries that are in hand; they do not count. */
  kill: AbortSignal;
}

export interface SendResult {
  sent: number;
  failed: number;
}

/** Of one endpoint, over all processes. */
const AT_ONCE = 10;
/** A message in hand for so long was lost by a process that still lives. */
const STALE_MS = 5 * 60_000;
const DAY = 86_400_000;

/**
 * Sends everything that is due, endpoints side by side. Any number of processes may do so at once: a message is in the hands of
 * one. Throws only when the database fails.
 */
export async function sendDue(
  sender: Sender,
  endpoints: readonly Endpoint[],
  options: SendOptions,
): Promise<SendResult> {
  const result: SendResult = { sent: 0, failed: 0 };
  await enableMoved(
    sender.db,
    endpoints.map(({ connection, address }) => ({ connection, address })),
  );
  await Promise.all(
    endpoints.map(async (endpoint) => {
      while (!options.stop.aborted) {
        const batch = await claimMessages(sender.db, {
          connection: endpoint.connection,
          owner: sender.owner,
          atOnce: AT_ONCE,
          now: sender.now().toISOString(),
        });
        if (batch.length === 0) return;
        const fates = await Promise.all(
          batch.map((message) => sendOne(sender, endpoint, message, options.kill)),
        );
        for (const sent of fates) result[sent ? 'sent' : 'failed']++;
      }
    }),
  );
  return result;
}

async function sendOne(
  sender: Sender,
  endpoint: Endpoint,
  message: Message,
  kill: AbortSignal,
): Promise<boolean> {
  const started = sender.now();
  const answer = await endpoint.post(message, kill);
  const ended = sender.now();
  const now = ended.toISOString();
  const { status, error } = answer;
  const mine = { id: message.id, owner: sender.owner };
  const attempt = {
    at: started.toISOString(),
    ms: Math.max(0, ended.getTime() - started.getTime()),
    status: status ?? null,
    error: error ?? null,
  };
  if (status !== undefined && status >= 200 && status < 300) {
    await settleMessage(sender.db, mine, { state: 'sent', dueAt: now, error: null, attempt }, now);
    return true;
  }
  if (status === undefined && kill.aborted) {
    await settleMessage(sender.db, mine, { state: 'pending', dueAt: now, error: null, attempt: null }, now);
    return false;
  }
  const why = error ?? `the receiver answered ${status}`;
  if (status === 410) {
    const reason = 'the receiver answered 410 Gone: it wants no more messages at this address';
    await disableEndpoint(
      sender.db,
      { connection: endpoint.connection, address: endpoint.address, reason },
      now,
    );
    await settleMessage(sender.db, mine, { state: 'dead', dueAt: now, error: reason, attempt }, now);
    return false;
  }
  const wait = waitAfter(message.attempts, sender.random(), answer.retryAfterMs);
  const dueAt = new Date(ended.getTime() + (wait ?? 0)).toISOString();
  await settleMessage(
    sender.db,
    mine,
    { state: wait === undefined ? 'dead' : 'pending', dueAt, error: why, attempt },
    now,
  );
  return false;
}

/** What dead processes had in hand is due again; what is old is given up or forgotten. Called by a sweep, and at start. */
export async function tidyMessages(sender: Sender): Promise<void> {
  const now = sender.now();
  const before = (ms: number) => new Date(now.getTime() - ms).toISOString();
  const dead: string[] = [];
  for (const owner of await messageOwners(sender.db)) if (!(await sender.isAlive(owner))) dead.push(owner);
  await releaseMessages(sender.db, dead, before(STALE_MS), now.toISOString());
  await abandonMessages(sender.db, before(4 * DAY), before(DAY), now.toISOString());
  await pruneMessages(sender.db, before(7 * DAY), before(30 * DAY));
}

/** Milliseconds until something is due; undefined: nothing waits. */
export async function untilNext(sender: Sender, endpoints: readonly Endpoint[]): Promise<number | undefined> {
  const due = await nextMessage(
    sender.db,
    endpoints.map(({ connection }) => connection),
  );
  return due === undefined ? undefined : Math.max(0, Date.parse(due) - sender.now().getTime());
}
