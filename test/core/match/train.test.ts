import { describe, expect, test } from 'vitest';
import { calibrate } from '../../../core/match/frequencies.ts';
import { createMatcher } from '../../../core/match/matcher.ts';
import { DEFAULT_MODEL } from '../../../core/match/model.ts';
import { buildBlocks } from '../../../core/match/pairs.ts';
import { retrain } from '../../../core/match/retrain.ts';
import { type Decided, train } from '../../../core/match/train.ts';
import type { MatchInput } from '../../../core/match/types.ts';
import { company, compare, person, record } from './fixtures.ts';

const matcher = createMatcher(company);

function trained(inputs: MatchInput[], decided: Decided[] = []) {
  const records = inputs.map(matcher.prepare);
  return train(
    calibrate(DEFAULT_MODEL.company, records),
    records,
    buildBlocks(records.map(matcher.keys), matcher.limit),
    decided,
  );
}

const SYLLABLES = [
  'bar',
  'cal',
  'dor',
  'fen',
  'gil',
  'hol',
  'kel',
  'lum',
  'mor',
  'nev',
  'pol',
  'quin',
  'ros',
  'sul',
  'tam',
  'vor',
];
/** A word of three syllables, different for every number below 4,096. */
const word = (n: number) => [n, n >> 4, n >> 8].map((k) => SYLLABLES[k & 15]).join('');

/** A hundred companies at a hundred addresses, each in so many records. */
function list(each: number): MatchInput[] {
  const inputs: MatchInput[] = [];
  for (let i = 0; i < 100; i++)
    for (let n = 0; n < each; n++)
      inputs.push(
        record(`c${i}-${n}`, {
          name: `${word((i * 1237) % 4096)} ${word((i % 25) * 811)} Supplies`,
          street: `${100 + ((i * 7919) % 9000)} ${word((i * 577) % 4096)} Street`,
          city: 'Springfield',
          phone: `+1312555${1000 + i}`,
        }),
      );
  return inputs;
}

describe('training', () => {
  test('strangers look the same however often each of them is in the list', () => {
    const [few, many] = [trained(list(2)), trained(list(10))];
    expect(many.comparisons.place!.same!.u).toBeLessThan(2 * few.comparisons.place!.same!.u);
    // Ten records of one company: an even draw of pairs would take one in a hundred for strangers who live together.
    expect(many.comparisons.place!.same!.u).toBeLessThan(0.001);
    expect(many.comparisons.place!.same!.m).toBeGreaterThan(0.9);
  });

  test('a number is worth what strangers share of it, not how many records one company has', () => {
    const shared = list(3).map((input, i) =>
      i < 9 ? { ...input, values: { ...input.values, phone: '+13125559999' } } : input,
    );
    const { shares, rare } = trained(shared).frequencies.phone!;
    expect(shares['+13125551050']).toBeCloseTo(rare, 4);
    // Three companies of three records each: of a bearer's eight fellows six are strangers.
    expect(shares['+13125559999']! / rare).toBeCloseTo(6, 0);
  });

  test('what people have decided of a pair is certain, whatever it looks like, and candidate or not', () => {
    const inputs = list(2);
    const [plain, joined, parted] = [
      trained(inputs),
      trained(
        inputs,
        [1, 2, 3, 4, 5].map((i) => ({ a: `c${i}-0`, b: `c${i + 40}-0`, one: true })),
      ),
      trained(
        inputs,
        [1, 2, 3, 4, 5].map((i) => ({ a: `c${i}-1`, b: `c${i}-0`, one: false })),
      ),
    ];
    const different = (model: typeof plain) => model.comparisons.phone!.different!.m;
    expect(different(joined)).toBeGreaterThan(different(plain) + 0.02);
    expect(parted.prior).toBeLessThan(plain.prior - 0.05);
    expect(parted.comparisons.place!.same!.u).toBeGreaterThan(plain.comparisons.place!.same!.u);
    // Of records that are not there, nothing can be learnt.
    expect(trained(inputs, [{ a: 'c1-0', b: 'gone', one: true }])).toEqual(plain);
  });

  test('the same records give the same model', () => {
    expect(trained(list(2))).toEqual(trained(list(2)));
  });
});

