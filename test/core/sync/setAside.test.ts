import { expect, test } from 'vitest';
import type { Reason, StreamProgress } from '../../../core/store/runs.ts';
import type { Member } from '../../../core/sync/ports.ts';
import { MOST_NAMED, nameAside } from '../../../core/sync/setAside.ts';

const member = (object: string) => ({ tool: { name: 'erp' }, mapping: { object } }) as Member;

test('rows set aside are named one by one, and of very many the rest is one line with its count', () => {
  const run: { reasons: Reason[] } = { reasons: [] };
  const [people, orders]: StreamProgress[] = [
    { done: false, read: 0 },
    { done: false, read: 0 },
  ];
  const bad = (from: number, count: number) =>
    Array.from({ length: count }, (_, i) => ({
      line: from + i,
      message: 'a quote is opened and never closed',
    }));
  nameAside(run, member('people'), people!, bad(2, MOST_NAMED - 1));
  nameAside(run, member('people'), people!, bad(500, 3));
  nameAside(run, member('orders'), orders!, [{ message: 'no value in id' }]);
  nameAside(run, member('people'), people!, []);
  nameAside(run, member('people'), people!, bad(900, 1000));
  expect(run.reasons).toHaveLength(MOST_NAMED + 2);
  expect(run.reasons[0]!.message).toBe('people line 2: a quote is opened and never closed');
  expect(run.reasons[MOST_NAMED - 1]!.message).toBe('people line 500: a quote is opened and never closed');
  expect(run.reasons.filter(({ count }) => count !== undefined)).toEqual([
    {
      code: 'unreadable',
      connection: 'erp',
      object: 'people',
      count: 1002,
      message: 'people: 1002 more rows',
      hint: 'The log names each of them with its line.',
    },
  ]);
  expect(run.reasons.at(-1)!.message).toBe('orders: no value in id');
});
