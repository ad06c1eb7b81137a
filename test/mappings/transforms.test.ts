import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Json } from '../../connectors/contract.ts';
import { stepArgs } from '../../mappings/steps.ts';
import type { Step, TransformContext } from '../../mappings/transforms/define.ts';
import { TRANSFORMS } from '../../mappings/transforms/index.ts';

const context = (direction: 'in' | 'out', record: Record<string, Json> = {}): TransformContext => ({
  direction,
  region: 'JP',
  timeZone: 'Asia/Tokyo',
  record,
});

function run(name: string, form: unknown, value: Json, at: TransformContext) {
  const transform = TRANSFORMS.get(name)!;
  return transform.prepare(stepArgs(transform, form))(value, at);
}

/** The inverse steps, run on out. */
function back(name: string, form: unknown, value: Json): Json {
  const transform = TRANSFORMS.get(name)!;
  const steps: Step[] = transform.inverse?.(stepArgs(transform, form)) ?? [];
  return steps.reduce<Json>((all, step) => {
    const result = run(step.transform, step.args, all, context('out'));
    if (!result.ok) throw new Error(result.message);
    return result.value;
  }, value);
}

describe('each transform does what its documentation shows', () => {
  for (const transform of TRANSFORMS.values())
    describe(transform.name, () => {
      test('has a documentation and examples', () => {
        expect(transform.doc.length).toBeGreaterThan(5);
        expect(transform.examples.length).toBeGreaterThan(0);
      });
      for (const { args, direction = 'in', record, input, output, fails } of transform.examples)
        test(`${JSON.stringify(args ?? {})} ${direction} ${JSON.stringify(input)}`, () => {
          const result = run(transform.name, args, input, context(direction, record));
          expect(result).toEqual(
            fails === undefined ? { ok: true, value: output } : { ok: false, message: fails },
          );
        });
    });
});

describe('bad input', () => {
  const without = (...names: string[]) => [...TRANSFORMS.keys()].filter((name) => !names.includes(name));
  const ARGS: Record<string, unknown> = {
    truncate: 5,
    replace: { find: 'a', with: 'b' },
    split: ';',
    join: ';',
    map: { a: 'b' },
    firstOf: ['x'],
    default: 'd',
    blank: ['x'],
    prefix: 'p',
    suffix: 's',
    pad: 4,
    extract: 'x',
    address: 'city',
  };

  for (const name of without('default'))
    test(`${name}: empty stays empty`, () => {
      for (const direction of ['in', 'out'] as const)
        for (const empty of [null, ''])
          expect(run(name, ARGS[name], empty, context(direction))).toEqual({ ok: true, value: null });
    });

  test('no transform throws, whatever it is given', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...TRANSFORMS.keys()),
        fc.jsonValue(),
        fc.constantFrom('in', 'out'),
        (name, value, direction) => {
          const result = run(name, ARGS[name], value as Json, context(direction));
          expect(result.ok ? result.value !== undefined : result.message.length > 0).toBe(true);
        },
      ),
      { numRuns: 2000 },
    );
  });

  test('a structure is refused with words', () => {
    expect(run('trim', {}, { a: 1 }, context('in'))).toEqual({
      ok: false,
      message: 'is a structure, and text was expected',
    });
  });
});

describe('laws', () => {
  const idempotent: [string, unknown][] = [
    ['trim', {}],
    ['nfkc', {}],
    ['width', {}],
    ['lower', {}],
    ['email', {}],
    ['truncate', 4],
    ['name', {}],
    ['company', {}],
    ['phone', {}],
    ['number', 2],
    ['kana', 'half'],
    ['kana', 'katakana'],
    ['kana', 'hiragana'],
    ['honorific', {}],
    ['postalCode', {}],
    ['prefecture', {}],
    ['country', {}],
    ['corporateNumber', {}],
    ['era', {}],
    ['pad', 5],
    ['blank', ['x']],
  ];
  for (const [name, args] of idempotent)
    test(`${name}: twice is once`, () => {
      fc.assert(
        fc.property(fc.string({ unit: 'grapheme' }), (text) => {
          const once = run(name, args, text, context('in'));
          if (!once.ok) return;
          expect(run(name, args, once.value, context('in'))).toEqual(once);
        }),
        { numRuns: 500 },
      );
    });

  const day = fc
    .date({
      min: new Date('1900-01-01T00:00:00Z'),
      max: new Date('2999-12-31T00:00:00Z'),
      noInvalidDate: true,
    })
    .map((date) => date.toISOString().slice(0, 10));
  const formats = fc.constantFrom(
    'YYYY/MM/DD',
    'DD/MM/YYYY',
    'M/D/YYYY',
    'YYYY年M月D日',
    'YYYYMMDD',
    'DD.MM.YYYY',
  );

  test('date: in(out(day)) is the day, in every format', () => {
    fc.assert(
      fc.property(day, formats, (value, format) => {
        const written = back('date', format, value);
        expect(run('date', format, written, context('in'))).toEqual({ ok: true, value });
      }),
    );
  });

  test('number: in(out(x)) is x for every scale', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -1e9, max: 1e9 }),
        fc.constantFrom(1, 10, 100, 0.01, 1000),
        (cents, scale) => {
          const value = cents / 100;
          const written = back('number', { scale }, value);
          expect(run('number', { scale }, written, context('in'))).toEqual({ ok: true, value });
        },
      ),
    );
  });

  test('boolean: in(out(x)) is x in the tool’s own words', () => {
    for (const value of [true, false])
      for (const words of [
        { true: 'J', false: 'N' },
        { true: 1, false: 0 },
        { true: '有', false: '無' },
      ])
        expect(run('boolean', words, back('boolean', words, value), context('in'))).toEqual({
          ok: true,
          value,
        });
  });

  test('split and join undo each other', () => {
    const item = fc.stringMatching(/^[a-z0-9]{1,8}$/);
    fc.assert(
      fc.property(
        fc.array(item, { minLength: 1, maxLength: 6 }),
        fc.constantFrom(';', ', ', '|'),
        (items, by) => {
          expect(run('split', by, back('split', by, items), context('in'))).toEqual({
            ok: true,
            value: items,
          });
          const joined = items.join(by);
          expect(run('join', by, back('join', by, joined), context('in'))).toEqual({
            ok: true,
            value: joined,
          });
        },
      ),
    );
  });

  test('phone: every format reads back as the same number', () => {
    const number = fc.tuple(
      fc.constantFrom('+8190', '+8180', '+813', '+816'),
      fc.integer({ min: 10_000_000, max: 99_999_999 }),
    );
    fc.assert(
      fc.property(number, fc.constantFrom('national', 'international', 'e164'), ([head, tail], format) => {
        const written = run('phone', { format }, head + tail, context('out'));
        if (!written.ok) throw new Error(written.message);
        expect(run('phone', {}, written.value, context('in'))).toEqual({ ok: true, value: head + tail });
      }),
    );
  });
});
