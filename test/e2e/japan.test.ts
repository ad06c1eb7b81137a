/** The same spine with real-looking exports: three files of Japanese customers, loaded into the two sandboxes and a csv folder. */
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { demoConfig } from '../../api/demo/config.ts';
import { serveSandboxes } from '../../api/demo/sandboxes.ts';
import { nayose, tempFolder } from '../support/cli.ts';
import { loadJapan, seedJapan } from '../support/japan.ts';

const japan = loadJapan();

const CARDS = `connection: cards
object: webform_cards
entity: person
fields:
  fullName: { field: full_name, direction: in }
  companyName: { field: company_name, direction: in }
  department: { field: department, direction: in }
  title: { field: title, direction: in }
  email: { field: email, direction: in }
  phone: { field: tel, direction: in }
  mobile: { field: mobile, direction: in }
  address: { field: address, direction: in }
  website: { field: url, direction: in }
`;

describe.skipIf(!japan)('the Japanese exports (../shared/data/japan)', () => {
  test('complete, every refused value named, and a silent second run', async () => {
    const served = await serveSandboxes();
    seedJapan(japan!, served);
    const files = demoConfig(served);
    files['hub.yaml'] = files['hub.yaml']!.replace(
      'entities:',
      `  cards: { type: csv, path: "${dirname(japan!.cards)}", id: { webform_cards: card_id } }\nentities:`,
    ).replace(
      '{ mapping: ma-contact, mode: both, create: true } ]',
      '{ mapping: ma-contact, mode: both, create: true }, { mapping: cards, mode: read } ]',
    );
    const folder = await tempFolder({ ...files, 'mappings/cards.yaml': CARDS });
    const env = { ...served.env, NAYOSE_DATA: join(folder.dir, 'data') };
    const command = async (...argv: string[]) => {
      const { code, stdout, stderr } = await nayose([...argv, '--json', '--config', folder.dir], env).ended;
      expect(`${code} ${stderr.includes('defect') ? stderr : ''}`).toBe('0 ');
      return JSON.parse(stdout);
    };
    const first = await command('sync');
    expect(first).toMatchObject({ status: 'complete' });
    expect(first.read).toBe(
      japan!.salesforce.accounts.length +
        japan!.salesforce.contacts.length +
        japan!.hubspot.contacts.length +
        2294,
    );
    const writes = () =>
      [served.salesforce.books, served.hubspot.books].map(({ created, updated }) =>
        JSON.stringify([created, updated]),
      );
    const before = writes();
    const second = await command('sync');
    expect(second).toMatchObject({ status: 'complete', created: 0, updated: 0, linked: 0, merged: 0 });
    expect(writes()).toEqual(before);
    expect([served.salesforce.books.noops, served.hubspot.books.noops]).toEqual([0, 0]);

    const failures = await command('failures');
    const named = failures.groups.filter((g: { cause: string }) => !/unreadable/.test(g.cause));
    const items = named.flatMap(
      (g: { items: { golden: string; record: string; message: string }[] }) => g.items,
    );
    expect(named.reduce((n: number, g: { count: number }) => n + g.count, 0)).toBe(second.failed);
    for (const item of items) expect(item.golden || item.record).toBeTruthy();
    for (const group of failures.groups) expect(group.fix.length).toBeGreaterThan(10);
    await served.close();
    await folder.remove();
  }, 900_000);
});
