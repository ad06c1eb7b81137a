import type { Log } from '../../connectors/contract.ts';
import {
  type Account,
  accountOf,
  accountsKnown,
  keepAccount,
  replaceAccount,
} from '../../core/store/accounts.ts';
import type { Db } from '../../core/store/db.ts';

/** What the hub knows of the account behind one connection. */
export interface Accounts {
  known(): Promise<Account | undefined>;
  /** Keeps it if there was none. Returns the one that counts. */
  keep(id: string, by: string): Promise<string>;
  /** It takes the place of the one before: all streams of the connection are read from their beginning. */
  replace(id: string, by: string): Promise<void>;
  /** So long an account is believed to be what it was while the configuration is the same; 0: each process asks. */
  believedMs: number;
  /** Resolves when all of it is in the database. */
  settled(): Promise<void>;
}

export interface AccountsOptions {
  db: Db;
  connection: string;
  /** What reads the connection. */
  mappings: readonly string[];
  believedMs?: number | undefined;
  now(): Date;
  log: Log;
}

/** For several processes on one database. */
export function sharedAccounts(options: AccountsOptions): Accounts {
  const { db, connection, mappings, now, log } = options;
  return {
    believedMs: options.believedMs ?? 0,
    known: () => accountOf(db, connection),
    keep: (id, by) => keepAccount(db, connection, id, by, now().toISOString()),
    async replace(id, by) {
      const at = now().toISOString();
      if (await db.transaction((tx) => replaceAccount(tx, connection, id, by, at, mappings)))
        log.warn('a connection was given another account, as its config says: all of it is read anew', {
          connection,
          account: id,
        });
    },
    settled: async () => undefined,
  };
}

/**
 * For the one process of an embedded database: a plan occupies the database while it calls tools. What is known is read at once, and
 * written down when the database is free.
 */
export function localAccounts(options: AccountsOptions): Accounts {
  const shared = sharedAccounts(options);
  const load = () => {
    const loading = shared.known();
    // Whoever asks first is told when it fails.
    loading.catch(() => {
      if (known === loading) known = undefined;
    });
    return loading;
  };
  let known: Promise<Account | undefined> | undefined = load();
  let writing: Promise<unknown> = Promise.resolve();
  const write = (id: string, by: string, work: () => Promise<unknown>) => {
    known = Promise.resolve({ id, confirmedBy: by, confirmedAt: options.now().toISOString() });
    writing = Promise.all([
      writing,
      work().catch((error: Error) => {
        known = undefined;
        options.log.warn('the account of a connection was not noted; it is asked for again', {
          connection: options.connection,
          error: error.message,
        });
      }),
    ]);
  };
  return {
    ...shared,
    known() {
      known ??= load();
      return known;
    },
    async keep(id, by) {
      write(id, by, () => shared.keep(id, by));
      return id;
    },
    async replace(id, by) {
      write(id, by, () => shared.replace(id, by));
    },
    async settled() {
      await writing;
    },
  };
}

/** For those who only look: what is known is held to, and nothing is written. */
export async function heldAccounts(db: Db): Promise<(connection: string) => Accounts> {
  const all = await accountsKnown(db);
  return (connection) => heldTo(all.get(connection));
}

/** The same before anything is known: only what the config says is held to. */
export const noneKnown = (_connection: string): Accounts => heldTo(undefined);

function heldTo(known: Account | undefined): Accounts {
  return {
    believedMs: 0,
    known: async () => known,
    keep: async (id) => known?.id ?? id,
    replace: async () => undefined,
    settled: async () => undefined,
  };
}
