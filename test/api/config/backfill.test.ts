import { expect, test } from 'vitest';
import { backfillsOf, backfillText } from '../../../api/config/backfill.ts';
import { openMemory } from '../../support/databases.ts';

const hub = 'connections: {}\nsyncs: { people: { entity: person, members: [{ mapping: crm }] } }\n';
const files = (fields: string, more = '', csv = 'tool,hub\nWon,customer\n') => ({
  'hub.yaml': hub,
  'mappings/crm.yaml': `connection: crm\nobject: Contact\nentity: person\n${more}fields: ${fields}\n`,
  'mappings/stages.csv': csv,
});
const OLD = '{ email: Email, lifecycle: { field: Stage, values: { file: stages.csv } } }';

test.for([
  [
    'nothing that is read',
    files(OLD),
    files(
      '{ email: { field: Email, out: [lower] }, lifecycle: { field: Stage, values: { file: stages.csv } } }',
    ),
    undefined,
  ],
  [
    'a new field',
    files(OLD),
    files(OLD.replace('{ email', '{ title: Title, email')),
    { kind: 'again', because: ['Title'] },
  ],
  [
    'a field of an expression that is gone',
    files('{ email: Email, fullName: { in: "A & B" } }'),
    files('{ email: Email, fullName: { in: "A" } }'),
    { kind: 'again', because: ['no longer B'] },
  ],
  ['the filter', files(OLD), files(OLD, 'where: { Stage: Won }\n'), { kind: 'again', because: ['where'] }],
  [
    'a transform',
    files(OLD),
    files(OLD.replace('email: Email', 'email: { field: Email, in: [email] }')),
    { kind: 'full', because: ['email'] },
  ],
  [
    'a line of a value file',
    files(OLD),
    files(OLD, '', 'tool,hub\nWon,lead\n'),
    { kind: 'full', because: ['lifecycle'] },
  ],
  [
    'another object',
    files(OLD),
    { ...files(OLD), 'mappings/crm.yaml': 'connection: crm\npreset: salesforce/lead\n' },
    undefined,
  ],
] as const)('%s changes: what is read again', async ([, before, after, expected]) => {
  const db = await openMemory();
  const found = await backfillsOf(db, before, after);
  expect(found).toMatchObject(
    expected ? [{ mapping: 'crm', object: 'Contact', syncs: ['people'], records: 0, ...expected }] : [],
  );
  const [line] = backfillText(found);
  if (expected?.kind === 'full') expect(line).toContain('nayose sync people --full');
  if (expected?.kind === 'again')
    expect(line).toContain('the next sync reads Contact of crm (0 records are known) anew');
  await db.close();
});
