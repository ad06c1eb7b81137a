/**
 * What Salesforce sends by itself. Outbound messages: see outbound.ts; nobody signs them, so they need the secret part
 * of the address. And a Flow's (or Apex trigger's) HTTP callout: `{ "object": "Contact", "ids": ["003…"] }`, with two headers:
 *   x-nayose-timestamp   seconds since 1970
 *   x-nayose-signature   hex HMAC-SHA256, by `hookSecret`, of `timestamp.body`
 * (without `hookSecret` the secret part of the address serves here too). All are hints to look, never data: replaying
 * one only costs a look.
 */
import { z } from 'zod';
import type { Acknowledgement, Change, Context, Inbound } from '../contract.ts';
import { ConnectorError } from '../contract.ts';
import { addressedWith } from '../hookkey.ts';
import type { SalesforceConfig } from './config.ts';
import { isId, to18 } from './ids.ts';
import { acknowledgeOutbound, isOutbound, parseOutbound } from './outbound.ts';

const TOLERANCE_SECONDS = 300;
const Body = z.object({
  object: z.string().regex(/^[A-Za-z]\w*$/),
  ids: z.array(z.string().refine(isId, 'not a Salesforce id')).max(2000),
});

const encoder = new TextEncoder();

function hmacKey(secret: string): Promise<CryptoKey> {
  const algorithm = { name: 'HMAC', hash: 'SHA-256' };
  return crypto.subtle.importKey('raw', encoder.encode(secret), algorithm, false, ['sign', 'verify']);
}

function signedBytes(timestamp: string, body: Uint8Array): Uint8Array<ArrayBuffer> {
  const head = encoder.encode(`${timestamp}.`);
  const bytes = new Uint8Array(head.length + body.length);
  bytes.set(head);
  bytes.set(body, head.length);
  return bytes;
}

/** The headers a sender puts on its callout. */
export async function signHook(secret: string, body: string, at: Date): Promise<Record<string, string>> {
  const timestamp = String(Math.floor(at.getTime() / 1000));
  const bytes = signedBytes(timestamp, encoder.encode(body));
  const signature = new Uint8Array(await crypto.subtle.sign('HMAC', await hmacKey(secret), bytes));
  const hex = [...signature].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  return { 'content-type': 'application/json', 'x-nayose-timestamp': timestamp, 'x-nayose-signature': hex };
}

export async function verifyHook(request: Inbound, ctx: Context<SalesforceConfig>): Promise<boolean> {
  const { hookSecret, hookKey } = ctx.config;
  if (isOutbound(request) || hookSecret === undefined)
    return hookKey !== undefined && (await addressedWith(request, hookKey));
  const headers = new Headers(request.headers);
  const timestamp = headers.get('x-nayose-timestamp') ?? '';
  const signature = /^(?:sha256=)?([0-9a-f]{64})$/i.exec(headers.get('x-nayose-signature') ?? '')?.[1];
  if (signature === undefined || !/^\d+$/.test(timestamp)) return false;
  if (Math.abs(ctx.now().getTime() / 1000 - Number(timestamp)) > TOLERANCE_SECONDS) return false;
  const bytes = Uint8Array.from(signature.match(/../g)!, (pair) => Number.parseInt(pair, 16));
  // subtle.verify compares in constant time.
  return crypto.subtle.verify('HMAC', await hmacKey(hookSecret), bytes, signedBytes(timestamp, request.body));
}

export function parseHook(request: Inbound, ctx: Context<SalesforceConfig>): Change[] {
  if (isOutbound(request)) return parseOutbound(request, ctx);
  const at = ctx.now().toISOString();
  let body: z.infer<typeof Body>;
  try {
    body = Body.parse(JSON.parse(new TextDecoder().decode(request.body)));
  } catch (cause) {
    throw new ConnectorError('rejected', 'the hook’s body is not { "object": "Contact", "ids": ["003…"] }', {
      hint: 'Send the object’s API name and a list of record ids as JSON.',
      cause,
    });
  }
  return body.ids.map((id) => ({ stream: body.object, id: to18(id), at, op: 'touch' }));
}

export const acknowledgeHook = (request: Inbound): Acknowledgement | undefined =>
  isOutbound(request) ? acknowledgeOutbound() : undefined;
