import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parse } from 'csv-parse/sync';
import { describe, expect, test } from 'vitest';
import { addressText } from '../../../core/values/address.ts';
import { companiesMayBeSame, companyName } from '../../../core/values/company-name.ts';
import { corporateNumber } from '../../../core/values/corporate-number.ts';
import { isoDate } from '../../../core/values/date.ts';
import { emailAddress, emailKey } from '../../../core/values/email.ts';
import { kanaDisplay } from '../../../core/values/kana.ts';
import { nameKey, namesMayBeSame } from '../../../core/values/person-name.ts';
import { phoneText } from '../../../core/values/phone.ts';
import { postalCode } from '../../../core/values/postal-code.ts';

const file = resolve(import.meta.dirname, '../../../../shared/data/japan/normalization_cases.csv');
const present = existsSync(file);

/** left|right → 'true' or 'false' */
const pair = (same: (a: string, b: string) => boolean) => (input: string) => {
  const [left, right] = input.split('|') as [string, string];
  return String(same(left, right));
};
const KINDS: Record<string, (input: string) => string> = {
  name: nameKey,
  kana: kanaDisplay,
  name_same: pair(namesMayBeSame),
  company: (input) => {
    const { core, form } = companyName(input);
    return `${core}|${form}`;
  },
  company_same: pair(companiesMayBeSame),
  phone: (input) => phoneText(input) ?? '',
  postal: (input) => postalCode(input) ?? '',
  address: addressText,
  email: (input) => emailAddress(input) ?? '',
  email_key: (input) => emailKey(input) ?? '',
  date: (input) => isoDate(input) ?? '',
  corporate_number: (input) => corporateNumber(input) ?? '',
};

/** What does not hold, and why. */
const OPEN: Record<string, string> = {
  'address: 三芳町藤久保1100-1':
    'a town without its district and prefecture: several have one name, and a list of all of them is too big for what it gives',
  'address: 1-2-3 Ebisu, Shibuya-ku, Tokyo':
    'an address in romaji: its kanji are in no table here. It is compared as a Western one, word by word',
};

describe.runIf(present)(
  'the golden normalization cases of shared data (skipped where ../shared is absent)',
  () => {
    test('hold but for those listed with a reason, which are less than 5%; every kind is known', () => {
      const rows = parse(readFileSync(file, 'utf8'), { columns: true, bom: true }) as Record<
        string,
        string
      >[];
      const wrong: string[] = [];
      for (const row of rows) {
        const normalise = KINDS[row.kind!];
        if (normalise === undefined) throw new Error(`no normaliser for kind ${row.kind}`);
        if (normalise(row.input!) !== row.expected) wrong.push(`${row.kind}: ${row.input}`);
      }
      expect(rows.length).toBeGreaterThan(100);
      expect(wrong.sort()).toEqual(Object.keys(OPEN).sort());
      expect(wrong.length).toBeLessThan(rows.length * 0.05);
    });
  },
);

test('companies that differ by a distinguishing word are two', () => {
  expect(companiesMayBeSame('アクアサービス', 'アクアサ一ビス')).toBe(true);
  expect(companiesMayBeSame('日本物流㈱', '新日本物流㈱')).toBe(false);
});
