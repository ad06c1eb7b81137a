/** Schemas that change while the hub runs: the run goes on without what is gone, says so, and clears nothing. */
import { describe, expect, test } from 'vitest';
import type { Fields } from '../../connectors/contract.ts';
import { field } from '../../connectors/salesforce/sandbox/index.ts';
import { type FactWorld, factWorld, HANAKO, OLD } from './world.ts';

async function twins(world: FactWorld) {
  const fields = {
    LastName: '青葉',
    FirstName: '花子',
    Email: HANAKO.email,
    Department: '営業',
    Title: '課長',
  };
  const [contact] = world.salesforce.seed('Contact', [{ fields, at: OLD }]);
  const [twin] = world.hubspot.seed('contacts', [{ fields: HANAKO, at: OLD }]);
  expect(await world.sync()).toMatchObject({ status: 'complete' });
  // Within the hour for which a serving hub believes the schemas that it knows.
  world.later(900);
  return { contact: contact!, twin: twin! };
}

const reasons = ({ reasons }: { reasons: { code: string; message: string }[] }) =>
  reasons.map(({ code, message }) => `${code}: ${message}`);

describe('Salesforce', () => {
  test('a field removed before a read: the rest is read, nothing is cleared, and the next run is whole again', async () => {
    await using world = await factWorld();
    const { contact, twin } = await twins(world);
    world.salesforce.dropField('Contact', 'Title');
    world.salesforce.edit('Contact', contact, { FirstName: '華子' });
    const run = await world.sync({ same: true });
    expect(run.status).toBe('incomplete');
    expect(reasons(run)).toEqual([
      expect.stringMatching(/^schema: crm Contact no longer has the field Title/),
    ]);
    expect(world.inHubspot('contacts', twin)).toMatchObject({ firstname: '華子', jobtitle: '課長' });
    world.later();
    expect(await world.sync({ same: true })).toMatchObject({ status: 'complete', counts: { updated: 0 } });
    expect((await world.people())[0]!.values.title).toBe('課長');
  });

  test('a field removed between reading and writing: the other fields are written, the refusal has a name', async () => {
    await using world = await factWorld();
    const { contact, twin } = await twins(world);
    world.hubspot.edit('contacts', twin, { jobtitle: '部長', firstname: '華子' });
    world.salesforce.fault = ({ method }) => {
      if (method === 'PATCH') world.salesforce.dropField('Contact', 'Title');
      return undefined;
    };
    const run = await world.sync();
    expect(run).toMatchObject({ status: 'complete', counts: { failed: 1, updated: 1 } });
    expect(world.inSalesforce('Contact', contact)).toMatchObject({ FirstName: '華子', Title: '課長' });
    expect(await world.store.db.query(`select attribute, field, message from refusal`)).toMatchObject([
      { attribute: 'title', field: 'Title', message: expect.stringContaining('INVALID_FIELD') },
    ]);
  });

  test('a field that became read-only: the other fields are written, the refusal has a name', async () => {
    await using world = await factWorld();
    const { contact, twin } = await twins(world);
    world.hubspot.edit('contacts', twin, { jobtitle: '部長', firstname: '華子' });
    world.salesforce.fault = ({ method }) => {
      if (method === 'PATCH')
        world.salesforce.setField(
          'Contact',
          field('string', 'Title', 'Title', { length: 128, readOnly: true }),
        );
      return undefined;
    };
    expect(await world.sync()).toMatchObject({ status: 'complete', counts: { failed: 1, updated: 1 } });
    expect(world.inSalesforce('Contact', contact)).toMatchObject({ FirstName: '華子', Title: '課長' });
    expect(await world.store.db.query(`select attribute, message from refusal`)).toMatchObject([
      { attribute: 'title', message: expect.stringContaining('INVALID_FIELD_FOR_INSERT_UPDATE') },
    ]);
  });
});

describe('HubSpot', () => {
  test('a property deleted before a read vanishes without a word: nothing is cleared, and the run says so', async () => {
    await using world = await factWorld();
    const { contact, twin } = await twins(world);
    world.hubspot.dropProperty('contacts', 'jobtitle');
    world.hubspot.edit('contacts', twin, { firstname: '華子' });
    const run = await world.sync({ same: true });
    expect(run.status).toBe('incomplete');
    expect(reasons(run)).toEqual([
      expect.stringMatching(/^schema: ma contacts no longer has the field jobtitle/),
    ]);
    expect(world.inSalesforce('Contact', contact)).toMatchObject({ FirstName: '華子', Title: '課長' });
    world.later();
    expect(await world.sync({ same: true })).toMatchObject({ status: 'complete', counts: { updated: 0 } });
    expect((await world.people())[0]!.values.title).toBe('課長');
  });
});

