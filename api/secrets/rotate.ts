import type { Db } from '../../core/store/db.ts';
import { holdSecrets, saveSecrets } from '../../core/store/secrets.ts';
import { SecretError } from './key.ts';
import { open, seal } from './seal.ts';
import type { Keyring } from './vault.ts';

export interface Rotated {
  /** The key that seals everything now. */
  key: string;
  resealed: number;
  /** Were sealed with it before. */
  already: number;
}

/**
 * Seals every secret anew with the first key, in one transaction: whenever it breaks off, all are as they were. Throws
 * SecretError, and changes nothing, when one of them cannot be opened.
 */
export async function rotateKeys(db: Db, keys: Keyring, now: Date): Promise<Rotated> {
  const [key, old] = keys;
  if (!key || !old)
    throw new SecretError(
      `${key ? 'NAYOSE_KEY_OLD' : 'NAYOSE_KEY'} is not set`,
      'To rotate, set NAYOSE_KEY to the new key and NAYOSE_KEY_OLD to the one used so far.',
    );
  return db.transaction(async (tx) => {
    const secrets = await holdSecrets(tx);
    const others = secrets.filter(({ keyId }) => keyId !== key.id);
    const resealed = await Promise.all(
      others.map(async (secret) => seal(key, secret.name, await open(keys, secret))),
    );
    if (resealed.length > 0) await saveSecrets(tx, resealed, now);
    return { key: key.id, resealed: resealed.length, already: secrets.length - resealed.length };
  });
}
