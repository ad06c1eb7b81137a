import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Values } from '../../../core/model/value.ts';
import * as observing from '../../../core/sync/observe.ts';
import { type Look, observe, type StoredRecord, type Write } from '../../../core/sync/observe.ts';

const blank = (): StoredRecord => ({
  key: 'a/people/1',
  connection: 'a',
  object: 'people',
  extId: '1',
  entity: 'person',
  goldenId: null,
  opinions: {},
  seen: {},
  native: {},
  written: {},
  at: null,
  version: null,
  wroteAt: null,
  deleted: false,
  mergedInto: null,
  confirm: false,
});

/** When the hub wrote, and when it looked again, by its own clock. */
const WROTE = '2026-02-01T00:00:00.000Z';
const LATER = '2026-02-02T00:00:00.000Z';

const at = (day: number) => `2026-01-${String(day).padStart(2, '0')}T00:00:00.000Z`;
const look = (day: number, values: Values, more: Partial<Look> = {}): Look => ({
  at: at(day),
  native: values,
  values,
  readBack: false,
  asked: LATER,
  now: LATER,
  ...more,
});
const born = (record: StoredRecord, write: Write, fields: Values, made: Values | undefined) =>
  observing.born(record, write, fields, made, WROTE);
const delivered = (record: StoredRecord, write: Write, fields: Values, made: Values | undefined) =>
  observing.delivered(record, write, fields, made, WROTE);
const see = (stored: StoredRecord | undefined, one: Look) => observe(stored, blank, one);
const known = (values: Values, day = 1) => see(undefined, look(day, values)).next;

describe('first sight', () => {
  test('every value is an opinion, no empty is, and none is an edit', () => {
    const { next, news } = see(
      undefined,
      look(1, { email: 'a@x.example', phone: null, tags: [] }, { version: 'v1' }),
    );
    expect(news).toBe('new');
    expect(next.opinions).toEqual({ email: { value: 'a@x.example', at: at(1) } });
    expect(next).toMatchObject({ seen: { phone: null }, at: at(1), version: 'v1', goldenId: null });
  });

  test("the tool's time of a field is its opinion's", () => {
    const { next } = see(undefined, look(9, { phone: '1', title: 't' }, { times: { phone: at(2) } }));
    expect(next.opinions).toEqual({ phone: { value: '1', at: at(2) }, title: { value: 't', at: at(9) } });
  });
});

describe('looking again', () => {
  test.each<[string, Look]>([
    ['the same state', look(1, { phone: '1', tags: ['x', 'y'] })],
    ['the same values at a later time', look(5, { phone: '1', tags: ['x', 'y'] })],
    ['a list in another order', look(5, { phone: '1', tags: ['y', 'x'] })],
    ['fewer attributes (a mapping that reads less)', look(5, { phone: '1' })],
    ['a state older than what is known', look(1, { phone: 'old', tags: [] })],
  ])('%s is no news', (_, again) => {
    const stored = known({ phone: '1', tags: ['x', 'y'] }, again.values.phone === 'old' ? 3 : 1);
    const result = see(stored, again);
    expect(result.news).toBe('same');
    expect(result.next).toBe(stored);
  });

  test('an edit gives a new time to what changed, and to nothing else', () => {
    const stored = known({ phone: '1', title: 't' });
    const { next, news } = see(stored, look(4, { phone: '2', title: 't' }, { version: 'v2' }));
    expect(news).toBe('edit');
    expect(next.opinions).toEqual({
      phone: { value: '2', at: at(4), edit: true },
      title: { value: 't', at: at(1) },
    });
    expect(next).toMatchObject({ at: at(4), version: 'v2', seen: { phone: '2' }, native: { phone: '2' } });
    expect(stored).toEqual(known({ phone: '1', title: 't' }));
  });

  test('an edit within the same second as the state known is an edit: tools count whole seconds', () => {
    const { next, news } = see(known({ phone: '1' }, 3), look(3, { phone: '2' }));
    expect([news, next.opinions.phone]).toEqual(['edit', { value: '2', at: at(3), edit: true }]);
  });

  test("an edit's time is the field's own, where the tool knows it", () => {
    const { next } = see(known({ phone: '1' }), look(9, { phone: '2' }, { times: { phone: at(3) } }));
    expect(next.opinions.phone).toEqual({ value: '2', at: at(3), edit: true });
    expect(next.at).toBe(at(9));
  });

  test('a clearing is an edit too', () => {
    const { next, news } = see(known({ phone: '1' }), look(2, { phone: null }));
    expect([news, next.opinions.phone]).toEqual(['edit', { value: null, at: at(2), edit: true }]);
  });

  test('a value in a field that was empty is an edit', () => {
    const { next } = see(known({ phone: null }), look(2, { phone: '1' }));
    expect(next.opinions.phone).toEqual({ value: '1', at: at(2), edit: true });
  });
});

