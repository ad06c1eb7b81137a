import { describe, expect, test } from 'vitest';
import type { Field, Stream } from '../../connectors/contract.ts';
import { BUILTIN_ENTITIES } from '../../core/model/builtin.ts';
import { checkMapping } from '../../mappings/check.ts';
import { compileMapping } from '../../mappings/compile.ts';
import { PRESETS } from '../../mappings/presets/index.ts';
import { parseMapping } from '../../mappings/spec.ts';
import { CONTACT, field, STREAMS } from './schemas.ts';

const LOCALE = { region: 'JP', timeZone: 'Asia/Tokyo' };
const HEAD = 'connection: crm\nobject: Contact\nentity: person\nfields:\n';

function check(
  yaml: string,
  stream: Stream | undefined,
  more: { create?: boolean; objects?: string[] } = {},
) {
  const { spec } = parseMapping('m.yaml', yaml);
  return checkMapping(spec!, {
    entity: Object.values(BUILTIN_ENTITIES).find(({ name }) => name === spec!.entity)!,
    stream,
    create: more.create ?? false,
    write: true,
    locale: LOCALE,
    ...(more.objects ? { objects: more.objects } : {}),
    objectOf: (entity) =>
      ({
        company: spec!.object === spec!.object.toLowerCase() ? 'companies' : 'Account',
        person: 'contacts',
      })[entity],
  }).map(({ severity, message, fix }) => `${severity}: ${message} → ${fix}`);
}

const having = (...fields: Field[]): Stream => ({ ...CONTACT, fields });
const line = (text: string, ...fields: Field[]) => check(HEAD + text, having(...fields));
const options = [
  { value: 'Won', label: 'Gewonnen' },
  { value: 'Lost', label: 'Lost' },
];

