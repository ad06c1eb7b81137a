import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Field, Fields, Json } from '../../connectors/contract.ts';
import { BUILTIN_ENTITIES } from '../../core/model/builtin.ts';
import type { Mapping } from '../../core/sync/ports.ts';
import { compileMapping } from '../../mappings/compile.ts';
import { preview } from '../../mappings/preview.ts';
import { parseMapping } from '../../mappings/spec.ts';
import type { CompileContext } from '../../mappings/types.ts';
import { CONTACT, CONTACTS, field } from './schemas.ts';

function compile(yaml: string, more: Partial<CompileContext> = {}) {
  const { spec, problems } = parseMapping('m.yaml', yaml);
  expect(problems).toEqual([]);
  return compileMapping(spec!, {
    entity: BUILTIN_ENTITIES.person,
    objectOf: (entity) => (entity === 'company' ? 'Account' : undefined),
    region: 'JP',
    timeZone: 'Asia/Tokyo',
    ...more,
  });
}

const HEAD = 'connection: crm\nobject: Contact\nentity: person\nfields:\n';
const one = (line: string, schema?: Field[]) => compile(`${HEAD}  ${line}`, schema ? { schema } : {});
const none = () => undefined;

describe('in: what a tool says, in canonical attributes', () => {
  test('every read attribute is a key; what is empty is null; what cannot be read is null and a problem', async () => {
    const mapping = compile('connection: crm\npreset: salesforce/contact', { schema: CONTACT.fields });
    const { values, problems } = await mapping.in({
      LastName: ' 髙橋　',
      Phone: '不明',
      Email: '',
      MobilePhone: '０９０-1234-5678',
    });
    expect(Object.keys(values).sort()).toEqual([...mapping.readAttributes].sort());
    expect(values).toMatchObject({
      familyName: '髙橋',
      phone: null,
      email: null,
      mobile: '+819012345678',
      title: null,
    });
    expect(problems).toEqual([
      { attribute: 'phone', field: 'Phone', found: '不明', message: 'is not a phone number' },
    ]);
  });

  test('what is found is quoted in 80 characters', async () => {
    const { problems } = await one('email: Email').in({ Email: 'x'.repeat(200) });
    expect(problems[0]!.found).toHaveLength(80);
  });

  test('a reference is the source key of the record it names, of one id or the first of several', async () => {
    const mapping = one('company: { field: AccountId, reference: company }');
    expect((await mapping.in({ AccountId: '001/5' })).values).toEqual({ company: 'crm/Account/001%2F5' });
    expect((await mapping.in({ AccountId: [7, 8] })).values).toEqual({ company: 'crm/Account/7' });
    expect((await mapping.in({ AccountId: null })).values).toEqual({ company: null });
  });

  test('a reference to what nobody maps is left alone', () => {
    const mapping = compile(`${HEAD}  company: AccountId\n  email: Email`, { objectOf: none });
    expect(mapping.readAttributes).toEqual(['email']);
    expect(mapping.writeAttributes.map(({ attribute }) => attribute)).toEqual(['email']);
  });

  test('an expression sees empty fields as absent, its own value as $value, and asks for what it names', async () => {
    const mapping = one(
      `fullName: { field: Suffix, in: "LastName & ' ' & $.FirstName & $uppercase($value)" }`,
    );
    expect([...mapping.readFields].sort()).toEqual(['FirstName', 'LastName', 'Suffix']);
    expect(mapping.writeFields).toEqual([]);
    expect((await mapping.in({ LastName: '小林', FirstName: null, Suffix: 'x' })).values).toEqual({
      fullName: '小林 X',
    });
    expect((await mapping.in({ LastName: null, FirstName: '' })).values).toEqual({ fullName: null });
  });

  test('an expression that fails or never ends is a problem, not a crash', async () => {
    const failing = await one(`title: { in: "$number(Title)" }`).in({ Title: 'x' });
    expect(failing.values).toEqual({ title: null });
    expect(failing.problems[0]!.message).toMatch(/^the expression failed: /);
    const endless = await one(`title: { in: "($f := function($x){ 1 + $f($x) }; $f(Title))" }`).in({
      Title: 'x',
    });
    expect(endless.problems).toHaveLength(1);
    const structure = await one(`title: { in: "{ 'a': Title }" }`).in({ Title: 'x' });
    expect(structure.problems[0]!.message).toBe('is a structure, and one value was expected');
  });

  test('values: exact, then in another case, then *; anything else is a problem', async () => {
    const mapping = one('lifecycle: { field: Stage, values: { Prospect: lead, Won: customer } }');
    expect((await mapping.in({ Stage: ' won ' })).values).toEqual({ lifecycle: 'customer' });
    expect((await mapping.in({ Stage: 'Lost' })).problems[0]!.message).toBe(
      'is not in values; add it, or "*" for every other value',
    );
    const open = one(`lifecycle: { field: Stage, values: { Won: customer, "*": lead } }`);
    expect((await open.in({ Stage: 'Lost' })).values).toEqual({ lifecycle: 'lead' });
    expect((await open.in({ Stage: '' })).values).toEqual({ lifecycle: null });
  });
});

