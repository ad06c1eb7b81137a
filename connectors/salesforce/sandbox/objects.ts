import { type FieldSpec, field, type ObjectSpec, object, reference, text } from './schema.ts';

const SALUTATIONS = ['Mr.', 'Ms.', 'Mrs.', 'Dr.', 'Prof.', 'Mx.'];
const SOURCES = ['Web', 'Phone Inquiry', 'Partner Referral', 'Purchased List', 'Other'];
const INDUSTRIES = [
  'Agriculture',
  'Banking',
  'Construction',
  'Consulting',
  'Education',
  'Electronics',
  'Energy',
  'Finance',
  'Food & Beverage',
  'Healthcare',
  'Insurance',
  'Manufacturing',
  'Media',
  'Retail',
  'Technology',
  'Telecommunications',
  'Transportation',
  'Other',
];
const STAGES = ['Prospect', 'Qualified', 'Negotiation', 'Won', 'Lost'];
const DEAL_STAGES = [
  'Prospecting',
  'Qualification',
  'Proposal/Price Quote',
  'Negotiation/Review',
  'Closed Won',
  'Closed Lost',
];

const picklist = (name: string, label: string, options: string[], restricted = false): FieldSpec =>
  field('picklist', name, label, { options, restricted, length: 255 });

function address(prefix: string): FieldSpec[] {
  const label = prefix === '' ? '' : `${prefix} `;
  return [
    field('textarea', `${prefix}Street`, `${label}Street`, { length: 255 }),
    text(`${prefix}City`, `${label}City`, 40),
    text(`${prefix}State`, `${label}State/Province`, 80),
    text(`${prefix}PostalCode`, `${label}Zip/Postal Code`, 20),
    text(`${prefix}Country`, `${label}Country`, 80),
    field('address', `${prefix}Address`, `${label}Address`, {
      readOnly: true,
      computed: { address: prefix },
    }),
  ];
}

const person = (): FieldSpec[] => [
  text('LastName', 'Last Name', 80, { required: true }),
  text('FirstName', 'First Name', 40),
  picklist('Salutation', 'Salutation', SALUTATIONS),
  text('Name', 'Full Name', 121, { readOnly: true, computed: 'name' }),
  text('LastNameKana__c', 'Last Name (Kana)', 80),
  text('FirstNameKana__c', 'First Name (Kana)', 80),
  field('email', 'Email', 'Email', { length: 80 }),
  field('phone', 'Phone', 'Phone', { length: 40 }),
  field('phone', 'MobilePhone', 'Mobile Phone', { length: 40 }),
  field('phone', 'Fax', 'Fax', { length: 40 }),
  text('Title', 'Title', 128),
  picklist('LeadSource', 'Lead Source', SOURCES),
  field('textarea', 'Description', 'Description', { length: 32_000 }),
  field('boolean', 'HasOptedOutOfEmail', 'Email Opt Out'),
  picklist('Stage__c', 'Stage', STAGES, true),
  field('double', 'Score__c', 'Score', { scale: 2 }),
];

const nayoseId = (): FieldSpec => text('Nayose_Id__c', 'Nayose Id', 36, { unique: true, externalId: true });

/** The kinds that an object's records are of, once somebody has made one. */
export const recordTypes = (): ObjectSpec =>
  object(
    'RecordType',
    '012',
    [
      text('Name', 'Name', 80, { required: true }),
      text('SobjectType', 'Sobject Type Name', 40, { required: true }),
    ],
    { label: 'Record Type', softDelete: false },
  );

/** The sandbox's objects, made anew for each. `externalId: false` leaves out Nayose_Id__c. */
export function standardObjects(externalId: boolean): ObjectSpec[] {
  const own = externalId ? [nayoseId()] : [];
  return [
    object('Organization', '00D', [text('Name', 'Name', 80)], { softDelete: false }),
    object(
      'User',
      '005',
      [
        text('Username', 'Username', 80, { required: true }),
        text('LastName', 'Last Name', 80, { required: true }),
        text('FirstName', 'First Name', 40),
        text('Name', 'Full Name', 121, { readOnly: true, computed: 'name' }),
        field('email', 'Email', 'Email', { length: 128 }),
        field('boolean', 'IsActive', 'Active'),
      ],
      { softDelete: false },
    ),
    object(
      'Account',
      '001',
      [
        text('Name', 'Account Name', 255, { required: true }),
        field('phone', 'Phone', 'Account Phone', { length: 40 }),
        field('phone', 'Fax', 'Account Fax', { length: 40 }),
        field('url', 'Website', 'Website', { length: 255 }),
        picklist('Industry', 'Industry', INDUSTRIES),
        field('int', 'NumberOfEmployees', 'Employees'),
        field('currency', 'AnnualRevenue', 'Annual Revenue', { scale: 0 }),
        field('textarea', 'Description', 'Account Description', { length: 32_000 }),
        text('CustomerCode__c', 'Customer Code', 40),
        text('CorporateNumber__c', 'Corporate Number', 13),
        ...address('Billing'),
        reference('OwnerId', 'Owner ID', 'User'),
        ...own,
      ],
      { merges: true },
    ),
    object(
      'Contact',
      '003',
      [
        ...person(),
        reference('AccountId', 'Account ID', 'Account'),
        text('Department', 'Department', 80),
        field('date', 'Birthdate', 'Birthdate'),
        ...address('Mailing'),
        reference('OwnerId', 'Owner ID', 'User'),
        ...own,
      ],
      { merges: true },
    ),
    object(
      'Lead',
      '00Q',
      [
        ...person(),
        text('Company', 'Company', 255, { required: true }),
        picklist('Status', 'Status', ['Open - Not Contacted', 'Working - Contacted', 'Closed - Converted']),
        field('url', 'Website', 'Website', { length: 255 }),
        ...address(''),
        field('boolean', 'IsConverted', 'Converted', { readOnly: true }),
        field('date', 'ConvertedDate', 'Converted Date', { readOnly: true }),
        reference('ConvertedAccountId', 'Converted Account ID', 'Account', { readOnly: true }),
        reference('ConvertedContactId', 'Converted Contact ID', 'Contact', { readOnly: true }),
        reference('ConvertedOpportunityId', 'Converted Opportunity ID', 'Opportunity', { readOnly: true }),
        reference('OwnerId', 'Owner ID', 'User'),
        ...own,
      ],
      { merges: true },
    ),
    object('Opportunity', '006', [
      text('Name', 'Name', 120, { required: true }),
      reference('AccountId', 'Account ID', 'Account'),
      reference('ContactId', 'Contact ID', 'Contact'),
      field('picklist', 'StageName', 'Stage', { options: DEAL_STAGES, required: true, length: 255 }),
      field('date', 'CloseDate', 'Close Date', { required: true }),
      field('currency', 'Amount', 'Amount', { scale: 2 }),
      field('percent', 'Probability', 'Probability (%)', { scale: 0 }),
      picklist('LeadSource', 'Lead Source', SOURCES),
      field('textarea', 'Description', 'Description', { length: 32_000 }),
      reference('OwnerId', 'Owner ID', 'User'),
      ...own,
    ]),
  ];
}
