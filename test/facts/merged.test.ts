/** Records that a tool's people fold into one: links move, nothing is deleted elsewhere, nothing of ours becomes an opinion. */
import { describe, expect, test } from 'vitest';
import { type FactWorld, factWorld, HANAKO, OLD } from './world.ts';

const LEADS = (files: Record<string, string>) => ({
  ...files,
  'hub.yaml': files['hub.yaml']!.replace(
    'members: [ { mapping: crm-contact',
    'members: [ { mapping: crm-lead, mode: both }, { mapping: crm-contact',
  ),
  'mappings/crm-lead.yaml': 'preset: salesforce/lead\nconnection: crm\n',
});

const goldenCompanies = (world: FactWorld) =>
  world.store.db.query(`select id from golden where entity = 'company' and live and alias_of is null`);

/** Another sync, and nothing is left to do. */
async function still(world: FactWorld) {
  world.later();
  const before = world.writes();
  expect(await world.sync()).toMatchObject({ status: 'complete', counts: { created: 0, updated: 0 } });
  expect(world.writes()).toBe(before);
}

describe('HubSpot', () => {
  test('what the hub wrote into a contact is no opinion of the contact that a merge makes of it', async () => {
    await using world = await factWorld();
    const [contact] = world.salesforce.seed('Contact', [
      {
        fields: {
          Email: HANAKO.email,
          LastName: '青葉',
          FirstName: '花子',
          Title: '部長',
          Department: '営業',
        },
        at: '2026-02-01T00:00:00Z',
      },
    ]);
    const [twin, double] = world.hubspot.seed('contacts', [
      { fields: { email: HANAKO.email, lastname: '青葉', firstname: '花子', fax: '03-1111-2222' }, at: OLD },
      { fields: { email: 'h.aoba@home.example', lastname: 'Aoba', firstname: 'Hana' }, at: OLD },
    ]);
    await world.sync();
    expect(world.inHubspot('contacts', twin!)).toMatchObject({ jobtitle: '部長' });
    world.later();
    world.hubspot.merge('contacts', twin!, double!);
    const winner = world.live('hubspot', 'contacts')[0]!;
    expect([twin, double]).not.toContain(winner);
    expect(await world.sync()).toMatchObject({ status: 'complete', counts: { created: 0 } });
    await still(world);
    const said = await world.opinions(`ma/contacts/${winner}`);
    expect(said).not.toHaveProperty('title');
    expect(said.fax?.at).toBe('2025-01-01T00:00:00.000Z');
    const [person, ...others] = await world.people();
    expect(others).toEqual([]);
    const copy = world.live('salesforce', 'Contact').at(-1);
    expect(person!.records).toEqual(
      [contact, copy].map((id) => `crm/Contact/${id}`).concat(`ma/contacts/${winner}`),
    );
    // The merge is newer than what Salesforce says, and yet no word of HubSpot's people.
    world.later();
    world.salesforce.edit('Contact', contact!, { Title: '取締役' });
    await world.sync();
    expect(world.inHubspot('contacts', winner)).toMatchObject({ jobtitle: '取締役' });
    expect(world.salesforce.books.deleted).toEqual({});
  });
});

test('a merge in HubSpot between the reading and the writing: the new record is waited for, none is made in its place', async () => {
  await using world = await factWorld();
  // No address, so that no unique value would stop a second record.
  const person = { lastname: '勅使河原', firstname: '健', phone: '03-1234-5678' };
  const [contact] = world.salesforce.seed('Contact', [
    { fields: { LastName: '勅使河原', FirstName: '健', Phone: '03-1234-5678' }, at: OLD },
  ]);
  const [twin, double] = world.hubspot.seed('contacts', [
    { fields: person, at: OLD },
    { fields: { lastname: '薬袋', firstname: '誠', phone: '06-9876-5432' }, at: OLD },
  ]);
  expect(await world.sync()).toMatchObject({ status: 'complete', counts: { golden: 2 } });
  world.later();
  world.salesforce.edit('Contact', contact!, { Title: '部長' });
  let winner = '';
  world.hubspot.fault = ({ path }) => {
    if (path.endsWith('/batch/update') && winner === '') {
      world.hubspot.merge('contacts', twin!, double!);
      winner = world.live('hubspot', 'contacts').at(-1)!;
    }
    return undefined;
  };
  await world.sync();
  expect(winner).not.toBe('');
  expect(world.hubspot.books.created).toEqual({});
  world.later();
  expect(await world.sync()).toMatchObject({ status: 'complete', counts: { created: 0 } });
  expect(world.live('hubspot', 'contacts')).toEqual([winner]);
  expect(world.inHubspot('contacts', winner)).toMatchObject({ jobtitle: '部長' });
  await still(world);
});

