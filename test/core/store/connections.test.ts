import { connect, createServer, type Socket } from 'node:net';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { DatabaseLost, type Db } from '../../../core/store/db.ts';
import { openPg } from '../../../core/store/pg.ts';
import { emptyPostgres } from '../../support/databases.ts';

/** Stands between the hub and its database, as a firewall or a load balancer does. */
async function betweenThem(url: string) {
  const to = new URL(url);
  const pairs = new Set<[Socket, Socket]>();
  let silent = new Set<[Socket, Socket]>();
  let made = 0;
  const server = createServer((client) => {
    made++;
    const upstream = connect(Number(to.port), to.hostname);
    const pair: [Socket, Socket] = [client, upstream];
    pairs.add(pair);
    client.on('data', (data) => silent.has(pair) || upstream.write(data));
    upstream.on('data', (data) => silent.has(pair) || client.write(data));
    for (const [one, other] of [pair, [upstream, client] as const]) {
      one.on('error', () => undefined);
      one.on('close', () => {
        pairs.delete(pair);
        if (!silent.has(pair)) other.destroy();
      });
    }
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as { port: number };
  const from = new URL(url);
  from.port = String(port);
  return {
    url: from.href,
    made: () => made,
    /** What is there now answers nothing any more, and never says so. */
    forget: () => {
      silent = new Set(pairs);
    },
    /** What is there now is cut when it is used next. */
    cutAtNextUse: () => {
      for (const [client, upstream] of pairs) {
        upstream.removeAllListeners('data');
        client.removeAllListeners('data');
        client.once('data', () => client.resetAndDestroy());
      }
    },
    close: () => {
      for (const [client, upstream] of pairs) {
        client.destroy();
        upstream.destroy();
      }
      server.close();
    },
  };
}

describe('connections that are kept', () => {
  let url: string;
  let between: Awaited<ReturnType<typeof betweenThem>>;
  let db: Db;
  beforeAll(async () => {
    url = await emptyPostgres();
  });
  const open = async (trusted: number) => {
    between = await betweenThem(url);
    db = openPg(between.url, { max: 3, trusted });
    // Three at once.
    await Promise.all([1, 2, 3].map((n) => db.query(`select pg_sleep(0.2), $1::int as n`, [n])));
    expect(between.made()).toBe(3);
  };
  afterEach(async () => {
    between.close();
    await db.close();
  });

  const ask = (n: number) => db.query<{ n: number }>(`select $1::int as n`, [n]);

  test('are used again, however long they have rested', async () => {
    await open(0);
    for (let n = 0; n < 5; n++) expect(await ask(n)).toEqual([{ n }]);
    expect(await db.transaction(async (tx) => tx.query(`select 1 as n`))).toEqual([{ n: 1 }]);
    await db.script!('select 1; select 2');
    expect(between.made()).toBe(3);
  });

  test('are replaced before anybody notices, where all of them were cut meanwhile', async () => {
    await open(0);
    between.cutAtNextUse();
    for (let n = 0; n < 5; n++) expect(await ask(n)).toEqual([{ n }]);
    expect(await db.transaction(async (tx) => tx.query(`select 1 as n`))).toEqual([{ n: 1 }]);
  });

  test('… or answer nothing any more', { timeout: 60_000 }, async () => {
    await open(0);
    between.forget();
    expect(await Promise.all([ask(1), ask(2), ask(3), ask(4)])).toEqual([1, 2, 3, 4].map((n) => [{ n }]));
  });

  test('one that breaks in the middle of its work says so, and is not used again', async () => {
    await open(30_000);
    between.cutAtNextUse();
    await expect(ask(1)).rejects.toThrow(DatabaseLost);
    await expect(db.transaction(async (tx) => tx.query(`select 1`))).rejects.toThrow(DatabaseLost);
    await expect(db.script!('select 1')).rejects.toThrow(DatabaseLost);
    expect(await ask(2)).toEqual([{ n: 2 }]);
  });

  test('a connection whose plans are for a table of before is replaced', async () => {
    await open(30_000);
    const own = openPg(url, { max: 1 });
    await own.query('create table thing (x int)');
    await own.query('select * from thing where $1::int is null', [1]);
    await db.query('alter table thing alter x type text');
    await expect(own.query('select * from thing where $1::int is null', [1])).rejects.toThrow(/cached plan/);
    expect(await own.query('select * from thing where $1::int is null', [1])).toEqual([]);
    await own.close();
  });
});
