import { describe, expect, test } from 'vitest';
import { BUILTIN_ENTITIES } from '../../core/model/builtin.ts';
import { checkSpec } from '../../mappings/checkSpec.ts';
import { editDistance, nearest } from '../../mappings/nearest.ts';
import { formatProblem, maskLine } from '../../mappings/problem.ts';
import { parseMapping } from '../../mappings/spec.ts';
import { TRANSFORMS } from '../../mappings/transforms/index.ts';

const FILE = 'mappings/crm.yaml';
const HEAD = 'connection: crm\nobject: Contact\nentity: person\nfields:\n';

/** Each problem as `line:column message | found | expected | fix`. */
function problems(text: string): string[] {
  const { spec, problems: own } = parseMapping(FILE, text);
  const all = spec ? checkSpec(spec, BUILTIN_ENTITIES.person, ['person', 'company', 'deal']) : own;
  return all.map(({ place, message, found, expected, fix }) =>
    [`${place.line}:${place.column} ${message}`, found ?? '', expected ?? '', fix ?? ''].join(' | '),
  );
}

const ATTRIBUTES = `one of ${Object.keys(BUILTIN_ENTITIES.person.attributes).join(', ')}`;
const NAMES = `one of ${[...TRANSFORMS.keys()].join(', ')}`;
const SAME = 'the same record must give the same value tomorrow: take it from a field of the tool';
const JSONATA = 'a list of transforms, or one JSONata expression';

