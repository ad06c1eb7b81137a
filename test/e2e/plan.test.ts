/** Law 8: the plan names what the sync then writes, and leaves the hub's own records as they were. */
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { demoConfig } from '../../api/demo/config.ts';
import { serveSandboxes } from '../../api/demo/sandboxes.ts';
import { generateWorld, overlapping, seedSandboxes } from '../../api/demo/world/index.ts';
import { openPg } from '../../core/store/pg.ts';
import { nayoseHere, tempFolder } from '../support/cli.ts';
import { freshPostgres } from '../support/databases.ts';

interface PlannedWrite {
  connection: string;
  object: string;
  op: string;
  changes: unknown[];
}

test('plan lists the writes of the sync that follows, also for a messy world, and changes nothing', async () => {
  const served = await serveSandboxes();
  seedSandboxes(generateWorld({ seed: 5, ...overlapping(150, 50), companies: 25, messiness: 0.5 }), served);
  const folder = await tempFolder(demoConfig(served));
  const url = await freshPostgres();
  const env = { ...served.env, NAYOSE_DATA: join(folder.dir, 'data'), DATABASE_URL: url };
  const run = async (...argv: string[]) => {
    const { stdout, stderr } = await nayoseHere([...argv, '--json', '--config', folder.dir], env);
    expect(stderr).not.toContain('defect');
    return JSON.parse(stdout);
  };
  const count = (writes: PlannedWrite[], object: string, op: string) =>
    writes.filter((write) => write.object === object && write.op === op).length;

  for (const round of [1, 2]) {
    const plan = await run('plan');
    expect(served.salesforce.books.created.Contact ?? 0).toBe(
      round === 1 ? 0 : served.salesforce.books.created.Contact,
    );
    if (round === 1) {
      expect([served.salesforce.books.created, served.hubspot.books.created]).toEqual([{}, {}]);
      const db = openPg(url, { max: 1 });
      const [row] = await db.query<{ n: number }>(
        `select (select count(*) from source_record) + (select count(*) from golden) + (select count(*) from outbox) + (select count(*) from cursor) as n`,
      );
      await db.close();
      expect(row!.n).toBe(0);
    }
    const books = {
      ...served.salesforce.books,
      created: { ...served.salesforce.books.created, ...served.hubspot.books.created },
    };
    const before = {
      created: books.created,
      updated: { ...served.salesforce.books.updated, ...served.hubspot.books.updated },
    };
    const report = await run('sync');
    const after = {
      created: { ...served.salesforce.books.created, ...served.hubspot.books.created },
      updated: { ...served.salesforce.books.updated, ...served.hubspot.books.updated },
    };
    for (const object of ['Account', 'Contact', 'companies', 'contacts']) {
      const made = (after.created[object] ?? 0) - (before.created[object] ?? 0);
      expect([object, made]).toEqual([object, count(plan.writes, object, 'create')]);
    }
    expect(report.created).toBe(plan.created);
    // A value that a tool refuses is known only when it is sent: its update is planned, and then not made.
    expect(report.updated).toBeLessThanOrEqual(plan.updated);
    expect(plan.updated - report.updated).toBeLessThanOrEqual(report.failed);
    if (round === 1)
      for (const record of served.hubspot.records('contacts').slice(0, 5))
        served.hubspot.edit('contacts', record.id, { jobtitle: `Edited ${record.id}` });
    else expect(count(plan.writes, 'Contact', 'update')).toBe(5);
  }
  await served.close();
  await folder.remove();
}, 600_000);
