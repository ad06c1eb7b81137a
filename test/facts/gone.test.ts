/** Records that go, come back, or go for good: nobody else's record is deleted, nothing is made twice. */
import { describe, expect, test } from 'vitest';
import { type FactWorld, factWorld, HANAKO, OLD } from './world.ts';

/** One person in both tools, and settled. */
async function twins(world: FactWorld) {
  const [account] = world.salesforce.seed('Account', [{ fields: { Name: '株式会社青葉' }, at: OLD }]);
  const fields = { Email: HANAKO.email, LastName: HANAKO.lastname, FirstName: HANAKO.firstname };
  const [contact] = world.salesforce.seed('Contact', [
    { fields: { ...fields, AccountId: account! }, at: OLD },
  ]);
  const [twin] = world.hubspot.seed('contacts', [{ fields: HANAKO, at: OLD }]);
  expect(await world.sync()).toMatchObject({ status: 'complete' });
  world.later();
  return { account: account!, contact: contact!, twin: twin! };
}

/** Nothing more to do, and one golden record of the two. */
async function settled(world: FactWorld, records: number) {
  world.later();
  const before = world.writes();
  expect(await world.sync()).toMatchObject({ status: 'complete', counts: { created: 0, updated: 0 } });
  expect(world.writes()).toBe(before);
  const people = await world.people();
  expect(people.map((one) => one.records.length)).toEqual([records]);
  return people[0]!;
}

describe('Salesforce', () => {
  test('a contact out of the recycle bin takes its place again, and hears what it missed', async () => {
    await using world = await factWorld();
    const { contact, twin } = await twins(world);
    const [before] = await world.people();
    world.salesforce.remove('Contact', contact);
    expect(await world.sync()).toMatchObject({ status: 'complete', counts: { deleted: 1, created: 0 } });
    world.hubspot.edit('contacts', twin, { jobtitle: '部長' });
    world.later();
    await world.sync();
    world.salesforce.undelete('Contact', contact);
    world.later();
    expect(await world.sync()).toMatchObject({ status: 'complete', counts: { created: 0 } });
    expect(world.inSalesforce('Contact', contact)).toMatchObject({ Title: '部長', LastName: '青葉' });
    expect((await settled(world, 2)).id).toBe(before!.id);
    expect(world.live('salesforce', 'Contact')).toEqual([contact]);
  });

  test('an account that goes takes its contacts along: none is made again, none is deleted elsewhere', async () => {
    await using world = await factWorld();
    const { account, contact, twin } = await twins(world);
    world.salesforce.remove('Account', account);
    expect(world.live('salesforce', 'Contact')).toEqual([]);
    expect(await world.sync()).toMatchObject({ status: 'complete', counts: { deleted: 1, created: 0 } });
    expect(world.live('hubspot', 'contacts')).toEqual([twin]);
    await settled(world, 1);
    world.salesforce.undelete('Account', account);
    expect(world.live('salesforce', 'Contact')).toEqual([contact]);
    world.later();
    expect(await world.sync()).toMatchObject({ status: 'complete', counts: { created: 0 } });
    await settled(world, 2);
  });

  test('a hard delete that no query shows is met by the next write, and nothing is made in its place', async () => {
    await using world = await factWorld();
    const { contact, twin } = await twins(world);
    world.salesforce.purge('Contact', contact);
    expect(await world.sync()).toMatchObject({ status: 'complete', counts: { deleted: 0 } });
    world.hubspot.edit('contacts', twin, { jobtitle: '部長' });
    world.later();
    expect(await world.sync()).toMatchObject({ status: 'complete', counts: { created: 0 } });
    await settled(world, 1);
    expect(world.live('salesforce', 'Contact')).toEqual([]);
    expect(world.live('hubspot', 'contacts')).toEqual([twin]);
  });
});

describe('HubSpot', () => {
  test('a deletion that no webhook told is found in the archived list, within the hour', async () => {
    await using world = await factWorld();
    const { contact, twin } = await twins(world);
    world.hubspot.remove('contacts', twin);
    expect(await world.sync()).toMatchObject({ status: 'complete', counts: { deleted: 1, created: 0 } });
    expect(world.live('salesforce', 'Contact')).toEqual([contact]);
    await settled(world, 1);
    expect(world.hubspot.books.created).toEqual({ companies: 1 });
  });

  test('a contact that is restored takes its place again, and hears what it missed', async () => {
    await using world = await factWorld();
    const { contact, twin } = await twins(world);
    world.hubspot.remove('contacts', twin);
    await world.sync();
    world.later();
    world.salesforce.edit('Contact', contact, { Title: '部長' });
    await world.sync();
    world.later();
    world.hubspot.restore('contacts', twin);
    expect(await world.sync()).toMatchObject({ status: 'complete', counts: { created: 0 } });
    expect(world.inHubspot('contacts', twin)).toMatchObject({ jobtitle: '部長' });
    await settled(world, 2);
  });

  test('a permanent deletion shows in no list: the next write meets it, and nothing is made in its place', async () => {
    await using world = await factWorld();
    const { contact, twin } = await twins(world);
    world.hubspot.purge('contacts', twin);
    world.salesforce.edit('Contact', contact, { Title: '部長' });
    world.later();
    expect(await world.sync()).toMatchObject({ status: 'complete', counts: { created: 0 } });
    await settled(world, 1);
    expect(world.live('hubspot', 'contacts')).toEqual([]);
    expect(world.live('salesforce', 'Contact')).toEqual([contact]);
  });
});
