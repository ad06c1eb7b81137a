/** Law 4 with real tools: people edit in both, both survive; of the same field the rule decides, and the loser is kept. */
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { demoConfig } from '../../api/demo/config.ts';
import { serveSandboxes } from '../../api/demo/sandboxes.ts';
import { nayoseHere, tempFolder } from '../support/cli.ts';
import { fillFolder, freshPostgres } from '../support/databases.ts';

async function world(database: string) {
  // Both tools share one clock that the test moves: "later" must not depend on how fast this machine is.
  let clock = Date.parse('2026-03-01T09:00:00Z');
  const now = () => new Date(clock);
  const served = await serveSandboxes({ salesforce: { now }, hubspot: { now } });
  const folder = await tempFolder(demoConfig(served));
  const env = {
    ...served.env,
    NAYOSE_DATA: join(folder.dir, 'data'),
    ...(database === 'PGlite' ? {} : { DATABASE_URL: await freshPostgres() }),
  };
  if (database === 'PGlite') await fillFolder(env.NAYOSE_DATA);
  const person = {
    Email: 'hanako@aoba.example',
    LastName: '青葉',
    FirstName: '花子',
    Phone: '03-1234-5678',
    Title: '課長',
  };
  const [contact] = served.salesforce.seed('Contact', [{ fields: person, at: '2025-01-01T00:00:00Z' }]);
  const [twin] = served.hubspot.seed('contacts', [
    {
      fields: { email: 'HANAKO@aoba.example', lastname: '青葉', firstname: '花子', jobtitle: '課長' },
      at: '2025-02-01T00:00:00Z',
    },
  ]);
  return {
    served,
    later() {
      clock += 3_600_000;
    },
    async run(...argv: string[]) {
      const { code, stdout, stderr } = await nayoseHere([...argv, '--json', '--config', folder.dir], env);
      expect(`${code}${stderr.includes('defect') ? stderr : ''}`).toBe('0');
      return JSON.parse(stdout);
    },
    contact: contact!,
    twin: twin!,
    inSalesforce: () => served.salesforce.records('Contact').find((r) => r.id === contact)!.fields,
    inHubspot: () => served.hubspot.records('contacts').find((r) => r.id === twin)!.fields,
    async close() {
      await served.close();
      await folder.remove();
    },
  };
}

describe.each(['PGlite', 'PostgreSQL'])('edits in both tools, over %s', (database) => {
  test('different fields both survive; of the same field the rule decides, the loser stays, explain tells', async () => {
    const { served, later, run, contact, twin, inSalesforce, inHubspot, close } = await world(database);
    expect(await run('sync')).toMatchObject({ status: 'complete', golden: 1 });
    expect(inHubspot().phone).toBeTruthy();

    later();
    served.salesforce.edit('Contact', contact, { Title: '部長' });
    served.hubspot.edit('contacts', twin, { mobilephone: '090-1111-2222' });
    expect(await run('sync')).toMatchObject({ status: 'complete' });
    expect(inSalesforce()).toMatchObject({ Title: '部長', MobilePhone: '090-1111-2222' });
    expect(inHubspot()).toMatchObject({ jobtitle: '部長', mobilephone: '090-1111-2222' });

    // Same field: `latest` for the title …
    later();
    served.salesforce.edit('Contact', contact, { Title: '取締役' });
    later();
    served.hubspot.edit('contacts', twin, { jobtitle: '顧問' });
    await run('sync');
    expect([inSalesforce().Title, inHubspot().jobtitle]).toEqual(['顧問', '顧問']);

    // … and `prefer: [crm]` for the phone, though HubSpot's edit is newer.
    later();
    served.salesforce.edit('Contact', contact, { Phone: '03-9999-0001' });
    later();
    served.hubspot.edit('contacts', twin, { phone: '03-9999-0002' });
    await run('sync');
    expect(inSalesforce().Phone).toBe('03-9999-0001');
    expect(String(inHubspot().phone).replace(/\D/g, '')).toMatch(/399990001$/);

    const explained = JSON.stringify(await run('explain', 'hanako@aoba.example'));
    for (const lost of ['取締役', '+81399990002']) expect(explained).toContain(lost);

    // A value cleared by hand is cleared everywhere, and nothing flows back.
    later();
    served.hubspot.edit('contacts', twin, { mobilephone: null });
    await run('sync');
    expect(inSalesforce().MobilePhone ?? null).toBeNull();
    expect(await run('sync')).toMatchObject({ created: 0, updated: 0 });
    await close();
  }, 600_000);

  test('an edit of what made them one (a marriage) goes to the twin: it never tears them apart', async () => {
    const { served, later, run, contact, inHubspot, close } = await world(database);
    await run('sync');
    later();
    served.salesforce.edit('Contact', contact, { LastName: '小林', Email: 'hanako.kobayashi@aoba.example' });
    expect(await run('sync')).toMatchObject({ status: 'complete', created: 0, golden: 1 });
    expect(inHubspot()).toMatchObject({ lastname: '小林', email: 'hanako.kobayashi@aoba.example' });
    expect(await run('sync')).toMatchObject({ status: 'complete', created: 0, updated: 0, golden: 1 });
    await close();
  }, 600_000);

  test('a contact deleted in one tool is not made again, and stays in the other', async () => {
    const { served, later, run, contact, inHubspot, close } = await world(database);
    await run('sync');
    later();
    served.salesforce.remove('Contact', contact);
    expect(await run('sync')).toMatchObject({ deleted: 1, created: 0 });
    expect(await run('sync')).toMatchObject({ status: 'complete', created: 0, updated: 0 });
    expect(inHubspot().lastname).toBe('青葉');
    expect(served.salesforce.books.created).toEqual({});
    await close();
  }, 600_000);

  test('two contacts merged in HubSpot become one golden record; no counterpart is deleted', async () => {
    const { served, later, run, contact, twin, close } = await world(database);
    const [other] = served.hubspot.seed('contacts', [
      {
        fields: { email: 'h.aoba@home.example', lastname: 'Aoba', firstname: 'Hana' },
        at: '2025-02-01T00:00:00Z',
      },
    ]);
    expect(await run('sync')).toMatchObject({ status: 'complete', golden: 2 });
    later();
    served.hubspot.merge('contacts', twin, other!);
    await run('sync');
    const last = await run('sync');
    expect(last).toMatchObject({ status: 'complete', created: 0, updated: 0, golden: 1 });
    expect(
      served.salesforce
        .records('Contact')
        .filter((r) => !r.deleted)
        .map((r) => r.id),
    ).toContain(contact);
    expect(served.salesforce.books.deleted).toEqual({});
    await close();
  }, 600_000);
});