describe('each misfit between a mapping and the live schema is found, with its fix', () => {
  const cases: [string, string[], string[]][] = [
    [
      'no such object',
      check(`${HEAD}  email: Email`, undefined, { objects: ['Contact', 'Contacts__c'] }),
      ['error: the tool has no object "Contact", or this user may not see it → did you mean "Contact"?'],
    ],
    [
      'a preset of which nothing is there',
      check('preset: csv/person\nconnection: list\nobject: people\n', having(field('foo', 'text'))).filter(
        (found) => found.startsWith('error'),
      ),
      [
        'error: people has none of the fields that this mapping names; it has "foo" → under fields, name for each attribute the field that holds it',
      ],
    ],
    [
      'missing field',
      line('  email: E_mail', field('Email', 'email')),
      ['error: the tool has no field "E_mail", or this user may not see it → did you mean "Email"?'],
    ],
    [
      'a label instead of a name',
      line('  email: Mail Address', { ...field('Email__c', 'email'), label: 'Mail address' }),
      ['error: the tool has no field "Mail Address", or this user may not see it → did you mean "Email__c"?'],
    ],
    [
      'read-only field',
      line('  email: Email', field('Email', 'email', { writable: false })),
      [
        'error: Email cannot be written by this user; it is only read → write direction: in, or give the connection’s user the permission to edit it',
      ],
    ],
    [
      'read-only is fine for reading',
      line('  email: { field: Email, direction: in }', field('Email', 'email', { writable: false })),
      [],
    ],
    [
      'a field of an expression',
      line('  title: { in: "Titel & Name" }', field('Title'), field('Name')),
      ['error: the tool has no field "Titel", or this user may not see it → did you mean "Title"?'],
    ],
    [
      'short field',
      line('  email: Email', field('Email', 'email', { length: 40 })),
      [
        'warning: Email takes 40 characters; a longer email is held back → add out: [{ truncate: 40 }], or make the field longer',
      ],
    ],
    [
      'short field that is cut',
      line('  email: { field: Email, out: [{ truncate: 40 }] }', field('Email', 'email', { length: 40 })),
      [],
    ],
    [
      'unknown option',
      line(
        '  lifecycle: { field: S, values: { Won: customer, Loost: lead, "*": x } }',
        field('S', 'option', { options }),
      ),
      ['error: S has no option "Loost" → did you mean "Lost"?'],
    ],
    [
      'options without a meaning',
      line('  lifecycle: { field: S, values: { Won: customer } }', field('S', 'option', { options })),
      ['warning: values says nothing of Lost → add them, or "*" for every other value'],
    ],
    [
      'a list without values',
      line('  lifecycle: S', field('S', 'option', { options })),
      [
        'info: S takes only Won, Lost; other values of lifecycle are held back → add values to say which is which',
      ],
    ],
    [
      'text into a number',
      line('  title: N', field('N', 'number')),
      [
        'warning: title is text, and N is number: what does not fit is held back → add out with a transform, or write direction: in',
      ],
    ],
    [
      'number from text',
      check(
        'connection: crm\nobject: D\nentity: deal\nfields: { amount: { field: T, direction: in } }',
        having(field('T', 'phone')),
      ),
      [
        'info: amount is number, and T is phone: what cannot be read as number is left out → add in with a transform',
      ],
    ],
    [
      'not a reference',
      line('  company: N', field('N')),
      ['warning: N is text, not a reference → map a field that holds ids'],
    ],
    [
      'points elsewhere',
      line('  company: N', field('N', 'reference', { references: ['Org__c'] })),
      ['error: N points to Org__c, and company is kept in Account → map company to Org__c'],
    ],
    [
      'cannot be written',
      check(`${HEAD}  email: Email`, { ...having(field('Email', 'email')), write: false }),
      ['error: Contact cannot be written → use mode: read in the sync'],
    ],
    [
      'cannot be written as the connection is set, said once',
      check(`${HEAD}  email: Email`, {
        ...having(field('Email', 'email', { writable: false })),
        write: false,
        unlock: 'writable: true',
      }),
      [
        'error: Contact cannot be written → add writable: true under connections.crm in hub.yaml; or, to have it only read, mode: read to its member of the sync',
      ],
    ],
    ['nothing unknown in an open stream', check(`${HEAD}  email: Whatever`, { ...having(), open: true }), []],
  ];
  for (const [name, found, expected] of cases) test(name, () => expect(found).toEqual(expected));

  test('a reference to what this tool does not bring', () => {
    const { spec } = parseMapping('m.yaml', `${HEAD}  company: AccountId`);
    const found = checkMapping(spec!, {
      entity: BUILTIN_ENTITIES.person,
      stream: CONTACT,
      create: false,
      write: true,
      locale: LOCALE,
      objectOf: () => undefined,
    });
    expect(found.map(({ message }) => message)).toEqual([
      'no mapping of crm brings company, so AccountId is left alone',
    ]);
    expect(found[0]!.place).toMatchObject({ file: 'm.yaml', line: 5, column: 3 });
  });

  test('creating: required fields that nothing fills, or that may be empty, and no unique key', () => {
    const fields = [
      field('LastName', 'text', { required: true }),
      field('Company', 'text', { required: true }),
      field('Id', 'text', { required: true, writable: false }),
    ];
    expect(check(`${HEAD}  familyName: LastName`, having(...fields), { create: true })).toEqual([
      'warning: Contact cannot be created while familyName is empty → add out: [{ default: … }]',
      'error: Contact cannot be created without Company, and nothing fills it → map an attribute to Company, give it a value in onCreate, or write create: false',
      'warning: no field that is written to Contact is unique: a record whose creation was not answered can only be found again by its other values → make a unique text field for the hub\'s id (external id in Salesforce, "unique value" in HubSpot)',
    ]);
    const filled = check(
      `${HEAD}  familyName: { field: LastName, out: [{ default: x }] }\n  email: Email`,
      having(fields[0]!, field('Email', 'email', { unique: true })),
      { create: true },
    );
    expect(filled).toEqual([]);
  });
});