describe('gone and back', () => {
  const gone = (more: Partial<StoredRecord> = {}) => ({
    ...known({ phone: '1' }),
    deleted: true,
    at: at(3),
    ...more,
  });

  test('an undelete is an edit, though no value changed', () => {
    const { next, news } = see(gone(), look(4, { phone: '1' }));
    expect(news).toBe('edit');
    expect(next).toMatchObject({ deleted: false, at: at(4), opinions: { phone: { value: '1', at: at(1) } } });
  });

  test('a state from before the delete brings nothing back', () => {
    expect(see(gone(), look(2, { phone: '1' })).news).toBe('same');
  });

  test('what was merged away stays away', () => {
    const merged = gone({ mergedInto: 'a/people/2' });
    const result = see(merged, look(4, { phone: '1' }));
    expect(result).toEqual({ next: merged, news: 'same', overwritten: [] });
  });
});

describe('our own writes', () => {
  const write = { sent: { phone: '2' }, echo: { phone: '2' } };
  const untold = () => delivered(known({ phone: '1', title: 't' }), write, { phone: '2' }, undefined);

  test('what the tool told is known at once: seeing it is no news', () => {
    const told = delivered(known({ phone: '1' }), write, { phone: '+2' }, { phone: '+2' });
    expect(told).toMatchObject({
      confirm: false,
      seen: { phone: '+2' },
      written: { phone: { sent: '2', made: '+2' } },
    });
    expect(see(told, look(5, { phone: '+2' })).news).toBe('same');
    expect(told.opinions.phone).toEqual({ value: '1', at: at(1) });
  });

  test('what it did not tell is to be read back', () => {
    expect(untold()).toMatchObject({
      confirm: true,
      seen: { phone: '2' },
      written: { phone: { sent: '2' } },
    });
    expect('made' in untold().written.phone!).toBe(false);
  });

  test('seen as sent: an echo, nobody’s opinion', () => {
    const { next, news } = see(untold(), look(5, { phone: '2', title: 't' }));
    expect(news).toBe('echo');
    expect(next).toMatchObject({ confirm: false, written: { phone: { sent: '2', made: '2' } } });
    expect(next.opinions.phone).toEqual({ value: '1', at: at(1) });
  });

  test('read back otherwise: the tool’s normalising, nobody’s opinion', () => {
    const { next, news } = see(untold(), look(5, { phone: '+2', title: 't' }, { readBack: true }));
    expect(news).toBe('normalised');
    expect(next).toMatchObject({ seen: { phone: '+2' }, written: { phone: { sent: '2', made: '+2' } } });
    expect(next.opinions.phone).toEqual({ value: '1', at: at(1) });
  });

  test('an older time does not make a read-back stale', () => {
    const { news } = see(
      { ...untold(), at: at(9) },
      look(5, { phone: '+2', title: 't' }, { readBack: true }),
    );
    expect(news).toBe('normalised');
  });

  test('cleared by the tool on read-back: normalised, not a clearing', () => {
    const { next, news } = see(untold(), look(5, { phone: null, title: 't' }, { readBack: true }));
    expect([news, next.written.phone]).toEqual(['normalised', { sent: '2', made: null }]);
    expect(next.opinions.phone?.value).toBe('1');
  });

  test('another attribute that differs on read-back was edited by somebody', () => {
    const { next, news } = see(untold(), look(5, { phone: '2', title: 'boss' }, { readBack: true }));
    expect(news).toBe('partly');
    expect(next.opinions.title).toEqual({ value: 'boss', at: at(5), edit: true });
    expect(next.written.phone).toEqual({ sent: '2', made: '2' });
  });

  test('where versions are counted, the first look after our write is its echo, or partly ours', () => {
    const wrote = {
      ...delivered(known({ phone: '1', title: 't' }), write, { phone: '2' }, { phone: '2' }),
      version: null,
    };
    const shown = (title: string) => see(wrote, look(5, { phone: '2', title }, { version: 'v2' }));
    expect([shown('t').news, shown('boss').news]).toEqual(['echo', 'partly']);
    expect(see(shown('t').next, look(5, { phone: '2', title: 't' }, { version: 'v2' })).news).toBe('same');
    const unmapped = see(shown('t').next, look(6, { phone: '2', title: 't' }, { version: 'v3' }));
    expect([unmapped.news, unmapped.next.version]).toEqual(['same', 'v3']);
  });

  test('an edit after the write takes over, and what we wrote is forgotten', () => {
    const { next, news, overwritten } = see(untold(), look(5, { phone: '3', title: 't' }));
    expect(news).toBe('edit');
    expect(overwritten).toEqual([{ attribute: 'phone', wrote: '2', became: '3', at: at(5) }]);
    expect(next.opinions.phone).toEqual({ value: '3', at: at(5), edit: true });
    expect(next.written).toEqual({});
  });

  test('somebody who sets what the tool had made of ours back edits it', () => {
    const settled = see(untold(), look(5, { phone: '+2' }, { readBack: true })).next;
    const { next } = see(settled, look(6, { phone: '2' }));
    expect(next.opinions.phone).toEqual({ value: '2', at: at(6), edit: true });
  });

  test('an unanswered write, seen as expected, is an echo', () => {
    const unanswered = { sent: { phone: '2' }, echo: { phone: '+2' } };
    const { next, news } = see(known({ phone: '1' }), look(5, { phone: '+2' }, { unanswered }));
    expect(news).toBe('echo');
    expect(next.written).toEqual({ phone: { sent: '2', made: '+2' } });
    expect(next.opinions.phone?.value).toBe('1');
  });

  test('an unanswered write, seen otherwise, is an edit', () => {
    const unanswered = { sent: { phone: '2' }, echo: { phone: '2' } };
    const { next, news } = see(known({ phone: '1' }), look(5, { phone: '3' }, { unanswered }));
    expect([news, next.opinions.phone?.value]).toEqual(['edit', '3']);
  });
});