describe('a wrong mapping names the place, what was found, what was expected, and the fix', () => {
  const cases: [name: string, text: string, ...expected: string[]][] = [
    [
      'empty file',
      '',
      '1:1 this file has a wrong value | nothing | a map of connection, preset, object, entity, where, onCreate, fields | ',
    ],
    [
      'a list',
      '- a',
      '1:1 this file has a wrong value | ["a"] | a map of connection, preset, object, entity, where, onCreate, fields | write "name: …" lines, without "- " before them',
    ],
    [
      'misspelt connection',
      'conection: crm\npreset: salesforce/contact',
      '1:1 unknown key "conection" |  | one of connection, preset, object, entity, where, onCreate, fields | did you mean "connection"?',
    ],
    [
      'no connection',
      'preset: salesforce/contact',
      '1:1 "connection" is missing |  | the name of a connection of hub.yaml | add connection',
    ],
    [
      'empty connection',
      'connection: ""\npreset: salesforce/contact',
      '1:13 "connection" has a wrong value | "" | the name of a connection of hub.yaml, not empty | ',
    ],
    [
      'no object',
      'connection: crm\nentity: person\nfields: { email: Email }',
      '1:1 "object" is missing |  | text | add object, or a preset that brings it',
    ],
    [
      'unknown preset',
      'connection: crm\npreset: salesforce/contcat',
      '2:9 there is no preset "salesforce/contcat" |  | one of salesforce/contact, salesforce/lead, salesforce/account, salesforce/opportunity, hubspot/contact, hubspot/company, hubspot/deal, csv/person, csv/company, webhook/person | did you mean "salesforce/contact"?',
    ],
    [
      'no preset called constructor',
      'connection: crm\npreset: constructor',
      '2:9 there is no preset "constructor" |  | one of salesforce/contact, salesforce/lead, salesforce/account, salesforce/opportunity, hubspot/contact, hubspot/company, hubspot/deal, csv/person, csv/company, webhook/person | ',
    ],
    [
      'no fields',
      'connection: crm\nobject: Contact\nentity: person\nfields: {}',
      '4:1 this mapping maps no attribute |  |  | add fields, or a preset',
    ],
    [
      'unknown attribute',
      `${HEAD}  givenNme: FirstName`,
      `5:3 person has no attribute "givenNme" |  | ${ATTRIBUTES} | did you mean "givenName"?`,
    ],
    [
      'attribute far from any',
      `${HEAD}  zzzzzz: X`,
      `5:3 person has no attribute "zzzzzz" |  | ${ATTRIBUTES} | add it to attributes of person in hub.yaml`,
    ],
    [
      'a number for a field',
      `${HEAD}  email: 3`,
      '5:10 "email" has the wrong form | 3 | the name of a field, or a map such as { field: Email, in: [email] } | ',
    ],
    [
      'null without a preset',
      `${HEAD}  email: null`,
      '5:3 "email" has no field |  | the name of a field, or a map; null removes a preset\'s | write the field, or remove the line',
    ],
    [
      'unknown key of a field',
      `${HEAD}  email: { feild: Email }`,
      '5:12 unknown key "feild" |  | one of field, direction, in, out, values, reference | did you mean "field"?',
    ],
    [
      'wrong direction',
      `${HEAD}  email: { field: Email, direction: bth }`,
      '5:37 "direction" has a wrong value | "bth" | one of both, in, out | did you mean "both"?',
    ],
    [
      'unknown transform',
      `${HEAD}  email: { field: Email, in: [emial] }`,
      `5:31 there is no transform "emial" |  | ${NAMES} | did you mean "email"?`,
    ],
    [
      'two transforms in one step',
      `${HEAD}  email: { field: Email, in: [{ trim: {}, lower: {} }] }`,
      '5:31 a step is one transform | {"trim":{},"lower":{}} | trim, or { truncate: 80 } | write one list item for each transform',
    ],
    [
      'unknown argument',
      `${HEAD}  phone: { field: Phone, in: [{ phone: { reigon: JP } }] }`,
      '5:42 phone: unknown key "reigon" |  | one of region, format | did you mean "region"?',
    ],
    [
      'wrong argument',
      `${HEAD}  phone: { field: Phone, out: [{ phone: { format: nationl } }] }`,
      '5:51 phone: "format" has a wrong value | "nationl" | one of e164, national, international | did you mean "national"?',
    ],
    [
      'a region that does not exist',
      `${HEAD}  phone: { field: Phone, in: [{ phone: { region: Japan } }] }`,
      '5:50 phone: "region" has a wrong value | "Japan" | a country code of two capital letters, such as JP | did you mean "JP"?',
    ],
    [
      'missing argument',
      `${HEAD}  email: { field: Email, out: [truncate] }`,
      '5:32 truncate: "length" is missing |  | a number | add length',
    ],
    [
      'argument out of range',
      `${HEAD}  email: { field: Email, out: [{ truncate: 0 }] }`,
      '5:44 truncate: "length" has a wrong value | 0 | at least 1 | ',
    ],
    [
      'date format',
      `${HEAD}  birthDate: { field: B, in: [{ date: dd/mm/yyyy }] }`,
      '5:39 date: "format" has a wrong value | "dd/mm/yyyy" | a pattern of YYYY, MM or M, DD or D, such as YYYY/MM/DD | ',
    ],
    [
      'broken regular expression',
      `${HEAD}  email: { field: Email, out: [{ replace: { find: "(", with: "", regex: true } }] }`,
      '5:51 replace: "find" is not a valid regular expression | "(" |  | write regex: false, or a backslash before each ( [ * + ? that means itself',
    ],
    [
      'broken expression',
      `${HEAD}  fullName: { in: "FirstName &" }`,
      `5:30 not a JSONata expression: Unexpected end of expression | "FirstName &" | ${JSONATA} | see https://docs.jsonata.org`,
    ],
    [
      'a transform where a list belongs',
      `${HEAD}  email: { field: Email, in: "email & 3 &" }`,
      `5:41 not a JSONata expression: Unexpected end of expression | "email & 3 &" | ${JSONATA} | see https://docs.jsonata.org`,
    ],
    [
      'the clock',
      `${HEAD}  title: { in: "$now()" }`,
      `5:20 $now is not allowed in a mapping: it reads the clock | "$now()" | ${JSONATA} | ${SAME}`,
    ],
    [
      'dice in a lambda',
      `${HEAD}  title: { in: "function($x){ $random() }(1)" }`,
      `5:37 $random is not allowed in a mapping: it rolls dice | "function($x){ $random() }(1)" | ${JSONATA} | ${SAME}`,
    ],
    [
      'a wildcard',
      `${HEAD}  title: { in: "$join(*)" }`,
      `5:23 an expression must name the fields it reads, so that they can be asked for: * and ** cannot | "$join(*)" | ${JSONATA} | write the names of the fields`,
    ],
    [
      'transforms without a field',
      `${HEAD}  email: { in: [email] }`,
      '5:3 "email" names no field |  | field, or in with a JSONata expression | add field',
    ],
    [
      'out without a field',
      `${HEAD}  fullName: { in: "LastName", out: [trim] }`,
      '5:36 "fullName" has no field to write to |  |  | add field',
    ],
    [
      'out that is never used',
      `${HEAD}  email: { field: Email, direction: in, out: [trim] }`,
      '5:46 "out" is never used, because the direction is in |  |  | remove out, or write direction: both',
    ],
    [
      'in that is never used',
      `${HEAD}  email: { field: Email, direction: out, in: [trim] }`,
      '5:46 "in" is never used, because the direction is out |  |  | remove in, or write direction: both',
    ],
    [
      'two writers of a field',
      `${HEAD}  email: Email\n  title: Email`,
      '6:3 "email" and "title" both write the field Email |  | one attribute for each field that is written | write direction: in for one of the two',
    ],
    [
      'a reference with transforms',
      `${HEAD}  company: { field: AccountId, reference: company, in: [trim] }`,
      '5:43 a reference is an id: it takes no in, out or values |  |  | remove them',
    ],
    [
      'a reference that is none',
      `${HEAD}  email: { field: Email, reference: company }`,
      '5:3 "email" is email, not a reference | reference: company |  | remove reference, or map an attribute of type reference',
    ],
    [
      'a reference elsewhere',
      `${HEAD}  company: { field: AccountId, reference: deal }`,
      '5:3 "company" of person points to company, not to "deal" | reference: deal | company | write reference: company',
    ],
    [
      'out names what is not there',
      `${HEAD}  familyName: { field: LastName, out: [{ firstOf: [fulName] }] }`,
      `5:3 out of "familyName" names "fulName", which person does not have |  | ${ATTRIBUTES} | did you mean "fullName"?`,
    ],
    [
      'duplicate key',
      `${HEAD}  email: A\n  email: B`,
      '6:3 this is not valid YAML: "email" stands twice in one map | "email: B" |  | keep one of the two',
    ],
    [
      'tab',
      `${HEAD}\temail: A`,
      '5:1 this is not valid YAML: tabs are not allowed as indentation | "email: A" |  | indent with spaces',
    ],
    [
      'unquoted variable',
      `${HEAD}  email: { field: \${FIELD} }`,
      `5:19 \${FIELD} must be quoted here, because braces mean a map in YAML | \${FIELD} | "\${FIELD}" | write "\${FIELD}" with the quotes`,
    ],
    [
      'open bracket',
      `${HEAD}  email: { field: Email`,
      '5:10 this is not valid YAML: the { that opens here is not closed before line 5, column 24 | "email: { field: Email" |  | check the commas after it, and close it with }',
    ],
    ['an alias in itself', 'a: &x [*x]', '1:8 the alias *x contains itself |  |  | remove it'],
    [
      'a dangerous key',
      '__proto__: { a: 1 }',
      '1:1 a key cannot be called __proto__ |  |  | choose another name',
    ],
  ];
  for (const [name, text, ...expected] of cases) test(name, () => expect(problems(text)).toEqual(expected));

  test('several problems come at once, in the order of the file', () => {
    expect(
      problems(`${HEAD}  email: { field: Email, in: [emial] }\n  phone: { field: Phone, in: [phoen] }`).map(
        (line) => line.split(' |')[0],
      ),
    ).toEqual(['5:31 there is no transform "emial"', '6:31 there is no transform "phoen"']);
  });

  test('aliases cannot blow a file up', () => {
    const levels = Array.from(
      { length: 8 },
      (_, i) => `l${i + 1}: &l${i + 1} [${Array(10).fill(`*l${i}`).join(', ')}]`,
    );
    const [first] = problems(['l0: &l0 [x]', ...levels].join('\n'));
    expect(first).toContain('aliases make this file too large');
  });
});

