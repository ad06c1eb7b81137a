/** A secret cannot be sealed or opened. `hint` says what to do. Nothing secret is in either. */
export class SecretError extends Error {
  readonly hint: string;
  constructor(message: string, hint: string) {
    super(message);
    this.name = 'SecretError';
    this.hint = hint;
  }
}

/** Something is to be sealed, and no key was given. */
export const noKey = () =>
  new SecretError(
    'nothing can be sealed without NAYOSE_KEY',
    'Make one with "openssl rand -base64 32", keep a copy of it, and set it wherever this hub runs.',
  );

export interface SealingKey {
  /** Tells keys apart, and says nothing about them: 16 hex digits. */
  id: string;
  key: CryptoKey;
}

const HOW = 'Make one with: openssl rand -base64 32';
const LEAST_BYTES = 32;
/** 32 random bytes have about 30 different ones. Fewer than this many is a phrase or a pattern. */
const LEAST_DIFFERENT = 16;

/** The bytes of a key as NAYOSE_KEY gives it: base64 (also base64url) or hex. Throws SecretError. */
export function keyBytes(text: string, variable: string): Uint8Array<ArrayBuffer> {
  const clean = text.trim();
  const bytes = /^(?:[0-9a-f]{2})+$/i.test(clean)
    ? Uint8Array.from(clean.match(/../g)!, (pair) => Number.parseInt(pair, 16))
    : fromBase64(clean.replaceAll('-', '+').replaceAll('_', '/'));
  if (bytes === undefined) throw new SecretError(`${variable} is neither base64 nor hex`, HOW);
  if (bytes.length < LEAST_BYTES)
    throw new SecretError(
      `${variable} holds ${bytes.length} bytes, and ${LEAST_BYTES} random ones are needed`,
      HOW,
    );
  if (new Set(bytes).size < LEAST_DIFFERENT)
    throw new SecretError(`${variable} does not look random: it could be guessed`, HOW);
  return bytes;
}

const encoder = new TextEncoder();

/** The AES key and its id, each derived by HKDF-SHA256 for its own purpose. Throws SecretError for an unusable text. */
export async function sealingKey(text: string, variable = 'NAYOSE_KEY'): Promise<SealingKey> {
  const { subtle } = crypto;
  const master = await subtle.importKey('raw', keyBytes(text, variable), 'HKDF', false, [
    'deriveKey',
    'deriveBits',
  ]);
  const purpose = (info: string) => ({
    name: 'HKDF',
    hash: 'SHA-256',
    salt: encoder.encode('nayose'),
    info: encoder.encode(info),
  });
  const key = await subtle.deriveKey(
    purpose('secrets at rest'),
    master,
    { name: 'AES-GCM', length: 256 },
    false,
    ['encrypt', 'decrypt'],
  );
  const id = new Uint8Array(await subtle.deriveBits(purpose('key id'), master, 64));
  return { id: Array.from(id, (byte) => byte.toString(16).padStart(2, '0')).join(''), key };
}

export function fromBase64(text: string): Uint8Array<ArrayBuffer> | undefined {
  const bare = text.replace(/=+$/, '');
  if (bare === '' || !/^[A-Za-z0-9+/]+$/.test(bare) || bare.length % 4 === 1) return undefined;
  return Uint8Array.from(atob(bare), (char) => char.charCodeAt(0));
}

export const toBase64 = (bytes: Uint8Array): string =>
  btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
