import { ConnectorError, type Context, type FailureKind, type Op, type Outcome } from '../contract.ts';
import { type Lookup, publicOnly } from '../private.ts';
import { retryAfterMs } from '../transport.ts';
import type { WebhookConfig } from './config.ts';
import { signedHeaders } from './signature.ts';

type Post = (address: string, init?: RequestInit) => Promise<Response>;

/** What a receiver's answer means for the message, by what recovers it. */
function kindOf(status: number): FailureKind {
  if (status === 401 || status === 403) return 'auth';
  if (status === 429) return 'quota';
  if (status === 409) return 'conflict';
  if (status === 408 || status === 423 || status === 425 || status >= 500) return 'transient';
  return 'rejected';
}

/** The message about one op, as Standard Webhooks shapes it. */
export function messageOf(stream: string, op: Op, at: Date): string {
  const { key: _, ...data } = op;
  return JSON.stringify({
    type: `${stream}.${op.op}`,
    timestamp: at.toISOString(),
    data: { stream, ...data },
  });
}

async function answeredId(response: Response): Promise<string | undefined> {
  const text = await response.text();
  if (!/^\s*\{/.test(text)) return undefined;
  try {
    const { id } = JSON.parse(text) as { id?: unknown };
    return typeof id === 'string' || Number.isSafeInteger(id) ? String(id) : undefined;
  } catch {
    // Receivers owe us no JSON: without an id of theirs the op's key serves as one.
    return undefined;
  }
}

async function sendOne(ctx: Context<WebhookConfig>, post: Post, stream: string, op: Op): Promise<Outcome> {
  const { config } = ctx;
  const at = ctx.now();
  const body = messageOf(stream, op, at);
  try {
    const response = await post(config.url!, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...signedHeaders(config, op.key, at, body) },
      body,
      signal: ctx.signal,
    });
    if (response.ok) {
      const id = op.op === 'create' ? ((await answeredId(response)) ?? op.key) : op.id;
      return { key: op.key, status: 'ok', id };
    }
    const wait = retryAfterMs(response, at);
    const message = `the receiver answered ${response.status}${wait === undefined ? '' : `, wait ${wait / 1000} s`}`;
    return { key: op.key, status: 'failed', kind: kindOf(response.status), message };
  } catch (error) {
    if (!(error instanceof ConnectorError)) throw error;
    if (error.maybeApplied) return { key: op.key, status: 'unknown' };
    return { key: op.key, status: 'failed', kind: error.kind, message: error.message };
  }
}

/**
 * One signed POST per op, with the op's key as webhook-id: whatever batch an op is sent in again, the receiver
 * can tell that it has seen it. A 5xx is 'transient', for the same reason.
 */
export async function send(
  ctx: Context<WebhookConfig>,
  stream: string,
  ops: Op[],
  lookup: Lookup | undefined,
): Promise<Outcome[]> {
  if (ctx.config.url === undefined)
    throw new ConnectorError('rejected', 'this webhook only receives', {
      hint: 'Add `url` to its connection in hub.yaml to send to it.',
    });
  const post: Post = ctx.config.allowPrivate
    ? (address, init) => ctx.fetch(address, { ...init, redirect: 'manual' })
    : publicOnly(ctx.fetch, lookup === undefined ? {} : { lookup });
  return await Promise.all(ops.map((op) => sendOne(ctx, post, stream, op)));
}