describe('the forms of INTERFACE.md', () => {
  test('all of them', () => {
    const { spec, problems: own } = parseMapping(
      FILE,
      `${HEAD}
  givenName: FirstName
  email: { field: Email, in: [email] }
  phone: { field: Phone, in: [{ phone: { region: JP } }], out: [{ phone: { format: national } }] }
  lifecycle: { field: Stage__c, values: { Prospect: lead, Won: customer } }
  fullName: { in: "FirstName & ' ' & LastName" }
  title: { field: Title, direction: out }
  company: { field: AccountId, reference: company }`,
    );
    expect(own).toEqual([]);
    const forms = Object.entries(spec!.fields).map(([attribute, { place: _, fromPreset: __, ...form }]) => [
      attribute,
      form,
    ]);
    expect(Object.fromEntries(forms)).toEqual({
      givenName: { field: 'FirstName', direction: 'both' },
      email: { field: 'Email', direction: 'both', in: { steps: [{ transform: 'email', args: {} }] } },
      phone: {
        field: 'Phone',
        direction: 'both',
        in: { steps: [{ transform: 'phone', args: { region: 'JP' } }] },
        out: { steps: [{ transform: 'phone', args: { format: 'national' } }] },
      },
      lifecycle: { field: 'Stage__c', direction: 'both', values: { Prospect: 'lead', Won: 'customer' } },
      fullName: { direction: 'in', in: { expression: "FirstName & ' ' & LastName" } },
      title: { field: 'Title', direction: 'out' },
      company: { field: 'AccountId', direction: 'both', reference: 'company' },
    });
  });

  test('a preset can be added to, changed in part, and lose a line', () => {
    const { spec } = parseMapping(
      FILE,
      'connection: crm\npreset: salesforce/contact\nfields: { fax: null, department: false, phone: { out: [] }, customerCode: Code__c, title: Position__c }',
    );
    expect(spec).toMatchObject({
      name: 'crm',
      object: 'Contact',
      entity: 'person',
      preset: 'salesforce/contact',
    });
    expect(spec!.fields.fax).toBeUndefined();
    expect(spec!.fields.department).toBeUndefined();
    expect(spec!.fields.phone).toMatchObject({
      field: 'Phone',
      in: { steps: [{ transform: 'phone' }] },
      out: { steps: [] },
    });
    expect(spec!.fields.customerCode).toMatchObject({ field: 'Code__c', fromPreset: false });
    expect(spec!.fields.title).toMatchObject({ field: 'Position__c' });
    expect(spec!.fields.email).toMatchObject({ field: 'Email', fromPreset: true });
  });

  test('what cannot be written back is only read, unless the mapping says how', () => {
    const { spec } = parseMapping(
      FILE,
      `${HEAD}  familyName: { field: Name, in: [{ name: { part: family } }] }\n  givenName: { field: Given, in: [{ split: { by: " ", part: 1 } }], out: [trim] }\n  title: { field: T, in: "T & 'x'" }`,
    );
    expect(Object.values(spec!.fields).map(({ direction }) => direction)).toEqual(['in', 'both', 'in']);
  });
});

