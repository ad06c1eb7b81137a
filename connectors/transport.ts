/**
 * One HTTP path for every connector: deadline, safe retry and rate budget around an injected fetch.
 *
 * What is sent again (at most `retries` times, with backoff and jitter, or after Retry-After):
 *   safe calls (GET, HEAD, or `readOnly`)   on 408, 429, 5xx, a proxy's page instead of data, JSON cut short, and on
 *                                          any network failure or deadline
 *   all other calls                        on 429 only (refused before it was looked at), and when no
 *                                          connection was ever made (refused, no route, name not found)
 * A write that got 5xx, broke off, or ran out of time may have been applied and is never sent again; 503 is no
 * exception, since a proxy answers 503 for a call that the tool behind it has already carried out.
 *
 * When retries are used up, the last answer is returned as it is: the connector knows what it means.
 */
import { BodyError, bufferResponse } from './body.ts';
import { type Budget, type CallInit, ConnectorError, type Lane, type QuotaHint } from './contract.ts';
import { type Admit, createPace, inMemory } from './pace.ts';
import { explainFailure, shownAddress } from './unreachable.ts';

/** One call that left, as it ended. `status` is missing when no whole answer came; `retry` counts from 0. */
export interface CallRecord {
  method: string;
  /** Without query and without anything personal. */
  url: string;
  status: number | undefined;
  ms: number;
  retry: number;
}

export interface TransportOptions {
  fetch: typeof fetch;
  /** Stops everything at once: calls in flight, waits, and calls still in the queue. */
  signal?: AbortSignal;
  /** Milliseconds that one attempt may take, from leaving the queue to the last byte. Default 60,000. */
  deadline?: number;
  /** How often a call is sent again, at most. Default 4. */
  retries?: number;
  /** Milliseconds before the first retry; doubles with each, up to 30 s, and half of it is jitter. Default 500. */
  backoff?: number;
  /** Seconds that a Retry-After (or a used-up budget) is waited for; longer ones are left to the caller. Default 30. */
  longestWait?: number;
  /** Bytes an answer may have. Default 64 MiB. */
  largestBody?: number;
  /** Calls in flight at once, not counting those of webhooks, which have a few places of their own. Default 8. */
  concurrency?: number;
  /** From `connector.quota.budgets`. Those longer than a minute are the hub's to keep: see `onQuota`. */
  budgets?: Budget[];
  /** Keeps the budgets in this process's stead, together with other processes: see pace.ts. */
  admit?: Admit | undefined;
  /** From `connector.quota.observe`. */
  observe?(response: Response, body?: string): QuotaHint[];
  /** From `connector.readOnly`: calls other than GET and HEAD that only read. */
  readOnly?(method: string, url: URL): boolean;
  /** Told of every call that left, retries too. */
  onCall?(call: CallRecord): void;
  /** Told of everything `observe` learned. */
  onQuota?(hint: QuotaHint): void;
  now?(): Date;
  /** In [0, 1). */
  random?(): number;
  sleep?(ms: number, signal: AbortSignal): Promise<void>;
}

interface Call {
  url: URL;
  method: string;
  init: RequestInit;
  safe: boolean;
  /** Milliseconds, as TransportOptions says, unless the call itself asks for another. */
  deadline: number;
  stop: AbortSignal;
}

/** Why an attempt brought no answer, and whether the call may be sent again. */
interface Failure {
  error: ConnectorError;
  again: boolean;
}

const LONGEST_BACKOFF = 30_000;

/**
 * A fetch that keeps the promises above. Its answers are already in memory. Throws ConnectorError:
 * 'transient' when no whole answer came (`maybeApplied` says whether a write may have happened), 'quota' while
 * a budget is known to be used up for longer than `longestWait`, 'rejected' for an answer that is too large.
 */
export function createTransport(options: TransportOptions): typeof fetch {
  return createTransports(options).incremental;
}

