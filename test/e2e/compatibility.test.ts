/** The compatibility report against a pair of sandboxes: everything that was planted is found, and a clean pair is left in peace. */
import { readFileSync } from 'node:fs';
import { afterEach, expect, test } from 'vitest';
import type { Report } from '../../api/check/report.ts';
import { type Served, serveSandboxes } from '../../api/demo/sandboxes.ts';
import type { Fields } from '../../connectors/contract.ts';
import { text as property } from '../../connectors/hubspot/sandbox/index.ts';
import { field, reference, text } from '../../connectors/salesforce/sandbox/index.ts';
import { nayoseHere, tempFolder } from '../support/cli.ts';

const PEOPLE = 40;
const DEALS = 24;
const SURNAMES = ['佐藤', '鈴木', '高橋', '田中', '伊藤', '渡辺', '山本', '中村'];
const GIVEN = ['健', '葵', '翔太', '陽菜', '直樹'];

const select = (name: string, values: string[], fieldType = 'select') => ({
  ...property(name, name),
  type: 'enumeration' as const,
  fieldType,
  options: values.map((value) => ({ value, label: value })),
});
const picklist = (name: string, options: string[], more = {}) =>
  field('picklist', name, name, { options, restricted: true, length: 255, ...more });

const OWNERS = [
  { id: '101', email: 'hana@maker.example', firstName: 'Hana', lastName: 'Abe', archived: false },
  { id: '102', email: 'ken@maker.example', firstName: 'Ken', lastName: 'Ito', archived: false },
];

interface Pair {
  served: Served;
  check(...words: string[]): Promise<{ code: number | null; report: Report }>;
  close(): Promise<void>;
}

let pair: Pair | undefined;
afterEach(async () => {
  await pair?.close();
  pair = undefined;
});