describe('how a problem looks', () => {
  test('file, line and column; the line with a caret; found, expected, fix', () => {
    const { problems: own } = parseMapping(FILE, `${HEAD}  email: { field: Email, direction: bth }`);
    expect(formatProblem(own[0]!)).toBe(
      `mappings/crm.yaml:5:37: error: "direction" has a wrong value
  5 |   email: { field: Email, direction: bth }
    |                                     ^
  found: "bth"
  expected: one of both, in, out
  fix: did you mean "both"?`,
    );
  });

  test('the caret stands right under wide characters', () => {
    const { problems: own } = parseMapping(FILE, `${HEAD}  電話: 3`);
    expect(formatProblem(own[0]!).split('\n')[2]).toBe('    |         ^');
  });

  test('secrets of the line are starred, variables are not', () => {
    expect(maskLine('x: { clientSecret: hunter2, id: a, token: "b c" }')).toBe(
      'x: { clientSecret: *******, id: a, token: ***** }',
    );
    expect(maskLine(`secret: "\${NAME}" # ok`)).toBe(`secret: "\${NAME}" # ok`);
  });
});

describe('the nearest right spelling', () => {
  test('distance counts a swap of neighbours as one', () => {
    expect(editDistance('emial', 'email')).toBe(1);
    expect(editDistance('', 'abc')).toBe(3);
    expect(editDistance('same', 'same')).toBe(0);
  });
  test('case and separators cost nothing; what is far is not offered', () => {
    expect(nearest('last_name', ['firstName', 'lastName'])).toBe('lastName');
    expect(nearest('FIRSTNAME', ['LastName', 'FirstName'])).toBe('FirstName');
    expect(nearest('zzz', ['email', 'phone'])).toBeUndefined();
  });
});
