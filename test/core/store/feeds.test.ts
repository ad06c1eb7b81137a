import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { saveCursor } from '../../../core/store/cursors.ts';
import type { Db } from '../../../core/store/db.ts';
import {
  breakFeed,
  closeGaps,
  feedStates,
  keepFeed,
  leaveFeed,
  openGaps,
  saveFeed,
  takeFeed,
} from '../../../core/store/feeds.ts';
import { DATABASES } from '../../support/databases.ts';

const AT = '2026-03-01T00:00:00.000Z';
const later = (seconds: number) => new Date(Date.parse(AT) + seconds * 1000).toISOString();

for (const { name, open } of DATABASES)
  describe(name, () => {
    let db: Db;
    beforeAll(async () => {
      db = await open();
    });
    afterAll(() => db.close());
    beforeEach(async () => {
      for (const table of ['feed', 'feed_gap', 'cursor', 'run']) await db.query(`delete from ${table}`);
    });

    describe('the one subscriber', () => {
      test('keeps others out until it leaves, dies or runs out of time', async () => {
        expect(await takeFeed(db, 'crm', 'a', 60)).toEqual({ cursor: null });
        expect(await takeFeed(db, 'crm', 'b', 60)).toEqual({ holder: 'a' });
        expect(await takeFeed(db, 'crm', 'b', 60, 'c')).toEqual({ holder: 'a' });
        expect(await takeFeed(db, 'other', 'b', 60)).toEqual({ cursor: null });
        expect(await takeFeed(db, 'crm', 'b', 60, 'a')).toEqual({ cursor: null });
        expect(await keepFeed(db, 'crm', 'a', 60)).toBe(false);
        expect(await keepFeed(db, 'crm', 'b', -1)).toBe(true);
        expect(await takeFeed(db, 'crm', 'c', 60)).toEqual({ cursor: null });
        await leaveFeed(db, 'crm', 'b');
        expect(await takeFeed(db, 'crm', 'd', 60)).toEqual({ holder: 'c' });
        await leaveFeed(db, 'crm', 'c');
        expect(await takeFeed(db, 'crm', 'd', 60)).toEqual({ cursor: null });
      });

      test('of many that come at once one is it', async () => {
        const answers = await Promise.all(
          Array.from({ length: 8 }, (_, i) => takeFeed(db, 'crm', `p${i}`, 60)),
        );
        expect(answers.filter((answer) => 'cursor' in answer)).toHaveLength(1);
      });

      test('alone moves the cursor, which the next one goes on from', async () => {
        await takeFeed(db, 'crm', 'a', 60);
        expect(await saveFeed(db, 'crm', 'b', { replay: 1 }, 1, AT)).toBe(false);
        expect(await saveFeed(db, 'crm', 'a', { replay: 2 }, 3, AT)).toBe(true);
        await breakFeed(db, 'crm', 'b', 'not mine');
        expect(await feedStates(db)).toEqual([
          {
            connection: 'crm',
            state: 'following',
            reason: null,
            owner: 'a',
            events: 3,
            breaks: 0,
            heardAt: AT,
            eventAt: AT,
          },
        ]);
        await breakFeed(db, 'crm', 'a', 'cut');
        expect(await feedStates(db)).toMatchObject([{ state: 'broken', reason: 'cut', breaks: 1 }]);
        expect(await takeFeed(db, 'crm', 'b', 60, 'a')).toEqual({ cursor: { replay: 2 } });
        expect(await saveFeed(db, 'crm', 'b', { replay: 2 }, 0, later(5))).toBe(true);
        expect(await feedStates(db)).toMatchObject([
          { state: 'following', reason: null, heardAt: later(5), eventAt: AT },
        ]);
      });
    });

    describe('a gap', () => {
      const readers = [
        { stream: 'Contact', mapping: 'crm-contact', sync: 'people' },
        { stream: 'Contact', mapping: 'crm-lead', sync: 'leads' },
        { stream: 'Account', mapping: 'crm-account', sync: 'companies' },
      ];
      const read = (mapping: string, complete = true) =>
        saveCursor(
          db,
          {
            ...{ mapping, value: null, complete, rescan: false, fingerprint: '' },
            ...{ sweepAt: null, lookedAt: null, watched: null },
          },
          AT,
        );
      let runs = 0;
      const ran = (sync: string, started: string, streams: object, mode = 'sync') =>
        db.query(
          `insert into run (id, sync, mode, status, phase, streams, started_at)
           values ($1, $2, $3, 'complete', 'done', $4::jsonb, $5::timestamptz)`,
          [`r${runs++}`, sync, mode, JSON.stringify(streams), started],
        );
      const left = async () => [
        await closeGaps(db, 'crm', readers),
        (await db.query<{ stream: string }>(`select stream from feed_gap order by stream`)).map(
          ({ stream }) => stream,
        ),
      ];

      test('of a stream that was never read to its end is none: its first read reads everything', async () => {
        await openGaps(db, 'crm', ['Contact', 'Nobody’s'], AT);
        await read('crm-contact', false);
        expect(await left()).toEqual([[], []]);
      });

      test('stays until every reader has read the stream in a run that began later', async () => {
        for (const { mapping } of readers) await read(mapping);
        await openGaps(db, 'crm', ['Contact'], AT);
        expect(await left()).toEqual([['leads', 'people'], ['Contact']]);
        const done = { 'crm-contact': { done: true, read: 1 } };
        await ran('people', AT, done);
        await ran('people', later(1), done, 'plan');
        await ran('people', later(1), { 'crm-contact': { done: false, read: 0 } });
        await ran('people', later(1), {
          'crm-contact': { done: true, read: 0, failed: { code: 'auth', message: '' } },
        });
        expect(await left()).toEqual([['leads', 'people'], ['Contact']]);
        await ran('people', later(2), done);
        expect(await left()).toEqual([['leads'], ['Contact']]);
        await ran('leads', later(2), { 'crm-lead': { done: true, read: 1 } });
        expect(await left()).toEqual([[], []]);
      });

      test('that opens again asks again', async () => {
        for (const { mapping } of readers) await read(mapping);
        await openGaps(db, 'crm', ['Account'], AT);
        await ran('companies', later(1), { 'crm-account': { done: true, read: 1 } });
        await openGaps(db, 'crm', ['Account'], later(2));
        expect(await left()).toEqual([['companies'], ['Account']]);
      });
    });
  });