interface Plan {
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
async function prepare(plan: Plan = {}): Promise<Pair> {
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

function configOf({ salesforceUrl, hubspotUrl }: Served, users: string[]): Record<string, string> {
  const members = (...names: string[]) =>
    `[${names.map((name) => `{ mapping: ${name}, mode: both, create: true }`).join(', ')}]`;
  const owners = (ids: readonly string[]) =>
    `{ ${ids.map((id, i) => `"${id}": ${OWNERS[i]!.email}`).join(', ')} }`;
  const text = (...names: string[]) => names.map((name) => `      ${name}: { type: text }\n`).join('');
  const option = (...names: string[]) => names.map((name) => `      ${name}: { type: option }\n`).join('');
  return {
    'hub.yaml': `hub: { region: JP, timeZone: Asia/Tokyo }
connections:
  crm: { type: salesforce, loginUrl: "${salesforceUrl}", auth: { grant: client_credentials, clientId: "\${SF_ID}", clientSecret: "\${SF_SECRET}" } }
  ma: { type: hubspot, baseUrl: "${hubspotUrl}", accessToken: "\${HUBSPOT_TOKEN}" }
entities:
  person:
    extends: person
    attributes:
${text('owner', 'memo')}${option('tier', 'plan', 'channel', 'rank')}      topics: { type: options }
      visits: { type: number }
      score: { type: number }
      branch: { type: reference, entity: branch }
  branch:
    attributes:
      label: { type: text }
syncs:
  companies: { entity: company, schedule: "*/5 * * * *", members: ${members('crm-account', 'ma-company')} }
  people: { entity: person, schedule: "*/5 * * * *", members: ${members('crm-contact', 'ma-contact')} }
  deals: { entity: deal, schedule: "*/5 * * * *", members: ${members('crm-deal', 'ma-deal')} }
`,
    'mappings/crm-account.yaml': `connection: crm
object: Account
entity: company
fields:
  name: { field: Name, out: [{ default: "[not provided]" }] }
  website: Website
  employees: NumberOfEmployees
`,
    'mappings/ma-company.yaml': `connection: ma
object: companies
entity: company
fields:
  name: name
  website: website
  employees: numberofemployees
`,
    'mappings/crm-contact.yaml': `connection: crm
object: Contact
entity: person
fields:
  familyName: { field: LastName, out: [{ default: "[not provided]" }] }
  givenName: FirstName
  email: { field: Email, in: [email] }
  title: Title
  department: Department
  fax: Fax
  company: { field: AccountId, reference: company }
  customerCode: Code__c
  tier: { field: Tier__c, values: { Gold: gold, Silver: silver, Bronze: bronze } }
  plan: { field: Plan__c, values: { Free: free, Pro: pro, Enterprise: enterprise } }
  channel: Channel__c
  rank: { field: Rank__c, values: { A: a, B: b } }
  topics: Topics__c
  memo: Memo__c
  visits: Visits__c
  score: Score__c
  owner: { field: OwnerId, values: ${owners(users)} }
`,
    'mappings/ma-contact.yaml': `connection: ma
object: contacts
entity: person
fields:
  familyName: lastname
  givenName: firstname
  fullName: { in: "lastname & ' ' & firstname" }
  email: { field: email, in: [email] }
  title: jobtitle
  department: department
  fax: fax
  company: { field: associations.companies, reference: company }
  customerCode: customer_code
  tier: tier
  plan: plan
  channel: channel
  rank: rank
  topics: topics
  memo: memo
  visits: visits
  score: score
  owner: { field: hubspot_owner_id, values: ${owners(OWNERS.map(({ id }) => id))} }
`,
    'mappings/crm-deal.yaml': `connection: crm
object: Opportunity
entity: deal
fields:
  name: { field: Name, out: [{ default: "[not provided]" }] }
  amount: Amount
  stage: { field: StageName, values: { Prospecting: prospecting, Qualification: qualification, Closed Won: won, Closed Lost: lost, Proposal/Price Quote: other, Negotiation/Review: other }, out: [{ default: Prospecting }] }
  closeDate: { field: CloseDate, out: [{ default: 2030-01-01 }] }
  company: { field: AccountId, reference: company }
`,
    'mappings/ma-deal.yaml': `connection: ma
object: deals
entity: deal
fields:
  name: dealname
  amount: amount
  stage: { field: dealstage, values: { appointmentscheduled: prospecting, qualifiedtobuy: qualification, closedwon: won, closedlost: lost, contractsent: other, presentationscheduled: other } }
  closeDate: closedate
  company: { field: associations.companies, reference: company }
  person: { field: associations.contacts, reference: person }
`,
  };
}

/** One incompatibility: where it was planted, and the finding that it has to be. */
interface Plant {
  what: string;
  finding: string;
  /** Records of the sample that the report must count. */
  count?: number;
  /** What the fix says. */
  fix?: RegExp;
  /** In a mapping file or hub.yaml: a text, and what it becomes. */
  edit?: [file: string, from: string, to: string];
}

const bronze = Array.from({ length: PEOPLE }, (_, i) => i).filter((i) => i % 3 === 2).length;

const PLANTS: Plant[] = [
  {
    what: 'a field that is spelt wrong',
    edit: ['crm-contact', 'title: Title', 'title: Titel'],
    finding: 'error field-missing crm-contact title',
    fix: /did you mean "Title"/,
  },
  {
    what: 'a field that this user may not see',
    finding: 'error field-missing crm-contact department',
    fix: /permissions/,
  },
  {
    what: 'a field that this user may only read',
    finding: 'error field-read-only crm-contact fax',
    fix: /direction: in/,
  },
  {
    what: 'an expression over a field that is not there',
    edit: ['ma-contact', "lastname & ' ' & firstname", "lastname & ' ' & first_nam"],
    finding: 'error field-missing ma-contact fullName',
    fix: /did you mean "firstname"/,
  },
  { what: 'an object that is not there', finding: 'error object-missing crm-branch' },
  {
    what: 'an object that this user may not create',
    finding: 'error permission crm-deal',
    fix: /create: false/,
  },
  {
    what: 'a scope that the token lacks',
    finding: 'error permission ma-deal',
    fix: /crm\.objects\.deals\.write/,
  },
  {
    what: 'text that is read as a number and is none',
    finding: 'warning unreadable ma-contact visits',
    count: 10,
    fix: /transform/,
  },
  {
    what: 'text that is written to a number',
    finding: 'warning refused crm-contact customerCode',
    count: PEOPLE,
  },
  { what: 'a number that is rounded', finding: 'warning lossy crm-contact score', count: 5 },
  {
    what: 'a date over a time of day',
    finding: 'warning lossy ma-deal closeDate',
    count: 6,
    fix: /datetime/,
  },
  { what: 'several options where one is taken', finding: 'warning type crm-contact topics', count: PEOPLE },
  {
    what: 'amounts of several currencies',
    finding: 'warning currency ma-deal amount',
    fix: /deal_currency_code/,
  },
  {
    what: 'text that is too long for the field',
    finding: 'warning too-long crm-contact memo',
    count: 7,
    fix: /truncate: 40/,
  },
  {
    what: 'a required field that nothing fills',
    finding: 'error required-unfilled crm-account Segment__c',
    fix: /create: false/,
  },
  {
    what: 'a required field that some records leave empty',
    edit: ['crm-contact', '{ field: LastName, out: [{ default: "[not provided]" }] }', 'LastName'],
    finding: 'warning required-empty crm-contact familyName',
    count: 3,
    fix: /default/,
  },
  {
    what: 'an option that the tool does not have',
    edit: ['crm-contact', '{ A: a, B: b }', '{ A: a, B: b, Cc: c }'],
    finding: 'error option-unknown crm-contact rank',
  },
  {
    what: 'an option that the mapping says nothing of',
    edit: ['crm-contact', ', Bronze: bronze', ''],
    finding: 'warning option-unmapped crm-contact tier',
    count: bronze,
  },
  {
    what: 'an option of the first tool without a partner in the second',
    finding: 'warning option-no-partner ma-contact plan',
    count: bronze,
    fix: /values/,
  },
  {
    what: 'an option of the second tool without a partner in the first, that no record has yet',
    finding: 'warning option-no-partner crm-contact channel',
    count: 0,
  },
  { what: 'no unique key in Salesforce', finding: 'warning unique-key crm-contact', fix: /External ID/ },
  {
    what: 'no unique key in HubSpot',
    finding: 'warning unique-key ma-company',
    fix: /Require unique values/,
  },
  {
    what: 'a reference to what this tool does not bring',
    edit: ['ma-contact', '  memo: memo', '  memo: memo\n  branch: branch'],
    finding: 'warning reference-unsynced ma-contact branch',
  },
  {
    what: 'a reference that points to another object',
    edit: [
      'crm-deal',
      '  company: { field: AccountId',
      '  person: { field: Partner__c, reference: person }\n  company: { field: AccountId',
    ],
    finding: 'error reference-target crm-deal person',
  },
  {
    what: 'an owner who is in one tool only',
    finding: 'warning owner ma-contact owner',
    count: 4,
    fix: /invite mio@maker\.example to ma/,
  },
  { what: 'a budget that schedules alone would eat', finding: 'warning budget crm', fix: /schedule/ },
  { what: 'two tools in which nothing is the same', finding: 'warning match crm-account', count: 0 },
  {
    what: 'where names a field that is spelt wrong',
    finding: 'error field-missing crm-lead LeadSorce',
    fix: /did you mean "LeadSource"/,
  },
  { what: 'where lets some through', finding: 'info where ma-lead', count: PEOPLE / 2 },
  { what: 'where lets nobody through', finding: 'warning where crm-user', count: 0, fix: /IsActive/ },
  {
    what: 'where asks for an option that the tool does not have',
    finding: 'warning option-unknown ma-lead rank',
    fix: /did you mean "a"/,
  },
  {
    what: 'where compares a number with a word',
    finding: 'warning type ma-lead score',
    fix: /a number/,
  },
  {
    what: 'onCreate names a field that is spelt wrong',
    finding: 'error field-missing crm-lead Websit',
    fix: /did you mean "Website"/,
  },
  { what: 'onCreate names a field that is only shown', finding: 'error field-read-only crm-lead Name' },
  {
    what: 'onCreate gives an option that the tool does not have',
    finding: 'error option-unknown crm-lead Stage__c',
    fix: /Prospect/,
  },
  {
    what: 'onCreate gives a record type that the object does not have',
    finding: 'error option-unknown crm-lead RecordTypeId',
    fix: /one of Partner, Dealer/,
  },
  {
    what: 'onCreate gives a word to a number',
    finding: 'error type crm-lead Score__c',
    fix: /a number/,
  },
  {
    what: 'onCreate gives a text that is too long',
    finding: 'error too-long crm-lead Branch__c',
    fix: /at most 5 characters/,
  },
  {
    what: 'create.when that holds for nobody',
    finding: 'warning create-when crm-lead',
    count: 0,
    fix: /map title in ma-lead/,
  },
  { what: 'create.when that holds for everybody', finding: 'info create-when ma-lead', count: 5 },
  {
    what: 'a way in that the way out does not undo',
    edit: [
      'ma-company',
      '  employees: numberofemployees',
      '  employees: { field: numberofemployees, in: [{ number: { scale: 10 } }], out: [{ number: { decimals: 0 } }] }',
    ],
    finding: 'warning unstable ma-company employees',
    count: DEALS,
  },
];

/** What is wrong, and what filters and conditions were seen to do. */
const counted = ({ findings }: Report) =>
  findings.filter(({ severity, kind }) => severity !== 'info' || kind === 'where' || kind === 'create-when');
const told = (report: Report) =>
  counted(report).map(({ severity, kind, mapping, connection, attribute, field: name }) =>
    [severity, kind, mapping ?? connection, attribute ?? name].filter((word) => word !== undefined).join(' '),
  );

/** `Company` is required, and filled. */
const LEADS = `connection: crm
object: Lead
entity: lead
where: { LeadSorce: Web }
onCreate: { Company: "[not provided]", Websit: https://maker.example, Name: Somebody, Stage__c: Wonn, RecordTypeId: Partners, Score__c: many, Branch__c: 東京本社ビル }
fields:
  familyName: { field: LastName, out: [{ default: "[not provided]" }] }
  title: Title
  email: { field: Email, in: [email] }
`;

async function planted(): Promise<Pair> {
  let mio = '';
  return prepare({
    // Three syncs every five minutes are 288 calls a day for each object.
    dailyLimit: 3000,
    scopes: [
      ...['contacts', 'companies'].flatMap((object) => [
        `crm.objects.${object}.read`,
        `crm.objects.${object}.write`,
      ]),
      'crm.objects.deals.read',
      'crm.objects.owners.read',
    ],
    account({ salesforce, hubspot }) {
      salesforce.setField('Contact', field('phone', 'Fax', 'Fax', { length: 40, readOnly: true }));
      salesforce.setField('Contact', field('double', 'Code__c', 'Code', { scale: 0 }));
      salesforce.setField('Contact', picklist('Topics__c', ['crm', 'sales']));
      salesforce.setField('Contact', picklist('Channel__c', ['web', 'phone']));
      salesforce.setField('Opportunity', reference('Partner__c', 'Partner', 'Account'));
      salesforce.setField('Lead', text('Branch__c', 'Branch', 5));
      for (const name of ['Partner', 'Dealer']) salesforce.recordType('Lead', name);
      salesforce.seed(
        'Lead',
        SURNAMES.slice(0, 5).map((LastName, i) => ({
          fields: { LastName, Company: '工場', Email: `lead${i}@maker.example` },
        })),
      );
      hubspot.setProperty('contacts', select('plan', ['free', 'pro']));
      hubspot.setProperty('contacts', select('tier', ['gold', 'silver']));
      hubspot.setProperty('contacts', property('branch', 'Branch'));
      hubspot.dropProperty('companies', 'nayose_id');
      mio = salesforce.seed('User', [
        { fields: { Email: 'mio@maker.example', LastName: 'Mio', Username: 'mio', IsActive: true } },
      ])[0]!;
    },
    person(i, crm, ma) {
      if (i < 10) ma.visits = 'many';
      if (i < 5) ma.score = 1.234;
      if (i < 7) ma.memo = 'x'.repeat(41);
      if (i < 3) ma.lastname = '';
      if (i < 4) crm.OwnerId = mio;
      crm.Code__c = i;
      crm.Topics__c = 'crm';
      ma.plan = ['free', 'pro'][i % 2]!;
      ma.tier = ['gold', 'silver'][i % 2]!;
    },
    company(i, _, ma) {
      Object.assign(ma, {
        name: `別会社 ${i} 号`,
        website: `https://shop${i}.example`,
        domain: `shop${i}.example`,
      });
    },
    deal(i, _, ma) {
      if (i < 6) ma.closedate = '2026-04-01T09:30:00.000Z';
      ma.deal_currency_code = ['JPY', 'USD'][i % 2]!;
    },
    later({ salesforce }) {
      salesforce.dropField('Contact', 'Department');
      salesforce.dropField('Contact', 'Nayose_Id__c');
      salesforce.setField('Account', text('Segment__c', 'Segment', 40, { required: true }));
      salesforce.forbid('Opportunity', 'create');
    },
    files(files) {
      const all = { ...files };
      for (const { edit } of PLANTS)
        if (edit) {
          const [name, from, to] = edit;
          const file = `mappings/${name}.yaml`;
          expect(all[file]).toContain(from);
          all[file] = all[file]!.replace(from, to);
        }
      all['mappings/crm-branch.yaml'] =
        'connection: crm\nobject: Brunch__c\nentity: branch\nfields: { label: Name }\n';
      all['mappings/crm-user.yaml'] =
        'connection: crm\nobject: User\nentity: branch\nwhere: { IsActive: false }\nfields: { label: LastName }\n';
      all['mappings/crm-lead.yaml'] = LEADS;
      all['mappings/ma-lead.yaml'] =
        'connection: ma\nobject: contacts\nentity: lead\nwhere: { rank: [a, c], score: { not: many } }\nfields: { familyName: lastname, email: email }\n';
      all['hub.yaml'] = all['hub.yaml']!.replace('entities:\n', 'entities:\n  lead: { extends: person }\n');
      all['hub.yaml'] +=
        `  branches: { entity: branch, members: [{ mapping: crm-branch, mode: read }, { mapping: crm-user, mode: read }] }
  leads:
    entity: lead
    members:
      - { mapping: crm-lead, create: { when: "title = '部長'" } }
      - { mapping: ma-lead, create: { when: "$exists(familyName)" } }
`;
      return all;
    },
  });
}

test('a clean pair: nothing is found, every field fits', async () => {
  pair = await prepare();
  const { code, report } = await pair.check();
  expect(told(report)).toEqual([]);
  expect([code, report.status, report.score]).toEqual([0, 'ok', 100]);
  expect(
    report.findings
      .filter(({ kind }) => kind === 'match')
      .map(({ mapping, count, of }) => [mapping, count, of]),
  ).toEqual([
    ['crm-account', DEALS, DEALS],
    ['crm-contact', PEOPLE, PEOPLE],
  ]);
  const { report: schemas } = await pair.check('--sample', '0');
  expect(told(schemas)).toEqual([]);
});

test(`${PLANTS.length} planted incompatibilities: each is found, with its count and its fix, and nothing else is`, async () => {
  expect(PLANTS.length).toBeGreaterThanOrEqual(25);
  pair = await planted();
  const { code, report } = await pair.check();
  expect(code).toBe(2);
  expect(told(report).sort()).toEqual(PLANTS.map(({ finding }) => finding).sort());
  for (const { what, finding, count, fix } of PLANTS) {
    const found = counted(report)[told(report).indexOf(finding)]!;
    if (count !== undefined) expect([what, found.count]).toEqual([what, count]);
    if (found.severity !== 'info') expect(found.fix, what).toMatch(fix ?? /\S/);
  }
  expect(report.score).toBeLessThan(85);
  expect([pair.served.salesforce.books.created, pair.served.hubspot.books.created]).toEqual([{}, {}]);
});

test('docs/check.md tells of every kind of finding', () => {
  const root = new URL('../../', import.meta.url);
  const page = readFileSync(new URL('docs/check.md', root), 'utf8');
  const source = readFileSync(new URL('mappings/finding.ts', root), 'utf8');
  const kinds = [...source.matchAll(/^ {2}\| '([a-z-]+)'/gm)].map(([, kind]) => kind!);
  expect(kinds.length).toBeGreaterThan(20);
  expect(kinds.filter((kind) => !page.includes(`\`${kind}\``))).toEqual([]);
});