describe.each([
  ['Salesforce', 'salesforce'],
  ['HubSpot', 'hubspot'],
] as const)('a batch of %s', (_, tool) => {
  test('with a field that is gone: every record is written without it, in a call more a batch', async () => {
    await using world = await factWorld({
      files: (files) => ({
        ...files,
        'hub.yaml': files['hub.yaml']!.replace(/ {4}guards: .*\n/, '    guards: { maxChanged: 100 }\n'),
      }),
    });
    const people = Array.from({ length: 40 }, (_, i) => ({
      first: `名${i}`,
      email: `p${i}@mail${i}.example`,
    }));
    const contacts = world.salesforce.seed(
      'Contact',
      people.map(({ first, email }) => ({
        fields: { LastName: '青葉', FirstName: first, Email: email },
        at: OLD,
      })),
    );
    const twins = world.hubspot.seed(
      'contacts',
      people.map(({ first, email }) => ({ fields: { lastname: '青葉', firstname: first, email }, at: OLD })),
    );
    expect(await world.sync()).toMatchObject({ status: 'complete', counts: { golden: 40 } });
    world.later(900);
    const edited: Fields = {
      salesforce: { jobtitle: '部長', fax: '1' },
      hubspot: { Title: '部長', Fax: '1' },
    }[tool];
    const drop = () =>
      tool === 'salesforce'
        ? world.salesforce.dropField('Contact', 'Title')
        : world.hubspot.dropProperty('contacts', 'jobtitle');
    for (const i of people.keys())
      if (tool === 'salesforce') world.hubspot.edit('contacts', twins[i]!, edited);
      else world.salesforce.edit('Contact', contacts[i]!, edited);
    world[tool].fault = ({ method, path }) => {
      if (method === 'PATCH' || path.endsWith('/batch/update')) drop();
      return undefined;
    };
    const run = await world.sync({ same: true });
    expect(run).toMatchObject({ status: 'complete', counts: { failed: 40, updated: 40 } });
    const shown =
      tool === 'salesforce'
        ? contacts.map((id) => world.inSalesforce('Contact', id).Fax)
        : twins.map((id) => world.inHubspot('contacts', id).fax);
    expect(new Set(shown)).toEqual(new Set(['1']));
    const { byRoute } = world[tool].books;
    const batches = Object.entries(byRoute).filter(([route]) =>
      /^PATCH .*composite|batch\/update/.test(route),
    );
    expect(batches.reduce((sum, [, n]) => sum + n, 0)).toBeLessThanOrEqual(3);
  });
});

describe('picklists', () => {
  const STAGES = (files: Record<string, string>) => ({
    ...files,
    'mappings/crm-contact.yaml': `${files['mappings/crm-contact.yaml']}  title: Stage__c\n`,
  });
  const stage = (...options: string[]) =>
    field('picklist', 'Stage__c', 'Stage', { options, restricted: true, length: 255 });

  test('a value added in Salesforce while the hub serves: what was refused for want of it is written by itself', async () => {
    await using world = await factWorld({ files: STAGES });
    const fields = { LastName: '青葉', FirstName: '花子', Email: HANAKO.email, Stage__c: 'Won' };
    const [contact] = world.salesforce.seed('Contact', [{ fields, at: OLD }]);
    const [twin] = world.hubspot.seed('contacts', [{ fields: { ...HANAKO, jobtitle: 'Won' }, at: OLD }]);
    expect(await world.sync()).toMatchObject({ status: 'complete', counts: { failed: 0 } });
    world.later(900);
    world.hubspot.edit('contacts', twin!, { jobtitle: 'Champion', firstname: '華子' });
    expect(await world.sync({ same: true })).toMatchObject({ status: 'complete', counts: { failed: 1 } });
    expect(world.inSalesforce('Contact', contact!)).toMatchObject({ FirstName: '華子', Stage__c: 'Won' });
    world.salesforce.setField('Contact', stage('Won', 'Champion'));
    world.later();
    expect(await world.sync({ same: true })).toMatchObject({ status: 'complete', counts: { failed: 0 } });
    expect(world.inSalesforce('Contact', contact!)).toMatchObject({ Stage__c: 'Champion' });
  });

  test('a value that the mapping does not know is unreadable, and clears nothing in the other tool', async () => {
    await using world = await factWorld({
      files: (files) => ({
        ...files,
        'mappings/crm-contact.yaml': `${files['mappings/crm-contact.yaml']}  title: { field: Stage__c, values: { Won: 部長 } }\n`,
      }),
    });
    const fields = { LastName: '青葉', FirstName: '花子', Email: HANAKO.email, Stage__c: 'Won' };
    const [contact] = world.salesforce.seed('Contact', [{ fields, at: OLD }]);
    const [twin] = world.hubspot.seed('contacts', [{ fields: { ...HANAKO, jobtitle: '' }, at: OLD }]);
    await world.sync();
    expect(world.inHubspot('contacts', twin!)).toMatchObject({ jobtitle: '部長' });
    world.later();
    world.salesforce.setField('Contact', stage('Won', 'Champion'));
    world.salesforce.edit('Contact', contact!, { Stage__c: 'Champion', FirstName: '華子' });
    expect(await world.sync()).toMatchObject({ status: 'complete' });
    expect(world.inHubspot('contacts', twin!)).toMatchObject({ jobtitle: '部長', firstname: '華子' });
    expect(world.inSalesforce('Contact', contact!)).toMatchObject({ Stage__c: 'Champion' });
    expect(await world.store.db.query(`select attribute, found from unreadable`)).toEqual([
      { attribute: 'title', found: 'Champion' },
    ]);
  });
});
