import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { candidates } from '../../../core/merge/candidates.ts';
import { survive } from '../../../core/merge/survive.ts';
import type { Entity } from '../../../core/model/entity.ts';
import type { Opinion, SourceRecord } from '../../../core/model/record.ts';
import type { Rule } from '../../../core/model/survivorship.ts';
import type { Value } from '../../../core/model/value.ts';

const entity = (survivorship: Record<string, Rule[]> = {}): Entity => ({
  name: 'person',
  base: 'person',
  attributes: {
    email: { type: 'email' },
    phone: { type: 'phone' },
    tags: { type: 'options' },
    company: { type: 'reference', entity: 'company' },
    city: { type: 'city', group: 'address' },
    street: { type: 'street', group: 'address' },
    postalCode: { type: 'postal-code', group: 'address' },
  },
  survivorship,
});

const at = (day: number) => `2026-01-${String(day).padStart(2, '0')}T00:00:00.000Z`;
const first = (value: Value, day: number): Opinion => ({ value, at: at(day) });
const edited = (value: Value, day: number): Opinion => ({ value, at: at(day), edit: true });
const member = (connection: string, opinions: Record<string, Opinion>, deleted = false): SourceRecord => ({
  key: `${connection}/people/1`,
  entity: 'person',
  opinions,
  deleted,
});
const asIs = (_: string, value: Value) => value;
const merged = (members: SourceRecord[], survivorship: Record<string, Rule[]> = {}) =>
  survive(entity(survivorship), members, {}, asIs);

describe('who has a say', () => {
  test.each<[string, Opinion | undefined, number]>([
    ['nothing said', undefined, 0],
    ['empty at first sight', first(null, 1), 0],
    ['empty text at first sight', first('', 1), 0],
    ['an empty list at first sight', first([], 1), 0],
    ['cleared by an edit', edited(null, 1), 1],
    ['a list cleared by an edit', edited([], 1), 1],
    ['a value', first('x', 1), 1],
    ['false, which is a value', first(false, 1), 1],
    ['zero, which is a value', first(0, 1), 1],
  ])('%s', (_, opinion, count) => {
    const found = candidates([member('a', opinion ? { phone: opinion } : {})], 'phone', asIs);
    expect(found.length).toBe(count);
  });

  test('a clearing counts as null, and `filled` counts values only', () => {
    const one = member('a', { phone: edited([], 1), email: first('a@x.example', 1), city: first(null, 1) });
    expect(candidates([one], 'phone', asIs)).toEqual([
      { source: 'a/people/1', connection: 'a', value: null, at: at(1), edit: true, filled: 1 },
    ]);
  });

  test('a reference whose target is unknown has no say yet; a clearing of one is never looked up', () => {
    const known = (_: string, value: Value) => (value === 'a/companies/1' ? 'g1' : undefined);
    const members = [
      member('a', { company: first('a/companies/1', 1) }),
      member('b', { company: first('b/companies/9', 9) }),
      member('c', { company: edited(null, 5) }),
    ];
    expect(candidates(members, 'company', known).map((c) => c.value)).toEqual([null, 'g1']);
  });
});

describe('empties and clearings', () => {
  test('an empty never beats a value, however new', () => {
    expect(
      merged([member('a', { phone: first('1', 1) }), member('b', { phone: first(null, 9) })]).values,
    ).toEqual({
      phone: '1',
    });
  });

  test('a later clearing that was an edit does, and its loser is kept', () => {
    const { values, provenance } = merged([
      member('a', { phone: first('1', 1) }),
      member('b', { phone: edited(null, 9) }),
    ]);
    expect(values).toEqual({ phone: null });
    expect(provenance.phone).toEqual({
      source: 'b/people/1',
      at: at(9),
      rule: 'latest',
      losers: [{ source: 'a/people/1', at: at(1), value: '1' }],
    });
  });

  test('nobody ever said anything: absent, not null', () => {
    expect(merged([member('a', { phone: first(null, 1) })])).toEqual({ values: {}, provenance: {} });
    expect(merged([])).toEqual({ values: {}, provenance: {} });
  });

  test('a deleted record still has a say', () => {
    expect(
      merged([member('a', { phone: first('1', 1) }), member('b', { phone: first('2', 2) }, true)]).values
        .phone,
    ).toBe('2');
  });
});

