import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createMatcher } from '../../../core/match/matcher.ts';
import { packed, unpacked } from '../../../core/match/packed.ts';
import { BUILTIN_ENTITIES } from '../../../core/model/builtin.ts';
import { preparedRecord } from './preparedRecord.ts';

/** As the store gives it back. */
const stored = (value: unknown) => JSON.parse(JSON.stringify(value)) as unknown;

test('a prepared record comes back equal from what the store keeps of it (property)', () => {
  fc.assert(
    fc.property(preparedRecord, (record) => {
      expect(unpacked(record.id, stored(packed(record)))).toEqual(record);
    }),
    { numRuns: 2000 },
  );
});

const PERSON = createMatcher(BUILTIN_ENTITIES.person).prepare({
  id: 'crm/Contact/1',
  source: 'crm',
  values: {
    familyName: '髙橋',
    givenName: '彩',
    email: 'a.takahashi@aozora.example',
    phone: '03-6206-1234',
    companyName: '(株)アオゾラ',
  },
});

test('it is less than half as long', () => {
  expect(JSON.stringify(packed(PERSON)).length).toBeLessThan(JSON.stringify(PERSON).length / 2);
});

// These are in databases: whoever changes how records are packed must go on reading them.
test('what earlier versions have stored is read', () => {
  expect(unpacked(PERSON.id, stored(PERSON))).toEqual(PERSON);
  expect(unpacked(PERSON.id, stored(packed(PERSON)))).toEqual(PERSON);
  expect(packed(PERSON)).toMatchInlineSnapshot(`
    [
      1,
      "crm",
      [
        "0",
        [
          "0高橋",
          "takahashi",
          "kohashi",
          "takabashi",
          "kobashi",
        ],
        [
          "0彩",
          "aya",
        ],
      ],
      [
        "2アオゾラ",
        0,
        "株式会社",
      ],
      0,
      [
        [
          "8a.takahashi",
          "aozora.example",
          "a.takahashl",
          "atakahashi",
          0,
          "a",
        ],
      ],
      [
        "0+81362061234",
      ],
      [
        "aozora.example",
      ],
    ]
  `);
});

test('a form of a later version is no record', () => {
  expect(() => unpacked('crm/Contact/1', [2, 'crm'])).toThrow(
    'record crm/Contact/1 has the unknown form for matching 2',
  );
});
