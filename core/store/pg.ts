import pg from 'pg';
import { DatabaseLost, type Db, ended, nestable, type Row, StoreError } from './db.ts';
import { nameOf, TYPES } from './wire.ts';

export interface PgOptions {
  /** Connections of the pool. Default 6. */
  max?: number;
  /**
   * Each statement is parsed and planned once for a connection, which is most of the time of a short one. Default true; false for poolers that hand a
   * client's transactions to different connections and do not know prepared statements.
   */
  prepare?: boolean;
  /** Milliseconds for which an idle connection is trusted; after that it is asked whether it is still there. Default 30,000. */
  trusted?: number;
}

/** Milliseconds in which a connection that has rested has to answer. */
const ANSWERS_WITHIN = 5_000;

/** Milliseconds after which an idle connection is closed. */
const IDLE = 600_000;

/** A PostgreSQL server. Nothing connects until the first query. */
export function openPg(connectionString: string, options: PgOptions = {}): Db {
  const prepare = options.prepare ?? true;
  const statement = (text: string, params: readonly unknown[]) => ({
    text,
    values: [...params],
    ...(prepare && params.length > 0 ? { name: nameOf(text) } : {}),
  });
  const pool = new pg.Pool({
    connectionString,
    max: options.max ?? 6,
    types: TYPES,
    connectionTimeoutMillis: 10_000,
    // A connection is worth keeping: it has planned its statements, and mapped the pages of the server that it has met. A new one takes tens of
    // milliseconds for its first page of a large store.
    idleTimeoutMillis: IDLE,
    // Firewalls forget the silent ones.
    keepAlive: true,
    keepAliveInitialDelayMillis: 60_000,
    application_name: 'nayose',
    // Statements that do not wait for each other share a round trip.
    pipeline: true,
  });
  // A connection that dies while idle is replaced by the pool; the query that needs one reports a real fault.
  pool.on('error', () => undefined);
  // One that dies in somebody's hands fails the statement in hand; unheard, its error would end the process as well.
  pool.on('connect', (client) => client.on('error', () => undefined));
  const rested = new WeakMap<pg.PoolClient, number>();
  /** A connection that is there. One that has rested may be cut off, by a server that fell or a firewall, without anybody having heard. */
  const take = async (): Promise<pg.PoolClient> => {
    for (;;) {
      const client = await pool.connect().catch((error) => {
        throw explain(error);
      });
      const since = rested.get(client);
      const fresh = since === undefined || performance.now() - since < (options.trusted ?? 30_000);
      if (fresh || (await answers(client))) return client;
      client.release(true);
    }
  };
  const give = (client: pg.PoolClient, broken?: Error) => {
    rested.set(client, performance.now());
    client.release(broken);
  };
  const query = async <R extends Row>(text: string, params: readonly unknown[] = []) => {
    const client = await take();
    let broken: Error | undefined;
    try {
      return (await client.query<R>(statement(text, params))).rows;
    } catch (error) {
      const explained = explain(error);
      broken = spoiled(explained);
      throw explained;
    } finally {
      give(client, broken);
    }
  };
  return {
    driver: 'pg',
    query,
    async script(text) {
      const client = await take();
      let broken: Error | undefined;
      try {
        // The simple protocol takes several statements, and answers with a list of results.
        const results = (await client.query(text)) as unknown as pg.QueryResult | pg.QueryResult[];
        return [results].flat().flatMap(({ rows }) => rows as Row[]);
      } catch (error) {
        await client.query('rollback').catch((lost: Error) => {
          broken = lost;
        });
        const explained = explain(error);
        broken ??= spoiled(explained);
        throw explained;
      } finally {
        give(client, broken);
      }
    },
    async transaction(work) {
      const client = await take();
      let over = false;
      const inner = async <R extends Row>(text: string, params: readonly unknown[] = []) => {
        if (over) throw ended();
        return (await client.query<R>(statement(text, params))).rows;
      };
      let broken: Error | undefined;
      try {
        // Not waited for: what follows is sent behind it, and fails with it.
        const begun = client.query('begin');
        begun.catch(() => undefined);
        const result = await work(nestable('pg', inner));
        await begun;
        over = true;
        await client.query('commit');
        return result;
      } catch (error) {
        over = true;
        await client.query('rollback').catch((lost: Error) => {
          broken = lost;
        });
        const explained = explain(error);
        broken ??= spoiled(explained);
        throw explained;
      } finally {
        give(client, broken);
      }
    },
    close: () => pool.end(),
  };
}

function answers(client: pg.PoolClient): Promise<boolean> {
  return new Promise((done) => {
    const timer = setTimeout(() => done(false), ANSWERS_WITHIN);
    client
      .query('select 1')
      .then(
        () => done(true),
        () => done(false),
      )
      .finally(() => clearTimeout(timer));
  });
}

/** After such an error the connection is of no more use: it is gone, or its plans are for tables that have changed since. */
function spoiled(error: unknown): Error | undefined {
  if (error instanceof DatabaseLost) return error;
  return error instanceof Error && /cached plan must not change result type/.test(error.message)
    ? error
    : undefined;
}

const UNREACHED = ['ECONNREFUSED', 'ENOTFOUND', 'ETIMEDOUT', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH'];

/**
 * Ended by the server (57P01 to 57P03: it stops, has crashed, or is starting; 57P05: it does not keep idle connections), class 08, cut connections, and statements that reach
 * a server which has become a standby meanwhile (25006).
 */
const BROKEN = /^(57P0[1-35]|08\w{3}|25006|ECONNRESET|EPIPE)$/;

/** Only what the user can mend is reworded; everything else passes as it is. */
function explain(error: unknown): unknown {
  const code = (error as { code?: string }).code ?? '';
  const text = (error as Error).message;
  if (
    UNREACHED.includes(code) ||
    /^timeout exceeded when trying to connect|^Connection terminated due to connection timeout/.test(text)
  )
    return new DatabaseLost(
      `the database does not answer (${text || code})`,
      'Is DATABASE_URL right, and the server running?',
      error,
    );
  if (BROKEN.test(code) || /^Connection terminated|^Client (?:has encountered|was closed)/.test(text))
    return new DatabaseLost(
      `the connection to the database broke (${text || code})`,
      'What was committed is kept. Run the command again once the database is back.',
      error,
    );
  if (code === '40P01')
    return new DatabaseLost(
      `two transactions waited for each other, and the database ended this one (${text})`,
      'It was undone as a whole: run the command again.',
      error,
    );
  if (code === '28P01' || code === '28000')
    return new StoreError(
      `the database refuses the login (${text})`,
      'Check user and password in DATABASE_URL.',
      error,
    );
  if (code === '3D000')
    return new StoreError(text, 'Create the database first (createdb), or correct DATABASE_URL.', error);
  if (code === '53100')
    return new StoreError(
      `the database server's disk is full (${text})`,
      'Free some space and run the command again: nothing was half done.',
      error,
    );
  return error;
}
