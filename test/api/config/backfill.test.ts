import { expect, test } from 'vitest';
import { backfillsOf, backfillText } from '../../../api/config/backfill.ts';
import { CONNECTORS } from '../../../connectors/registry.ts';
import { factWorld } from '../../facts/world.ts';
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
  const found = await backfillsOf(db, before, after, CONNECTORS);
  expect(found).toMatchObject(
    expected ? [{ mapping: 'crm', object: 'Contact', syncs: ['people'], records: 0, ...expected }] : [],
  );
  const [line] = backfillText(found);
  if (expected?.kind === 'full') expect(line).toContain('nayose sync people --full');
  if (expected?.kind === 'again')
    expect(line).toContain('the next sync reads Contact of crm (0 records are known) anew');
  await db.close();
});

/** The demo's config, in which people are only read. */
const READ = {
  'hub.yaml': `connections:
  crm: { type: salesforce }
  ma: { type: hubspot }
  list: { type: csv }
syncs:
  people: { entity: person, members: [{ mapping: crm-contact, mode: read }, ma-contact, { mapping: list, mode: write }] }
`,
  'mappings/crm-contact.yaml': 'connection: crm\npreset: salesforce/contact\n',
  'mappings/ma-contact.yaml': 'connection: ma\npreset: hubspot/contact\n',
  'mappings/list.yaml': 'connection: list\nobject: people\nentity: person\nfields: { email: email }\n',
};

test('the API calls that it tells are those that reading anew then takes', async () => {
  await using world = await factWorld({
    files: (demo) => ({
      ...demo,
      'hub.yaml': demo['hub.yaml']!.replaceAll(
        /(mapping: (?:crm|ma)-contact), mode: both, create: true/g,
        '$1, mode: read',
      ),
    }),
  });
  world.hubspot.seed(
    'contacts',
    Array.from({ length: 250 }, (_, i) => ({
      fields: { email: `p${i}@maker.example`, lastname: `佐藤${i}` },
    })),
  );
  world.salesforce.seed('Contact', [{ fields: { LastName: '青葉', Email: 'taro@aoba.example' } }]);
  expect(await world.sync()).toMatchObject({ status: 'complete' });
  const told = async (mapping: keyof typeof READ, line: string) =>
    (
      await backfillsOf(
        world.store.db,
        READ,
        { ...READ, [mapping]: `${READ[mapping]}fields: { ${line} }\n` },
        CONNECTORS,
      )
    )[0]!;

  const again = await told('mappings/ma-contact.yaml', 'customerCode: customer_code');
  expect(again).toMatchObject({ kind: 'again', records: 250, calls: { ma: 3 } });
  expect(backfillText([again])[0]).toMatch(/\. It takes at least 3 API calls to ma$/);
  const full = await told('mappings/ma-contact.yaml', 'email: { field: email, in: [lower] }');
  expect(full).toMatchObject({ kind: 'full', calls: { crm: 1, ma: 3 } });
  expect(backfillText([full])[0]).toMatch(/--full\. It takes at least 1 API call to crm, 3 to ma$/);

  const { byRoute } = world.hubspot.books;
  const pages = () =>
    Object.entries(byRoute).reduce(
      (sum, [route, n]) => (/^GET .*\/objects\/contacts$/.test(route) ? sum + n : sum),
      0,
    );
  const before = pages();
  expect(before).toBeGreaterThan(0);
  await world.sync({ full: true });
  expect(pages() - before).toBe(full.calls.ma);

  // What reads a folder counts no calls.
  const listed = READ['mappings/list.yaml'].replace('{ email', '{ title: title, email');
  const [files] = await backfillsOf(
    world.store.db,
    READ,
    { ...READ, 'mappings/list.yaml': listed },
    CONNECTORS,
  );
  expect([files!.calls, backfillText([files!])[0]]).toEqual([{}, expect.not.stringContaining('API call')]);
});
