import { describe, expect, test } from 'vitest';
import type { Fields } from '../../connectors/contract.ts';
import { admits } from '../../mappings/filter.ts';
import { formatProblem } from '../../mappings/problem.ts';
import { parseMapping } from '../../mappings/spec.ts';

const mapping = (where: string) =>
  parseMapping(
    'm.yaml',
    `connection: crm\nobject: Lead\nentity: person\nwhere: ${where}\nfields: { email: Email }\n`,
  );

function passes(where: string, fields: Fields): boolean {
  const { spec, problems } = mapping(where);
  expect(problems.map(formatProblem)).toEqual([]);
  return admits(spec!.where!, fields);
}

describe('where', () => {
  const cases: [where: string, fields: Fields, passes: boolean][] = [
    ['{ Status: Open }', { Status: 'open ' }, true],
    ['{ Status: Open }', { Status: 'Closed' }, false],
    ['{ Status: Open }', { Status: null }, false],
    ['{ Status: [Open, Working] }', { Status: 'Working' }, true],
    ['{ IsConverted: false }', { IsConverted: false }, true],
    // Tools leave out a checkbox that nobody touched.
    ['{ IsConverted: false }', {}, true],
    ['{ IsConverted: true }', {}, false],
    ['{ IsConverted: true }', { IsConverted: 'true' }, true],
    ['{ Rating: { not: Cold } }', { Rating: 'Cold' }, false],
    ['{ Rating: { not: Cold } }', { Rating: '' }, true],
    ['{ Rating: { not: [Cold, Dead] } }', { Rating: 'Hot' }, true],
    ['{ Topics: { has: [a, b] } }', { Topics: 'c;B' }, true],
    ['{ Topics: { has: a } }', { Topics: ['c', 'ab'] }, false],
    ['{ Email: { empty: false } }', { Email: ' ' }, false],
    ['{ Email: { empty: true } }', { Email: null }, true],
    ['{ Amount: { atLeast: 100 } }', { Amount: '1,000' }, true],
    ['{ Amount: { atLeast: 100 } }', { Amount: 99.9 }, false],
    ['{ Amount: { atMost: 100 } }', { Amount: null }, false],
    ['{ Amount: { atLeast: 10, atMost: 20 } }', { Amount: 20 }, true],
    ['{ CreatedDate: { atLeast: 2024-01-31 } }', { CreatedDate: '2024-01-31T00:00:00.000Z' }, true],
    ['{ CreatedDate: { atMost: 2024-01-31 } }', { CreatedDate: '2024-01-31T23:59:59.000Z' }, true],
    ['{ CreatedDate: { atMost: 2024-01-31 } }', { CreatedDate: '2024-02-01' }, false],
    ['{ Status: Open, Rating: { not: Cold } }', { Status: 'Open', Rating: 'Cold' }, false],
  ];
  test.for(cases)('%s of %j: %s', ([where, fields, expected]) => {
    expect(passes(where, fields)).toBe(expected);
  });

  test.for([
    ['{}', 'at least one field, such as { IsConverted: false }'],
    ['Status', 'a map such as { Status: [Open, Working], IsConverted: false }'],
    ['{ Status: { nto: Open } }', 'did you mean "not"?'],
    ['{ Status: {} }', 'write at least one of not, has, empty, atLeast, atMost'],
    ['{ Status: [] }', 'at least 1 entry'],
    ['{ Day: { atLeast: tomorrow } }', 'a number, or a day such as 2024-01-31'],
    ['{ Email: { empty: no } }', 'write false'],
  ])('%s is refused: %s', ([where, words]) => {
    expect(mapping(where!).problems.map(formatProblem).join('\n')).toContain(words);
  });
});