describe('records of our making', () => {
  const write = { sent: { phone: '1' }, echo: { phone: '1' } };

  test('one has no opinion of its own', () => {
    const made = born(blank(), write, { phone: '1' }, { phone: '1', title: null });
    expect(made).toMatchObject({ opinions: {}, at: null, confirm: false, seen: { phone: '1' } });
    expect(see(made, look(5, { phone: '1', title: null })).news).toBe('same');
  });

  test('what it shows on read-back beside what we wrote are defaults, nobody’s opinion', () => {
    const made = born(blank(), write, { phone: '1' }, undefined);
    const { next, news } = see(made, look(5, { phone: '1', title: 'default' }, { readBack: true }));
    expect(news).toBe('echo');
    expect(next.opinions).toEqual({});
    expect(next.seen).toEqual({ phone: '1', title: 'default' });
    expect(see(next, look(6, { phone: '1', title: 'default' })).news).toBe('same');
  });

  test('so are those that the answer of the create told', () => {
    const made = born(blank(), write, { phone: '1' }, { phone: '1', title: 'default' });
    const { next, news } = see(made, look(5, { phone: '1', title: 'default' }));
    expect(news).toBe('same');
    expect(next.opinions).toEqual({});
  });

  test('a later change of a default is an edit', () => {
    const made = born(blank(), write, { phone: '1' }, { phone: '1', title: 'default' });
    const { next } = see(made, look(6, { phone: '1', title: 'boss' }));
    expect(next.opinions).toEqual({ title: { value: 'boss', at: at(6), edit: true } });
  });

  test('one attribute sent, another expected to change with it: both are ours', () => {
    const both = { sent: { givenName: 'Ken' }, echo: { givenName: 'Ken', fullName: 'Ken Sato' } };
    const made = born(blank(), both, { first: 'Ken' }, undefined);
    expect(made.seen).toEqual({ givenName: 'Ken', fullName: 'Ken Sato' });
    expect(see(made, look(5, { givenName: 'Ken', fullName: 'Ken Sato' })).news).toBe('echo');
  });
});

test('law 3: after one look, the same look changes nothing, however often', () => {
  const names = ['phone', 'title', 'email'];
  const value = fc.constantFrom(null, 'a', 'b', 'c');
  const values = fc.dictionary(fc.constantFrom(...names), value);
  const write = fc.record({ sent: values, echo: values });
  const stored = fc
    .record({
      first: fc.option(values, { nil: undefined }),
      writes: fc.array(fc.tuple(write, fc.option(values, { nil: undefined })), { maxLength: 2 }),
      deleted: fc.boolean(),
      merged: fc.boolean(),
    })
    .map(({ first, writes, deleted, merged }) => {
      let record = first ? known(first, 2) : blank();
      for (const [one, made] of writes) record = delivered(record, one, one.sent, made);
      return { ...record, deleted: deleted || merged, mergedInto: merged ? 'a/people/2' : null };
    });
  fc.assert(
    fc.property(
      fc.option(stored, { nil: undefined }),
      fc.integer({ min: 1, max: 3 }),
      values,
      fc.boolean(),
      fc.option(write, { nil: undefined }),
      (record, day, shown, readBack, unanswered) => {
        const again = look(day, shown, { readBack, unanswered });
        const { next } = see(record, again);
        const frozen = structuredClone(next);
        let now = next;
        for (let i = 0; i < 3; i++) {
          const result = see(now, again);
          expect(result.news).toBe('same');
          now = result.next;
        }
        expect(now).toEqual(frozen);
      },
    ),
    { numRuns: 500 },
  );
});
