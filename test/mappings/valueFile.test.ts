import { describe, expect, test } from 'vitest';
import { formatProblem } from '../../mappings/problem.ts';
import { parseMapping } from '../../mappings/spec.ts';

const mapping = (values: string) =>
  `connection: crm\nobject: Contact\nentity: person\nfields:\n  lifecycle: { field: Stage__c, values: ${values} }\n`;

const read = (values: string, files: Record<string, string>) =>
  parseMapping('mappings/crm.yaml', mapping(values), {
    names: Object.keys(files),
    read: (name) => files[name],
  });

const STAGES =
  '\ufeffSalesforce,HubSpot,hub\r\nProspect,lead,lead\r\n"Won, closed",customer,customer\r\nUnknown,,\r\n\r\n';

describe('values from a csv file beside the mapping', () => {
  test('the first two columns, or those that are named; an empty meaning is none', () => {
    const values = (text: string) => read(text, { 'stages.csv': STAGES }).spec?.fields.lifecycle?.values;
    expect(values('{ file: stages.csv, to: hub }')).toEqual({
      Prospect: 'lead',
      'Won, closed': 'customer',
      Unknown: null,
    });
    expect(values('{ file: stages.csv, from: HubSpot, to: hub }')).toEqual({
      lead: 'lead',
      customer: 'customer',
    });
    expect(values('{ file: stages.csv }')).toEqual({
      Prospect: 'lead',
      'Won, closed': 'customer',
      Unknown: null,
    });
  });

  test('a value that is called file stays one', () => {
    expect(read('{ file: document, mail: letter }', {}).spec?.fields.lifecycle?.values).toEqual({
      file: 'document',
      mail: 'letter',
    });
  });

  const wrong: [name: string, values: string, text: string, message: string][] = [
    [
      'a name that is no file',
      '{ file: stage.csv }',
      STAGES,
      `mappings/crm.yaml:5:49: error: there is no mappings/stage.csv
  5 |   lifecycle: { field: Stage__c, values: { file: stage.csv } }
    |                                                 ^
  expected: one of stages.csv
  fix: did you mean "stages.csv"?`,
    ],
    [
      'a column that is not there',
      '{ file: stages.csv, from: Salesfroce }',
      STAGES,
      `mappings/crm.yaml:5:67: error: stages.csv has no column "Salesfroce"
  5 |   lifecycle: { field: Stage__c, values: { file: stages.csv, from: Salesfroce } }
    |                                                                   ^
  expected: one of Salesforce, HubSpot, hub
  fix: did you mean "Salesforce"?`,
    ],
    [
      'two meanings',
      '{ file: stages.csv }',
      'tool,hub\nWon,customer\nLost,other\nWon,lead\n',
      `mappings/stages.csv:4:1: error: "Won" has two meanings: customer and lead
  4 | Won,lead
    | ^
  fix: keep one of the lines`,
    ],
    [
      'one column',
      '{ file: stages.csv }',
      'tool;hub\nWon;customer\n',
      `mappings/stages.csv:1:1: error: stages.csv has one column, and two are needed
  1 | tool;hub
    | ^
  expected: a first line that names two columns: the tool's values, and the hub's
  fix: separate them by a comma`,
    ],
    [
      'a broken line',
      '{ file: stages.csv }',
      'tool,hub\nWon "big",customer\n',
      `mappings/stages.csv:2:1: error: this line breaks the csv rules: Invalid Opening Quote: a quote is found on field 0, value is "Won "
  2 | Won "big",customer
    | ^
  fix: put quotes around a value that has a comma or a quote, and double the quote`,
    ],
    [
      'Shift_JIS',
      '{ file: stages.csv }',
      'tool,hub\n\ufffd\ufffd,customer\n',
      `mappings/stages.csv:2:1: error: this file is not UTF-8
  2 | \ufffd\ufffd,customer
    | ^
  fix: save it as "CSV UTF-8"`,
    ],
    [
      'nothing in it',
      '{ file: stages.csv }',
      'tool,hub\n',
      `mappings/stages.csv:1:1: error: stages.csv has no line with a value in "tool"
  1 | tool,hub
    | ^
  fix: add a line for each value`,
    ],
  ];
  test.for(wrong)('%s', ([, values, text, message]) => {
    const { problems } = read(values, { 'stages.csv': text });
    expect(problems.map(formatProblem).join('\n')).toBe(message);
  });
});
