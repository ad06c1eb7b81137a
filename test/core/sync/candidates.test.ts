import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { MAX_NAMESAKES } from '../../../core/match/keys.ts';
import type { Db } from '../../../core/store/db.ts';
import { runSync } from '../../../core/sync/run.ts';
import { DATABASES } from '../../support/databases.ts';
import { emptyStore } from '../../support/emptyStore.ts';
import { MemoryTool, memoryHub } from '../../support/memory.ts';

const NAMESAKES = MAX_NAMESAKES + 3;
const person = (i: number, familyName = '勅使河原') => ({
  familyName,
  givenName: '健',
  email: `k${i}@mail${i}.example`,
});

/** All that matching has stored. */
const stored = async (db: Db) => ({
  keys: await db.query(`select key, record from match_key order by key, record`),
  edges: await db.query(`select a, b, weight, decision from edge order by a, b`),
  doubts: await db.query(`select a, b, weight, reason from review where state = 'open' order by a, b`),
  homes: await db.query(`select count(distinct golden_id)::int as n from source_record`),
});

describe.each(DATABASES)(
  'law 5: namesakes on $name, whose name becomes a hub value and ceases to be one',
  ({ open }) => {
    let db: Db;
    beforeAll(async () => {
      db = await open();
    });
    afterAll(() => db.close());

    const world = async () => {
      await emptyStore(db);
      const tool = new MemoryTool('a');
      tool.pageSize = 50;
      const { engine, sync } = memoryHub(db, [tool]);
      return {
        tool,
        run: () => runSync(engine, sync, { mode: 'sync', signal: new AbortController().signal }),
      };
    };

    test.each([1, 3, NAMESAKES])('%i at a time as all at once', async (pace) => {
      const once = await world();
      for (let i = 0; i < NAMESAKES; i++) once.tool.put(person(i));
      await once.run();
      const hub = await stored(db);
      expect(hub.edges).toEqual([]);

      const slow = await world();
      const sizes = [];
      for (let i = 0; i < NAMESAKES; i++) {
        slow.tool.put(person(i));
        if ((i + 1) % pace > 0 && i + 1 < NAMESAKES) continue;
        await slow.run();
        sizes.push((await stored(db)).doubts.length);
      }
      // On the way they were doubted, pair by pair, unless all came at once.
      expect(Math.max(...sizes)).toBe(
        pace === NAMESAKES ? 0 : pairsOf(Math.floor(MAX_NAMESAKES / pace) * pace),
      );
      expect(await stored(db)).toEqual(hub);

      // Some take another name, and those who are left are few enough again.
      for (let i = 0; i < 4; i++) slow.tool.put(person(i, '薬袋'), `a${i + 1}`);
      await slow.run();
      const left = await stored(db);
      expect(left.doubts.length).toBe(pairsOf(4) + pairsOf(NAMESAKES - 4));
      const fresh = await world();
      for (let i = 0; i < NAMESAKES; i++) fresh.tool.put(person(i, i < 4 ? '薬袋' : undefined));
      await fresh.run();
      expect(left).toEqual(await stored(db));
    });
  },
);

const pairsOf = (n: number) => (n * (n - 1)) / 2;
