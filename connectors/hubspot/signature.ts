import type { Inbound } from '../contract.ts';

const OLDEST_MS = 5 * 60_000;

/** What HubSpot decodes in the address before it signs. */
const DECODED: Record<string, string> = {
  '%3A': ':',
  '%2F': '/',
  '%3F': '?',
  '%40': '@',
  '%21': '!',
  '%24': '$',
  '%27': "'",
  '%28': '(',
  '%29': ')',
  '%2A': '*',
  '%2C': ',',
  '%3B': ';',
};

/**
 * HubSpot's signature v3: HMAC-SHA256 with the app's client secret over method, address, body and timestamp, in
 * base64. Refused when more than five minutes from now. The comparison is Web Crypto's, in constant time.
 */
export async function signedByHubspot(request: Inbound, secret: string, now: Date): Promise<boolean> {
  const headers = new Map(
    Object.entries(request.headers).map(([name, value]) => [name.toLowerCase(), value]),
  );
  const timestamp = headers.get('x-hubspot-request-timestamp') ?? '';
  const signature = fromBase64(headers.get('x-hubspot-signature-v3') ?? '');
  if (signature === undefined || !/^\d{1,15}$/.test(timestamp)) return false;
  if (Math.abs(now.getTime() - Number(timestamp)) > OLDEST_MS) return false;
  const encoder = new TextEncoder();
  const uri = request.url.replace(/%[0-9A-F]{2}/gi, (code) => DECODED[code.toUpperCase()] ?? code);
  const signed = new Uint8Array([
    ...encoder.encode(`${request.method.toUpperCase()}${uri}`),
    ...request.body,
    ...encoder.encode(timestamp),
  ]);
  const algorithm = { name: 'HMAC', hash: 'SHA-256' };
  const key = await crypto.subtle.importKey('raw', encoder.encode(secret), algorithm, false, ['verify']);
  return await crypto.subtle.verify('HMAC', key, signature, signed);
}

function fromBase64(text: string): Uint8Array<ArrayBuffer> | undefined {
  if (!/^[A-Za-z0-9+/]+=*$/.test(text) || text.length % 4 !== 0) return undefined;
  return Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
}
