import { describe, expect, test } from 'vitest';
import { createMatcher } from '../../../core/match/matcher.ts';
import { DEFAULT_MODEL } from '../../../core/match/model.ts';
import { company, compare, person, record } from './fixtures.ts';

const sato = { familyName: '佐藤', givenName: '健一', email: 'kenichi.sato@aoba-ex.co.jp' };

describe('links', () => {
  test('the same personal e-mail and the same name, whatever the script or the order of the fields', () => {
    const spellings: Record<string, string>[] = [
      { familyName: 'サトウ', givenName: 'ケンイチ' },
      { familyName: 'Satoh', givenName: 'Kenichi' },
      { familyName: '健一', givenName: '佐藤' },
      { fullName: '佐 藤　健 一 様' },
      { familyName: '佐藤健一' },
    ];
    for (const other of spellings) {
      const found = compare(person, sato, { ...other, email: ' Kenichi.Sato＠AOBA-EX.co.jp ' });
      expect(found.decision, JSON.stringify(other)).toBe('link');
      expect(found.rule).toBe('same personal e-mail, same name');
      expect(found.sharedKeys).toContain('mail:kenichi.sato@aoba-ex.co.jp');
    }
  });

  test('the same personal e-mail where one side has no name at all', () => {
    expect(compare(person, sato, { email: sato.email })).toMatchObject({
      decision: 'link',
      rule: 'same personal e-mail',
    });
  });

  test('whose fields are swapped is told by the word that agrees: Smith is the surname of either', () => {
    const counted = {
      family: { rare: 0.001, shares: { smith: 0.02 } },
      given: { rare: 0.001, shares: { robert: 0.02 } },
    };
    const matcher = createMatcher(person, { ...DEFAULT_MODEL.person, frequencies: counted });
    const of = (givenName: string, familyName: string) =>
      matcher.prepare(record('x', { givenName, familyName, phone: '+12125550147', companyName: 'Acme' }));
    const roberta = of('Roberta', 'Smith');
    const [straight, swapped] = [of('Robert', 'Smith'), of('Smith', 'Robert')].map((one) =>
      matcher.compare(one, roberta),
    );
    expect(swapped).toEqual(straight);
    expect(matcher.compare(roberta, of('Smith', 'Robert'))).toEqual(straight);
  });

  test('Western nicknames with the same mailbox', () => {
    const found = compare(
      person,
      { givenName: 'Robert', familyName: 'Fischer', email: 'rf@fischer-tools.example.net' },
      { givenName: 'Bob', familyName: 'Fischer', email: 'rf@fischer-tools.example.net' },
    );
    expect(found.levels.find((l) => l.comparison === 'given')?.level).toBe('nickname');
    expect(found.decision).toBe('link');
  });

  test('the same mobile phone and the same name, after a change of company', () => {
    const found = compare(
      person,
      { familyName: '勅使河原', givenName: '誠', mobile: '090-1234-5678', companyName: '青葉工業株式会社' },
      { familyName: '勅使河原', givenName: '誠', phone: '+81 90 1234 5678', companyName: '港商事㈱' },
    );
    expect(found).toMatchObject({ decision: 'link', rule: 'same mobile phone, same name' });
  });
});

