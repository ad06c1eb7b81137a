import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Candidate } from '../../../core/merge/candidates.ts';
import { choose, ruleName } from '../../../core/merge/rules.ts';
import type { Rule } from '../../../core/model/survivorship.ts';
import type { Value } from '../../../core/model/value.ts';

/** One line a candidate: connection, value, day of January, attributes filled. */
type Line = [connection: string, value: Value, day: number, filled?: number];

const at = (day: number) => `2026-01-${String(day).padStart(2, '0')}T00:00:00.000Z`;
const candidate = ([connection, value, day, filled = 1]: Line): Candidate => ({
  source: `${connection}/people/1`,
  connection,
  value,
  at: at(day),
  edit: value === null,
  filled,
});

const cases: [name: string, chain: Rule[], lines: Line[], value: Value, winner: string, rule: string][] = [
  [
    'an empty chain is latest',
    [],
    [
      ['a', 'old', 1],
      ['b', 'new', 2],
    ],
    'new',
    'b',
    'latest',
  ],
  ['one candidate needs no rule', ['longest'], [['a', 'x', 1]], 'x', 'a', 'only value'],
  [
    'latest takes the newest',
    ['latest'],
    [
      ['a', 'old', 1],
      ['b', 'new', 2],
    ],
    'new',
    'b',
    'latest',
  ],
  [
    'latest: the newest may be a clearing',
    ['latest'],
    [
      ['a', 'old', 1],
      ['b', null, 2],
    ],
    null,
    'b',
    'latest',
  ],
  [
    'latest: an older clearing loses',
    ['latest'],
    [
      ['a', null, 1],
      ['b', 'new', 2],
    ],
    'new',
    'b',
    'latest',
  ],
  [
    'a tie goes to the smallest key',
    ['latest'],
    [
      ['b', 'B', 1],
      ['a', 'A', 1],
    ],
    'A',
    'a',
    'latest',
  ],
  [
    'prefer takes the first with a say',
    [{ prefer: ['x', 'b'] }],
    [
      ['a', 'A', 9],
      ['b', 'B', 1],
    ],
    'B',
    'b',
    'prefer x, b',
  ],
  [
    'prefer obeys its own order',
    [{ prefer: ['b', 'a'] }],
    [
      ['a', 'A', 9],
      ['b', 'B', 1],
    ],
    'B',
    'b',
    'prefer b, a',
  ],
  [
    'prefer takes a clearing too',
    [{ prefer: ['a'] }],
    [
      ['a', null, 1],
      ['b', 'B', 9],
    ],
    null,
    'a',
    'prefer a',
  ],
  [
    'prefer without any of them decides nothing',
    [{ prefer: ['x'] }, 'latest'],
    [
      ['a', 'A', 1],
      ['b', 'B', 2],
    ],
    'B',
    'b',
    'latest',
  ],
  [
    'complete takes the fullest record',
    ['complete'],
    [
      ['a', 'A', 9, 2],
      ['b', 'B', 1, 5],
    ],
    'B',
    'b',
    'complete',
  ],
  [
    'complete never takes an empty value',
    ['complete'],
    [
      ['a', null, 9, 9],
      ['b', 'B', 1, 1],
    ],
    'B',
    'b',
    'complete',
  ],
  [
    'longest',
    ['longest'],
    [
      ['a', 'ab', 9],
      ['b', 'abc', 1],
    ],
    'abc',
    'b',
    'longest',
  ],
  [
    'longest never takes an empty value',
    ['longest'],
    [
      ['a', null, 9],
      ['b', 'x', 1],
    ],
    'x',
    'b',
    'longest',
  ],
  [
    'rank: the last stage wins',
    [{ rank: ['lead', 'customer'] }],
    [
      ['a', 'lead', 9],
      ['b', 'customer', 1],
    ],
    'customer',
    'b',
    'rank lead < customer',
  ],
  [
    'rank: an unknown stage stands below all',
    [{ rank: ['lead', 'customer'] }],
    [
      ['a', 'odd', 9],
      ['b', 'lead', 1],
    ],
    'lead',
    'b',
    'rank lead < customer',
  ],
  [
    'rank: a clearing does not outrank a stage',
    [{ rank: ['lead'] }],
    [
      ['a', null, 9],
      ['b', 'lead', 1],
    ],
    'lead',
    'b',
    'rank lead',
  ],
  [
    'any: one true is true',
    ['any'],
    [
      ['a', false, 9],
      ['b', true, 1],
    ],
    true,
    'b',
    'any',
  ],
  [
    'any: none is false',
    ['any'],
    [
      ['a', false, 9],
      ['b', false, 1],
    ],
    false,
    'a',
    'any',
  ],
  [
    'any: a clearing does not undo a true',
    ['any'],
    [
      ['a', null, 9],
      ['b', true, 1],
    ],
    true,
    'b',
    'any',
  ],
  [
    'all: one false is false',
    ['all'],
    [
      ['a', true, 9],
      ['b', false, 1],
    ],
    false,
    'b',
    'all',
  ],
  [
    'all: all true is true',
    ['all'],
    [
      ['a', true, 9],
      ['b', true, 1],
    ],
    true,
    'a',
    'all',
  ],
  [
    'min of numbers counts, not spells',
    ['min'],
    [
      ['a', 10, 9],
      ['b', 9, 1],
    ],
    9,
    'b',
    'min',
  ],
  [
    'max of numbers counts, not spells',
    ['max'],
    [
      ['a', 9, 9],
      ['b', 10, 1],
    ],
    10,
    'b',
    'max',
  ],
  [
    'min of dates',
    ['min'],
    [
      ['a', '2025-02-01', 9],
      ['b', '2024-12-31', 1],
    ],
    '2024-12-31',
    'b',
    'min',
  ],
  [
    'max of dates',
    ['max'],
    [
      ['a', '2024-12-31', 9],
      ['b', '2025-02-01', 1],
    ],
    '2025-02-01',
    'b',
    'max',
  ],
  [
    'min never takes an empty value',
    ['min'],
    [
      ['a', null, 9],
      ['b', 3, 1],
    ],
    3,
    'b',
    'min',
  ],
  [
    'sum',
    ['sum'],
    [
      ['a', 2, 9],
      ['b', 3, 1],
      ['c', null, 5],
    ],
    5,
    'a',
    'sum',
  ],
  [
    'sum leaves text out',
    ['sum'],
    [
      ['a', 'x', 9],
      ['b', 3, 1],
    ],
    3,
    'b',
    'sum',
  ],
  [
    'sum of no number falls through',
    ['sum', 'latest'],
    [
      ['a', 'x', 1],
      ['b', 'y', 2],
    ],
    'y',
    'b',
    'latest',
  ],
  [
    'union is a sorted set',
    ['union'],
    [
      ['a', ['y', 'x'], 9],
      ['b', ['z', 'x'], 1],
    ],
    ['x', 'y', 'z'],
    'a',
    'union',
  ],
  [
    'union takes single values as items',
    ['union'],
    [
      ['a', 'q', 9],
      ['b', ['p'], 1],
    ],
    ['p', 'q'],
    'a',
    'union',
  ],
  [
    'all cleared stays cleared',
    ['longest'],
    [
      ['a', null, 2],
      ['b', null, 1],
    ],
    null,
    'a',
    'longest',
  ],
  [
    'a chain goes on among the tied',
    ['longest', { prefer: ['b'] }],
    [
      ['a', 'xx', 9],
      ['b', 'yy', 1],
      ['c', 'z', 10],
    ],
    'yy',
    'b',
    'prefer b',
  ],
  [
    'the rule named is the last that decided',
    ['longest', 'latest'],
    [
      ['a', 'xxx', 1],
      ['b', 'y', 2],
      ['c', 'z', 3],
    ],
    'xxx',
    'a',
    'longest',
  ],
  [
    'a computed value ends its chain',
    ['union', 'longest'],
    [
      ['a', ['p'], 2],
      ['b', ['q'], 1],
    ],
    ['p', 'q'],
    'a',
    'union',
  ],
  [
    'one that ties throughout names its first rule',
    ['longest', 'any'],
    [
      ['a', 'xx', 1],
      ['b', 'yy', 1],
    ],
    'xx',
    'a',
    'longest',
  ],
];

