import { describe, expect, test } from 'vitest';
import type { Field, Fields } from '../../connectors/contract.ts';
import { BUILTIN_ENTITIES } from '../../core/model/builtin.ts';
import { PRESETS } from '../../mappings/presets/index.ts';
import { attributeName, isCalled, sameName, wordsOf } from '../../mappings/propose/names.ts';
import { propose, type Side } from '../../mappings/propose/propose.ts';
import { CONTACT, CONTACTS, field } from './schemas.ts';

const LOCALE = { region: 'JP', timeZone: 'Asia/Tokyo' };

const side = (
  preset: 'salesforce/contact' | 'hubspot/contact',
  more: Field[],
  records: Fields[] = [],
): Side => {
  const stream = preset === 'salesforce/contact' ? CONTACT : CONTACTS;
  return {
    mapping: preset === 'salesforce/contact' ? 'crm' : 'ma',
    preset: PRESETS[preset]!,
    stream: { ...stream, fields: [...stream.fields, ...more] },
    records: records.map((fields) => ({ fields })),
  };
};
const proposed = (...sides: Side[]) => {
  const { lines, attributes } = propose(BUILTIN_ENTITIES.person, sides, LOCALE);
  return {
    ...Object.fromEntries([...lines].map(([name, own]) => [name, Object.fromEntries(own)])),
    attributes: Object.fromEntries(attributes),
  };
};

test.each([
  ['LastNameKana__c', 'kana last name'],
  ['Last Name (kana)', 'kana last name'],
  ['kana_last', 'kana last'],
  ['顧客コード', '顧客コード'],
])('the words of %s', (text, words) => expect(wordsOf(text)).toBe(words));

test('what fields are called', () => {
  expect(isCalled('customerCode', 'Customer code', { name: 'X1__c', label: '顧客番号' })).toBe(true);
  expect(isCalled('customerCode', 'Customer code', { name: 'Code__c', label: 'Code' })).toBe(false);
  expect(sameName({ name: 'Score__c', label: 'Points' }, { name: 'points', label: 'P' })).toBe(true);
  expect([attributeName({ name: 'Last_Visit__c' }), attributeName({ name: '点数__c' })]).toEqual([
    'lastVisit',
    undefined,
  ]);
});

describe('a proposal', () => {
  test('accounts that are as the presets expect: nothing beside them', () => {
    expect(proposed(side('salesforce/contact', []), side('hubspot/contact', []))).toEqual({
      crm: {},
      ma: {},
      attributes: {},
    });
  });

  test('what the account lacks is left out, what it only shows is only read', () => {
    const one = side('salesforce/contact', []);
    const fields = one.stream.fields
      .filter(({ name }) => name !== 'Title')
      .map((own) => (own.name === 'Phone' ? { ...own, writable: false } : own));
    expect(proposed({ ...one, stream: { ...one.stream, fields } })).toMatchObject({
      crm: { title: null, phone: { field: 'Phone', direction: 'in', in: ['phone'] } },
    });
  });

  test('attributes of the hub by the names of fields, where both tools have them', () => {
    const kana = [field('LastNameKana__c'), field('Code__c', 'text', { label: 'Customer Code' })];
    expect(proposed(side('salesforce/contact', kana), side('hubspot/contact', [field('kana_last')]))).toEqual(
      {
        crm: { familyNameKana: 'LastNameKana__c' },
        ma: { familyNameKana: 'kana_last' },
        attributes: {},
      },
    );
  });

  test('a field whose values are something else is not taken for what it is called', () => {
    const crm = side('salesforce/contact', [field('LastNameKana__c')], [{ LastNameKana__c: '佐藤' }]);
    const ma = side('hubspot/contact', [field('kana_last')], [{ kana_last: 'サトウ' }]);
    expect(proposed(crm, ma)).toEqual({ crm: {}, ma: {}, attributes: {} });
  });

  test('fields of the customer’s own that both have, of a type that holds both’s values', () => {
    const crm = [field('Score__c', 'number'), field('Memo__c'), field('Since__c', 'date'), field('Only__c')];
    const ma = [field('score'), field('memo', 'number'), field('since', 'datetime')];
    const numbers = proposed(
      side('salesforce/contact', crm, [{ Score__c: 1, Memo__c: 'x' }]),
      side('hubspot/contact', ma, [{ score: '2', memo: 3 }]),
    );
    expect(numbers.attributes).toEqual({ score: 'number', since: 'date' });
    expect(numbers).toMatchObject({ crm: { score: 'Score__c' }, ma: { score: 'score' } });
  });

  test('a standard field that is called like another is nobody’s own', () => {
    expect(
      proposed(
        side('salesforce/contact', [field('Salutation')]),
        side('hubspot/contact', [field('salutation')]),
      ),
    ).toEqual({ crm: {}, ma: {}, attributes: {} });
  });
});
