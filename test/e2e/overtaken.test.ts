/** Law 4 under the hand: a person edits a record between our look at it and our write to it. Over HTTP, with both tools. */
import { describe, expect, test } from 'vitest';
import { demoConfig } from '../../api/demo/config.ts';
import { serveSandboxes } from '../../api/demo/sandboxes.ts';
import { nayoseHere, tempFolder } from '../support/cli.ts';
import { freshPostgres } from '../support/databases.ts';

const HUBSPOT_LOOK = /\/objects\/contacts\/batch\/read$/;

async function world(lookAgain: number, people = 1) {
  let clock = Date.parse('2026-03-01T09:00:00Z');
  const now = () => new Date(clock);
  const served = await serveSandboxes({ salesforce: { now }, hubspot: { now } });
  const files = demoConfig(served);
  const folder = await tempFolder({
    ...files,
    'hub.yaml': files['hub.yaml']!.replace('maxChanged: 20%', 'maxChanged: 100%').replace(
      '    guards: {',
      `    edits: { lookAgain: ${lookAgain} }\n    guards: {`,
    ),
  });
  const env = { ...served.env, DATABASE_URL: await freshPostgres() };
  const numbers = Array.from({ length: people }, (_, i) => i);
  const contacts = served.salesforce.seed(
    'Contact',
    numbers.map((i) => ({
      fields: { Email: `p${i}@aoba.example`, LastName: `青葉${i}`, FirstName: '花子', Title: '課長' },
      at: '2025-01-01T00:00:00Z',
    })),
  );
  const twins = served.hubspot.seed(
    'contacts',
    numbers.map((i) => ({
      fields: { email: `p${i}@aoba.example`, lastname: `青葉${i}`, firstname: '花子', jobtitle: '課長' },
      at: '2025-02-01T00:00:00Z',
    })),
  );
  const later = () => {
    clock += 3_600_000;
  };
  const tools = { crm: served.salesforce, ma: served.hubspot };
  let routes: string[] = [];
  /** From here on every call is kept; `edit` is done by a person just before the first call like `before` is carried out. */
  const watch = (tool: keyof typeof tools, before?: RegExp, edit?: () => void) => {
    routes = [];
    let due = true;
    tools[tool].fault = ({ method, path }) => {
      routes.push(`${method} ${path}`);
      if (due && before?.test(`${method} ${path}`)) {
        due = false;
        later();
        edit!();
      }
      return undefined;
    };
  };
  return {
    crm: served.salesforce,
    ma: served.hubspot,
    contacts,
    twins,
    later,
    watch,
    calls: (like: RegExp) => routes.filter((route) => like.test(route)).length,
    async run(...argv: string[]) {
      const { code, stdout, stderr } = await nayoseHere([...argv, '--json', '--config', folder.dir], env);
      expect(`${code} ${stderr.includes('defect') ? stderr : ''}`).toMatch(/^[02] $/);
      return JSON.parse(stdout);
    },
    contact: (i = 0) => served.salesforce.records('Contact').find((r) => r.id === contacts[i])!.fields,
    twin: (i = 0) => served.hubspot.records('contacts').find((r) => r.id === twins[i])!.fields,
    async close() {
      await served.close();
      await folder.remove();
    },
  };
}

describe('a person edits between our look and our write', { timeout: 200_000 }, () => {
  test('in HubSpot, whose writes know no condition: the records are read again, in one call', async () => {
    const { crm, ma, contacts, twins, later, watch, calls, run, contact, twin, close } = await world(0, 3);
    expect(await run('sync')).toMatchObject({ status: 'complete', golden: 3 });
    later();
    for (const id of contacts) crm.edit('Contact', id, { Title: '部長' });
    watch('ma', HUBSPOT_LOOK, () => {
      ma.edit('contacts', twins[0]!, { jobtitle: '顧問' });
      ma.edit('contacts', twins[1]!, { mobilephone: '090-1111-2222' });
    });
    expect(await run('sync')).toMatchObject({ status: 'complete' });
    // Same field: the later edit wins, and the loser is kept. Another field: both survive.
    expect([0, 1, 2].map((i) => [contact(i).Title, twin(i).jobtitle])).toEqual([
      ['顧問', '顧問'],
      ['部長', '部長'],
      ['部長', '部長'],
    ]);
    expect([contact(1).MobilePhone, twin(1).mobilephone]).toEqual(['090-1111-2222', '090-1111-2222']);
    expect(calls(HUBSPOT_LOOK)).toBe(1);
    expect(JSON.stringify(await run('explain', 'p0@aoba.example'))).toContain('部長');
    expect(await run('sync')).toMatchObject({ status: 'complete', created: 0, updated: 0 });
    await close();
  });

  test('in Salesforce, one record: the write itself carries the condition, and costs no call more', async () => {
    const { crm, ma, contacts, twins, later, watch, calls, run, contact, twin, close } = await world(0);
    await run('sync');
    later();
    ma.edit('contacts', twins[0]!, { jobtitle: '部長' });
    watch('crm');
    await run('sync');
    expect(contact().Title).toBe('部長');
    const quiet = calls(/./);
    // The tool shows a new version of what we wrote ourselves: the next write knows it.
    await run('sync');
    later();
    ma.edit('contacts', twins[0]!, { jobtitle: '本部長' });
    watch('crm', /^PATCH .*\/sobjects\/Contact\//, () => {
      crm.edit('Contact', contacts[0]!, { Title: '顧問', MobilePhone: '090-3333-4444' });
    });
    expect(await run('sync')).toMatchObject({ status: 'complete' });
    expect([contact().Title, twin().jobtitle]).toEqual(['顧問', '顧問']);
    expect(twin().mobilephone).toBe('+819033334444');
    expect(calls(/^PATCH/)).toBe(1);
    expect(calls(/./)).toBe(quiet);
    expect(JSON.stringify(await run('explain', 'p0@aoba.example'))).toContain('本部長');
    await close();
  });

  test('a look of just now needs no other', async () => {
    const { crm, contacts, later, watch, calls, run, twin, close } = await world(120, 2);
    await run('sync');
    later();
    for (const id of contacts) crm.edit('Contact', id, { Title: '部長' });
    watch('ma');
    await run('sync');
    expect([twin(0).jobtitle, twin(1).jobtitle]).toEqual(['部長', '部長']);
    expect([calls(HUBSPOT_LOOK), calls(/batch\/update$/)]).toEqual([0, 1]);
    await close();
  });
});
