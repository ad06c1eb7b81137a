import { afterEach, describe, expect, test } from 'vitest';
import { causeOf } from '../../../api/cli/commands/failures/causes.ts';
import type { FailureGroup } from '../../../api/cli/commands/failures/groups.ts';
import { degradedBy } from '../../../api/serve/ready.ts';
import { openPg } from '../../../core/store/pg.ts';
import { type Bench, createBench } from './harness.ts';

interface Failures {
  groups: FailureGroup[];
  retried?: { values: number; records: number; webhooks: number };
}

let bench: Bench | undefined;
afterEach(async () => {
  await bench?.close();
  bench = undefined;
});

describe('a cause is named by what recovers it', () => {
  const at = { field: 'Email', connection: 'crm', object: 'Contact' };
  test.each([
    ['DUPLICATE_VALUE: duplicate value found: Nayose_Id__c', 'duplicate value'],
    ['the record exists already in HubSpot', 'duplicate value'],
    ['REQUIRED_FIELD_MISSING: Required fields are missing: [LastName]', 'required field missing'],
    ['jobtitle: it is required (REQUIRED_PROPERTIES_MISSING)', 'required field missing'],
    ['INSUFFICIENT_ACCESS_OR_READONLY: insufficient access rights', 'no permission'],
    ['x: it is read-only (READ_ONLY_VALUE)', 'no permission'],
    ["INVALID_FIELD: No such column 'Foo__c'", 'field missing in the tool'],
    ['x: there is no such property (any more) (PROPERTY_DOESNT_EXIST)', 'field missing in the tool'],
    ['STRING_TOO_LONG: data value too large: … (max length=80)', 'text too long'],
    ['stage: the value is not one of its options (INVALID_OPTION)', 'not one of the options'],
    ['FIELD_CUSTOM_VALIDATION_EXCEPTION: no', 'refused by a rule of the tool'],
    ['INVALID_EMAIL_ADDRESS: …', 'rejected value'],
    ['anything else', 'rejected value'],
  ])('%s', (message, cause) => {
    const found = causeOf({ ...at, message });
    expect(found.cause).toBe(cause);
    expect(found.fix).not.toBe('');
  });

  test.each([
    ['unknown', 'no answer yet'],
    ['auth', 'no permission'],
    ['quota', 'budget used up'],
    ['transient', 'tool in trouble'],
    ['waiting', 'waits for another record'],
    ['gone', 'record gone'],
  ])('%s', (kind, cause) => {
    expect(causeOf({ ...at, kind, message: 'whatever' }).cause).toBe(cause);
  });
});

const person = (email: string, more: object = {}) => ({
  fields: { lastname: 'Weber', firstname: 'Jan', email, ...more },
  at: '2025-02-01T00:00:00Z',
});

test('nothing has failed: an empty list, and one line that says so', async () => {
  bench = await createBench();
  expect((await bench.json<Failures>('failures')).data).toEqual({ groups: [] });
  const { code, out } = await bench.nayose('failures');
  expect([code, out]).toEqual([0, 'Nothing needs you: every value was read, and every write was taken.\n']);
  expect((await bench.nayose('failures', '--retry')).out).toContain('there is nothing to try again');
});

test('what the mapping cannot read is somebody’s word all the same: nothing writes over it but a pin', async () => {
  bench = await createBench();
  const { salesforce, hubspot } = bench.boxes;
  const phone = '(212) 555-0100';
  const [ma] = hubspot.seed('contacts', [person('jan@weber.example', { phone })]);
  const contact = { LastName: 'Weber', FirstName: 'Jan' };
  const at = '2025-03-01T00:00:00Z';
  salesforce.seed('Contact', [
    { fields: { ...contact, Email: 'jan@weber.example', Phone: '+81 3 5555 0100' }, at },
    { fields: { ...contact, Email: 'jan.weber@work.example', Phone: '+81 3 5555 0200' }, at },
  ]);
  const [, other] = salesforce.records('Contact');
  const shown = () => hubspot.records('contacts').find(({ id }) => id === ma)!.fields.phone;
  const sync = async () => expect((await bench!.nayose('sync')).code).toBe(0);
  await sync();
  expect(shown()).toBe(phone);
  const told = await bench.nayose('failures');
  expect([told.code, told.out]).toEqual([0, expect.stringContaining('555-0100')]);

  const linked = await bench.json<{ decision: { id: string } }>('link', ma!, other!.id, '--sync');
  expect([linked.code, shown()]).toEqual([0, phone]);
  expect((await bench.nayose('undo', linked.data.decision.id, '--sync')).code).toBe(0);
  expect(shown()).toBe(phone);

  expect((await bench.nayose('pin', ma!, 'phone', '+1 212 555 0100', '--sync')).code).toBe(0);
  expect(shown()).toBe('+12125550100');
  await sync();
  expect((await bench.nayose('failures')).out).not.toContain('555-0100');
});

