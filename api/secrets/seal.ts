import type { SealedSecret } from '../../core/store/secrets.ts';
import { fromBase64, type SealingKey, SecretError, toBase64 } from './key.ts';

const NONCE_BYTES = 12;
const encoder = new TextEncoder();

/** AES-256-GCM under a fresh random nonce. The name is bound in: a row moved to another name does not open. */
export async function seal({ id, key }: SealingKey, name: string, value: string): Promise<SealedSecret> {
  const nonce = crypto.getRandomValues(new Uint8Array(NONCE_BYTES));
  const sealed = await crypto.subtle.encrypt(
    { name: 'AES-GCM', iv: nonce, additionalData: encoder.encode(name) },
    key,
    encoder.encode(value),
  );
  return { name, keyId: id, nonce: toBase64(nonce), sealed: toBase64(new Uint8Array(sealed)) };
}

/** The value again. Throws SecretError: sealed by another key, changed since, or moved from another name. */
export async function open(keys: readonly SealingKey[], secret: SealedSecret): Promise<string> {
  const { name, keyId } = secret;
  const known = keys.find(({ id }) => id === keyId);
  if (!known)
    throw new SecretError(
      `the secret "${name}" was sealed with the key ${keyId}, which is not at hand`,
      keys.length === 0
        ? 'Set NAYOSE_KEY to that key.'
        : `NAYOSE_KEY is the key ${keys[0]!.id}. Give the other one as NAYOSE_KEY_OLD, or as NAYOSE_KEY.`,
    );
  const [iv, data] = [fromBase64(secret.nonce), fromBase64(secret.sealed)];
  try {
    if (!iv || !data) throw new TypeError('not base64');
    const plain = await crypto.subtle.decrypt(
      { name: 'AES-GCM', iv, additionalData: encoder.encode(name) },
      known.key,
      data,
    );
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(plain);
  } catch {
    // Web Crypto says only "operation failed": whichever byte is wrong, this is what it means.
    throw new SecretError(
      `the secret "${name}" is not what was sealed: its row was changed, or belongs to another name`,
      'Restore the table "secret" from a backup, or give the secret again: nayose apply --seal',
    );
  }
}
