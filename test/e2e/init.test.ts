/** A newcomer's way: init against both sandboxes, then check, then sync, with nothing edited in between. Real processes. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { serveSandboxes } from '../../api/demo/sandboxes.ts';
import { auditWorld, generateWorld, overlapping, seedSandboxes } from '../../api/demo/world/index.ts';
import { text as property } from '../../connectors/hubspot/sandbox/index.ts';
import { field } from '../../connectors/salesforce/sandbox/index.ts';
import { nayose, tempFolder } from '../support/cli.ts';
import { freshPostgres } from '../support/databases.ts';

const select = (name: string, values: string[]) => ({
  ...property(name, name),
  type: 'enumeration' as const,
  fieldType: 'select',
  options: values.map((value) => ({ value, label: value })),
});

test('init reads both tools and writes a folder that checks clean and syncs to the end, without an edit', async () => {
  const world = generateWorld({ seed: 11, ...overlapping(200, 60), companies: 30, messiness: 0.4 });
  const served = await serveSandboxes();
  const { salesforce, hubspot } = served;
  // What accounts have of their own: a field in both, one that is read-only, and one that is called alike and is not.
  salesforce.setField('Contact', field('double', 'Visits__c', 'Visits', { scale: 0 }));
  salesforce.setField('Contact', field('phone', 'Fax', 'Fax', { length: 40, readOnly: true }));
  salesforce.setField(
    'Contact',
    field('picklist', 'Rank__c', 'Rank', { options: ['A', 'B'], restricted: true, length: 255 }),
  );
  hubspot.setProperty('contacts', { ...property('visits', 'Visits'), type: 'number', fieldType: 'number' });
  hubspot.setProperty('contacts', select('rank', ['gold', 'silver']));
  const truth = seedSandboxes(world, served);
  const folder = await tempFolder();
  const dir = join(folder.dir, 'hub');
  const env = {
    ...served.env,
    NAYOSE_DATA: join(folder.dir, 'data'),
    DATABASE_URL: await freshPostgres(),
    LOG_LEVEL: 'silent',
  };
  const run = async (...argv: string[]) => {
    const { code, stdout, stderr } = await nayose([...argv, '--json', '--config', dir], env).ended;
    expect(stderr).not.toContain('defect');
    return { code, data: JSON.parse(stdout) };
  };
  const urls = ['--salesforce-url', served.salesforceUrl, '--hubspot-url', served.hubspotUrl];

  const init = await run('init', '--yes', ...urls);
  expect([init.code, init.data.read]).toEqual([0, ['salesforce', 'hubspot']]);
  expect([salesforce.books.created, hubspot.books.created]).toEqual([{}, {}]);

  const files = Object.fromEntries(
    await Promise.all(
      (await readdir(dir, { recursive: true, withFileTypes: true }))
        .filter((entry) => entry.isFile())
        .map(async ({ name, parentPath }) => [name, await readFile(join(parentPath, name), 'utf8')]),
    ),
  ) as Record<string, string>;
  for (const [name, text] of Object.entries(files))
    for (const secret of Object.values(served.env)) expect(`${name} ${text}`).not.toContain(secret);
  expect(files['hub.yaml']).toMatch(/visits: \{ type: number \}/);
  expect(files['crm-contact.yaml']).toMatch(/familyNameKana: LastNameKana__c\n/);
  expect(files['ma-contact.yaml']).toMatch(/familyNameKana: kana_last\n/);
  expect(files['crm-account.yaml']).toMatch(/corporateNumber: CorporateNumber__c\n/);
  expect(files['ma-company.yaml']).toMatch(/customerCode: customer_code\n/);
  expect(files['crm-contact.yaml']).toMatch(/fax: \{ field: Fax, direction: in \}\n/);
  expect(files['crm-contact.yaml']).toMatch(/visits: Visits__c\n/);
  expect(files['crm-contact.yaml']).not.toContain('Rank__c');

  const check = await run('check');
  const told = check.data.findings.filter(({ severity }: { severity: string }) => severity !== 'info');
  expect([check.code, check.data.status, told]).toEqual([0, 'ok', []]);

  const sync = await run('sync');
  expect([sync.code, sync.data.status, sync.data.reasons]).toEqual([0, 'complete', []]);
  const audit = auditWorld(truth, salesforce, hubspot);
  for (const tool of ['salesforce', 'hubspot'] as const) expect(audit.people[tool].missing).toEqual([]);
  const again = await run('sync');
  expect(again.data).toMatchObject({ status: 'complete', created: 0, updated: 0 });
  await served.close();
  await folder.remove();
}, 300_000);
