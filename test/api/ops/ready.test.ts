import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { listen } from '../../../api/serve/listen.ts';
import { sweepReasons } from '../../../api/serve/ready.ts';
import type { Db } from '../../../core/store/db.ts';
import { markSweep, secondsSinceSweep } from '../../../core/store/sweeps.ts';
import { DATABASES } from '../../support/databases.ts';

const LONG_UP = 10 * 60_000;

describe.each(DATABASES)('a job queue that stands still, on $name', ({ open }) => {
  let db: Db;
  beforeAll(async () => {
    db = await open();
  });
  afterAll(() => db.close());

  test('is told, but not of a process that has just started, nor while somebody sweeps every minute', async () => {
    expect(await sweepReasons(db, 1_000)).toEqual([]);
    expect(await sweepReasons(db, LONG_UP)).toEqual(['the job queue has never swept']);
    await markSweep(db);
    await markSweep(db);
    expect(await secondsSinceSweep(db)).toBeLessThan(60);
    expect(await sweepReasons(db, LONG_UP)).toEqual([]);
    await db.query(`update sweep set at = at - interval '7 minutes'`);
    expect(await sweepReasons(db, LONG_UP)).toEqual(['the job queue has not swept for 7 minutes']);
    expect(await sweepReasons(db, 1_000)).toEqual([]);
  });
});

describe('a server that closes', () => {
  test('answers what it has in hand, and takes no more', async () => {
    let answer: (() => void) | undefined;
    const server = await listen(
      () =>
        new Promise<Response>((done) => {
          answer = () => done(new Response('committed', { status: 202 }));
        }),
      '127.0.0.1',
      0,
    );
    const inHand = fetch(server.url, { method: 'POST', body: 'a webhook' });
    while (!answer) await new Promise((soon) => setImmediate(soon));
    const closed = server.close(10_000);
    await expect(fetch(server.url)).rejects.toThrow();
    answer();
    expect((await inHand).status).toBe(202);
    await closed;
  });

  test('cuts what does not end in its time', async () => {
    const server = await listen(() => new Promise<Response>(() => undefined), '127.0.0.1', 0);
    const inHand = fetch(server.url).then(
      () => 'answered',
      () => 'cut',
    );
    await new Promise((soon) => setTimeout(soon, 50));
    await server.close(50);
    expect(await inHand).toBe('cut');
  });
});