describe('never links', () => {
  test('members of a household with one mailbox and one telephone', () => {
    const home = {
      familyName: '佐藤',
      email: 'sato-family@example-mail.jp',
      phone: '03-1111-2345',
      address: '東京都港区芝1-2-3',
    };
    const found = compare(person, { ...home, givenName: '健一' }, { ...home, givenName: '花子' });
    expect(found.decision).toBe('apart');
    expect(found.contradiction).toMatch(/given names/);
  });

  test('namesakes on their names alone', () => {
    const name = { familyName: '佐藤', givenName: '健一' };
    expect(compare(person, name, name).decision).not.toBe('link');
  });

  test('a function and a person, though they share everything else', () => {
    const office = { companyName: '青葉工業株式会社', phone: '03-1111-2345', email: 'info@aoba-ex.co.jp' };
    const found = compare(
      person,
      { ...office, fullName: 'ご担当者様' },
      { ...office, fullName: '佐藤 健一' },
    );
    expect(found.decision).toBe('apart');
    expect(found.contradiction).toMatch(/function/);
  });

  test('kojima@ and kojima2@ of one company', () => {
    const job = { familyName: '小島', givenName: '信雄', companyName: '青葉工業株式会社' };
    const found = compare(
      person,
      { ...job, email: 'kojima@aoba-ex.co.jp' },
      { ...job, email: 'kojima2@aoba-ex.co.jp' },
    );
    expect(found).toMatchObject({
      decision: 'apart',
      contradiction: 'two numbered mailboxes of one company',
    });
  });

  test('strangers who gave a role mailbox, a placeholder or a free-dial number', () => {
    const junk = { email: 'info@aoba-ex.co.jp', phone: '0120-444-113', mobile: '090-0000-0000' };
    const found = compare(person, { ...junk, fullName: '田中 実' }, { ...junk, fullName: '鈴木 愛' });
    expect(found.decision).toBe('apart');
    expect(found.sharedKeys.filter((k) => /^(mail|phone|local|box):/.test(k))).toEqual([]);
  });
});

describe('bad and missing input', () => {
  test('an empty record, and one of nothing but junk, have no keys and match nothing', () => {
    const matcher = createMatcher(person);
    const empty = matcher.prepare(record('a', {}));
    const junk = matcher.prepare(
      record('b', { fullName: 'テスト', email: 'なし', phone: '-', birthDate: '未定', postalCode: '0' }),
    );
    expect(matcher.keys(empty)).toEqual([]);
    expect(matcher.keys(junk)).toEqual([]);
    expect(matcher.compare(empty, junk).decision).toBe('apart');
  });

  test('prepared records survive JSON', () => {
    const matcher = createMatcher(person);
    const prepared = matcher.prepare(
      record('a', { ...sato, birthDate: 'S50.12.1', address: '東京都港区虎ノ門4の1の8' }),
    );
    expect(JSON.parse(JSON.stringify(prepared))).toEqual(prepared);
  });

  test('a model of another base is refused with the way out', () => {
    expect(() => createMatcher(person, DEFAULT_MODEL.company)).toThrow(/nayose train person/);
  });

  test("base 'none' matches nothing", () => {
    const matcher = createMatcher({ ...company, name: 'ticket', base: 'none' });
    const prepared = matcher.prepare(record('a', { name: '青葉工業', corporateNumber: '7000012050002' }));
    expect(matcher.keys(prepared)).toEqual([]);
    expect(matcher.compare(prepared, prepared).decision).toBe('apart');
  });
});

test('custom attributes take part by type: a second e-mail under another name', () => {
  const custom = { ...person, attributes: { ...person.attributes, privateMail: { type: 'email' as const } } };
  const found = compare(
    custom,
    { ...sato, email: 'kenichi1975@mail-ex.jp' },
    { familyName: '佐藤', givenName: '健一', privateMail: 'kenichi1975@mail-ex.jp' },
  );
  expect(found.decision).toBe('link');
});

test('explains itself: levels and prior sum up to the weight', () => {
  const found = compare(person, sato, { ...sato, familyName: '佐籐' });
  const sum = found.levels.reduce((total, l) => total + l.weight, DEFAULT_MODEL.person.prior);
  expect(found.weight).toBeCloseTo(sum, 9);
  expect(found.probability).toBeCloseTo(2 ** found.weight / (1 + 2 ** found.weight), 9);
});

test('a rare surname is worth more than a common one', () => {
  const weight = (name: string) =>
    compare(person, { familyName: name, givenName: '誠' }, { familyName: name, givenName: '誠' }).weight;
  expect(weight('勅使河原')).toBeGreaterThan(weight('佐藤') + 4);
});