/** The same by lane: one budget for all, and the more urgent lane is let through first. */
export function createTransports(options: TransportOptions): Record<Lane, typeof fetch> {
  const now = options.now ?? (() => new Date());
  const random = options.random ?? Math.random;
  const sleep = options.sleep ?? sleepFor;
  const retries = options.retries ?? 4;
  const longestWait = (options.longestWait ?? 30) * 1000;
  const budgets = options.budgets ?? [];
  const apart = budgets.flatMap(({ only, ...budget }) => (only ? { only, admit: inMemory([budget]) } : []));
  const pace = createPace(
    budgets.filter(({ only }) => !only),
    options.concurrency ?? 8,
    options.admit,
  );
  const exhausted = new Map<string, number>();

  const backoff = (retry: number) => {
    const full = Math.min((options.backoff ?? 500) * 2 ** retry, LONGEST_BACKOFF);
    return full / 2 + (random() * full) / 2;
  };

  const learn = async (response: Response): Promise<number | undefined> => {
    const refused = response.status === 429 || response.status === 403;
    const hints = options.observe?.(response, refused ? await response.clone().text() : undefined) ?? [];
    let renewal: number | undefined;
    for (const hint of hints) {
      options.onQuota?.(hint);
      if (hint.exhaustedUntil === undefined) continue;
      const until = Date.parse(hint.exhaustedUntil);
      const left = Math.max(0, until - now().getTime());
      // Longer ones are kept by whoever admits calls: it may know better when they renew.
      if (options.admit === undefined || left <= longestWait) exhausted.set(hint.name, until);
      renewal = Math.max(left, renewal ?? 0);
    }
    return renewal;
  };

  /** Waits for a budget that is known to be used up, or refuses to. */
  const awaitBudgets = async (call: Call) => {
    for (const [name, until] of exhausted) {
      const left = until - now().getTime();
      if (left <= 0) exhausted.delete(name);
      else if (left <= longestWait) await pause(left, call);
      else
        throw new ConnectorError(
          'quota',
          `the ${name} budget is used up until ${new Date(until).toISOString()}`,
          { retryAfter: Math.ceil(left / 1000), hint: 'The hub goes on by itself when the budget renews.' },
        );
    }
  };

  const pause = async (ms: number, call: Call) => {
    await untilAborted(sleep(ms, call.stop), call.stop).catch((cause) => {
      throw call.stop.aborted ? stopped(call, cause, false) : cause;
    });
  };

  const attempt = async (call: Call, retry: number, lane: Lane): Promise<Response | Failure> => {
    const timer = new AbortController();
    const signal = AbortSignal.any([call.stop, timer.signal]);
    let started: number | undefined;
    let status: number | undefined;
    let timeout: ReturnType<typeof setTimeout> | undefined;
    const exchange = async () => {
      started = now().getTime();
      timeout = setTimeout(() => timer.abort(), call.deadline);
      const response = await options.fetch(call.url.href, { ...call.init, signal });
      const whole = await bufferResponse(response, options.largestBody ?? 64 * 2 ** 20);
      status = whole.status;
      return whole;
    };
    try {
      for (const { only, admit } of apart) if (only(call.method, call.url)) await admit(lane, call.stop);
      return await pace.run(() => untilAborted(exchange(), signal), call.stop, lane);
    } catch (cause) {
      if (call.stop.aborted)
        return { error: stopped(call, cause, started !== undefined && !call.safe), again: false };
      // Not let out at all: the connection rests, or the database that keeps its budget does not answer.
      if (started === undefined) {
        if (cause instanceof ConnectorError) return { error: cause, again: false };
        throw cause;
      }
      return timer.signal.aborted ? tooLate(call, cause) : broken(call, cause);
    } finally {
      clearTimeout(timeout);
      if (started !== undefined)
        options.onCall?.({
          method: call.method,
          url: shownAddress(call.url),
          status,
          ms: now().getTime() - started,
          retry,
        });
    }
  };

  const send =
    (lane: Lane): typeof fetch =>
    async (input, init) => {
      const call = await prepare(input, init, options);
      for (let retry = 0; ; retry += 1) {
        await awaitBudgets(call);
        const result = await attempt(call, retry, lane);
        if ('error' in result) {
          if (!result.again || retry >= retries) throw result.error;
          await pause(backoff(retry), call);
          continue;
        }
        const renewal = await learn(result);
        if (retry >= retries || !mayRepeat(result, call.safe)) return result;
        const wait = retryAfterMs(result, now()) ?? renewal ?? backoff(retry);
        if (wait > longestWait) return result;
        await pause(wait, call);
      }
    };
  return {
    consent: send('consent'),
    realtime: send('realtime'),
    incremental: send('incremental'),
    backfill: send('backfill'),
  };
}

