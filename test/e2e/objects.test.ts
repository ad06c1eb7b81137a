/** One entity over two objects of a tool: who becomes a Lead and who a Contact is a rule, and `where` says whom the hub sees. */
import { expect, test } from 'vitest';
import { ConnectorError, type Fields } from '../../connectors/contract.ts';
import { stuckWrites } from '../../core/store/failures.ts';
import { commitChanges } from '../../core/sync/commit.ts';
import { runSync } from '../../core/sync/run.ts';
import { factWorld } from '../facts/world.ts';

const MEMBERS = `members:
      - { mapping: crm-contact, create: { when: "lifecycle = 'customer'" } }
      - { mapping: crm-lead, create: { when: "$not(lifecycle = 'customer')" } }
      - { mapping: ma-contact, create: true }`;

const LEAD = `preset: salesforce/lead
connection: crm
where: { IsConverted: false, Status: { not: Closed - Not Converted } }
onCreate: { LeadSource: Web }
fields:
  companyName: { field: Company, out: [{ default: "[not provided]" }] }
`;

const CONTACT_OF_MA = `preset: hubspot/contact
connection: ma
fields:
  lifecycle: { field: lifecyclestage, direction: in, values: { customer: customer, "*": lead } }
`;

const world = (lead = LEAD, members = MEMBERS) =>
  factWorld({
    files: (files) => ({
      ...files,
      'hub.yaml': files['hub.yaml']!.replace(/members: \[ \{ mapping: crm-contact.*\]/, () => members)
        .replace('guards: { maxChanged: 20%, maxDeleted: 0 }', 'realtime: false')
        .replace(/realtime: true\n\s+realtime: false/, 'realtime: false'),
      'mappings/crm-lead.yaml': lead,
      'mappings/ma-contact.yaml': CONTACT_OF_MA,
    }),
  });

const person = (email: string, lastname: string, lifecyclestage: string) => ({
  fields: { email, lastname, firstname: '太郎', lifecyclestage },
});

test('a customer becomes a Contact, everybody else a Lead of the given source; and then nothing moves', async () => {
  await using hub = await world();
  hub.hubspot.seed('contacts', [
    person('taro@aoba.example', '青葉', 'customer'),
    person('jiro@midori.example', '緑川', 'lead'),
  ]);
  expect(await hub.sync()).toMatchObject({ status: 'complete' });
  expect(hub.live('salesforce', 'Contact').map((id) => hub.inSalesforce('Contact', id).Email)).toEqual([
    'taro@aoba.example',
  ]);
  const [lead] = hub.live('salesforce', 'Lead');
  expect(hub.live('salesforce', 'Lead')).toHaveLength(1);
  expect(hub.inSalesforce('Lead', lead!)).toMatchObject({ Email: 'jiro@midori.example', LeadSource: 'Web' });
  const before = hub.writes();
  expect(await hub.sync()).toMatchObject({ status: 'complete' });
  expect(hub.writes()).toBe(before);

  // The stage changes: what is there stays what it is, and goes on being kept up to date.
  hub.later();
  const jiro = hub
    .live('hubspot', 'contacts')
    .find((id) => hub.inHubspot('contacts', id).email === 'jiro@midori.example')!;
  hub.hubspot.edit('contacts', jiro, { lifecyclestage: 'customer', jobtitle: '部長' });
  await hub.sync();
  expect(hub.live('salesforce', 'Contact')).toHaveLength(1);
  expect(hub.inSalesforce('Lead', lead!).Title).toBe('部長');

  // A person converts it: the contact takes its place, nobody is made twice, and edits reach it.
  hub.later();
  const { contactId } = hub.salesforce.convert(lead!);
  await hub.sync();
  hub.later();
  hub.hubspot.edit('contacts', jiro, { jobtitle: '取締役' });
  await hub.sync();
  expect(hub.inSalesforce('Contact', contactId).Title).toBe('取締役');
  expect(hub.live('salesforce', 'Contact')).toHaveLength(2);
  expect(await hub.people()).toHaveLength(2);
  const quiet = hub.writes();
  await hub.sync({ full: true });
  expect(hub.writes()).toBe(quiet);
});

test('onCreate names a record type as people see it, and fills what a record must have', async () => {
  await using hub = await world(
    LEAD.replace('{ LeadSource: Web }', '{ RecordTypeId: Partner, Company: "[not provided]" }').replace(
      '{ field: Company, out: [{ default: "[not provided]" }] }',
      'Company',
    ),
  );
  const [dealer, partner] = ['Dealer', 'Partner'].map((name) => hub.salesforce.recordType('Lead', name));
  expect(dealer).not.toBe(partner);
  hub.hubspot.seed('contacts', [person('jiro@midori.example', '緑川', 'lead')]);
  expect(await hub.sync()).toMatchObject({ status: 'complete', counts: { failed: 0 } });
  const [lead] = hub.live('salesforce', 'Lead');
  expect(hub.inSalesforce('Lead', lead!)).toMatchObject({ RecordTypeId: partner, Company: '[not provided]' });
  hub.later();
  expect(await hub.sync()).toMatchObject({ status: 'complete', counts: { failed: 0 } });
});

test('whom `where` leaves out is never taken in; who leaves it stays as it was everywhere, and comes back', async () => {
  await using hub = await world();
  const [open, closed] = hub.salesforce.seed('Lead', [
    {
      fields: {
        LastName: '青葉',
        FirstName: '太郎',
        Company: '青葉商事',
        Email: 'taro@aoba.example',
        Status: 'Open - Not Contacted',
      },
    },
    {
      fields: {
        LastName: '緑川',
        FirstName: '次郎',
        Company: '緑川',
        Email: 'jiro@midori.example',
        Status: 'Closed - Not Converted',
      },
    },
  ]);
  await hub.sync();
  expect(hub.live('hubspot', 'contacts').map((id) => hub.inHubspot('contacts', id).email)).toEqual([
    'taro@aoba.example',
  ]);
  const [contact] = hub.live('hubspot', 'contacts');

  // Edits of whom the hub does not see go nowhere.
  hub.later();
  hub.salesforce.edit('Lead', closed!, { Title: '課長' });
  await hub.sync();
  expect(hub.live('hubspot', 'contacts')).toHaveLength(1);

  hub.later();
  hub.salesforce.edit('Lead', open!, { Status: 'Closed - Not Converted', Title: '顧問' });
  await hub.sync();
  // Neither way: what is written there is no news here, and no second lead is made.
  expect(hub.inHubspot('contacts', contact!).jobtitle ?? null).toBeNull();
  hub.later();
  hub.hubspot.edit('contacts', contact!, { phone: '03-1234-5678' });
  await hub.sync();
  await hub.sync({ full: true });
  expect(hub.inSalesforce('Lead', open!).Phone ?? null).toBeNull();
  expect(hub.live('salesforce', 'Lead')).toHaveLength(2);
  expect(hub.live('salesforce', 'Contact')).toEqual([]);
  expect(hub.live('hubspot', 'contacts')).toEqual([contact]);

  hub.later();
  hub.salesforce.edit('Lead', open!, { Status: 'Working - Contacted' });
  await hub.sync();
  expect(hub.inSalesforce('Lead', open!).Phone).toMatch(/03-?1234-?5678/);
  expect(hub.inHubspot('contacts', contact!).jobtitle).toBe('顧問');
  expect(await hub.people()).toHaveLength(1);
});

test('a filter that leaves everybody out takes nobody in', async () => {
  await using hub = await world(LEAD.replace('Closed - Not Converted', 'Working - Contacted'));
  hub.salesforce.seed('Lead', [
    {
      fields: {
        LastName: '青葉',
        Company: '青葉商事',
        Email: 'taro@aoba.example',
        Status: 'Working - Contacted',
      },
    },
  ]);
  await hub.sync();
  expect(await hub.people()).toEqual([]);
});

test('without a condition the first of several objects is created, and only it', async () => {
  await using hub = await world(
    LEAD,
    'members: [ { mapping: crm-lead, create: true }, { mapping: crm-contact, create: true }, { mapping: ma-contact, create: true } ]',
  );
  hub.hubspot.seed('contacts', [person('taro@aoba.example', '青葉', 'customer')]);
  await hub.sync();
  expect(hub.live('salesforce', 'Lead')).toHaveLength(1);
  expect(hub.live('salesforce', 'Contact')).toEqual([]);
});

test('a field of `where` that the tool does not show stops the run with words', async () => {
  await using hub = await world(LEAD.replace('Status:', 'Statsu:'));
  await expect(hub.sync()).rejects.toMatchObject({
    kind: 'rejected',
    message: "crm Lead has no field Statsu, or does not show it to the connection's user",
  });
});

test('a company that the rule leaves out is not waited for: whoever works there is written without it', async () => {
  await using hub = await factWorld({
    files: (files) => ({
      ...files,
      'hub.yaml': files['hub.yaml']!.replace(
        '{ mapping: crm-account, mode: both, create: true }',
        `{ mapping: crm-account, create: { when: "industry = 'BANKING'" } }`,
      ),
    }),
  });
  const [company] = hub.hubspot.seed('companies', [{ fields: { name: '青葉商事', domain: 'aoba.example' } }]);
  hub.hubspot.seed('contacts', [
    {
      fields: {
        email: 'taro@aoba.example',
        lastname: '青葉',
        firstname: '太郎',
        'associations.companies': [company!],
      },
    },
  ]);
  expect(await hub.sync()).toMatchObject({ status: 'complete' });
  expect(hub.live('salesforce', 'Account')).toEqual([]);
  const [contact] = hub.live('salesforce', 'Contact');
  expect(hub.inSalesforce('Contact', contact!)).toMatchObject({ LastName: '青葉' });
});

test('who left it is not brought back by a message that does not tell why it left', async () => {
  await using hub = await world();
  const [lead] = hub.salesforce.seed('Lead', [
    {
      fields: {
        LastName: '青葉',
        Company: '青葉商事',
        Email: 'taro@aoba.example',
        Status: 'Working - Contacted',
      },
    },
  ]);
  await hub.sync();
  const [contact] = hub.live('hubspot', 'contacts');
  hub.later();
  hub.salesforce.edit('Lead', lead!, { Status: 'Closed - Not Converted' });
  await hub.sync();
  hub.later();
  const { engine, syncs } = await hub.process();
  const sync = syncs.find(({ entity }) => entity.name === 'person')!;
  const member = sync.members.find(({ mapping }) => mapping.name === 'crm-lead')!;
  const said = async (fields: Fields) => {
    hub.later();
    const at = hub.now().toISOString();
    const change = { op: 'upsert', stream: 'Lead', id: lead!, at, fields } as const;
    await hub.store.db.transaction((tx) =>
      commitChanges(tx, engine, sync, member, [change], { readBack: false, asked: at }),
    );
    await hub.sync();
    return hub.inHubspot('contacts', contact!).jobtitle ?? null;
  };
  expect(await said({ Title: '顧問' })).toBeNull();
  // Another reason takes the place of the first.
  expect(await said({ IsConverted: true })).toBeNull();
  expect(await said({ Status: 'Working - Contacted', Title: '顧問' })).toBeNull();
  expect(await said({ IsConverted: false, Title: '顧問' })).toBe('顧問');
});

test('somebody whom `where` leaves out is in the way of a create: that is told at once, and ends once they are let in', async () => {
  const outside = `preset: hubspot/contact
connection: ma
where: { lifecyclestage: customer }
`;
  await using hub = await factWorld({
    files: (files) => ({ ...files, 'mappings/ma-contact.yaml': outside }),
  });
  const [contact] = hub.hubspot.seed('contacts', [person('taro@aoba.example', '青葉', 'lead')]);
  hub.salesforce.seed('Contact', [
    { fields: { LastName: '青葉', FirstName: '太郎', Email: 'taro@aoba.example', Title: '部長' } },
  ]);
  for (const _ of [1, 2]) {
    expect(await hub.sync()).toMatchObject({ status: 'incomplete', reasons: [{ code: 'held', count: 1 }] });
    hub.later();
  }
  const [stuck] = await stuckWrites(hub.store.db);
  expect(stuck!.error!.message).toContain(`(${contact}: \`where\` of the mapping leaves that record out)`);
  hub.hubspot.edit('contacts', contact!, { lifecyclestage: 'customer' });
  expect(await hub.sync()).toMatchObject({ status: 'complete' });
  expect(hub.live('hubspot', 'contacts')).toEqual([contact]);
  expect(hub.inHubspot('contacts', contact!).jobtitle).toBe('部長');
});

test('law 2: nobody becomes a Contact while it is not known whether they became a Lead', async () => {
  await using hub = await world();
  hub.hubspot.seed('contacts', [person('jiro@midori.example', '緑川', 'lead')]);
  const [jiro] = hub.live('hubspot', 'contacts');
  const { engine, syncs } = await hub.process();
  const sync = syncs.find(({ entity }) => entity.name === 'person')!;
  const { connector } = sync.members.find(({ mapping }) => mapping.name === 'crm-lead')!.tool;
  const { read, write } = connector;
  const enough = new AbortController();
  const run = () => runSync(engine, sync, { mode: 'sync', signal: enough.signal });
  try {
    connector.write = async (ctx, stream, ops) => {
      const outcomes = await write!(ctx, stream, ops);
      return stream === 'Lead' ? ops.map(({ key }) => ({ key, status: 'unknown' as const })) : outcomes;
    };
    connector.read = async (ctx, stream, select, fields) => {
      if (stream === 'Lead') throw new ConnectorError('auth', 'Leads are not shown now');
      return read!(ctx, stream, select, fields);
    };
    for (const member of sync.members) if (member.mapping.name === 'crm-lead') member.reads = false;
    await run();
    expect(hub.live('salesforce', 'Lead')).toHaveLength(1);
    expect(await hub.store.db.query('select mapping, state from outbox')).toEqual([
      { mapping: 'crm-lead', state: 'unknown' },
    ]);
    hub.later();
    hub.hubspot.edit('contacts', jiro!, { lifecyclestage: 'customer' });
    const running = run();
    // The Contact was to be made, and is put off: or it is there.
    const told = async () =>
      hub.live('salesforce', 'Contact').length > 0 ||
      (
        await hub.store.db.query(
          `select from outbox where mapping = 'crm-contact' and due_at > $1::timestamptz`,
          [hub.now().toISOString()],
        )
      ).length > 0;
    await expect.poll(told, { timeout: 30_000 }).toBe(true);
    enough.abort();
    await running;
    expect(hub.live('salesforce', 'Contact')).toEqual([]);
  } finally {
    Object.assign(connector, { read, write });
  }
  hub.later();
  await hub.sync();
  await hub.sync();
  expect(hub.live('salesforce', 'Lead')).toHaveLength(1);
  expect(hub.live('salesforce', 'Contact')).toEqual([]);
});
