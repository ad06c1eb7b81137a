import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { auditWorld } from '../../../api/demo/world/index.ts';
import { createHubspotSandbox } from '../../../connectors/hubspot/sandbox/index.ts';
import { createSalesforceSandbox } from '../../../connectors/salesforce/sandbox/index.ts';
import { loadJapan, seedJapan, tokyoTime } from '../../support/japan.ts';

const CRM = `Id,AccountId,Account.Name,LastName,FirstName,LastNameKana__c,FirstNameKana__c,Title,Department,Email,Phone,MobilePhone,MailingPostalCode,MailingState,MailingCity,MailingStreet,Account.CustomerCode__c,Account.CorporateNumber__c,Account.Website,CreatedDate
0035h00000AAAA1AAA,0015h00000AAAA1AAA,株式会社甲,佐藤,一,サトウ,ハジメ,部長,営業部,hajime@kou.example,03-2222-3333,,100-0005,東京都,千代田区,丸の内1-1-1,W-000001,,,2024-05-02T00:00:00.000Z
0035h00000AAAA2AAA,0015h00000AAAA1AAA,株式会社甲,鈴木,二郎,,,,,,,,,,,,W-000001,,https://www.kou.example/,2023-01-01T00:00:00.000Z
0035h00000AAAA3AAA,,,高橋,三奈,,,,,ｍｉｎａ＠mail.example,,,,,,,,,,2022-01-01T00:00:00.000Z
`;
const MA = `Record ID,First Name,Last Name,フリガナ,Email,Phone Number,Company Name,Job Title,Postal Code,State/Region,City,Street Address,顧客番号,生年月日,Create Date
51000000001,一,佐藤,サトウ　ハジメ,Hajime@kou.example,,㈱甲,,,,,,W1,昭和50年1月2日,2024/5/2 8:05
51000000002,花,伊藤,イトウハナ,なし,,,,,,,,,,2024/5/2 9:00
51000000003,花子,伊藤,, hajime@KOU.example　,,,,,,,,,,2024/5/2 10:00
51000000004,,テスト,,hanako＠kou.example,,,,,,,,,,2024/12/31 23:59
`;
const TRUTH = `source,record_id,person_id,company_id
crm_salesforce,0035h00000AAAA1AAA,P1,C1
crm_salesforce,0035h00000AAAA2AAA,P2,C1
crm_salesforce,0035h00000AAAA3AAA,P3,
ma_hubspot,51000000001,P1,C1
ma_hubspot,51000000002,P4,
ma_hubspot,51000000003,P5,
ma_hubspot,51000000004,,
webform_cards,BC-1,P1,C1
`;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'japan-'));
  const write = (name: string, text: string) =>
    writeFileSync(join(folder, name), text.replaceAll('\n', '\r\n'));
  write('crm_salesforce.csv', CRM);
  write('ma_hubspot.csv', MA);
  write('truth.csv', TRUTH);
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('the shared exports', () => {
  test('are absent where they are absent', () => {
    expect(loadJapan(join(folder, 'nowhere'))).toBeUndefined();
  });

  test('a record that the truth does not know is an error', () => {
    const data = loadJapan(folder)!;
    data.owners.delete('51000000002');
    const sandboxes = { salesforce: createSalesforceSandbox(), hubspot: createHubspotSandbox() };
    expect(() => seedJapan(data, sandboxes)).toThrow('truth.csv does not know 51000000002');
  });

  test('a report row becomes a contact and its part of the account', () => {
    const { accounts, contacts } = loadJapan(folder)!.salesforce;
    expect(accounts).toEqual([
      {
        id: '0015h00000AAAA1AAA',
        at: '2023-01-01T00:00:00.000Z',
        fields: { Name: '株式会社甲', CustomerCode__c: 'W-000001', Website: 'https://www.kou.example/' },
      },
    ]);
    expect(contacts).toHaveLength(3);
    expect(contacts[0]!.fields).toMatchObject({
      LastName: '佐藤',
      LastNameKana__c: 'サトウ',
      AccountId: '0015h00000AAAA1AAA',
    });
    expect(contacts[0]!.fields).not.toHaveProperty('Account.Name');
    expect(contacts[2]!.fields).toEqual({
      LastName: '高橋',
      FirstName: '三奈',
      Email: 'ｍｉｎａ＠mail.example',
    });
  });

  test('a form entry becomes a contact under the tool’s own property names', () => {
    const { contacts } = loadJapan(folder)!.hubspot;
    expect(contacts[0]).toEqual({
      id: '51000000001',
      at: '2024-05-01T23:05:00.000Z',
      fields: {
        firstname: '一',
        lastname: '佐藤',
        kana_last: 'サトウ',
        kana_first: 'ハジメ',
        email: 'Hajime@kou.example',
        company: '㈱甲',
        customer_code: 'W1',
        date_of_birth: '昭和50年1月2日',
      },
    });
    expect(contacts[1]!.fields).toEqual({ firstname: '花', lastname: '伊藤', kana_last: 'イトウハナ' });
  });

  test('addresses that the tool would not hold are left out, and named', () => {
    expect(loadJapan(folder)!.refused).toEqual([
      { id: '51000000002', email: 'なし', why: 'invalid' },
      { id: '51000000003', email: ' hajime@KOU.example　', why: 'taken' },
      { id: '51000000004', email: 'hanako＠kou.example', why: 'invalid' },
    ]);
  });

  test('seeded, every record is known by its own id', () => {
    const data = loadJapan(folder)!;
    const sandboxes = { salesforce: createSalesforceSandbox(), hubspot: createHubspotSandbox() };
    const truth = seedJapan(data, sandboxes);
    expect(sandboxes.hubspot.records('contacts').map(({ id }) => id)).toEqual(
      data.hubspot.contacts.map(({ id }) => id),
    );
    const { people, employers } = auditWorld(truth, sandboxes.salesforce, sandboxes.hubspot);
    expect(people.expected).toBe(5);
    expect([people.salesforce.missing, people.hubspot.missing]).toEqual([
      ['P4', 'P5'],
      ['P2', 'P3'],
    ]);
    expect(people.hubspot.nobody).toBe(1);
    expect(employers.salesforce).toEqual({ right: 2, wrong: [], missing: [] });
  });

  test('times of the export are Tokyo’s', () => {
    expect(tokyoTime('2021/8/23 8:00')).toBe('2021-08-22T23:00:00.000Z');
    expect(() => tokyoTime('2021-08-23')).toThrow('not a time of the export: 2021-08-23');
  });
});

const real = loadJapan();

describe.skipIf(real === undefined)('the shared exports themselves (../shared/data/japan)', () => {
  test('go into the sandboxes whole', () => {
    const sandboxes = { salesforce: createSalesforceSandbox(), hubspot: createHubspotSandbox() };
    const truth = seedJapan(real!, sandboxes);
    const { people, companies, employers } = auditWorld(truth, sandboxes.salesforce, sandboxes.hubspot);
    expect([people.salesforce.how.seed, people.hubspot.how.seed]).toEqual([3519, 3694]);
    expect(companies.salesforce.how.seed).toBe(real!.salesforce.accounts.length);
    expect(employers.salesforce.wrong).toEqual([]);
    expect(real!.refused.length).toBeGreaterThan(300);
    expect(real!.owners.get('BC-0001003')).toEqual({ person: 'P00690', company: 'C01110' });
  });
});
