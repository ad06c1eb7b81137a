import { ResponseContext } from '@hubspot/api-client/lib/codegen/crm/objects/index.js';
import type { Context } from '../contract.ts';

/** What the client's request contexts (one class per API module) have in common. */
export interface OutgoingRequest {
  getUrl(): string;
  getHttpMethod(): string;
  getHeaders(): Record<string, string>;
  getBody(): unknown;
}

const clocks = new WeakMap<object, number>();

/** HubSpot's own clock at its last answer, in milliseconds, and never ahead of ours: what a watermark may be set to. */
export function toolClock(ctx: Context<object>): number {
  return Math.min(ctx.now().getTime(), clocks.get(ctx.config) ?? Number.POSITIVE_INFINITY);
}

/**
 * Sends one of the client's requests through the hub's fetch, which keeps deadline, budget and safe retry. The
 * client's own transport, limiter and retries are never used.
 */
export async function exchange(
  ctx: Context<object>,
  request: OutgoingRequest,
  headers: Record<string, string>,
): Promise<ResponseContext> {
  const body = request.getBody();
  const response = await ctx.fetch(request.getUrl(), {
    method: request.getHttpMethod(),
    headers: { ...request.getHeaders(), ...headers },
    signal: ctx.signal,
    ...(body === undefined ? {} : { body: body instanceof URLSearchParams ? body.toString() : String(body) }),
  });
  const date = Date.parse(response.headers.get('date') ?? '');
  if (!Number.isNaN(date)) clocks.set(ctx.config, date);
  const text = await response.text();
  return new ResponseContext(response.status, Object.fromEntries(response.headers), {
    text: async () => text,
    binary: async () => Buffer.from(text),
  });
}
