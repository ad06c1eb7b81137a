import { Webhook } from 'standardwebhooks';
import type { Inbound } from '../contract.ts';
import { addressedWith } from '../hookkey.ts';
import { readTime } from '../time.ts';
import type { WebhookConfig } from './config.ts';

/** Seconds that a signed time may lie from ours: the tolerance of the Standard Webhooks specification. */
const TOLERANCE = 5 * 60;

/** Signatures of one message that are looked at. */
const MOST_SIGNATURES = 10;

const encoder = new TextEncoder();

/** Takes the same time wherever they differ. */
function sameText(a: string, b: string): boolean {
  const left = encoder.encode(a);
  const right = encoder.encode(b);
  let difference = left.length ^ right.length;
  for (let i = 0; i < left.length; i += 1) difference |= left[i]! ^ (right[i % right.length] ?? 0);
  return difference === 0;
}

/** Header names mean the same in any case. */
function header(request: Inbound, name: string): string | undefined {
  const wanted = name.toLowerCase();
  return Object.entries(request.headers).find(([key]) => key.toLowerCase() === wanted)?.[1];
}

type Keys = Pick<WebhookConfig, 'secret' | 'scheme'> & Partial<Pick<WebhookConfig, 'previousSecrets'>>;

/** One for each secret that may be checked by: the present one first. */
function signers({ secret, previousSecrets = [], scheme }: Keys): Webhook[] {
  if (secret === undefined) throw new Error('a webhook without a secret cannot sign');
  return [secret, ...previousSecrets].map(
    (text) => new Webhook(text, scheme === 'hmac' ? { format: 'raw' } : {}),
  );
}

/**
 * The headers of an outgoing message. `id` stays the same when the message is sent again; `at` does not. While secrets are
 * rotated the signatures by each stand side by side.
 */
export function signedHeaders(config: Keys, id: string, at: Date, body: string): Record<string, string> {
  return {
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
    'webhook-signature': signers(config)
      .map((signer) => signer.sign(id, at, body))
      .join(' '),
  };
}

/** Does the message carry a signature of its id, time and body by one of our secrets, from within five minutes of now? */
export function verifyStandard(config: WebhookConfig, request: Inbound, now: Date): boolean {
  const id = header(request, 'webhook-id');
  const seconds = header(request, 'webhook-timestamp');
  const signatures = header(request, 'webhook-signature');
  const body = textOf(request.body);
  if (!id || !seconds || !signatures || body === undefined || !/^\d{1,12}$/.test(seconds)) return false;
  if (Math.abs(now.getTime() / 1000 - Number(seconds)) > TOLERANCE) return false;
  const at = new Date(Number(seconds) * 1000);
  const expected = signers(config).map((signer) => signer.sign(id, at, body));
  // Several signatures stand side by side while the sender rotates its secret; all are compared.
  const given = signatures.split(' ').slice(0, MOST_SIGNATURES);
  return given.filter((one) => expected.filter((right) => sameText(one, right)).length > 0).length > 0;
}

/**
 * Is the configured header the HMAC-SHA256, by one of our secrets, of the text that the sender signs? Without
 * `timestampHeader` it covers no time, and a replay passes.
 */
export async function verifyHmac(config: WebhookConfig, request: Inbound, now: Date): Promise<boolean> {
  const given = header(request, config.header);
  if (config.secret === undefined || given === undefined || !given.startsWith(config.prefix)) return false;
  const signature = given.slice(config.prefix.length);
  const timestamp = config.timestampHeader === undefined ? '' : header(request, config.timestampHeader);
  if (timestamp === undefined || (config.timestampHeader !== undefined && !isRecent(timestamp, now)))
    return false;
  const template = config.signed ?? (config.timestampHeader === undefined ? '{body}' : '{timestamp}.{body}');
  const signed = signedBytes(template, timestamp, request.body);
  let right = 0;
  for (const secret of [config.secret, ...config.previousSecrets]) {
    const text = encoded(await hmac(secret, signed), config.encoding);
    if (sameText(config.encoding === 'hex' ? signature.toLowerCase() : signature, text)) right += 1;
  }
  return right > 0;
}

/**
 * The sender's own id of the message, or else the signature, where that covers a time: the same words said twice may be
 * two events, but not with the same time.
 */
export function messageId(config: WebhookConfig, request: Inbound): string | undefined {
  const own = header(request, 'webhook-id');
  if (own || config.scheme === 'standard' || config.timestampHeader === undefined) return own || undefined;
  return header(request, config.header);
}

/** Seconds or milliseconds since 1970, or an ISO time. */
function isRecent(timestamp: string, now: Date): boolean {
  const at = /^\d{9,11}$/.test(timestamp)
    ? Number(timestamp) * 1000
    : /^\d{12,14}$/.test(timestamp)
      ? Number(timestamp)
      : (readTime(timestamp)?.getTime() ?? Number.NaN);
  return Math.abs(now.getTime() - at) <= TOLERANCE * 1000;
}

function signedBytes(template: string, timestamp: string, body: Uint8Array): Uint8Array<ArrayBuffer> {
  const [before = '', after = ''] = template.split('{body}');
  const around = (text: string) => encoder.encode(text.replaceAll('{timestamp}', () => timestamp));
  return new Uint8Array([...around(before), ...body, ...around(after)]);
}

async function hmac(secret: string, bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  const algorithm = { name: 'HMAC', hash: 'SHA-256' };
  const key = await crypto.subtle.importKey('raw', encoder.encode(secret), algorithm, false, ['sign']);
  return new Uint8Array(await crypto.subtle.sign('HMAC', key, bytes));
}

const encoded = (digest: Uint8Array, encoding: WebhookConfig['encoding']) =>
  encoding === 'base64'
    ? btoa(String.fromCharCode(...digest))
    : Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');

/** Is the last part of the address the connection's hookKey? */
export async function verifyKey(config: WebhookConfig, request: Inbound): Promise<boolean> {
  return config.hookKey !== undefined && (await addressedWith(request, config.hookKey));
}

/** The body as text; undefined when it is not UTF-8 (a signature over repaired text would cover other bytes). */
export function textOf(body: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(body);
  } catch {
    return undefined;
  }
}