describe('constants of onCreate and where', () => {
  const fields = [
    field('LastName', 'text', { required: true, unique: true }),
    field('Company', 'text', { required: true, length: 10 }),
    field('Sent__c', 'datetime'),
    field('Won__c', 'boolean'),
    field('Visits__c', 'number'),
    field('Born__c', 'date'),
    field('Stage__c', 'option', { options }),
    field('RecordTypeId', 'reference', {
      references: ['RecordType'],
      options: [{ value: '0125g000000AbCdAAK', label: 'Partner' }],
    }),
  ];
  const given = (part: string, lines = '  familyName: { field: LastName, out: [{ default: x }] }') =>
    check(`connection: crm\nobject: Contact\nentity: person\n${part}\nfields:\n${lines}`, having(...fields), {
      create: true,
    });
  const company = 'Company: 青葉';

  test.for([
    'Won__c: true',
    'Won__c: yes',
    'Visits__c: 3',
    'Born__c: 2024-01-31',
    'Sent__c: 2024-01-31',
    'Stage__c: Won',
    'Stage__c: gewonnen',
    'RecordTypeId: Partner',
    'RecordTypeId: 0125g000000AbCd',
    'RecordTypeId: 0125g000000AbCdAAK',
  ])('onCreate takes %s', (constant) => {
    expect(given(`onCreate: { ${company}, ${constant} }`)).toEqual([]);
  });

  test.for([
    ['Won__c: maybe', 'neither true nor false → write true or false'],
    ['Visits__c: many', 'is not a number → write a number'],
    ['Stage__c: Wonn', 'no such option → write one of Won, Lost'],
    ['RecordTypeId: Dealer', 'no such option → write one of Partner'],
    // Ids tell small letters from capitals.
    ['RecordTypeId: 0125G000000ABCD', 'no such option → write one of Partner'],
    ['Staeg__c: Won', '→ did you mean "Stage__c"?'],
    [
      'LastName: 青葉',
      'only the first one would be created → remove it from onCreate, or map an attribute to it',
    ],
  ])('onCreate does not take %s: %s', ([constant, words]) => {
    const found = given(`onCreate: { ${company}, ${constant} }`);
    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(/^error: /);
    expect(found[0]).toContain(words);
  });

  test('onCreate is told at its own line, and only where something is created', () => {
    const text = `connection: crm\nobject: Contact\nentity: person\nonCreate:\n  Company: 青葉\n  Stage__c: Wonn\nwhere:\n  Visits: 3\nfields: { familyName: LastName }`;
    const { spec } = parseMapping('m.yaml', text);
    const found = (create: boolean) =>
      checkMapping(spec!, {
        entity: BUILTIN_ENTITIES.person,
        stream: having(...fields),
        create,
        write: true,
        locale: LOCALE,
        objectOf: () => undefined,
      }).map(({ kind, field: name, place }) => [kind, name, place?.line]);
    expect(found(true)).toContainEqual(['option-unknown', 'Stage__c', 6]);
    expect(found(false)).toEqual([['field-missing', 'Visits', 8]]);
  });

  test.for([
    'Won__c: false',
    'Visits__c: { atLeast: 3 }',
    'Born__c: 2024-01-31',
    'Sent__c: { atLeast: 2024-01-31 }',
    'Stage__c: { not: [won, Lost] }',
    'LastName: { not: 3 }',
  ])('where compares with %s', (condition) => {
    expect(given(`onCreate: { ${company} }\nwhere: { ${condition} }`)).toEqual([]);
  });

  test.for([
    ['Won__c: maybe', 'write true or false'],
    ['Won__c: { atLeast: 1 }', 'write true or false'],
    ['Visits__c: many', 'write a number'],
    ['Visits__c: { atMost: 2024-01-31 }', 'write a number'],
    ['Born__c: { atLeast: 3 }', 'write a day, such as 2024-01-31'],
    [
      'Sent__c: 2024-01-31',
      'write { atLeast: 2024-01-31, atMost: 2024-01-31 }, with a day such as 2024-01-31',
    ],
    ['Stage__c: gewonnen', 'did you mean "Won"?'],
    ['Stage__c: { not: Xyz }', 'write one of Won, Lost'],
    ['RecordTypeId: Partner', 'did you mean "0125g000000AbCdAAK"?'],
  ])('where does not compare with %s: %s', ([condition, fix]) => {
    const found = given(`onCreate: { ${company} }\nwhere: { ${condition} }`);
    expect(found.map((text) => text.replace(/^(\w+): .* → /, '$1: '))).toEqual([`warning: ${fix}`]);
  });
});