describe('groups travel together', () => {
  const full = (city: string, day: number) => ({ city: first(city, day), street: first(`${city} st`, day) });

  test('the fullest address wins whole, though another is newer', () => {
    const { values, provenance } = merged([
      member('a', { ...full('Osaka', 1), postalCode: first('530-0001', 1) }),
      member('b', full('Tokyo', 9)),
    ]);
    expect(values).toEqual({ city: 'Osaka', street: 'Osaka st', postalCode: '530-0001' });
    expect(provenance.city?.rule).toMatch(/whole group/);
    expect(provenance.city?.losers).toEqual([{ source: 'b/people/1', at: at(9), value: 'Tokyo' }]);
  });

  test('equally full: the newest wins whole', () => {
    expect(merged([member('a', full('Osaka', 1)), member('b', full('Tokyo', 2))]).values).toEqual({
      city: 'Tokyo',
      street: 'Tokyo st',
    });
  });

  test('what the home does not hold is not borrowed from another address', () => {
    const values = merged([
      member('a', full('Osaka', 1)),
      member('b', { postalCode: first('100-0001', 9) }),
    ]).values;
    expect(values).toEqual({ city: 'Osaka', street: 'Osaka st' });
  });

  test('law 4: a later edit of one of them elsewhere is taken, the rest stay', () => {
    const { values, provenance } = merged([
      member('a', { ...full('Osaka', 1), postalCode: first('530-0001', 1) }),
      member('b', { postalCode: edited('530-0002', 5) }),
    ]);
    expect(values).toEqual({ city: 'Osaka', street: 'Osaka st', postalCode: '530-0002' });
    expect(provenance.postalCode).toMatchObject({ source: 'b/people/1', rule: 'latest' });
  });

  test('an earlier edit elsewhere is not', () => {
    const values = merged([
      member('a', { ...full('Osaka', 5), postalCode: first('530-0001', 5) }),
      member('b', { postalCode: edited('530-0002', 1) }),
    ]).values;
    expect(values.postalCode).toBe('530-0001');
  });

  test('an attribute with a rule of its own leaves its group', () => {
    const values = merged([member('a', full('Osaka', 1)), member('b', { city: first('Tokyo-to', 9) })], {
      city: ['longest'],
    }).values;
    expect(values).toEqual({ city: 'Tokyo-to', street: 'Osaka st' });
  });
});

describe('pins and provenance', () => {
  const pin = { value: 'pinned', by: 'user/mika', at: at(3) };

  test('a pin outranks every rule, and every value it beats is kept', () => {
    const members = [member('a', { phone: edited('1', 9) }), member('b', { phone: first('pinned', 1) })];
    const { values, provenance } = survive(entity(), members, { phone: pin }, asIs);
    expect(values.phone).toBe('pinned');
    expect(provenance.phone).toEqual({
      source: 'user/mika',
      at: at(3),
      rule: 'pin',
      losers: [{ source: 'a/people/1', at: at(9), value: '1' }],
    });
  });

  test('a pin holds where nobody said anything, in a group, and as empty', () => {
    const members = [member('a', { city: first('Osaka', 1), street: first('x', 1), phone: first('1', 1) })];
    const pins = { email: pin, city: pin, phone: { ...pin, value: null } };
    expect(survive(entity(), members, pins, asIs).values).toEqual({
      email: 'pinned',
      city: 'pinned',
      street: 'x',
      phone: null,
    });
  });

  test('who agrees with the winner is no loser; lists agree in any order', () => {
    const { provenance } = merged([
      member('a', { tags: first(['x', 'y'], 1), phone: first('1', 1) }),
      member('b', { tags: first(['y', 'x'], 2), phone: first('1', 2) }),
    ]);
    expect(provenance.tags?.losers).toEqual([]);
    expect(provenance.phone?.losers).toEqual([]);
  });
});

test('law 5: the order of members changes neither values nor provenance', () => {
  const value = fc.constantFrom<Value>(null, 'a', 'bb', 'ccc');
  const opinion = fc.tuple(value, fc.integer({ min: 1, max: 4 }), fc.boolean());
  const names = Object.keys(entity().attributes);
  const world = fc.uniqueArray(
    fc.record({
      connection: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
      opinions: fc.dictionary(fc.constantFrom(...names), opinion),
      deleted: fc.boolean(),
    }),
    { minLength: 1, maxLength: 5, selector: (one) => one.connection },
  );
  const rules = fc.constantFrom<Record<string, Rule[]>>(
    {},
    { phone: ['longest'], city: ['complete'] },
    { tags: ['union'], email: [{ prefer: ['c', 'b'] }, 'latest'] },
  );
  fc.assert(
    fc.property(
      world.chain((list) =>
        fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length })),
      ),
      rules,
      ([list, shuffled], survivorship) => {
        const build = (all: typeof list) =>
          all.map((one) =>
            member(
              one.connection,
              Object.fromEntries(
                Object.entries(one.opinions).map(([a, [v, day, edit]]) => [
                  a,
                  edit ? edited(v, day) : first(v, day),
                ]),
              ),
              one.deleted,
            ),
          );
        const left = merged(build(list), survivorship);
        expect(merged(build(shuffled), survivorship)).toEqual(left);
        expect(Object.keys(left.provenance)).toEqual(Object.keys(left.values));
      },
    ),
  );
});
