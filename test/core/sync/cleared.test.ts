import { expect, test } from 'vitest';
import { observe, type StoredRecord } from '../../../core/sync/observe.ts';

const stored: StoredRecord = {
  key: 'crm/Contact/1',
  connection: 'crm',
  object: 'Contact',
  extId: '1',
  entity: 'person',
  goldenId: 'g',
  opinions: {},
  seen: { fax: '03-1111-2222', title: 'A' },
  native: {},
  written: { fax: { sent: '03-1111-2222' }, title: { sent: 'A' } },
  at: null,
  version: null,
  wroteAt: '2026-01-01T00:00:00.000Z',
  deleted: false,
  mergedInto: null,
  confirm: true,
};
const look = {
  at: '2026-01-01T00:00:05.000Z',
  native: {},
  values: { fax: null, title: 'A' },
  readBack: true,
  asked: '2026-01-01T00:00:06.000Z',
  now: '2026-01-01T00:00:06.000Z',
};
const see = (othersLast: boolean) => observe(stored, () => stored, { ...look, othersLast });

test('an empty field that the hub asks to see after its own write was dropped by the tool', () => {
  expect(see(false)).toMatchObject({ news: 'normalised', next: { opinions: {}, seen: { fax: null } } });
});

test('… unless somebody else changed the record since: then they cleared it, and it is their word', () => {
  const { news, next } = see(true);
  expect(news).toBe('partly');
  expect(next.opinions).toEqual({ fax: { value: null, at: look.at, edit: true } });
  expect(next.written.title).toEqual({ sent: 'A', made: 'A' });
});

test('a lost answer: what is empty after somebody else’s change is no echo of what was sent', () => {
  const before = { ...stored, written: {}, confirm: false };
  const unanswered = { sent: { fax: '03-9999-9999' }, echo: { fax: '03-9999-9999' } };
  const seen = (othersLast: boolean) =>
    observe(before, () => before, { ...look, readBack: false, unanswered, othersLast });
  expect(seen(false).news).toBe('echo');
  expect(seen(true).next.opinions.fax).toMatchObject({ value: null, edit: true });
});

test('a look that our own write has overtaken is passed over, and the record is looked at once more', () => {
  const before = { ...stored, confirm: false, wroteAt: '2026-01-01T00:00:07.000Z' };
  const seen = (values: typeof look.values | { fax: string }) =>
    observe(before, () => before, { ...look, readBack: false, values });
  expect(seen({ fax: null, title: 'A' })).toMatchObject({
    news: 'same',
    next: { confirm: true, seen: before.seen },
  });
  expect(seen({ fax: '03-1111-2222' }).next).toBe(before);
});

test('a look that cannot tell who emptied a field decides nothing, where another one can', () => {
  const { next, news } = observe(stored, () => stored, { ...look, readBack: false, undecided: true });
  expect(next).toMatchObject({ confirm: true, opinions: {}, seen: stored.seen, native: stored.native });
  expect([news, next.written]).toEqual([
    'echo',
    { fax: { sent: '03-1111-2222' }, title: { sent: 'A', made: 'A' } },
  ]);
  const decided = (othersLast: boolean) => observe(next, () => next, { ...look, othersLast }).next;
  expect(decided(true).opinions).toMatchObject({ fax: { value: null, edit: true } });
  expect(decided(false)).toMatchObject({ confirm: false, opinions: {}, written: { fax: { made: null } } });
});

test('… nor one after a lost answer', () => {
  const before = { ...stored, seen: { fax: '03-5555-5555', title: 'A' }, written: {}, confirm: false };
  const unanswered = { sent: { fax: '03-9999-9999' }, echo: { fax: '03-9999-9999' } };
  const seen = observe(before, () => before, { ...look, readBack: false, unanswered, undecided: true });
  expect(seen).toMatchObject({ news: 'same', next: { confirm: true, opinions: {}, seen: before.seen } });
});

test('what stands in a field that our create did not fill is the tool’s default, unless somebody else changed the record since', () => {
  const values = { fax: '03-1111-2222', title: 'A', phone: '03-8975-0025', city: null };
  const seen = (othersLast: boolean, defaults = {}) =>
    observe(stored, () => stored, { ...look, values, othersLast, defaults });
  expect(seen(true, { phone: '03-8975-0025' }).next).toMatchObject({ opinions: {} });
  expect(seen(false).next).toMatchObject({ opinions: {}, seen: { phone: '03-8975-0025' } });
  const { news, next } = seen(true);
  expect(news).toBe('partly');
  expect(next.opinions).toEqual({ phone: { value: '03-8975-0025', at: look.at, edit: true } });
  expect(next.seen).toMatchObject({ fax: '03-1111-2222', phone: '03-8975-0025', city: null });
});
