import { DEALS, PEOPLE } from './pair.ts';

/** One incompatibility: where it was planted, and the finding that it has to be. */
export interface Plant {
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

export const PLANTS: Plant[] = [
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
    fix: /^write one of a, b$/,
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
