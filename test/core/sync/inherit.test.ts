import { expect, test } from 'vitest';
import { emptied, inherit } from '../../../core/sync/inherit.ts';
import type { StoredRecord } from '../../../core/sync/observe.ts';

const DAY = (day: number) => `2026-01-${String(day).padStart(2, '0')}T00:00:00.000Z`;
const MERGED = DAY(20);

/** Shows what its people said and what the hub wrote. `at`: the last change; of a loser, the merge. */
function record(
  key: string,
  said: Record<string, [value: string, day: number]>,
  wrote: Record<string, string> = {},
  more: Partial<StoredRecord> = {},
): StoredRecord {
  const opinions = Object.entries(said).map(([name, [value, day]]) => [name, { value, at: DAY(day) }]);
  const written = Object.entries(wrote).map(([name, value]) => [name, { sent: value, made: value }]);
  return {
    key,
    connection: 'a',
    object: 'people',
    extId: key,
    entity: 'person',
    goldenId: null,
    opinions: Object.fromEntries(opinions),
    seen: { ...wrote, ...Object.fromEntries(Object.entries(said).map(([name, [value]]) => [name, value])) },
    native: {},
    written: Object.fromEntries(written),
    at: MERGED,
    version: null,
    wroteAt: null,
    deleted: false,
    mergedInto: null,
    confirm: false,
    ...more,
  };
}
const loser = (...given: Parameters<typeof record>) =>
  record(given[0], given[1], given[2], { mergedInto: 'w', ...given[3] });

test('what the hub had written into a loser stays the hub’s; what people had said there keeps its time', () => {
  const winner = record('w', { title: ['部長', 20], fax: ['1', 20], city: ['東京', 20] });
  const next = inherit(winner, [
    loser('x', { fax: ['1', 3] }, { title: '部長' }),
    loser('y', { fax: ['2', 5] }),
  ]);
  expect(next.opinions).toEqual({ fax: { value: '1', at: DAY(3) }, city: { value: '東京', at: DAY(20) } });
  expect(next.written).toEqual({ title: { sent: '部長', made: '部長' } });
  expect(next.seen).toEqual(winner.seen);
});

test('what the winner said, the hub copied and people merged in one second of a tool’s clock is still said by the winner', () => {
  const winner = record('w', { title: ['部長', 20] });
  const copied = (wroteAt: string, at = MERGED) => loser('x', {}, { title: '部長' }, { wroteAt, at });
  expect(inherit(winner, [copied('2026-01-20T00:00:00.700Z')])).toBe(winner);
  expect(inherit(winner, [copied('2026-01-20T00:00:50.000Z')])).toBe(winner);
  // Written long before the merge, by a job that ended long after it, or under a clock that tells the two apart: the merge has moved it.
  expect(inherit(winner, [copied('2026-01-19T23:59:50.000Z')]).opinions).toEqual({});
  expect(inherit(winner, [copied('2026-01-20T00:05:00.000Z')]).opinions).toEqual({});
  const finely = '2026-01-20T00:00:00.123Z';
  const later = record('w', { title: ['部長', 20] }, {}, { at: finely });
  later.opinions.title = { value: '部長', at: finely };
  expect(inherit(later, [copied('2026-01-20T00:00:00.100Z', finely)]).opinions).toEqual({});
});

test('people outrank the hub, and the later of two who said the same counts', () => {
  const winner = record('w', { title: ['部長', 20] });
  const both = [
    loser('x', {}, { title: '部長' }),
    loser('y', { title: ['部長', 4] }),
    loser('z', { title: ['部長', 9] }),
  ];
  for (const losers of [both, both.toReversed()])
    expect(inherit(winner, losers).opinions).toEqual({ title: { value: '部長', at: DAY(9) } });
});

test('what people had said in a loser, and the winner shows as a copy of ours, the winner says from then on', () => {
  const winner = record('w', {}, { title: '部長', fax: '1', city: '東京' });
  winner.written.fax = { sent: '1', made: '01' };
  winner.seen.fax = '01';
  const losers = [loser('x', { title: ['部長', 3], fax: ['1', 3] }), loser('y', { title: ['部長', 4] })];
  for (const list of [losers, losers.toReversed()]) {
    const next = inherit(winner, list);
    expect(next).toEqual({
      ...winner,
      opinions: { title: { value: '部長', at: DAY(4) }, fax: { value: '1', at: DAY(3) } },
    });
    expect(inherit(next, list)).toBe(next);
  }
});

test.each([
  ['the winner shows something else', record('w', {}, { title: '次長' }), loser('x', { title: ['部長', 3] })],
  [
    'the hub had overwritten what they said',
    record('w', {}, { title: '部長' }),
    loser('x', { title: ['部長', 3] }, {}, { seen: { title: '次長' } }),
  ],
  [
    'the winner was folded itself',
    record('w', {}, { title: '部長' }, { mergedInto: 'v' }),
    loser('x', { title: ['部長', 3] }),
  ],
  [
    'it is a tool’s default where they had cleared',
    record('w', {}, {}, { seen: { title: '未定' } }),
    loser('x', {}, {}, { seen: { title: null }, opinions: { title: { value: null, at: DAY(3) } } }),
  ],
  [
    'the winner said the same, or the hub',
    record('w', { title: ['部長', 1] }),
    loser('x', {}, { title: '部長' }),
  ],
])('nobody’s words are taken over when %s', (_, winner, folded) => {
  expect(inherit(winner, [folded])).toBe(winner);
});

test.each([
  [
    'the winner said it before the merge',
    record('w', { title: ['部長', 19] }),
    loser('x', {}, { title: '部長' }),
  ],
  [
    'it was edited after the merge',
    record('w', { title: ['取締役', 21] }),
    loser('x', {}, { title: '部長' }),
  ],
  [
    'somebody had overwritten the hub',
    record('w', { title: ['課長', 20] }),
    loser('x', { title: ['次長', 8] }),
  ],
  [
    'the loser is of another entity',
    record('w', { title: ['A', 20] }),
    loser('x', {}, { title: 'A' }, { entity: 'company' }),
  ],
  ['nothing was taken over', record('w', {}), loser('x', { title: ['A', 1] }, { fax: '1' })],
])('nothing changes when %s', (_, winner, folded) => {
  expect(inherit(winner, [folded])).toBe(winner);
});

test('done again, it changes nothing', () => {
  const losers = [loser('x', { fax: ['1', 3] }, { title: '部長' })];
  const once = inherit(record('w', { title: ['部長', 20], fax: ['1', 20] }), losers);
  expect(inherit(once, losers)).toBe(once);
});

test('what a merge would have filled, and is empty when the hub first sees it, somebody has emptied', () => {
  const winner = record('w', { title: ['部長', 20] });
  winner.seen = { title: '部長', fax: null, city: null, mobile: null };
  const losers = [loser('x', { fax: ['1', 3] }, { city: '東京' }), loser('y', { title: ['次長', 4] })];
  const next = emptied(winner, losers, ['title', 'fax', 'city', 'mobile', 'website']);
  const said = { value: null, at: MERGED, edit: true };
  expect(next.opinions).toEqual({ ...winner.opinions, fax: said, city: said });
  expect(emptied(winner, losers, ['title', 'mobile', 'website'])).toBe(winner);
});

test('… and a record of another kind (a lead that was converted) may not have had a place for it', () => {
  const winner = record('w', {});
  winner.seen = { fax: null };
  expect(emptied(winner, [loser('x', { fax: ['1', 3] }, {}, { object: 'leads' })], ['fax'])).toBe(winner);
});