function mayRepeat(response: Response, safe: boolean): boolean {
  const { status } = response;
  return status === 429 || (safe && (status === 408 || status >= 500 || isPage(response)));
}

/** What a proxy shows in the tool's stead, and calls it well. */
const isPage = ({ ok, headers, body }: Response) =>
  ok && body !== null && /^text\/html\b/i.test(headers.get('content-type') ?? '');

/** Retry-After in milliseconds from `now`: seconds or an HTTP date; undefined where there is none. */
export function retryAfterMs(response: Response, now: Date): number | undefined {
  const text = response.headers.get('retry-after')?.trim();
  if (!text) return undefined;
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text) * 1000;
  const date = Date.parse(text);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now.getTime());
}

/** The call in a form that can be sent twice: its body is read into memory. */
async function prepare(
  input: RequestInfo | URL,
  init: CallInit | undefined,
  options: TransportOptions,
): Promise<Call> {
  const request = new Request(input, init);
  const url = new URL(request.url);
  const { method } = request;
  const body = request.body === null ? undefined : new Uint8Array(await request.arrayBuffer());
  const signals = [options.signal, init?.signal ?? (input instanceof Request ? input.signal : undefined)];
  return {
    url,
    method,
    init: { ...init, method, headers: request.headers, body, redirect: request.redirect },
    safe: method === 'GET' || method === 'HEAD' || options.readOnly?.(method, url) === true,
    deadline: init?.deadline ?? options.deadline ?? 60_000,
    stop: AbortSignal.any(signals.filter((signal) => signal !== undefined && signal !== null)),
  };
}

function stopped(call: Call, cause: unknown, maybeApplied: boolean): ConnectorError {
  const when = maybeApplied ? ' while its answer was awaited' : '';
  return new ConnectorError('transient', `${call.method} ${shownAddress(call.url)} was stopped${when}`, {
    maybeApplied,
    cause,
  });
}

function tooLate(call: Call, cause: unknown): Failure {
  const message = `${call.method} ${shownAddress(call.url)}: no whole answer within ${call.deadline / 1000} s`;
  const hint = 'The tool may be overloaded. The hub tries again by itself.';
  return {
    error: new ConnectorError('transient', message, { maybeApplied: !call.safe, hint, cause }),
    again: call.safe,
  };
}

function broken(call: Call, cause: unknown): Failure {
  const place = `${call.method} ${shownAddress(call.url)}`;
  if (cause instanceof BodyError && cause.tooLarge)
    return {
      error: new ConnectorError('rejected', `${place}: ${cause.message}`, {
        maybeApplied: !call.safe,
        hint: 'Ask for smaller pages, or raise the transport’s largestBody.',
        cause,
      }),
      again: false,
    };
  const { message, hint, neverSent, lasting } =
    cause instanceof BodyError
      ? { message: cause.message, hint: undefined, neverSent: false, lasting: false }
      : explainFailure(cause, call.url);
  return {
    error: new ConnectorError('transient', `${place}: ${message}`, {
      maybeApplied: !call.safe && !neverSent,
      ...(hint === undefined ? {} : { hint }),
      cause,
    }),
    again: !lasting && (call.safe || neverSent),
  };
}

/** Settles as the promise does, or rejects as soon as the signal aborts: an injected fetch may ignore signals. */
function untilAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}

function sleepFor(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    const abort = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', abort);
      resolve();
    }, ms);
    signal.addEventListener('abort', abort, { once: true });
  });
}
