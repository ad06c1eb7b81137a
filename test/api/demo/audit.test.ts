import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import {
  type Audit,
  auditWorld,
  generateWorld,
  seedSandboxes,
  type Truth,
  type World,
} from '../../../api/demo/world/index.ts';
import type { Fields } from '../../../connectors/contract.ts';
import { createHubspotSandbox } from '../../../connectors/hubspot/sandbox/index.ts';
import { createSalesforceSandbox } from '../../../connectors/salesforce/sandbox/index.ts';
import type { Sandbox } from '../../../connectors/sandbox.ts';

let world: World;
let salesforce: Sandbox;
let hubspot: Sandbox;
let truth: Truth;

function start(seed: number): void {
  world = generateWorld({ seed, people: 60, companies: 8, shared: 0.3 });
  salesforce = createSalesforceSandbox();
  hubspot = createHubspotSandbox();
  truth = seedSandboxes(world, { salesforce, hubspot });
}
beforeEach(() => start(1));

const audit = (): Audit => auditWorld(truth, salesforce, hubspot);
const live = (sandbox: Sandbox, stream: string) => sandbox.records(stream).filter(({ deleted }) => !deleted);
const set = (fields: Record<string, unknown>): Fields =>
  Object.fromEntries(
    Object.entries(fields).filter(([, value]) => value !== undefined && value !== null),
  ) as Fields;

/** What a faultless sync would leave behind. `link`: with golden ids; else records must be known by their values. */
function syncPerfectly(link: boolean): void {
  const golden = (owner: string) => (link ? `golden-${owner}` : undefined);
  const target = new Map<string, string>();
  for (const [id, owner] of truth.owners.salesforce.companies) {
    if (link) salesforce.edit('Account', id, { Nayose_Id__c: golden(owner)! });
    target.set(`sf ${owner}`, id);
  }
  for (const [id, owner] of truth.owners.hubspot.companies) {
    if (link) hubspot.edit('companies', id, { nayose_id: golden(owner)! });
    target.set(`hs ${owner}`, id);
  }
  for (const { id, fields } of live(salesforce, 'Account')) {
    const owner = truth.owners.salesforce.companies.get(id)!;
    if (target.has(`hs ${owner}`)) continue;
    const copy = set({
      name: fields.Name,
      website: fields.Website,
      corporate_number: fields.CorporateNumber__c,
      nayose_id: golden(owner),
    });
    target.set(`hs ${owner}`, hubspot.seed('companies', [{ fields: copy }])[0]!);
  }
  for (const { id, fields } of live(hubspot, 'companies')) {
    const owner = truth.owners.hubspot.companies.get(id);
    if (owner === undefined || target.has(`sf ${owner}`)) continue;
    const copy = set({
      Name: fields.name,
      Website: fields.domain,
      CorporateNumber__c: fields.corporate_number,
      Nayose_Id__c: golden(owner),
    });
    target.set(`sf ${owner}`, salesforce.seed('Account', [{ fields: copy }])[0]!);
  }
  const sf = new Set(truth.owners.salesforce.people.values());
  const hs = new Set(truth.owners.hubspot.people.values());
  const employer = (owner: string) => [...(truth.employers.get(owner) ?? [])][0];
  for (const { id, fields } of live(salesforce, 'Contact')) {
    const owner = truth.owners.salesforce.people.get(id)!;
    if (link) salesforce.edit('Contact', id, { Nayose_Id__c: golden(owner)! });
    if (hs.has(owner)) continue;
    const copy = set({
      lastname: fields.LastName,
      firstname: fields.FirstName,
      email: typeof fields.Email === 'string' ? fields.Email.normalize('NFKC') : undefined,
      phone: fields.Phone,
      mobilephone: fields.MobilePhone,
      nayose_id: golden(owner),
      'associations.companies': target.get(`hs ${employer(owner)}`),
    });
    hubspot.seed('contacts', [{ fields: copy }]);
  }
  for (const { id, fields } of live(hubspot, 'contacts')) {
    const owner = truth.owners.hubspot.people.get(id);
    if (owner === undefined) continue;
    if (link) hubspot.edit('contacts', id, { nayose_id: golden(owner)! });
    if (sf.has(owner)) continue;
    const copy = set({
      LastName: fields.lastname,
      FirstName: fields.firstname,
      Email: fields.email,
      Phone: fields.phone,
      MobilePhone: fields.mobilephone,
      Nayose_Id__c: golden(owner),
      AccountId: target.get(`sf ${employer(owner)}`),
    });
    salesforce.seed('Contact', [{ fields: copy }]);
  }
}

describe('seeding', () => {
  test('puts every record in, with its company, at its time', () => {
    expect(live(salesforce, 'Contact')).toHaveLength(world.crm.contacts.length);
    expect(live(hubspot, 'contacts')).toHaveLength(world.ma.contacts.length);
    const { employers } = audit();
    expect(employers.salesforce).toEqual({
      right: world.crm.contacts.filter((c) => c.parent).length,
      wrong: [],
      missing: [],
    });
    expect(employers.hubspot).toEqual({ right: world.ma.associations.length, wrong: [], missing: [] });
    expect(live(salesforce, 'Contact').map(({ modifiedAt }) => Date.parse(modifiedAt))).toEqual(
      world.crm.contacts.map(({ at }) => Date.parse(at)),
    );
    expect(salesforce.books.calls + hubspot.books.calls).toBe(0);
  });

  test('the hardest world goes in too: the tools hold what they are given', () => {
    const messy = generateWorld({
      seed: 2,
      people: 400,
      companies: 40,
      shared: 0.4,
      messiness: 1,
      duplicates: 0.1,
    });
    const tools = { salesforce: createSalesforceSandbox(), hubspot: createHubspotSandbox() };
    const report = auditWorld(seedSandboxes(messy, tools), tools.salesforce, tools.hubspot);
    expect(report.people.salesforce.how.seed).toBe(messy.crm.contacts.length);
    expect(report.people.salesforce.wereTwice.length).toBeGreaterThan(10);
    for (const kind of ['people', 'companies'] as const)
      for (const tool of ['salesforce', 'hubspot'] as const)
        expect([
          report[kind][tool].mixed,
          report[kind][tool].unidentified,
          report[kind][tool].duplicated,
        ]).toEqual([[], [], []]);
  });

  test('a contact whose company is not in the world is an error', () => {
    world.crm.contacts[0]!.parent = 'crm-C99999';
    expect(() =>
      seedSandboxes(world, { salesforce: createSalesforceSandbox(), hubspot: createHubspotSandbox() }),
    ).toThrow('the world has no company record crm-C99999');
  });
});

