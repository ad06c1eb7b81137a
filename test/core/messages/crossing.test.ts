import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { crosses } from '../../../core/messages/crossing.ts';
import { waitAfter } from '../../../core/messages/schedule.ts';
import type { Values } from '../../../core/model/value.ts';
import { parseCondition } from '../../../mappings/alert.ts';

const ATTRIBUTES = ['score', 'lifecycle', 'email'];

function rule(when: string) {
  const parsed = parseCondition(when, ATTRIBUTES);
  if ('message' in parsed) throw new Error(parsed.message);
  return parsed.condition;
}

/** How often a record that takes these values one after another is told of. */
async function told(when: string, states: readonly Values[]): Promise<number[]> {
  const fired: number[] = [];
  for (const [i, after] of states.entries())
    if ((await crosses(rule(when), after, i === 0 ? [] : [states[i - 1]!])).fires) fired.push(i);
  return fired;
}

const scores = (...list: (number | null)[]): Values[] => list.map((score) => ({ score }));

describe('conditions that cannot be meant', () => {
  test.each([
    ['score >=', /not a JSONata expression/],
    ['scor >= 80', /no attribute "scor"/],
    ['score >= 80 and $previous.scor < 80', /no attribute "scor"/],
    ['score >= 80 and $previus.score < 80', /there is no \$previus/],
    ['$now() > 3', /reads the clock/],
    ['$random() > score', /rolls dice/],
    ['$count(*) > 3', /must name the fields/],
  ])('%s', (when, message) => {
    expect(parseCondition(when, ATTRIBUTES)).toMatchObject({ message: expect.stringMatching(message) });
  });

  test.each([
    ['score', 'a number'],
    ['email', 'a string'],
    ['$split(email, "@")', 'a list'],
  ])('%s gives no yes or no', async (when, what) => {
    expect(await rule(when).holds({ score: 1, email: 'a@b.example' }, undefined)).toEqual({
      ok: false,
      message: `the condition gives ${what}, and must give true or false`,
    });
  });

  test('one that never ends is stopped', async () => {
    const endless = rule('($f := function($n) { $f($n + 1) + 1 }; $f(0) > score)');
    expect(await endless.holds({ score: 1 }, undefined)).toMatchObject({ ok: false });
  });
});

describe('once per crossing', () => {
  test.each([
    ['score >= 80', scores(70, 85, 90, 85, 79, 80), [1, 5]],
    ['score >= 80', scores(95, 96), [0]],
    ['score >= 80 and $previous.score < 80', scores(70, 85, 90, 79, 80, 70, 90), [1, 4, 6]],
    // A new record has no $previous, and nothing is less than nothing.
    ['score >= 80 and $previous.score < 80', scores(95, 96), []],
    ['score >= 80', scores(null, 80, null, 80), [1, 3]],
    [
      'lifecycle != $previous.lifecycle',
      ['lead', 'lead', 'customer', 'partner'].map((lifecycle) => ({ lifecycle })),
      [2, 3],
    ],
    [
      'score >= 80 and $exists($previous.email)',
      scores(70, 85).map((v) => ({ ...v, email: 'a@b.example' })),
      [1],
    ],
  ])('%s', async (when, states, fired) => {
    expect(await told(when, states)).toEqual(fired);
  });

  test('law: whatever the values, two tellings of a level are always parted by a fall', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 60, max: 100 }), { minLength: 1 }), async (list) => {
        const crossings = list.flatMap((score, i) => (score >= 80 && !((list[i - 1] ?? 0) >= 80) ? [i] : []));
        expect(await told('score >= 80', scores(...list))).toEqual(crossings);
      }),
    );
  });

  test('a merge tells nobody again; one that crosses from every part does', async () => {
    const level = rule('score >= 80');
    const edge = rule('score >= 80 and $previous.score < 80');
    for (const condition of [level, edge]) {
      expect((await crosses(condition, { score: 85 }, scores(85, 70))).fires).toBe(false);
      expect((await crosses(condition, { score: 85 }, scores(70, 85))).fires).toBe(false);
      expect((await crosses(condition, { score: 140 }, scores(70, 70))).fires).toBe(true);
    }
  });

  test('a condition that broke before was not true before', async () => {
    const condition = rule('$number(email) > 5');
    expect(await crosses(condition, { email: '7' }, [{ email: 'x' }])).toEqual({ fires: true });
    expect(await crosses(condition, { email: 'x' }, [{ email: '7' }])).toMatchObject({
      fires: false,
      error: expect.stringContaining('the expression failed'),
    });
  });
});

test('ten tries over a little more than three days, never sooner than asked', () => {
  const waits = Array.from({ length: 9 }, (_, i) => waitAfter(i + 1, 0)!);
  expect(waits).toEqual([...waits].sort((a, b) => a - b));
  const days = waits.reduce((sum, wait) => sum + wait, 0) / 86_400_000;
  expect(days).toBeGreaterThan(3);
  expect(days).toBeLessThan(4);
  expect(waitAfter(10, 0)).toBeUndefined();
  expect(waitAfter(1, 0.9)).toBeGreaterThan(waits[0]!);
  expect(waitAfter(1, 0, 120_000)).toBe(120_000);
  expect(waitAfter(1, 0, 10 ** 12)).toBe(86_400_000);
});
