import { ConnectorError } from '../contract.ts';

const LIFETIME_SECONDS = 180;

/** The assertion of the JWT bearer flow (RFC 7523), signed RS256 with Web Crypto: the same on Node and Workers. */
export async function jwtAssertion(
  auth: { clientId: string; privateKey: string; username: string },
  loginUrl: string,
  now: Date,
): Promise<string> {
  const algorithm = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' };
  let key: CryptoKey;
  try {
    const der = Uint8Array.from(atob(auth.privateKey.replace(/-----[^-]+-----|\s/g, '')), (char) =>
      char.charCodeAt(0),
    );
    key = await crypto.subtle.importKey('pkcs8', der, algorithm, false, ['sign']);
  } catch (cause) {
    throw new ConnectorError('auth', 'auth.privateKey is not an RSA key in PKCS#8 PEM', {
      hint: 'Convert it: openssl pkcs8 -topk8 -nocrypt -in key.pem',
      cause,
    });
  }
  const claims = {
    iss: auth.clientId,
    sub: auth.username,
    aud: new URL(loginUrl).origin,
    exp: Math.floor(now.getTime() / 1000) + LIFETIME_SECONDS,
  };
  const body = `${encode(JSON.stringify({ alg: 'RS256' }))}.${encode(JSON.stringify(claims))}`;
  const signature = await crypto.subtle.sign(algorithm, key, new TextEncoder().encode(body));
  return `${body}.${base64url(new Uint8Array(signature))}`;
}

const encode = (text: string) => base64url(new TextEncoder().encode(text));

function base64url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');
}
