import { describe, expect, test } from 'vitest';
import { compare, person } from './fixtures.ts';

type Values = Record<string, string>;
const decisionOf = (a: Values, b: Values) => compare(person, a, b).decision;
const OFFICE = {
  company: 'golden-7',
  companyName: 'Thistle Consulting Ltd',
  postalCode: 'CF10 2AF',
  city: 'Cardiff',
  street: '909 Mill Lane',
};
const at = (local: string) => `${local}@thistleconsulting.example`;

describe('two mailboxes that each spell their own name are two people', () => {
  test.each([
    ['surnames', 'Victoria', 'Harrison', 'victoria.harrison', 'Victoria', 'Harris', 'victoria.harris'],
    ['surnames', 'Tom', 'Clark', 'clark-t', 'Tom', 'Clarke', 'clarke-t'],
    ['given names', 'Christina', 'Webb', 'christina.webb', 'Christine', 'Webb', 'christine.webb'],
    ['given names', 'Jana', 'Roth', 'jana.roth', 'Jan', 'Roth', 'jan.roth'],
    ['in kanji', '健', '佐藤', 'ken.sato', '健一', '佐藤', 'kenichi.sato'],
    ['in kanji', '真由', '鈴木', 'mayu-suzuki', '真由美', '鈴木', 'mayumi-suzuki'],
    ['read alike', '裕子', '田中', 'yuko.tanaka', '祐子', '田中', 'tanaka-y'],
    ['namesakes', 'Mai', 'Suzuki', 'suzuki', 'Mai', 'Suzuki', 'suzukim'],
  ])('%s: %s %s and %s', (_, given, family, mail, otherGiven, otherFamily, otherMail) => {
    const one = { ...OFFICE, givenName: given, familyName: family, email: at(mail) };
    const other = { ...OFFICE, givenName: otherGiven, familyName: otherFamily, email: at(otherMail) };
    expect(decisionOf(one, other)).not.toBe('link');
    // Nor does the office's telephone make them one.
    expect(decisionOf({ ...one, phone: '+44 1184 960283' }, { ...other, phone: '+44 1184 960283' })).not.toBe(
      'link',
    );
  });

  test('at private providers too', () => {
    const home = { postalCode: '231-0023', city: '横浜市中区', street: '山下町1-2-3', phone: '045-111-2345' };
    const one = { ...home, familyName: '佐藤', givenName: '真由', email: 'mayu.sato@gmail.com' };
    const other = { ...home, familyName: '佐藤', givenName: '真由美', email: 'mayumi.sato@gmail.com' };
    expect(decisionOf(one, other)).not.toBe('link');
  });
});

describe('a slip is still a slip', () => {
  const full = { ...OFFICE, givenName: 'Victoria', familyName: 'Harrison', email: at('victoria.harrison') };

  test('of the name, where the mailbox is the same', () => {
    expect(decisionOf(full, { ...full, familyName: 'Harison' })).toBe('link');
  });

  test('of the mailbox, where the name is the same', () => {
    expect(decisionOf(full, { ...full, email: at('victoria.harirson') })).toBe('link');
    expect(decisionOf(full, { ...full, email: at('victori.aharrison') })).toBe('link');
  });

  test('a romaji spelling of one’s own, beside the kana', () => {
    const kana = { familyNameKana: 'カマタ', givenNameKana: 'コウイチ', mobile: '070-5327-4880' };
    const found = compare(
      person,
      { ...kana, familyName: '鎌田', givenName: '光一' },
      { ...kana, familyName: 'Kamata', givenName: 'Kohichi' },
    );
    expect(found).toMatchObject({ decision: 'link', rule: 'same mobile phone, same name' });
  });
});

describe('name and workplace are not enough when something speaks for a namesake', () => {
  const kojima = { ...OFFICE, familyName: '小島', givenName: '信雄' };

  test('nothing does: one', () => {
    expect(decisionOf(kojima, { ...kojima, email: at('n.kojima') })).toBe('link');
  });

  test.each<[string, Values, Values]>([
    ['another landline', { phone: '03-1111-2345' }, { phone: '03-1111-2399' }],
    ['another mobile', { mobile: '090-1234-5678' }, { mobile: '090-8765-4321' }],
    [
      'a private mailbox, and no address',
      { email: at('n.kojima'), postalCode: '', city: '', street: '' },
      { email: 'nobkun@gmail.com' },
    ],
    ['a numbered mailbox', { email: at('kojima2') }, {}],
    ['another office', {}, { postalCode: 'G2 4JR', city: 'Glasgow', street: '265 Queen Street' }],
    ['another day of birth', { birthDate: '1970-01-02' }, { birthDate: '1998-11-23' }],
    ['other characters of one sound', { givenName: '裕子' }, { givenName: '祐子' }],
  ])('%s: for a person to decide', (_, a, b) => {
    expect(decisionOf({ ...kojima, ...a }, { ...kojima, ...b })).not.toBe('link');
  });

  test('what is one’s own decides all the same', () => {
    const mobile = '090-1234-5678';
    expect(
      decisionOf({ ...kojima, mobile, email: at('kojima2') }, { ...kojima, mobile, phone: '03-1111-2345' }),
    ).toBe('link');
  });
});

describe('households', () => {
  const home = {
    familyName: 'Smith',
    postalCode: '92101',
    city: 'San Diego',
    street: '297 Maple Drive',
    phone: '+1 701 555 0182',
    email: 'smithfamily@mail.example',
  };

  test('father and son of one name', () => {
    expect(
      compare(person, { ...home, givenName: 'John Sr.' }, { ...home, givenName: 'John Jr.' }),
    ).toMatchObject({ decision: 'apart', contradiction: 'two generations of one name' });
    const { email: _, ...bare } = home;
    expect(decisionOf({ ...bare, givenName: 'John' }, { ...bare, givenName: 'John Jr.' })).not.toBe('link');
  });

  test('twins: one birthday, one house, names that look alike', () => {
    const { email: _, ...house } = home;
    const twin = { ...house, birthDate: '1990-05-06' };
    expect(decisionOf({ ...twin, givenName: 'Michael' }, { ...twin, givenName: 'Michelle' })).not.toBe(
      'link',
    );
    expect(decisionOf({ ...twin, givenName: 'Anna' }, { ...twin, givenName: 'Peter' })).not.toBe('link');
  });

  test('one mailbox for two', () => {
    const family = { ...home, familyName: '佐藤' };
    expect(decisionOf({ ...family, givenName: '健' }, { ...family, givenName: '健一' })).not.toBe('link');
  });
});