describe('rules', () => {
  test.each(cases)('%s', (_, chain, lines, value, winner, rule) => {
    const choice = choose(chain, lines.map(candidate));
    expect({ value: choice.value, winner: choice.winner.connection, rule: choice.rule }).toEqual({
      value,
      winner,
      rule,
    });
  });

  const scalar = fc.oneof(
    fc.constantFrom<Value>(null, 'a', 'bb', 'lead', 'customer', true, false),
    fc.nat(9),
  );
  const line = fc.tuple(
    fc.constantFrom('a', 'b', 'c', 'd'),
    scalar,
    fc.integer({ min: 1, max: 3 }),
    fc.nat(3),
  );
  const lines = fc.uniqueArray(line, { minLength: 1, maxLength: 4, selector: ([connection]) => connection });
  const rule = fc.constantFrom<Rule>(
    'latest',
    'complete',
    'longest',
    'any',
    'all',
    'min',
    'max',
    'sum',
    'union',
    { prefer: ['c', 'a'] },
    { rank: ['lead', 'customer'] },
  );

  test('law 5: any chain gives one answer, whatever the order of the candidates', () => {
    fc.assert(
      fc.property(fc.array(rule, { maxLength: 3 }), lines, fc.nat(23), (chain, list, turn) => {
        const given = list.map(candidate);
        const turned = [
          ...given.slice(turn % given.length),
          ...given.slice(0, turn % given.length),
        ].reverse();
        expect(choose(chain, turned)).toEqual(choose(chain, given));
        expect(given.map((c) => c.source)).toEqual(list.map(([connection]) => `${connection}/people/1`));
      }),
    );
  });

  test('a rule other than latest and prefer takes a value where there is one', () => {
    const other = rule.filter((one) => one !== 'latest' && !(typeof one === 'object' && 'prefer' in one));
    fc.assert(
      fc.property(other, lines, (one, list) => {
        fc.pre(list.some(([, value]) => value !== null));
        expect(choose([one], list.map(candidate)).value).not.toBeNull();
      }),
    );
  });

  test('rules are named as people write them', () => {
    expect(ruleName('sum')).toBe('sum');
    expect(ruleName({ prefer: ['crm', 'ma'] })).toBe('prefer crm, ma');
    expect(ruleName({ rank: ['lead', 'won'] })).toBe('rank lead < won');
  });
});
