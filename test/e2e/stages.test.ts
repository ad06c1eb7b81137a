/** HubSpot moves a lifecycle stage only forwards: whatever the rule says, the tools do not play ping-pong. */
import { expect, test } from 'vitest';
import { demoConfig } from '../../api/demo/config.ts';
import { serveSandboxes } from '../../api/demo/sandboxes.ts';
import { nayoseHere, tempFolder } from '../support/cli.ts';
import { freshPostgres } from '../support/databases.ts';

const STAGES = 'values: { Prospect: lead, Won: customer }';

test.each([
  { rule: '{ prefer: [crm] }', backwards: false, shown: ['Prospect', 'customer'], writes: 1 },
  { rule: '{ prefer: [crm] }', backwards: true, shown: ['Prospect', 'lead'], writes: 3 },
  { rule: '{ rank: [lead, customer] }', backwards: false, shown: ['Won', 'customer'], writes: 0 },
])(
  'a stage that $rule would move back (allowed: $backwards)',
  async ({ rule, backwards, shown, writes }) => {
    const served = await serveSandboxes();
    const files = demoConfig(served);
    const folder = await tempFolder({
      ...files,
      'hub.yaml': files['hub.yaml']!.replace(
        'survivorship: { phone',
        `survivorship: { lifecycle: ${rule}, phone`,
      ).replace('type: hubspot,', `type: hubspot, lifecycleBackwards: ${backwards},`),
      'mappings/crm-contact.yaml': `${files['mappings/crm-contact.yaml']}  lifecycle: { field: Stage__c, ${STAGES} }\n`,
      'mappings/ma-contact.yaml': `${files['mappings/ma-contact.yaml']}  lifecycle: { field: lifecyclestage, direction: both }\n`,
    });
    const env = { ...served.env, DATABASE_URL: await freshPostgres() };
    const sync = async () =>
      JSON.parse((await nayoseHere(['sync', 'people', '--json', '--config', folder.dir], env)).stdout);
    const person = { email: 'hanako@aoba.example', lastname: '青葉', firstname: '花子' };
    const [contact] = served.salesforce.seed('Contact', [
      { fields: { Email: person.email, LastName: '青葉', FirstName: '花子', Stage__c: 'Prospect' } },
    ]);
    const [twin] = served.hubspot.seed('contacts', [{ fields: { ...person, lifecyclestage: 'customer' } }]);
    for (let i = 0; i < 3; i++) expect(await sync()).toMatchObject({ status: 'complete' });
    expect([
      served.salesforce.records('Contact').find(({ id }) => id === contact)!.fields.Stage__c,
      served.hubspot.records('contacts').find(({ id }) => id === twin)!.fields.lifecyclestage,
    ]).toEqual(shown);
    expect(served.hubspot.books.writes[`contacts/${twin}`] ?? 0).toBe(writes);
    expect(await sync()).toMatchObject({ updated: 0, edits: 0 });
    await served.close();
    await folder.remove();
  },
  120_000,
);
