/** The push feed: Change Data Capture events as pages of changes, from the replay ids that were stored with the last page. */
import { z } from 'zod';
import { ConnectorError, type Context, type Cursor, type Missed, type Page } from '../contract.ts';
import { ChangeEvent, changesOf, channelOf, Replayable } from './cdc.ts';
import type { SalesforceConfig } from './config.ts';
import {
  failure,
  handshake,
  type Message,
  poll,
  refusesToken,
  type Session,
  subscribeTo,
} from './subscribe-bayeux.ts';

/** Where each stream's events were followed to. A stream that is not named has never been followed. */
const Position = z.object({ replay: z.record(z.string(), z.int()) });

/** Only events from now on. What came before is read again instead: replaying days of events costs more than one pull. */
const NEW_ONLY = -1;
/** A server that asks for a new handshake time after time, without one good poll in between, is not well. */
const MOST_HANDSHAKES = 5;

/**
 * Follows the streams until `ctx.signal` is aborted. New handshakes, fresh tokens and expired replay ids are dealt with
 * here; everything else throws ConnectorError, and whoever called waits and calls again. A page's cursor is never used
 * before the next page is asked for, so that a replay id moves on only once its events are safe.
 */
export async function* subscribe(
  ctx: Context<SalesforceConfig>,
  streams: string[],
  since: Cursor | null,
): AsyncGenerator<Page> {
  const position = new Map(Object.entries(Position.safeParse(since).data?.replay ?? {}));
  const pageOf = (messages: readonly Message[], missed: readonly Missed[] = []): Page => {
    const followed = follow(ctx, messages, streams, position);
    const found = changesOf(followed.events, ctx.config.clientName);
    return {
      changes: found.changes,
      cursor: { replay: Object.fromEntries(position) },
      done: true,
      missed: [...found.missed, ...followed.missed, ...missed],
    };
  };
  let refused: string | undefined;
  let session: Session | undefined;
  for (let fruitless = 0; fruitless < MOST_HANDSHAKES; fruitless += 1) {
    session = await handshake(ctx, refused);
    refused = undefined;
    const start = await enter(ctx, session, streams, position);
    if (start.again) {
      refused = start.refused;
      continue;
    }
    yield pageOf(start.messages, start.missed);
    for (;;) {
      const { answer, messages } = await poll(ctx, session);
      // Before the answer is looked at: events may come with a refusal, too.
      yield pageOf(messages);
      if (answer.successful === true) {
        fruitless = 0;
        await pause(session.advice.interval ?? 0, ctx.signal);
        continue;
      }
      if (refusesToken(answer)) {
        ctx.log.info('salesforce: the feed’s access token was refused; logging in again');
        refused = session.token.accessToken;
      } else if (!forgot(answer) && answer.advice?.reconnect === 'none')
        throw failure(answer, 'to go on with the feed');
      // Anything else, 403::Unknown client above all, means that the server has forgotten us.
      break;
    }
  }
  throw new ConnectorError('transient', 'Salesforce’s streaming forgets the hub again and again', {
    hint: 'Another program may be using the same streaming client limit. The hub tries again by itself.',
  });
}

/** 402 and 403::Unknown client. */
const forgot = ({ error }: Message) => /^40[23]::unknown client/i.test(error ?? '');

const NOTHING = { messages: [], missed: [], again: true };

interface Entered {
  messages: Message[];
  missed: Missed[];
  /** The server no longer knows the session, or the token it was opened with: `refused`. */
  again: boolean;
  refused?: string;
}

/** Subscribes to every stream from where it was followed to; those that cannot be gone on with start from now. */
async function enter(
  ctx: Context<SalesforceConfig>,
  session: Session,
  streams: readonly string[],
  position: Map<string, number>,
): Promise<Entered> {
  const all: Message[] = [];
  const missed: Missed[] = [];
  let refusal: ConnectorError | undefined;
  let followed = 0;
  for (const stream of streams) {
    const from = position.get(stream);
    let { answer, messages } = await subscribeTo(ctx, session, channelOf(stream), from ?? NEW_ONLY);
    if (answer.successful !== true && from !== undefined && /400::.*replay/is.test(answer.error ?? '')) {
      ctx.log.warn('salesforce: events were lost, the stream is read again', { stream });
      position.delete(stream);
      ({ answer, messages } = await subscribeTo(ctx, session, channelOf(stream), NEW_ONLY));
    }
    all.push(...messages);
    if (refusesToken(answer)) return { ...NOTHING, refused: session.token.accessToken };
    if (forgot(answer)) return NOTHING;
    if (answer.successful === true) {
      followed += 1;
      if (!position.has(stream)) missed.push({ stream, all: false });
      continue;
    }
    refusal = failure(answer, `the changes of ${stream}`);
    if (refusal.kind !== 'rejected') throw refusal;
    ctx.log.warn('salesforce: no change events of this object', {
      stream,
      error: refusal.message,
      hint: refusal.hint,
    });
  }
  if (followed === 0 && refusal !== undefined) throw refusal;
  return { messages: all, missed, again: false };
}

/** The events among the messages; the position moves past them. One that cannot be read has the stream read instead. */
function follow(
  ctx: Context<SalesforceConfig>,
  messages: readonly Message[],
  streams: readonly string[],
  position: Map<string, number>,
): { events: ChangeEvent[]; missed: Missed[] } {
  const events: ChangeEvent[] = [];
  const missed: Missed[] = [];
  for (const { channel, data } of messages) {
    const stream = streams.find((one) => channelOf(one) === channel);
    if (stream === undefined) continue;
    const replayId = Replayable.safeParse(data).data?.event.replayId;
    if (replayId !== undefined) position.set(stream, replayId);
    const event = ChangeEvent.safeParse(data);
    if (event.success) events.push(event.data);
    else {
      ctx.log.warn('salesforce: a change event cannot be read, the stream is read again', { stream });
      missed.push({ stream, all: false });
    }
  }
  return { events, missed };
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (ms === 0 || signal.aborted) return Promise.resolve();
  return new Promise((done) => {
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      done();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener('abort', end, { once: true });
  });
}
