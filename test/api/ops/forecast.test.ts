import { expect, test } from 'vitest';
import { report, reportText } from '../../../api/ops/forecast.ts';
import type { BudgetState } from '../../../core/store/days.ts';

const now = new Date('2026-05-01T08:00:00Z'); // 17:00 in Tokyo
const options = { now, timeZone: 'Asia/Tokyo', reserve: 0.1 };
const day = (more: Partial<BudgetState>): BudgetState => ({
  connection: 'ma',
  name: 'daily',
  used: 6100,
  limit: 10_000,
  per: 86_400,
  rolling: false,
  resetsAt: '2026-05-01T15:00:00.000Z',
  ...more,
});
const minutesAgo = (minutes: number, used: number) => ({
  at: new Date(now.getTime() - minutes * 60_000).toISOString(),
  used,
});

test('at the pace of the last hour, to the end of the day', () => {
  const samples = [minutesAgo(50, 5850), minutesAgo(25, 6000), minutesAgo(90, 100)];
  const told = report(day({}), samples.slice(0, 2), options);
  expect(told).toMatchObject({
    share: 0.61,
    forecast: { at: '2026-05-01T15:00:00.000Z', used: 8200, share: 0.82, runsOutAt: null },
  });
  expect(report(day({}), samples, options)).toEqual(told);
  expect(reportText(told, now, 'Asia/Tokyo')).toBe(
    '6,100 of 10,000 calls of the daily budget are used (61%) at 17:00; 82% by 00:00 at this pace',
  );
});

test('it says when only the reserve will be left, and when it is', () => {
  const soon = report(day({ used: 8000 }), [minutesAgo(60, 7000)], options);
  expect(soon.forecast.runsOutAt).toBe('2026-05-01T09:00:00.000Z');
  expect(reportText(soon, now, 'Asia/Tokyo')).toContain('only the reserve is left at 18:00');
  const spent = report(day({ used: 9000 }), [minutesAgo(60, 9000)], options);
  expect(spent.forecast.runsOutAt).toBe(now.toISOString());
  expect(reportText(spent, now, 'Asia/Tokyo')).toContain('what is left is the reserve');
});

test('a day that renewed within the hour, calls given back, and a run that has just begun', () => {
  const renewed = report(day({ used: 300 }), [minutesAgo(60, 9000), minutesAgo(30, 0)], options);
  expect(renewed.forecast.used).toBe(300 + 7 * 300);
  const back = report(day({ used: 6000, rolling: true, resetsAt: null }), [minutesAgo(60, 6500)], options);
  // Nothing tells when it renews: the hub's own midnight is the end of the day.
  expect(back).toMatchObject({ resetsAt: null, forecast: { used: 6000, at: '2026-05-01T15:00:00.000Z' } });
  const begun = report(day({ used: 1100 }), [minutesAgo(1, 100)], options);
  expect(begun.forecast.used).toBe(1100 + 42 * 1000);
});

test('without samples the pace is the whole day’s, and idle is no pace', () => {
  expect(report(day({ used: 1700 }), [], options).forecast).toMatchObject({ used: 2400, share: 0.24 });
  expect(report(day({ rolling: true, resetsAt: null }), [], options).forecast.used).toBe(6100);
  expect(report(day({}), [minutesAgo(61, 100)], options).forecast.used).toBe(6100);
  expect(report(day({ limit: 0, used: 0 }), [], options).share).toBe(0);
});
