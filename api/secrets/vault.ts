import type { Db } from '../../core/store/db.ts';
import { keysInUse, saveSecrets, secretsByName } from '../../core/store/secrets.ts';
import { noKey, type SealingKey, SecretError, sealingKey } from './key.ts';
import { open, seal } from './seal.ts';

type Env = Record<string, string | undefined>;

/** The keys of this process: the first seals, all of them open. Empty without NAYOSE_KEY. */
export type Keyring = readonly SealingKey[];

/** Reads NAYOSE_KEY, and NAYOSE_KEY_OLD beside it while keys are being rotated. Throws SecretError when one is unusable. */
export async function keyringOf(env: Env): Promise<Keyring> {
  const { NAYOSE_KEY: key, NAYOSE_KEY_OLD: old } = env;
  if (!key && old)
    throw new SecretError(
      'NAYOSE_KEY_OLD is set without NAYOSE_KEY',
      'Set NAYOSE_KEY to the new key; while nothing is to be rotated, the old one is NAYOSE_KEY.',
    );
  return [
    ...(key ? [await sealingKey(key, 'NAYOSE_KEY')] : []),
    ...(old ? [await sealingKey(old, 'NAYOSE_KEY_OLD')] : []),
  ];
}

/** Secrets that lie sealed in the hub's database. Every method may throw SecretError, or what the database throws. */
export interface Vault {
  /** Can anything be put in? Only with NAYOSE_KEY. */
  seals: boolean;
  get(name: string): Promise<string | undefined>;
  /** Those that exist of the names given. */
  all(names: readonly string[]): Promise<Record<string, string>>;
  put(secrets: Record<string, string>): Promise<void>;
}

/** `db` may be a transaction: what is put is then sealed in it. */
export function createVault(db: Db, keys: Keyring, now: () => Date): Vault {
  const all = async (names: readonly string[]) => {
    if (names.length === 0) return {};
    const rows = await secretsByName(db, names);
    const opened = await Promise.all(rows.map(async (row) => [row.name, await open(keys, row)] as const));
    return Object.fromEntries(opened);
  };
  return {
    seals: keys.length > 0,
    all,
    get: async (name) => (await all([name]))[name],
    async put(secrets) {
      const [key] = keys;
      const entries = Object.entries(secrets);
      if (entries.length === 0) return;
      if (!key) throw noKey();
      await saveSecrets(db, await Promise.all(entries.map(([name, value]) => seal(key, name, value))), now());
    },
  };
}

/** Keys that sealed something and are not at hand, for a warning at start. */
export async function missingKeys(db: Db, keys: Keyring): Promise<{ keyId: string; secrets: number }[]> {
  return (await keysInUse(db)).filter(({ keyId }) => !keys.some(({ id }) => id === keyId));
}