describe('presets', () => {
  for (const [name, preset] of Object.entries(PRESETS)) {
    const { spec, problems } = parseMapping('p.yaml', `connection: tool\npreset: ${name}`);
    const entity = Object.values(BUILTIN_ENTITIES).find((known) => known.name === preset.entity)!;

    test(`${name} is right, and names attributes that exist`, () => {
      expect(problems).toEqual([]);
      expect(
        Object.keys(spec!.fields).filter((attribute) => !Object.hasOwn(entity.attributes, attribute)),
      ).toEqual([]);
    });

    const stream = STREAMS[name];
    if (!stream) continue;
    test(`${name} fits the tool’s standard fields, and creates`, () => {
      const errors = check(`connection: tool\npreset: ${name}`, stream, { create: true }).filter(
        (text) => !text.startsWith('info'),
      );
      expect(
        errors.filter(
          (text) =>
            !/no field that is written .* is unique|hs_email_optout|stage is empty|closeDate is empty/.test(
              text,
            ),
        ),
      ).toEqual([]);
    });
    test(`${name} reads and writes every field it names`, () => {
      const mapping = compileMapping(spec!, {
        entity,
        schema: stream.fields,
        objectOf: () => 'x',
        region: 'JP',
        timeZone: 'Asia/Tokyo',
      });
      const named = Object.values(spec!.fields).map(({ field: its }) => its);
      expect(named.filter((its) => its !== undefined && !mapping.readFields.includes(its))).toEqual([]);
      const written = Object.values(spec!.fields)
        .filter(({ direction }) => direction === 'both')
        .map(({ field: its }) => its);
      expect(written.filter((its) => !mapping.writeFields.includes(its!))).toEqual([]);
    });
  }

  test('a file that lacks a column of the preset is as good as any; what arrives by itself needs no reading', () => {
    const file = {
      ...CONTACT,
      fields: CONTACT.fields.filter(({ name }) => name !== 'Fax'),
      write: false as const,
    };
    const { spec } = parseMapping('m.yaml', 'connection: crm\npreset: salesforce/contact');
    const context = {
      entity: BUILTIN_ENTITIES.person,
      create: false,
      write: false,
      locale: LOCALE,
      objectOf: () => 'Account',
    };
    expect(
      checkMapping(spec!, { ...context, stream: file }).map(({ severity, field: name }) => [severity, name]),
    ).toEqual([['info', 'Fax']]);
    const pushed = { ...CONTACT, read: false as const };
    expect(
      checkMapping(spec!, { ...context, stream: pushed }).map(({ severity, kind }) => [severity, kind]),
    ).toEqual([['error', 'object-unreadable']]);
    expect(checkMapping(spec!, { ...context, stream: pushed, pushed: true })).toEqual([]);
  });

  test('what a preset names and the account lacks is a warning, not an error', () => {
    const lacking = { ...CONTACT, fields: CONTACT.fields.filter(({ name }) => name !== 'Fax') };
    expect(check('connection: crm\npreset: salesforce/contact', lacking)).toEqual([
      'warning: the tool has no field "Fax", or this user may not see it; the preset’s line is ignored → create the field, or write null to leave it out',
    ]);
  });
});