test.each(['HubSpot', 'Salesforce'])(
  'companies merged in %s: who works there still does, in both tools',
  async (where) => {
    await using world = await factWorld();
    const firms = [
      { name: '株式会社青葉製作所', domain: 'aoba.example' },
      { name: '株式会社若葉商事', domain: 'wakaba.example' },
    ];
    const accounts = world.salesforce.seed(
      'Account',
      firms.map(({ name, domain }) => ({ fields: { Name: name, Website: `https://${domain}` }, at: OLD })),
    );
    const companies = world.hubspot.seed(
      'companies',
      firms.map((fields) => ({ fields, at: OLD })),
    );
    const person = { LastName: '青葉', FirstName: '花子', Email: HANAKO.email };
    const [contact] = world.salesforce.seed('Contact', [
      { fields: { ...person, AccountId: accounts[1]! }, at: OLD },
    ]);
    const [twin] = world.hubspot.seed('contacts', [
      { fields: { ...HANAKO, 'associations.companies': companies[1]! }, at: OLD },
    ]);
    expect(await world.sync()).toMatchObject({ status: 'complete' });
    expect(await goldenCompanies(world)).toHaveLength(2);
    world.later();
    if (where === 'HubSpot') world.hubspot.merge('companies', companies[0]!, companies[1]!);
    else world.salesforce.merge('Account', accounts[0]!, accounts[1]!);
    await world.sync();
    await still(world);
    const account = world.inSalesforce('Contact', contact!).AccountId;
    const company = world.inHubspot('contacts', twin!)['associations.companies'];
    expect(world.live('salesforce', 'Account')).toContain(account);
    expect(world.live('hubspot', 'companies')).toContain(company);
    expect(await goldenCompanies(world)).toHaveLength(1);
    expect([world.salesforce.books.created, world.hubspot.books.created]).toEqual([{}, {}]);
  },
);

describe('Salesforce', () => {
  test('the loser of a merge keeps its golden record, now the winner’s; its twin stays', async () => {
    await using world = await factWorld();
    const person = { LastName: '青葉', FirstName: '花子' };
    const [winner, loser] = world.salesforce.seed('Contact', [
      { fields: { ...person, Email: HANAKO.email }, at: OLD },
      { fields: { LastName: '田中', FirstName: '一郎', Email: 'ichiro@tanaka.example' }, at: OLD },
    ]);
    await world.sync();
    const before = await world.people();
    expect(before).toHaveLength(2);
    expect(world.live('hubspot', 'contacts')).toHaveLength(2);
    world.later();
    world.salesforce.merge('Contact', winner!, loser!);
    expect(await world.sync()).toMatchObject({ status: 'complete', counts: { created: 0, deleted: 0 } });
    await still(world);
    const [one, ...others] = await world.people();
    expect(others).toEqual([]);
    expect(one!.id).toBe(before[0]!.id);
    expect(world.live('hubspot', 'contacts')).toHaveLength(2);
    expect(world.live('salesforce', 'Contact')).toEqual([winner]);
  });

  test('a converted lead hands its place to the contact; the hub writes to the lead no more', async () => {
    await using world = await factWorld({ files: LEADS });
    const [lead] = world.salesforce.seed('Lead', [
      { fields: { LastName: '青葉', FirstName: '花子', Email: HANAKO.email, Company: '青葉' }, at: OLD },
    ]);
    const [twin] = world.hubspot.seed('contacts', [{ fields: HANAKO, at: '2025-03-01T00:00:00Z' }]);
    expect(await world.sync()).toMatchObject({ status: 'complete', counts: { golden: 1 } });
    expect(world.inSalesforce('Lead', lead!)).toMatchObject({ Title: '課長' });
    expect(world.live('salesforce', 'Contact')).toEqual([]);
    world.later();
    const { contactId } = world.salesforce.convert(lead!);
    expect(await world.sync()).toMatchObject({ status: 'complete', counts: { created: 0, failed: 0 } });
    await still(world);
    const [person, ...others] = await world.people();
    expect(others).toEqual([]);
    expect(person!.records).toEqual([`crm/Contact/${contactId}`, `ma/contacts/${twin}`]);
    expect(await world.opinions(`crm/Contact/${contactId}`)).not.toHaveProperty('title');
    world.later();
    world.hubspot.edit('contacts', twin!, { jobtitle: '部長' });
    expect(await world.sync()).toMatchObject({ status: 'complete' });
    expect(world.inSalesforce('Contact', contactId)).toMatchObject({ Title: '部長' });
    expect(world.inSalesforce('Lead', lead!)).toMatchObject({ Title: '課長' });
  });

  test('a lead that is converted between the reading and the writing is met as gone, and the contact takes over', async () => {
    await using world = await factWorld({ files: LEADS });
    const [lead] = world.salesforce.seed('Lead', [
      { fields: { LastName: '青葉', FirstName: '花子', Email: HANAKO.email, Company: '青葉' }, at: OLD },
    ]);
    const [twin] = world.hubspot.seed('contacts', [{ fields: { ...HANAKO, jobtitle: '' }, at: OLD }]);
    await world.sync();
    world.later();
    world.hubspot.edit('contacts', twin!, { jobtitle: '部長' });
    let contactId = '';
    world.salesforce.fault = ({ method }) => {
      if (method === 'PATCH' && contactId === '') contactId = world.salesforce.convert(lead!).contactId;
      return undefined;
    };
    await world.sync();
    world.later();
    expect(await world.sync()).toMatchObject({ status: 'complete' });
    expect(contactId).not.toBe('');
    expect(world.inSalesforce('Contact', contactId)).toMatchObject({ Title: '部長' });
    expect(world.live('salesforce', 'Contact')).toEqual([contactId]);
    await still(world);
  });
});