describe("words of a company's name", () => {
  const level = (a: string, b: string) =>
    compare(company, { name: a }, { name: b }).levels.find((l) => l.comparison === 'name')?.level;

  test.each([
    ['Bluebell Orchard Center', 'Bluebell Orchard Ctr', 'similar'],
    ['Community Development Association of Bluebell', 'Community Dev Assn Bluebell', 'similar'],
    ['Bluebell Orchard', 'Northside Bluebell Orchard School', 'part'],
    ['YMCA of Metropolitan Bluebell - Orchard', 'Orchard Family YMCA', 'word'],
    ['Bluebell Orchard', 'Granite Harbor', 'different'],
    ['Harbour House Foundation', 'Harbor House Foundation', 'similar'],
  ])('%s, %s: %s', (a, b, expected) => {
    expect(level(a, b)).toBe(expected);
  });

  test('weigh as much as they are rare in the list', () => {
    const inputs = [
      ...list(1),
      record('x', { name: 'Supplies Quartz' }),
      record('y', { name: 'Quartz Pinnacle' }),
      record('z', { name: 'Supplies Summit' }),
    ];
    const records = inputs.map(matcher.prepare);
    const own = createMatcher(company, calibrate(DEFAULT_MODEL.company, records));
    const [x, y, z] = inputs.slice(-3).map(own.prepare);
    const weight = (a: typeof x, b: typeof x) => own.compare(a!, b!).levels[0]!.weight;
    expect(weight(x, y)).toBeGreaterThan(weight(x, z) + 2);
  });
});

describe('Western streets', () => {
  const level = (a: string, b: string) =>
    compare(company, { address: a }, { address: b }).levels.find((l) => l.comparison === 'place')?.level;

  test('are one however their kind and direction are written, two where number or direction differ', () => {
    expect(level('645 W 127TH St.', '645 West 127th Street')).toBe('same');
    expect(level('2318 S HOYNE', '2318 South Hoyne Ave')).toBe('same');
    expect(level('645 W 126th St', '645 W 127th St')).not.toBe('same');
    expect(level('2700 N Western Ave', '2700 S Western Ave')).not.toBe('same');
  });
});

test('in a short list of namesakes training does not take families for one person', () => {
  const inputs = list(1)
    .slice(0, 30)
    .flatMap((_, i) =>
      ['a', 'b'].map((source) =>
        record(`${source}${i}`, {
          familyName: word((i % 6) * 311),
          givenName: word((Math.floor(i / 6) + 2) * 173),
          email: `p${i}@house${i % 6}.example`,
        }),
      ),
    );
  const { before, after } = retrain(person, undefined, inputs.map(createMatcher(person).prepare));
  expect([before.link, after.link, after.review]).toEqual([30, 30, 0]);
});

test('a common name in the wrong field is no rarer for it', () => {
  const names = Array.from({ length: 200 }, (_, i) =>
    record(`n${i}`, { familyName: word(i % 20), givenName: word(1000 + (i % 10)) }),
  );
  const own = createMatcher(
    person,
    calibrate(DEFAULT_MODEL.person, names.map(createMatcher(person).prepare)),
  );
  const weigh = (a: [string, string], b: [string, string]) => {
    const [x, y] = [a, b].map(([familyName, givenName], i) =>
      own.prepare(record(`q${i}`, { familyName, givenName })),
    );
    return own.compare(x!, y!).weight;
  };
  const [family, given] = [word(3), word(1003)];
  expect(weigh([given, family], [given, family])).toBeCloseTo(weigh([family, given], [family, given]), 6);
  expect(weigh([family, given], [given, family])).toBeCloseTo(weigh([family, given], [family, given]), 6);
});