describe('out: canonical values, as a tool takes them', () => {
  test('only the fields of the attributes asked for; what is empty clears', async () => {
    const mapping = compile(`${HEAD}  email: Email\n  title: Title`);
    expect(await mapping.out({ email: 'a@b.jp', title: null }, ['title'], none)).toEqual({
      fields: { Title: null },
      waiting: [],
      problems: [],
    });
  });

  test('a reference waits for its target, and blocks nothing else', async () => {
    const mapping = compile(`${HEAD}  company: { field: AccountId, reference: company }\n  title: Title`);
    const values = { company: 'g1', title: 'x' };
    expect(await mapping.out(values, ['company', 'title'], none)).toEqual({
      fields: { Title: 'x' },
      waiting: ['company'],
      problems: [],
    });
    expect((await mapping.out(values, ['company'], (_, id) => `tool-${id}`)).fields).toEqual({
      AccountId: 'tool-g1',
    });
    expect((await mapping.out({ company: null }, ['company'], none)).fields).toEqual({ AccountId: null });
  });

  test('an unmapped value is a problem and its field is left out', async () => {
    const silent = one('lifecycle: { field: Stage, values: { Won: customer, Unknown: } }');
    expect(await silent.in({ Stage: 'Unknown' })).toEqual({ values: { lifecycle: null }, problems: [] });
    expect((await silent.out({ lifecycle: null }, ['lifecycle'], none)).fields).toEqual({ Stage: null });
    // Nothing is known here and nothing there: nothing is cleared. What was known is.
    expect(silent.sameField('Stage', 'Unknown', null)).toBe(true);
    expect(silent.sameField('Stage', 'Won', null)).toBe(false);

    const mapping = one('lifecycle: { field: Stage, values: { Won: customer, "*": lead } }');
    expect((await mapping.out({ lifecycle: 'customer' }, ['lifecycle'], none)).fields).toEqual({
      Stage: 'Won',
    });
    const { fields, problems } = await mapping.out({ lifecycle: 'lead' }, ['lifecycle'], none);
    expect(fields).toEqual({});
    expect(problems[0]!.message).toBe('is not among the canonical values of values; add a line for it');
  });

  test('what the field cannot hold is a problem that says the way out', async () => {
    const cases: [string, Field, Json, string][] = [
      [
        'title: T',
        field('T', 'text', { length: 3 }),
        'abcd',
        'has 4 characters, and T takes 3; add out: [{ truncate: 3 }]',
      ],
      ['title: T', field('T', 'number'), 'abc', 'is not a number'],
      [
        'lifecycle: T',
        field('T', 'option', { options: [{ value: 'lead', label: 'Lead' }] }),
        'laed',
        'is not an option of T (is "lead" meant?); add it to values',
      ],
      [
        'title: T',
        field('T', 'text', { required: true }),
        null,
        'is empty, and T must have a value; add out: [{ default: … }]',
      ],
    ];
    for (const [line, schema, value, message] of cases) {
      const name = line.split(':')[0]!;
      const { fields, problems } = await one(line, [schema]).out({ [name]: value as string }, [name], none);
      expect(fields).toEqual({});
      expect(problems.map((problem) => problem.message)).toEqual([message]);
    }
  });

  test('options by value, case or label; days as midnight UTC; numbers and checkboxes as the field wants', async () => {
    const option = field('T', 'option', { options: [{ value: 'lead', label: '見込み' }] });
    expect(
      (await one('lifecycle: T', [option]).out({ lifecycle: '見込み' }, ['lifecycle'], none)).fields,
    ).toEqual({ T: 'lead' });
    expect(
      (
        await one('birthDate: T', [field('T', 'datetime')]).out(
          { birthDate: '2024-01-02' },
          ['birthDate'],
          none,
        )
      ).fields,
    ).toEqual({ T: '2024-01-02T00:00:00.000Z' });
    expect(
      (await one('title: T', [field('T', 'number')]).out({ title: '12' }, ['title'], none)).fields,
    ).toEqual({ T: 12 });
    expect((await one('optOut: T', [field('T')]).out({ optOut: true }, ['optOut'], none)).fields).toEqual({
      T: 'true',
    });
  });

  test('an attribute that another field falls back on carries that field too', async () => {
    const mapping = one('familyName: { field: LastName, out: [{ firstOf: [fullName] }] }');
    expect(mapping.writeAttributes).toEqual([
      { attribute: 'familyName', fields: ['LastName'] },
      { attribute: 'fullName', fields: ['LastName'] },
    ]);
    expect((await mapping.out({ fullName: '金子 誠' }, ['fullName'], none)).fields).toEqual({
      LastName: '金子 誠',
    });
  });

  test('out as an expression over the attributes', async () => {
    const mapping = one(`fullName: { field: Name, out: "familyName & ' ' & givenName" }`);
    expect((await mapping.out({ familyName: '金子', givenName: '誠' }, ['givenName'], none)).fields).toEqual({
      Name: '金子 誠',
    });
  });

  test('the inverse of in, where out is not said', async () => {
    const mapping = one('birthDate: { field: B, in: [{ date: DD/MM/YYYY }] }');
    expect((await mapping.in({ B: '02/01/2024' })).values).toEqual({ birthDate: '2024-01-02' });
    expect((await mapping.out({ birthDate: '2024-01-02' }, ['birthDate'], none)).fields).toEqual({
      B: '02/01/2024',
    });
  });
});

