import type { Report } from '../../../api/check/report.ts';
import { type Served, serveSandboxes } from '../../../api/demo/sandboxes.ts';
import type { Fields } from '../../../connectors/contract.ts';
import { text as property } from '../../../connectors/hubspot/sandbox/index.ts';
import { field, text } from '../../../connectors/salesforce/sandbox/index.ts';
import { nayoseHere, tempFolder } from '../../support/cli.ts';
import { configOf, OWNERS } from './config.ts';

export const PEOPLE = 40;
export const DEALS = 24;
export const SURNAMES = ['佐藤', '鈴木', '高橋', '田中', '伊藤', '渡辺', '山本', '中村'];
const GIVEN = ['健', '葵', '翔太', '陽菜', '直樹'];

export const select = (name: string, values: string[], fieldType = 'select') => ({
  ...property(name, name),
  type: 'enumeration' as const,
  fieldType,
  options: values.map((value) => ({ value, label: value })),
});
export const picklist = (name: string, options: string[], more = {}) =>
  field('picklist', name, name, { options, restricted: true, length: 255, ...more });

export interface Pair {
  served: Served;
  check(...words: string[]): Promise<{ code: number | null; report: Report }>;
  close(): Promise<void>;
}

export interface Plan {
  /** Changes the config before it is written; file → text. */
  files?(files: Record<string, string>): Record<string, string>;
  /** The same of a person's two records. */
  person?(i: number, crm: Fields, ma: Fields): void;
  deal?(i: number, crm: Fields, ma: Fields): void;
  company?(i: number, crm: Fields, ma: Fields): void;
  dailyLimit?: number;
  scopes?: string[];
  /** What administrators do to the two accounts, before there are records. */
  account?(served: Served): void;
  /** What happens after them. */
  later?(served: Served): void;
}

/** Two accounts with the same companies, people and deals in both, and mappings that fit; and what a plan makes of it. */
export async function prepare(plan: Plan = {}): Promise<Pair> {
  const served = await serveSandboxes({
    salesforce: { dailyLimit: plan.dailyLimit ?? 100_000 },
    hubspot: { owners: OWNERS, ...(plan.scopes ? { scopes: plan.scopes } : {}) },
  });
  const { salesforce, hubspot } = served;
  for (const spec of [
    picklist('Tier__c', ['Gold', 'Silver', 'Bronze']),
    picklist('Plan__c', ['Free', 'Pro', 'Enterprise']),
    picklist('Channel__c', ['web', 'phone', 'fair']),
    picklist('Rank__c', ['A', 'B']),
    field('multipicklist', 'Topics__c', 'Topics', {
      options: ['crm', 'sales'],
      length: 255,
      restricted: true,
    }),
    text('Memo__c', 'Memo', 40),
    text('Visits__c', 'Visits', 20),
    text('Code__c', 'Code', 40),
  ])
    salesforce.setField('Contact', spec);
  for (const one of [
    select('tier', ['gold', 'silver', 'bronze']),
    select('plan', ['free', 'pro', 'enterprise']),
    select('channel', ['web', 'phone', 'fair']),
    select('rank', ['a', 'b']),
    select('topics', ['crm', 'sales'], 'checkbox'),
    property('memo', 'Memo'),
    property('visits', 'Visits'),
  ])
    hubspot.setProperty('contacts', one);
  plan.account?.(served);

  const users = salesforce.seed(
    'User',
    OWNERS.map(({ email, firstName, lastName }) => ({
      fields: { Email: email, FirstName: firstName, LastName: lastName, Username: email, IsActive: true },
    })),
  );
  const pairsOf = <T>(
    n: number,
    make: (i: number) => [Fields, Fields],
    planted?: (i: number, crm: Fields, ma: Fields) => T,
  ) =>
    Array.from({ length: n }, (_, i) => {
      const [crm, ma] = make(i);
      planted?.(i, crm, ma);
      return [{ fields: crm }, { fields: ma }] as const;
    });
  const put = (object: string, stream: string, records: ReturnType<typeof pairsOf>) => {
    salesforce.seed(
      object,
      records.map(([crm]) => crm),
    );
    hubspot.seed(
      stream,
      records.map(([, ma]) => ma),
    );
  };
  put(
    'Account',
    'companies',
    pairsOf(
      DEALS,
      (i) => [
        { Name: `株式会社 工場${i}`, Website: `https://maker${i}.example`, NumberOfEmployees: 10 + i },
        {
          name: `株式会社 工場${i}`,
          website: `https://maker${i}.example`,
          domain: `maker${i}.example`,
          numberofemployees: 10 + i,
        },
      ],
      plan.company,
    ),
  );
  put(
    'Contact',
    'contacts',
    pairsOf(
      PEOPLE,
      (i) => {
        const [last, first] = [SURNAMES[i % SURNAMES.length]!, GIVEN[i % GIVEN.length]!];
        const email = `person${i}@maker${i % DEALS}.example`;
        return [
          {
            LastName: last,
            FirstName: first,
            Email: email,
            Title: '部長',
            Department: '営業',
            Fax: '03-1111-2222',
            Tier__c: ['Gold', 'Silver', 'Bronze'][i % 3]!,
            Plan__c: ['Free', 'Pro', 'Enterprise'][i % 3]!,
            Channel__c: ['web', 'phone'][i % 2]!,
            Rank__c: ['A', 'B'][i % 2]!,
            Topics__c: 'crm;sales',
            Memo__c: 'a short one',
            Visits__c: String(i),
            Code__c: `C-${i}`,
            Score__c: 1.25,
            OwnerId: users[i % 2]!,
          },
          {
            lastname: last,
            firstname: first,
            email,
            jobtitle: '部長',
            department: '営業',
            fax: '03-1111-2222',
            tier: ['gold', 'silver', 'bronze'][i % 3]!,
            plan: ['free', 'pro', 'enterprise'][i % 3]!,
            channel: ['web', 'phone'][i % 2]!,
            rank: ['a', 'b'][i % 2]!,
            topics: 'crm;sales',
            memo: 'a short one',
            visits: String(i),
            customer_code: `C-${i}`,
            score: 1.25,
            hubspot_owner_id: OWNERS[i % 2]!.id,
          },
        ];
      },
      plan.person,
    ),
  );
  put(
    'Opportunity',
    'deals',
    pairsOf(
      DEALS,
      (i) => [
        {
          Name: `更新契約 ${i} 号棟`,
          Amount: 1000 * (i + 1),
          StageName: 'Qualification',
          CloseDate: '2026-04-01',
        },
        {
          dealname: `更新契約 ${i} 号棟`,
          amount: 1000 * (i + 1),
          dealstage: 'qualifiedtobuy',
          closedate: '2026-04-01T00:00:00.000Z',
        },
      ],
      plan.deal,
    ),
  );
  plan.later?.(served);

  const files = configOf(served, users);
  const folder = await tempFolder(plan.files?.(files) ?? files);
  return {
    served,
    async check(...words) {
      const { code, stdout, stderr } = await nayoseHere(
        ['check', ...words, '--json', '--config', folder.dir],
        { ...served.env, LOG_LEVEL: 'silent' },
      );
      if (stdout === '' || code === 1) throw new Error(stderr);
      return { code, report: JSON.parse(stdout) as Report };
    },
    async close() {
      await served.close();
      await folder.remove();
    },
  };
}
