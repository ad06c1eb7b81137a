import fc from 'fast-check';
import { expect, test } from 'vitest';
import { lettersOf } from '../../../core/match/mailbox.ts';
import { createMatcher } from '../../../core/match/matcher.ts';
import { person, record } from './fixtures.ts';

const name = fc.constantFrom(
  '佐藤',
  '高橋',
  'サトウ',
  'Sato',
  'Smith Jr.',
  'ご担当者',
  '不明',
  '鈴木（旧姓 佐藤）',
);
const values = fc.record(
  {
    familyName: name,
    givenName: name,
    familyKana: fc.constantFrom('サトウ', 'タカハシ'),
    email: fc.constantFrom('sato.taro1@aoba.example', 'taro@gmail.com', 'info@aoba.example', 'none'),
    phone: fc.constantFrom('+819012345678', '03-1234-5678', '00'),
    postalCode: fc.constantFrom('106-0032', '94107', ''),
    region: fc.constantFrom('東京都', 'CA'),
    city: fc.constantFrom('港区', 'San Francisco'),
    street: fc.constantFrom('六本木5丁目1-2', '12 Elm St', '5th Ave 7'),
    address: fc.constantFrom('東京都港区六本木5-1-2', '12 Elm St'),
  },
  { requiredKeys: [] },
);

test('what preparing remembers of other records changes none (property)', () => {
  const known = createMatcher(person);
  fc.assert(
    fc.property(values, (one) => {
      expect(known.prepare(record('a', one))).toEqual(createMatcher(person).prepare(record('a', one)));
    }),
    { numRuns: 2000 },
  );
});

test('the letters of a mailbox, wherever digits and dots stand (property)', () => {
  const local = fc.array(fc.constantFrom(...'abz09._-', 'é')).map((parts) => parts.join(''));
  fc.assert(
    fc.property(local, (s) => {
      expect(lettersOf(s)).toBe(s.replace(/[^a-z]/g, ''));
    }),
    { numRuns: 2000 },
  );
});

test.each(['・', ' ・・ ', '、', '　・　'])(
  'a full name of nothing but separators (%j) is none',
  (fullName) => {
    const { prepare } = createMatcher(person);
    expect(prepare(record('a', { fullName, email: 'taro@aoba.example' }))).toEqual(
      prepare(record('a', { email: 'taro@aoba.example' })),
    );
  },
);
