import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Db } from '../../../core/store/db.ts';
import { type DoubtPlace, doubtsPage } from '../../../core/store/review-pages.ts';
import { DATABASES } from '../../support/databases.ts';

const DOUBTS: [a: string, weight: number, reason: string][] = [
  ['a', 9.5, 'doubtful score'],
  ['b', 0.2, 'doubtful score'],
  ['c', -2.5, 'doubtful score'],
  ['d', -0.4, 'doubtful score'],
  ['e', 31, 'contradiction'],
  ['f', 2.5, 'doubtful score'],
  ['g', 12, 'weak-bridge'],
];

describe.each(DATABASES)('doubts that wait for a person, on $name', ({ open }) => {
  let db: Db;
  beforeAll(async () => {
    db = await open();
    for (const [a, weight, reason] of DOUBTS)
      await db.query(
        `insert into review (a, b, entity, weight, reason, at) values ($1, 'z', 'person', $2, $3, '2026-01-01')`,
        [a, weight, reason],
      );
    await db.query(
      `insert into review (a, b, entity, weight, reason, at, state) values ('h', 'z', 'person', 0, 'doubtful score', '2026-01-01', 'later')`,
    );
  });
  afterAll(() => db.close());

  test.each([1, 2, 3, 10])(
    'come in the order of what a decision teaches, none twice, in pages of %i',
    async (limit) => {
      const shown: string[] = [];
      let place: DoubtPlace | undefined;
      for (let page = 0; page < 10; page++) {
        const rows = await doubtsPage(db, null, place, limit);
        shown.push(...rows.map(({ a }) => a));
        if (rows.length < limit) break;
        place = rows.at(-1)!;
      }
      expect(shown.join('')).toBe('egbdcfa');
      expect(await doubtsPage(db, 'company', undefined, limit)).toEqual([]);
    },
  );
});
