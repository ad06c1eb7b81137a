/** The one interface over `pg` and over PGlite. SQL is the same for both; so are the types that come back. */
export type Row = Record<string, unknown>;

export interface Db {
  driver: 'pg' | 'pglite';
  /**
   * One statement. jsonb parameters are passed as JSON text (`$1::jsonb`), lists as `text[]`. Comes back as: int8
   * and numeric as number, timestamptz as ISO text in UTC, jsonb parsed.
   */
  query<R extends Row = Row>(text: string, params?: readonly unknown[]): Promise<R[]>;
  /** Commits when `work` returns, rolls back when it throws. Inside a transaction it is a savepoint. */
  transaction<T>(work: (tx: Db) => Promise<T>): Promise<T>;
  /**
   * Several statements without parameters, as other libraries' schemas come (the job queue's). The rows of all of them, in
   * order. Absent inside a transaction. A script that breaks off leaves no transaction open.
   */
  script?(text: string): Promise<Row[]>;
  /**
   * Throws StoreError when the disk under the database is nearly full. Asked between the pages of a transaction that writes much.
   * Absent where only the database itself can know, and inside a transaction.
   */
  room?(): Promise<void>;
  close(): Promise<void>;
}

/** The database could not be opened or reached; `hint` says what to do. */
export class StoreError extends Error {
  readonly hint: string;
  constructor(message: string, hint: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'StoreError';
    this.hint = hint;
  }
}

/**
 * The connection broke, the server takes none for now, or it ended a transaction of several that waited for each other. What was not committed is undone (a commit that got no answer may have
 * been carried out), and the same work may be tried again.
 */
export class DatabaseLost extends StoreError {}

/** For a statement of a transaction that is over: sent now, it would stand alone, or in somebody else's. */
export const ended = () => new Error('this transaction has ended');

/**
 * What statements that were sent together give, in the order in which they were sent. Waits for all of them, also once one has
 * failed: none may arrive when its transaction has been taken back. Throws what failed first; what the server says of the
 * statements behind it is only that it did.
 */
export async function together<T extends readonly unknown[]>(
  sent: {
    [K in keyof T]: Promise<T[K]>;
  },
): Promise<T> {
  const ends = await Promise.allSettled(sent);
  const failed = ends.find(({ status }) => status === 'rejected') as PromiseRejectedResult | undefined;
  if (failed) throw failed.reason;
  return ends.map((end) => (end as PromiseFulfilledResult<unknown>).value) as unknown as T;
}

/** A savepoint per nested transaction, one at a time: a connection cannot hold two open at once. */
export function nestable(driver: Db['driver'], query: Db['query'], depth = 1): Db {
  let last: Promise<unknown> = Promise.resolve();
  return {
    driver,
    query,
    transaction(work) {
      const name = `s${depth}`;
      const run = async () => {
        await query(`savepoint ${name}`);
        try {
          const result = await work(nestable(driver, query, depth + 1));
          await query(`release savepoint ${name}`);
          return result;
        } catch (error) {
          await query(`rollback to savepoint ${name}`);
          await query(`release savepoint ${name}`);
          throw error;
        }
      };
      const result = last.then(run, run);
      last = result.catch(() => undefined);
      return result;
    },
    close: () => Promise.reject(new Error('a transaction cannot close its database')),
  };
}