describe('the audit', () => {
  test('before any sync, those the other tool alone holds are missing', () => {
    const { people, everyOnce } = audit();
    expect(everyOnce).toBe(false);
    expect(people.expected).toBe(60);
    expect(people.salesforce.missing).toHaveLength(60 - world.crm.contacts.length);
    expect(people.hubspot.missing).toHaveLength(60 - world.ma.contacts.length);
  });

  test('after a faultless sync everybody is there once, by golden ids', () => {
    syncPerfectly(true);
    const report = audit();
    expect(report.people.hubspot.missing).toEqual([]);
    expect(report.everyOnce).toBe(true);
    expect(report.people.salesforce.how).toEqual({
      seed: world.crm.contacts.length,
      link: 60 - world.crm.contacts.length,
      own: 0,
      likely: 0,
    });
    expect(report.employers.hubspot.wrong).toEqual([]);
    expect(report.employers.hubspot.missing).toEqual([]);
  });

  test('over seeds, by values alone where the tools have no golden ids', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 31 }), (seed) => {
        start(seed);
        syncPerfectly(false);
        const report = audit();
        expect(report.everyOnce).toBe(true);
        expect(report.people.hubspot.how).toMatchObject({ link: 0, likely: 0 });
      }),
      { numRuns: 10 },
    );
  });

  describe('after a sync that', () => {
    beforeEach(() => syncPerfectly(true));
    const made = () => live(hubspot, 'contacts').find(({ id }) => !truth.owners.hubspot.people.has(id))!;
    const ownerOfMade = () => String(made().fields.nayose_id).replace('golden-', '').toUpperCase();

    test('lost one', () => {
      const owner = ownerOfMade();
      hubspot.remove('contacts', made().id);
      expect(audit().people.hubspot.missing).toEqual([owner]);
      expect(audit().everyOnce).toBe(false);
    });

    test('made one twice', () => {
      const { id, fields } = live(salesforce, 'Contact').find(
        (record) => !truth.owners.salesforce.people.has(record.id),
      )!;
      const again = set({
        LastName: fields.LastName,
        FirstName: fields.FirstName,
        Email: fields.Email,
        Phone: fields.Phone,
        MobilePhone: fields.MobilePhone,
      });
      const [second] = salesforce.seed('Contact', [{ fields: again }]);
      const { duplicated, wereTwice } = audit().people.salesforce;
      expect(duplicated.map(({ records }) => records)).toEqual([[id, second]]);
      expect(wereTwice).toEqual([]);
      expect(audit().everyOnce).toBe(false);
    });

    test('put the values of another into a record', () => {
      const [a, b] = world.crm.contacts.filter(({ fields }) => fields.Email);
      const id = live(salesforce, 'Contact').find(
        (r) => truth.owners.salesforce.people.get(r.id) === a!.personId,
      )!.id;
      salesforce.edit('Contact', id, { Email: b!.fields.Email! });
      expect(audit().people.salesforce.mixed).toEqual([
        { record: id, owners: [a!.personId, b!.personId], why: 'values' },
      ]);
      expect(audit().everyOnce).toBe(false);
    });

    test('took two people for one', () => {
      const crmOnly = world.people.find(({ tools }) => tools.join() === 'crm')!;
      const maOnly = world.people.find(({ tools }) => tools.join() === 'ma')!;
      const one = live(hubspot, 'contacts').find(
        ({ id }) => truth.owners.hubspot.people.get(id) === maOnly.id,
      )!;
      const copy = live(hubspot, 'contacts').find(
        ({ fields }) => fields.nayose_id === `golden-${crmOnly.id}`,
      )!;
      hubspot.remove('contacts', copy.id);
      hubspot.edit('contacts', one.id, { nayose_id: `golden-${crmOnly.id}` });
      const { people } = audit();
      expect(people.hubspot.mixed).toEqual([
        { record: one.id, owners: [maOnly.id, crmOnly.id], why: 'golden' },
      ]);
      expect(people.hubspot.missing).toEqual([crmOnly.id]);
    });

    test('wrote somebody nobody knows', () => {
      const [id] = salesforce.seed('Contact', [
        { fields: { LastName: 'Phantom', Email: 'phantom@nowhere.example' } },
      ]);
      expect(audit().people.salesforce.unidentified).toEqual([id]);
      expect(audit().everyOnce).toBe(false);
    });

    test('put a person under the wrong company', () => {
      const record = live(salesforce, 'Contact').find(({ fields }) => fields.AccountId)!;
      const other = live(salesforce, 'Account').find(({ id }) => id !== record.fields.AccountId)!;
      salesforce.edit('Contact', record.id, { AccountId: other.id });
      expect(audit().employers.salesforce.wrong).toEqual([record.id]);
    });
  });
});