describe('a placeholder that default wrote never comes back', () => {
  const mapping = compile(
    'connection: crm\npreset: salesforce/contact\nfields: { fullName: { in: "LastName & FirstName" } }',
  );
  test('not as its own attribute, not through an expression, not in another case', async () => {
    expect((await mapping.out({ familyName: null }, ['familyName'], none)).fields).toEqual({
      LastName: '[not provided]',
    });
    for (const shown of ['[not provided]', '[Not Provided] '])
      expect((await mapping.in({ LastName: shown, FirstName: '彩' })).values).toMatchObject({
        familyName: null,
        fullName: '彩',
      });
  });
  test('it is still written where the tool holds nothing', () => {
    expect(mapping.sameField('LastName', null, '[not provided]')).toBe(false);
    expect(mapping.sameField('LastName', '[not provided]', '[not provided]')).toBe(true);
  });
});

describe('sameField: two values that the tool, or the hub, takes for one', () => {
  const text = one('title: T');
  const typed = (line: string, schema: Field) => one(line, [schema]);
  const cases: [string, ReturnType<typeof one>, Json | undefined, Json | undefined, boolean][] = [
    ['null and empty', text, null, '', true],
    ['absent and null', text, undefined, null, true],
    ['spaces', text, ' a', 'a ', true],
    ['case of text', text, 'A', 'a', false],
    ['12 and text', typed('title: T', field('T', 'number')), '12.0', 12, true],
    ['true and text', typed('optOut: T', field('T', 'boolean')), 'true', true, true],
    ['an unticked box', typed('optOut: T', field('T', 'boolean')), null, false, true],
    ['order of options', typed('lifecycle: T', field('T', 'options')), 'a;b', ['b', 'a'], true],
    [
      'midnight and the day',
      typed('birthDate: T', field('T', 'datetime')),
      '2024-01-02T00:00:00.000Z',
      '2024-01-02',
      true,
    ],
    ['the next day', typed('birthDate: T', field('T', 'date')), '2024-01-03', '2024-01-02', false],
    [
      'seconds',
      typed('title: T', field('T', 'datetime')),
      '2024-01-02T03:04:05.678Z',
      '2024-01-02T03:04:05Z',
      true,
    ],
    ['case of e-mail', typed('title: T', field('T', 'email')), 'A@b.jp', 'a@B.jp', true],
    [
      'formats of one phone number',
      typed('phone: T', field('T', 'phone')),
      '03(6141)4025',
      '+81361414025',
      true,
    ],
    ['two phone numbers', typed('phone: T', field('T', 'phone')), '03(6141)4025', '+81361414026', false],
    ['unreadable and nothing', typed('phone: T', field('T', 'phone')), '内線のみ', null, true],
    ['readable and nothing', typed('phone: T', field('T', 'phone')), '03-6141-4025', null, false],
    ['unreadable and something', typed('phone: T', field('T', 'phone')), '内線のみ', '+81361414025', false],
    [
      'two tool values of one meaning',
      one('lifecycle: { field: T, values: { Open: lead, Prospect: lead } }'),
      'Prospect',
      'Open',
      true,
    ],
    [
      'two meanings',
      one('lifecycle: { field: T, values: { Open: lead, Won: customer } }'),
      'Won',
      'Open',
      false,
    ],
    ['one id, listed', one('company: { field: T, reference: company }'), ['7'], '7', true],
  ];
  for (const [name, mapping, a, b, same] of cases)
    test(name, () => {
      expect(mapping.sameField('T', a, b)).toBe(same);
      expect(mapping.sameField('T', b, a)).toBe(same);
    });
});

