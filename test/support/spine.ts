/** The main job: contacts in both tools, three in ten of them the same people under other spellings. */
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { demoConfig } from '../../api/demo/config.ts';
import { serveSandboxes } from '../../api/demo/sandboxes.ts';
import { auditWorld, generateWorld, overlapping, seedSandboxes } from '../../api/demo/world/index.ts';
import { nayose, tempFolder } from './cli.ts';
import { freshPostgres } from './databases.ts';

const PAGE = { salesforce: { read: 2000, write: 200 }, hubspot: { read: 100, write: 100 } };
const pages = (n: number, size: number) => Math.max(1, Math.ceil(n / size));

/** The test of one database; each in a file of its own, so that both take their time side by side. */
export function walksSpine(database: 'PGlite' | 'PostgreSQL', contacts: number): void {
  const world = generateWorld({
    seed: 7,
    ...overlapping(contacts, 0.3 * contacts),
    companies: contacts / 10,
    messiness: 0,
  });

  test('everyone once in each tool, few calls, and a second run that only reads', async () => {
    const served = await serveSandboxes();
    const truth = seedSandboxes(world, served);
    const folder = await tempFolder(demoConfig(served));
    const env = {
      ...served.env,
      NAYOSE_DATA: join(folder.dir, 'data'),
      ...(database === 'PGlite' ? {} : { DATABASE_URL: await freshPostgres() }),
    };
    const sync = async () => {
      const { code, stdout, stderr } = await nayose(['sync', '--json', '--config', folder.dir], env).ended;
      expect(`${code} ${stderr.includes('defect') ? stderr : ''}`).toBe('0 ');
      return JSON.parse(stdout);
    };
    const counts = () => ({ ...served.salesforce.books.created, ...served.hubspot.books.created });
    const written = () =>
      [served.salesforce.books, served.hubspot.books].map(({ created, updated }) =>
        [created, updated].map((by) => ({ ...by })),
      );
    const calls = () => served.salesforce.books.calls + served.hubspot.books.calls;

    const first = await sync();
    expect(first.status).toBe('complete');
    const audit = auditWorld(truth, served.salesforce, served.hubspot);
    for (const kind of ['people', 'companies'] as const)
      for (const tool of ['salesforce', 'hubspot'] as const)
        expect({ ...audit[kind][tool], once: 0, how: 0, nobody: 0 }).toEqual({
          ...audit[kind][tool],
          once: 0,
          how: 0,
          nobody: 0,
          missing: [],
          duplicated: [],
          mixed: [],
          unidentified: [],
        });
    expect(audit.everyOnce).toBe(true);
    expect(audit.employers.salesforce.wrong).toEqual([]);
    expect(audit.employers.hubspot.wrong).toEqual([]);

    const made = counts();
    const updated = { ...served.salesforce.books.updated, ...served.hubspot.books.updated };
    const least =
      1 /* login */ +
      2 +
      3 /* describes; properties and owners */ +
      pages(world.crm.accounts.length, PAGE.salesforce.read) +
      pages(world.crm.contacts.length, PAGE.salesforce.read) +
      pages(world.ma.companies.length, PAGE.hubspot.read) +
      pages(world.ma.contacts.length, PAGE.hubspot.read) +
      ['Account', 'Contact'].reduce(
        (n, s) =>
          n +
          Math.ceil((made[s] ?? 0) / PAGE.salesforce.write) +
          Math.ceil((updated[s] ?? 0) / PAGE.salesforce.write),
        0,
      ) +
      ['companies', 'contacts'].reduce(
        (n, s) =>
          n +
          Math.ceil((made[s] ?? 0) / PAGE.hubspot.write) +
          Math.ceil((updated[s] ?? 0) / PAGE.hubspot.write),
        0,
      );
    expect(calls() / least).toBeLessThanOrEqual(1.2);
    expect(first.apiCalls.crm + first.apiCalls.ma).toBe(calls());

    const before = written();
    const second = await sync();
    expect(second).toMatchObject({ status: 'complete', created: 0, updated: 0, linked: 0, merged: 0 });
    expect(written()).toEqual(before);
    expect([served.salesforce.books.noops, served.hubspot.books.noops]).toEqual([0, 0]);
    await served.close();
    await folder.remove();
  }, 900_000);
}
