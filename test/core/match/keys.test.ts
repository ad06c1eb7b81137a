import { describe, expect, test } from 'vitest';
import { createMatcher } from '../../../core/match/matcher.ts';
import { person, record } from './fixtures.ts';

const matcher = createMatcher(person);
const keysOf = (values: Record<string, string>) => matcher.keys(matcher.prepare(record('a', values)));
const shared = (a: Record<string, string>, b: Record<string, string>) => {
  const other = new Set(keysOf(b));
  return keysOf(a).filter((key) => other.has(key));
};

describe('blocking keys', () => {
  test('are short, whatever the values: the store keeps them all', () => {
    const long = {
      familyName: '勅使河原',
      givenName: 'Wolfeschlegelsteinhausen',
      email: `${'x'.repeat(60)}@${'y'.repeat(60)}.example`,
      company: '0198f3c2-7c1e-7d0a-9a3e-5b1f6e2d4c88',
      companyName: '株式会社'.padEnd(80, '東京システム開発'),
      postalCode: '106-0032',
      address: '東京都港区六本木5丁目1番2号',
    };
    const keys = keysOf(long);
    expect(keys.length).toBeGreaterThan(5);
    for (const key of keys) expect(key.length).toBeLessThanOrEqual(32);
  });

  test('long ones still meet their like, and nothing else', () => {
    const at = (n: number) => ({ email: `${'x'.repeat(60)}${n}@aoba.example` });
    const mail = (n: number) => keysOf(at(n)).filter((key) => key.startsWith('mail:'));
    expect(mail(1)).toEqual(mail(1));
    expect(new Set(Array.from({ length: 5000 }, (_, n) => mail(n)[0])).size).toBe(5000);
  });

  test('a colleague meets by the golden company, its name or its domain, whichever two have in common', () => {
    const sato = { familyName: '佐藤' };
    const full = {
      ...sato,
      company: 'golden-1',
      companyName: '青葉工業㈱',
      website: 'https://aoba-ex.co.jp',
    };
    const others: Record<string, string>[] = [
      { company: 'golden-1' },
      { companyName: '株式会社青葉工業' },
      { website: 'www.aoba-ex.co.jp' },
    ];
    for (const other of others)
      expect(shared(full, { ...sato, ...other }).length, JSON.stringify(other)).toBeGreaterThan(0);
  });

  test('one name in two scripts, or with its fields swapped, meets by its reading', () => {
    const kana = { familyName: 'サトウ', givenName: 'ケンイチ' };
    for (const other of [
      { familyName: '佐藤', givenName: '健一' },
      { familyName: 'Satoh', givenName: 'Kenichi' },
      { familyName: '健一', givenName: '佐藤' },
    ])
      expect(shared(kana, other).length, JSON.stringify(other)).toBeGreaterThan(0);
  });
});

test('a matcher that has seen many records prepares the same as a new one', () => {
  const values = {
    familyName: '佐藤',
    givenName: '健一',
    companyName: '青葉工業㈱',
    address: '東京都港区芝1-2-3',
  };
  const old = createMatcher(person);
  for (let i = 0; i < 25_000; i++) old.prepare(record(`r${i}`, { familyName: `佐藤${i}`, city: `${i}市` }));
  expect(old.prepare(record('a', values))).toEqual(matcher.prepare(record('a', values)));
});