describe('a live schema', () => {
  test('what it lacks is not asked for; what it forbids is not written', () => {
    const mapping = compile(
      `${HEAD}  email: Email\n  title: Nope\n  phone: Phone\n  department: { in: "Email & Gone" }`,
      {
        schema: [field('Email', 'email'), field('Phone', 'phone', { writable: false })],
      },
    );
    expect(mapping.readFields).toEqual(['Email', 'Phone']);
    expect(mapping.writeFields).toEqual(['Email']);
    expect(mapping.readAttributes).toEqual(['email', 'phone', 'department']);
  });
  test('an open one lacks nothing', () => {
    expect(compile(`${HEAD}  title: Nope`, { schema: [], open: true }).readFields).toEqual(['Nope']);
  });
});

describe('laws', () => {
  const mappings = [
    compile('connection: crm\npreset: salesforce/contact', { schema: CONTACT.fields }),
    compile('connection: ma\npreset: hubspot/contact', {
      schema: CONTACTS.fields,
      objectOf: () => 'companies',
    }),
    compile('connection: files\npreset: csv/person'),
  ];
  const cell = fc.oneof(
    fc.constantFrom(
      '03-6141-4025',
      '2024-01-02',
      'はい',
      '[not provided]',
      ' 髙橋 ',
      'A@b.jp',
      '〒700-0901',
      'www.a.jp',
      '',
      '不明',
    ),
    fc.string({ unit: 'grapheme', maxLength: 30 }),
    fc.constant(null),
  );

  test('fixed point: what was written reads back as the same values, and writes the same fields', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(0, 1, 2),
        fc.array(cell, { minLength: 40, maxLength: 40 }),
        async (which, cells) => {
          const mapping = mappings[which]!;
          const shown: Fields = Object.fromEntries(
            mapping.readFields.map((name, i) => [name, cells[i % cells.length]!]),
          );
          const first = (await mapping.in(shown)).values;
          const attributes = mapping.writeAttributes.map(({ attribute }) => attribute);
          const id = (_: string, key: string) => decodeURIComponent(key.split('/')[2]!);
          const written = await mapping.out(first, attributes, id);
          const again = (await mapping.in({ ...shown, ...written.fields })).values;
          const rewritten = await mapping.out(again, attributes, id);
          for (const [name, value] of Object.entries(rewritten.fields))
            if (Object.hasOwn(written.fields, name))
              expect(mapping.sameField(name, written.fields[name], value)).toBe(true);
          // A record that was just read asks for no change, but for placeholders where a tool insists on a value.
          for (const [name, value] of Object.entries(written.fields))
            if (value !== '[not provided]')
              expect([name, shown[name], value, mapping.sameField(name, shown[name], value)]).toEqual([
                name,
                shown[name],
                value,
                true,
              ]);
        },
      ),
      { numRuns: 300 },
    );
  });

  test('sameField is symmetric, and true of equal values', () => {
    fc.assert(
      fc.property(fc.constantFrom(0, 1, 2), cell, cell, fc.nat(), (which, a, b, n) => {
        const mapping = mappings[which]!;
        const name = mapping.writeFields[n % mapping.writeFields.length]!;
        expect(mapping.sameField(name, a, a)).toBe(true);
        expect(mapping.sameField(name, a, b)).toBe(mapping.sameField(name, b, a));
      }),
      { numRuns: 500 },
    );
  });
});

test('a compiled mapping is what the engine asks for', () => {
  const mapping: Mapping = one('email: Email');
  expect(mapping.connection).toBe('crm');
});

test('a preview shows values, problems, and what writing back would change', async () => {
  const mapping = compile(
    `${HEAD}  title: { field: Title, out: [title] }\n  phone: Phone\n  company: AccountId`,
  );
  expect(
    await preview(mapping, [{ id: '1', fields: { Title: 'BOSS', Phone: 'no', AccountId: '9' } }]),
  ).toEqual([
    {
      id: '1',
      values: { title: 'BOSS', phone: null, company: 'crm/Account/9' },
      problems: [{ attribute: 'phone', field: 'Phone', found: 'no', message: 'is not a phone number' }],
      changes: [{ field: 'Title', from: 'BOSS', to: 'Boss' }],
    },
  ]);
});
