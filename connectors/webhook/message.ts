/** One message to one receiver: written in its format, signed, and kept away from addresses inside the hub's own network. */
import { ConnectorError, type Vault } from '../contract.ts';
import { type Lookup, publicOnly } from '../private.ts';
import { retryAfterMs } from '../transport.ts';
import { explainFailure } from '../unreachable.ts';
import type { MessageFormat, WebhookConfig } from './config.ts';
import { formatBody } from './formats.ts';
import { withSecrets } from './rotation.ts';
import { signedHeaders } from './signature.ts';

/** What a receiver has for its answer. */
const DEADLINE_MS = 15_000;

export interface MessagePost {
  config: WebhookConfig;
  /** Where rotated secrets are kept. */
  vault?: Vault | undefined;
  message: { id: string; format: MessageFormat; body: string };
  now(): Date;
  /** For public addresses it should connect only where `lookup` may have looked (api/runtime/pinned.ts on Node). */
  fetch: typeof fetch;
  lookup?: Lookup | undefined;
  deadlineMs?: number;
  signal: AbortSignal;
}

/** The receiver's answer, or why there is none, in words that carry nothing of the message or of the address's path. Never rejects. */
export async function postMessage(
  post: MessagePost,
): Promise<{ status?: number; retryAfterMs?: number; error?: string }> {
  const { message, signal } = post;
  const config = await withSecrets(post);
  if (config.url === undefined) return { error: 'its connection has no url any more' };
  const at = post.now();
  const deadline = AbortSignal.timeout(post.deadlineMs ?? DEADLINE_MS);
  const send: (address: string, init: RequestInit) => Promise<Response> = config.allowPrivate
    ? (address, init) => post.fetch(address, { ...init, redirect: 'manual' })
    : publicOnly(post.fetch, post.lookup === undefined ? {} : { lookup: post.lookup });
  try {
    const body = formatBody(message.format, message.body);
    const response = await send(config.url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'user-agent': 'nayose',
        ...(config.secret === undefined || message.format !== 'standard'
          ? {}
          : signedHeaders(config, message.id, at, body)),
      },
      body,
      signal: AbortSignal.any([signal, deadline]),
    });
    // Nobody reads what a receiver says: only its status counts, and its text may be long or private.
    await response.body?.cancel();
    const retryAfter = retryAfterMs(response, at);
    return {
      status: response.status,
      ...(retryAfter === undefined ? {} : { retryAfterMs: retryAfter }),
      ...(response.ok ? {} : { error: `the receiver answered ${response.status}` }),
    };
  } catch (error) {
    return { error: wordsFor(error, config.url, deadline.aborted && !signal.aborted) };
  }
}

function wordsFor(error: unknown, url: string, late: boolean): string {
  if (late) return 'the receiver did not answer in time';
  const refused = refusal(error);
  if (refused) return [refused.message, refused.hint].filter((part) => part !== undefined).join('. ');
  return explainFailure(error, new URL(url)).message;
}

/** A refusal, wherever between here and the socket it was made. */
function refusal(error: unknown): ConnectorError | undefined {
  for (
    let current = error, depth = 0;
    current instanceof Error && depth < 5;
    current = current.cause, depth++
  )
    if (current instanceof ConnectorError) return current;
  return undefined;
}
