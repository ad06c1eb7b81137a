import type { Vault as ConnectionVault, Log } from '../../connectors/contract.ts';
import type { Db } from '../../core/store/db.ts';
import { secretNames } from '../../core/store/secrets.ts';
import type { Vault } from './vault.ts';

/** What each connection keeps: under names with a slash, which no `${secret:NAME}` of a config can reach. */
const nameOf = (connection: string, name: string) => `${connection}/${name}`;

/**
 * Gives each connection its own part of the vault. The embedded database has one connection, which a plan's long transaction
 * holds while its tools are called: there, secrets are read beforehand, and written as soon as it is free.
 */
export function connectionVaults(
  db: Db,
  vault: Vault,
  log: Log,
): ((connection: string) => ConnectionVault) | undefined {
  if (!vault.seals) return undefined;
  const own = db.driver === 'pglite' ? remembered(db, vault, log) : vault;
  return (connection) => ({
    get: (name) => own.get(nameOf(connection, name)),
    put: (name, value) => own.put({ [nameOf(connection, name)]: value }),
  });
}

interface Memory extends Pick<Vault, 'get' | 'put'> {
  written: Promise<void>;
}

/** One for each database of this process: what one hub keeps, the others see at once. */
const memories = new WeakMap<Db, Memory>();

/** Resolves when everything that connections keep is in the database: called before it is closed. */
export async function vaultsWritten(db: Db): Promise<void> {
  await memories.get(db)?.written;
}

function remembered(db: Db, vault: Vault, log: Log): Memory {
  const known = memories.get(db) ?? besides(db, vault, log);
  memories.set(db, known);
  return known;
}

function besides(db: Db, vault: Vault, log: Log): Memory {
  const loaded = (async () => new Map(Object.entries(await vault.all(await secretNames(db, '/')))))();
  // Whoever asks for a secret is told why there is none; until then nobody has to know.
  loaded.catch(() => undefined);
  const write = async (secrets: Record<string, string>) => {
    try {
      await vault.put(secrets);
    } catch (error) {
      log.warn('a secret could not be kept beyond this process', {
        names: Object.keys(secrets),
        error: (error as Error).message,
      });
    }
  };
  const memory: Memory = {
    written: Promise.resolve(),
    get: async (name) => (await loaded).get(name),
    async put(secrets) {
      const kept = await loaded;
      for (const [name, value] of Object.entries(secrets)) kept.set(name, value);
      memory.written = memory.written.then(() => write(secrets));
    },
  };
  return memory;
}
