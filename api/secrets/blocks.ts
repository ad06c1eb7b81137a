import type { Db } from '../../core/store/db.ts';
import { dropPlainKey, keepPlainKey, plainKey } from '../../core/store/erasures.ts';
import type { Blocks } from '../../core/sync/ports.ts';
import { fromBase64, SecretError, toBase64 } from './key.ts';
import { createVault, type Keyring } from './vault.ts';

/** No connection is called nothing, so no connection's secrets meet it. */
const NAME = '/erasure-key';
const KEY_BYTES = 32;
const encoder = new TextEncoder();

/**
 * Keyed hashes (HMAC-SHA256) for the block against re-import. The key is random, and of the database. With NAYOSE_KEY it lies sealed
 * there, and is sealed anew when keys are rotated, so that no block is ever lost; without, it lies in the open, and whoever reads
 * the whole database could try addresses against the hashes. One that lies in the open is sealed by the next
 * erasure that has a key.
 */
export function createBlocks(keys: Keyring, now: () => Date): Blocks {
  let known: Promise<CryptoKey> | undefined;
  const load = async (db: Db): Promise<CryptoKey> => {
    const text = (await createVault(db, keys, now).get(NAME)) ?? (await plainKey(db));
    const bytes = text === undefined ? undefined : fromBase64(text);
    if (!bytes)
      throw new SecretError(
        'the key of the block against re-import is not in the database any more',
        'Restore the tables "secret" and "erasure_key" from a backup: without it nobody who was erased is recognised.',
      );
    return crypto.subtle.importKey('raw', bytes, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign']);
  };
  return {
    async ready(db) {
      await db.transaction(async (tx) => {
        const vault = createVault(tx, keys, now);
        if ((await vault.get(NAME)) !== undefined) return;
        const fresh = toBase64(crypto.getRandomValues(new Uint8Array(KEY_BYTES)));
        // Of two that make one at once, the second takes the first one's.
        const kept = await keepPlainKey(tx, fresh);
        if (!vault.seals || (await vault.get(NAME)) !== undefined) return;
        await vault.put({ [NAME]: kept });
        await dropPlainKey(tx);
      });
    },
    async hash(db, texts) {
      known ??= load(db);
      let key: CryptoKey;
      try {
        key = await known;
      } catch (error) {
        known = undefined;
        throw error;
      }
      return Promise.all(
        texts.map(async (text) =>
          toBase64(new Uint8Array(await crypto.subtle.sign('HMAC', key, encoder.encode(text)))),
        ),
      );
    },
  };
}
