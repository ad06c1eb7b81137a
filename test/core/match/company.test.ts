import { describe, expect, test } from 'vitest';
import { BASES } from '../../../core/match/bases.ts';
import { type Base, DEFAULT_MODEL } from '../../../core/match/model.ts';
import { company, compare, deal } from './fixtures.ts';

describe('companies', () => {
  test('the same 法人番号 links, even under a new name', () => {
    const found = compare(
      company,
      { name: '青葉工業株式会社', corporateNumber: '7000012050002' },
      { name: '港テクノロジー㈱', corporateNumber: 'T7000012050002' },
    );
    expect(found).toMatchObject({ decision: 'link', rule: 'same 法人番号' });
    expect(found.sharedKeys).toContain('number:7000012050002');
  });

  test('two 法人番号 contradict, however alike the rest is', () => {
    const rest = { name: '株式会社アシスト', website: 'https://www.assist-ex.co.jp', phone: '03-1111-2345' };
    const found = compare(
      company,
      { ...rest, corporateNumber: '7000012050002' },
      { ...rest, corporateNumber: '5010001008846' },
    );
    expect(found).toMatchObject({ decision: 'apart', contradiction: 'two different 法人番号' });
  });

  test('a wrong check digit is no number: it neither links nor contradicts', () => {
    const found = compare(
      company,
      { name: '青葉工業', corporateNumber: '6700102001234' },
      { name: '港商事', corporateNumber: '6700102001234' },
    );
    expect(found.rule).toBeUndefined();
    expect(found.sharedKeys.filter((k) => k.startsWith('number:'))).toEqual([]);
  });

  test('name and domain link across legal form, width and branch', () => {
    const found = compare(
      company,
      { name: '株式会社ヴィーナス食品', website: 'http://www.venus-ex.co.jp/' },
      { name: 'ビーナス食品㈱ 大阪支店', email: 'tanaka@venus-ex.co.jp' },
    );
    expect(found.decision).toBe('link');
  });

  test('a common name alone does not link; nor does a group’s shared domain', () => {
    expect(compare(company, { name: '株式会社アシスト' }, { name: '㈱アシスト' }).decision).not.toBe('link');
    const group = { website: 'https://tokyo-ex.co.jp' };
    expect(
      compare(company, { ...group, name: '東京システム開発㈱' }, { ...group, name: '日本物流㈱' }).decision,
    ).not.toBe('link');
  });
});

test('deals match by name and company together, never by one alone', () => {
  const both = { name: 'Renewal 2026', company: 'golden-1' };
  expect(compare(deal, both, both).decision).toBe('link');
  expect(compare(deal, both, { ...both, company: 'golden-2' }).decision).toBe('apart');
  expect(compare(deal, { name: 'Renewal 2026' }, { name: 'Renewal 2026' }).decision).not.toBe('link');
});

test('every level of every comparison has a weight in the shipped models', () => {
  for (const base of Object.keys(BASES) as Base[])
    for (const { name, levels } of BASES[base].comparisons)
      for (const level of levels) {
        const found = DEFAULT_MODEL[base].comparisons[name]?.[level];
        expect(found, `${base}.${name}.${level}`).toBeDefined();
        expect(found!.m).toBeGreaterThan(0);
        expect(found!.u).toBeLessThan(1);
      }
});
