/** What the tools show, when they show it, and what they make of what the hub writes. */
import { expect, test } from 'vitest';
import type { Fields } from '../../connectors/contract.ts';
import { hubspot } from '../../connectors/hubspot/index.ts';
import { field } from '../../connectors/salesforce/sandbox/index.ts';
import { readAll, rig } from '../connectors/hubspot/harness.ts';
import { type FactWorld, factWorld, HANAKO, OLD } from './world.ts';

const PERSON = { LastName: '青葉', FirstName: '花子', Email: HANAKO.email };
const withFields = (lines: Record<string, string>) => (files: Record<string, string>) =>
  Object.fromEntries(
    Object.entries(files).map(([name, text]) => [
      name,
      `${text}${lines[name] === undefined ? '' : `  ${lines[name]}\n`}`,
    ]),
  );

async function still(world: FactWorld) {
  for (let i = 0; i < 2; i += 1) {
    world.later();
    const before = world.writes();
    await world.sync();
    expect(world.writes()).toBe(before);
  }
}

test('what no webhook told is found by the next sync', async () => {
  await using world = await factWorld();
  const [contact] = world.salesforce.seed('Contact', [{ fields: { ...PERSON, Title: '課長' }, at: OLD }]);
  const [twin] = world.hubspot.seed('contacts', [{ fields: HANAKO, at: OLD }]);
  await world.sync();
  world.later();
  world.salesforce.edit('Contact', contact!, { Title: '部長' });
  world.hubspot.edit('contacts', twin!, { fax: '03-1111-2222' });
  expect(await world.sync()).toMatchObject({ status: 'complete' });
  expect(world.inHubspot('contacts', twin!)).toMatchObject({ jobtitle: '部長' });
  expect(world.inSalesforce('Contact', contact!)).toMatchObject({ Fax: '03-1111-2222' });
});

test('a formula whose value changes without a stamp is seen by a full read, and by no other', async () => {
  await using world = await factWorld({
    files: withFields({ 'mappings/crm-contact.yaml': 'title: { field: Grade__c, direction: in }' }),
    salesforce: {
      schema: { Contact: [field('string', 'Grade__c', 'Grade', { length: 80, readOnly: true })] },
    },
  });
  const [contact] = world.salesforce.seed('Contact', [{ fields: { ...PERSON, Grade__c: 'A' }, at: OLD }]);
  const [twin] = world.hubspot.seed('contacts', [{ fields: { ...HANAKO, jobtitle: '' }, at: OLD }]);
  await world.sync();
  expect(world.inHubspot('contacts', twin!)).toMatchObject({ jobtitle: 'A' });
  world.later();
  world.salesforce.recalculate('Contact', contact!, { Grade__c: 'B' });
  await world.sync();
  expect(world.inHubspot('contacts', twin!)).toMatchObject({ jobtitle: 'A' });
  expect(await world.sync({ full: true })).toMatchObject({ status: 'complete' });
  expect(world.inHubspot('contacts', twin!)).toMatchObject({ jobtitle: 'B' });
});

test('a flow that rewrites what the hub writes has the last word, and there is no ping-pong', async () => {
  await using world = await factWorld();
  const [contact] = world.salesforce.seed('Contact', [{ fields: { ...PERSON, Title: '課長' }, at: OLD }]);
  const [twin] = world.hubspot.seed('contacts', [{ fields: { ...HANAKO }, at: OLD }]);
  await world.sync();
  world.salesforce.flow(
    'Contact',
    ({ Title, FirstName }): Fields => ({
      ...(Title === '部長' ? { Title: '営業部 部長' } : {}),
      ...(FirstName === 'hanako' ? { FirstName: 'Hanako' } : {}),
    }),
  );
  world.later();
  world.hubspot.edit('contacts', twin!, { jobtitle: '部長', firstname: 'hanako' });
  await world.sync();
  world.later();
  await world.sync();
  expect(world.inSalesforce('Contact', contact!)).toMatchObject({
    Title: '営業部 部長',
    FirstName: 'Hanako',
  });
  expect(world.inHubspot('contacts', twin!)).toMatchObject({ jobtitle: '営業部 部長', firstname: 'hanako' });
  await still(world);
});

test('a lifecycle stage that HubSpot does not take back is asked for once, and there is no ping-pong', async () => {
  await using world = await factWorld({
    files: withFields({
      'mappings/crm-contact.yaml':
        'lifecycle: { field: Stage__c, values: { Prospect: lead, Won: customer } }',
      'mappings/ma-contact.yaml': 'lifecycle: lifecyclestage',
    }),
  });
  const [contact] = world.salesforce.seed('Contact', [{ fields: { ...PERSON, Stage__c: 'Won' }, at: OLD }]);
  const [twin] = world.hubspot.seed('contacts', [
    { fields: { ...HANAKO, lifecyclestage: 'customer' }, at: OLD },
  ]);
  await world.sync();
  world.later();
  world.salesforce.edit('Contact', contact!, { Stage__c: 'Prospect' });
  const before = world.writes();
  await world.sync();
  expect(world.writes()).toBe(before + 1);
  expect(world.inHubspot('contacts', twin!)).toMatchObject({ lifecyclestage: 'customer' });
  await still(world);
  expect(world.inSalesforce('Contact', contact!)).toMatchObject({ Stage__c: 'Prospect' });
});

test('companies and deals are polled by the time that is theirs', async () => {
  let time = Date.parse('2026-05-01T00:00:00Z');
  const { sandbox, ctx } = await rig({ now: () => new Date(time) });
  for (const [stream, name] of [
    ['contacts', 'firstname'],
    ['companies', 'name'],
    ['deals', 'dealname'],
  ] as const) {
    const [id] = sandbox.seed(stream, [{ fields: { [name]: 'before' }, at: OLD }]);
    await hubspot.discover(ctx, [stream]);
    const first = await readAll(ctx, stream, null, [name]);
    time += 1_800_000;
    sandbox.edit(stream, id!, { [name]: 'after' });
    const at = new Date(time).toISOString();
    time += 600_000;
    const { changes } = await readAll(ctx, stream, first.cursor, [name]);
    expect(changes).toEqual([{ stream, id, at, op: 'upsert', fields: { [name]: 'after' } }]);
  }
});