test('what could not be read and is emptied by its people is filled like any other empty field', async () => {
  bench = await createBench();
  const { salesforce, hubspot } = bench.boxes;
  const [ma] = hubspot.seed('contacts', [person('jan@weber.example', { phone: '(212) 555-0100' })]);
  salesforce.seed('Contact', [
    {
      fields: { LastName: 'Weber', FirstName: 'Jan', Email: 'jan@weber.example', Phone: '+81 3 5555 0100' },
      at: '2025-03-01T00:00:00Z',
    },
  ]);
  const shown = () => hubspot.records('contacts').find(({ id }) => id === ma)!.fields.phone;
  const sync = async () => expect((await bench!.nayose('sync')).code).toBe(0);
  await sync();
  expect(shown()).toBe('(212) 555-0100');
  hubspot.edit('contacts', ma!, { phone: '' });
  await sync();
  expect(shown()).toBe('+81355550100');
});

test('a value that a tool refuses is grouped by field and fix; its record arrives; --retry sends it once more', async () => {
  bench = await createBench();
  const { salesforce, hubspot } = bench.boxes;
  hubspot.seed('contacts', [person('jan@weber.example', { jobtitle: 'x'.repeat(200) })]);
  const first = await bench.nayose('sync');
  expect(first.code).toBe(0);
  expect(salesforce.records('Contact').map(({ fields }) => fields.LastName)).toEqual(['Weber']);

  const { data, code } = await bench.json<Failures>('failures');
  expect(code).toBe(0);
  expect(data.groups).toEqual([
    {
      cause: 'text too long',
      connection: 'crm',
      object: 'Contact',
      field: expect.stringMatching(/title/i),
      count: 1,
      fix: expect.stringContaining('nayose failures --retry'),
      items: [
        {
          golden: expect.stringMatching(/^g_/),
          record: expect.stringMatching(/^(crm|ma)\//),
          message: expect.any(String),
          value: 'x'.repeat(200),
        },
      ],
    },
  ]);

  const calls = salesforce.books.calls;
  const retried = await bench.json<Failures>('failures', '--retry');
  expect(retried.data.retried).toEqual({ values: 1, records: 0, webhooks: 0 });
  expect(salesforce.books.calls).toBe(calls);
  expect((await bench.json<Failures>('failures')).data.groups).toEqual([]);

  await bench.nayose('sync');
  expect((await bench.json<Failures>('failures')).data.groups[0]).toMatchObject({
    cause: 'text too long',
    count: 1,
  });
});

test('--retry delivers what is mended in the mapping, without a new edit', async () => {
  bench = await createBench();
  const { salesforce, hubspot } = bench.boxes;
  hubspot.seed('contacts', [person('jan@weber.example', { jobtitle: 'y'.repeat(200) })]);
  await bench.nayose('sync');
  expect(salesforce.records('Contact')[0]!.fields.Title ?? null).toBeNull();
  await bench.write(
    'mappings/crm-contact.yaml',
    'preset: salesforce/contact\nconnection: crm\nfields:\n  title: { field: Title, out: [{ truncate: 20 }] }\n',
  );
  await bench.nayose('failures', '--retry');
  expect((await bench.nayose('sync')).code).toBe(0);
  expect(salesforce.records('Contact')[0]!.fields.Title).toHaveLength(20);
  expect((await bench.json<Failures>('failures')).data.groups).toEqual([]);
});

test('a value that the mapping cannot read is shown with what was found', async () => {
  bench = await createBench();
  bench.boxes.hubspot.seed('contacts', [person('jan@weber.example', { phone: 'ask reception' })]);
  await bench.nayose('sync');
  const { data } = await bench.json<Failures>('failures');
  expect(data.groups).toEqual([
    expect.objectContaining({
      cause: 'unreadable value',
      connection: 'ma',
      object: 'contacts',
      field: 'phone',
      count: 1,
    }),
  ]);
  expect(data.groups[0]!.items[0]!.value).toContain('ask reception');
  expect((await bench.nayose('failures')).out).toContain('ask reception');
});

test('a record refused whole is held: exit 2, and failures names it until it is mended', async () => {
  bench = await createBench();
  const { salesforce, hubspot } = bench.boxes;
  hubspot.seed('contacts', [person('jan@weber.example')]);
  salesforce.rowFault = () => ({
    statusCode: 'FIELD_CUSTOM_VALIDATION_EXCEPTION',
    message: 'Every contact needs a region',
    fields: [],
  });
  const { code, data } = await bench.json('sync');
  expect([code, data.status]).toEqual([2, 'incomplete']);
  const failures = await bench.json<Failures>('failures');
  expect(failures.data.groups).toEqual([
    expect.objectContaining({
      cause: 'refused by a rule of the tool',
      connection: 'crm',
      object: 'Contact',
      field: '',
      count: 1,
    }),
  ]);
  salesforce.rowFault = undefined;
  expect((await bench.json<Failures>('failures', '--retry')).data.retried).toEqual({
    values: 0,
    records: 1,
    webhooks: 0,
  });
  expect((await bench.json('sync')).data.status).toBe('complete');
  expect(salesforce.records('Contact')).toHaveLength(1);
});

test('webhooks that were set aside are shown with why; --retry takes them in again, --drop forgets them', async () => {
  bench = await createBench();
  expect((await bench.nayose('sync')).code).toBe(0);
  const db = openPg(bench.env.DATABASE_URL!);
  const setAside = () =>
    db.query(
      `insert into inbox (id, connection, changes, received_at, state, reason)
       values ('h1', 'ma', '[{"stream":"contacts","id":"7","op":"touch","at":"2026-01-02T03:04:05Z"}]', now(), 'failed', 'out of range')
       on conflict (id) do update set state = 'failed', reason = 'out of range'`,
    );
  const state = async () => (await db.query(`select state, reason from inbox`))[0];
  try {
    await setAside();
    expect(await degradedBy(db)).toEqual([{ connection: 'ma', state: 'set aside', webhooks: 1 }]);
    const { groups } = (await bench.json<Failures>('failures')).data;
    expect(groups).toMatchObject([
      {
        cause: 'webhook set aside',
        connection: 'ma',
        object: 'contacts',
        count: 1,
        items: [{ golden: '', record: 'ma/contacts/7', message: 'out of range' }],
      },
    ]);
    expect((await bench.nayose('failures')).out).toMatch(/ma\/contacts\/7: out of range[\s\S]*explain/);
    expect((await bench.nayose('failures', '--retry', '--drop')).code).toBe(1);
    expect((await bench.json<Failures>('failures', '--retry')).data.retried).toEqual({
      values: 0,
      records: 0,
      webhooks: 1,
    });
    expect(await state()).toEqual({ state: 'new', reason: null });
    await setAside();
    expect((await bench.nayose('failures', '--drop')).out).toBe('1 webhook that was set aside forgotten.\n');
    expect(await state()).toMatchObject({ state: 'done' });
    expect(await degradedBy(db)).toEqual([]);
    expect((await bench.json<Failures>('failures')).data).toEqual({ groups: [] });
  } finally {
    await db.close();
  }
});

test('a schema that changes between two processes has what was refused sent once more', async () => {
  bench = await createBench();
  const { salesforce, hubspot } = bench.boxes;
  hubspot.seed('contacts', [person('jan@weber.example', { jobtitle: 'z'.repeat(200) })]);
  await bench.nayose('sync');
  expect(salesforce.records('Contact')[0]!.fields.Title ?? null).toBeNull();
  salesforce.setField('Contact', { name: 'Title', label: 'Title', type: 'string', length: 255 });
  expect((await bench.json('sync')).data).toMatchObject({ status: 'complete', updated: 1, failed: 0 });
  expect(salesforce.records('Contact')[0]!.fields.Title).toHaveLength(200);
});
