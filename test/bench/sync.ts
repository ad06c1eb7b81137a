import { join } from 'node:path';
import { Client } from '@hubspot/api-client';
import jsforce from 'jsforce';
import { demoConfig } from '../../api/demo/config.ts';
import { type Served, serveSandboxes } from '../../api/demo/sandboxes.ts';
import { generateWorld, overlapping, seedSandboxes } from '../../api/demo/world/index.ts';
import { nayose, tempFolder } from '../support/cli.ts';
import { benchPostgres, rate, times } from './databases.ts';

const PER_TOOL = 10_000;
const SHARED = 3_000;
const COMPANIES = 1_000;

/** What a developer would write in an afternoon: every contact of Salesforce, created in HubSpot, 100 a call, nothing else. */
async function handWrittenCopy(served: Served): Promise<number> {
  const conn = new jsforce.Connection({
    loginUrl: served.salesforceUrl,
    version: '62.0',
    oauth2: {
      loginUrl: served.salesforceUrl,
      clientId: served.env.SF_ID!,
      clientSecret: served.env.SF_SECRET!,
    },
  });
  await conn.authorize({ grant_type: 'client_credentials' });
  const client = new Client({
    accessToken: served.env.HUBSPOT_TOKEN!,
    basePath: served.hubspotUrl,
    numberOfApiCallRetries: 0,
  });
  let copied = 0;
  const seen = new Set<string>();
  let page = await conn.query<Record<string, string | null>>(
    'SELECT Id, FirstName, LastName, Email, Phone, Title FROM Contact ORDER BY Id',
  );
  for (;;) {
    for (let i = 0; i < page.records.length; i += 100) {
      const inputs = page.records.slice(i, i + 100).map((r) => {
        const properties: Record<string, string> = {};
        for (const [to, from] of [
          ['firstname', 'FirstName'],
          ['lastname', 'LastName'],
          ['phone', 'Phone'],
          ['jobtitle', 'Title'],
        ] as const)
          if (r[from]) properties[to] = r[from];
        const email = r.Email?.normalize('NFKC').toLowerCase();
        if (email && !seen.has(email)) properties.email = email;
        if (email) seen.add(email);
        return { properties, associations: [] };
      });
      await client.crm.contacts.batchApi.create({ inputs });
      copied += inputs.length;
    }
    if (page.done) return copied;
    page = await conn.queryMore(page.nextRecordsUrl!);
  }
}

export async function run(): Promise<void> {
  const world = generateWorld({
    seed: 7,
    ...overlapping(PER_TOOL, SHARED),
    companies: COMPANIES,
    messiness: 0,
  });
  const empty = { ...world, ma: { companies: [], contacts: [], associations: [] } };
  const yard = await serveSandboxes();
  seedSandboxes(empty, yard);
  let started = performance.now();
  const copied = await handWrittenCopy(yard);
  const yardMs = performance.now() - started;
  const yardRate = rate(copied, yardMs);
  process.stdout.write(
    `hand-written one-way copy: ${copied} records in ${(yardMs / 1000).toFixed(1)} s, ${yardRate} records/s, ${yard.salesforce.books.calls + yard.hubspot.books.calls} calls\n`,
  );
  await yard.close();

  for (const database of ['PostgreSQL', 'PGlite']) {
    const served = await serveSandboxes();
    seedSandboxes(world, served);
    const folder = await tempFolder(demoConfig(served));
    const server = database === 'PostgreSQL' ? await benchPostgres() : undefined;
    const env = { ...served.env, NAYOSE_DATA: join(folder.dir, 'data'), DATABASE_URL: server?.url };
    started = performance.now();
    const { stdout, stderr } = await nayose(['sync', '--json', '--config', folder.dir], env).ended;
    const ms = performance.now() - started;
    if (stdout === '') throw new Error(stderr);
    const report = JSON.parse(stdout) as { status: string; read: number; created: number; updated: number };
    const books = [served.salesforce.books, served.hubspot.books];
    const calls = books.reduce((n, b) => n + b.calls, 0);
    const writes = (stream: string, size: number) =>
      books.reduce(
        (n, b) => n + Math.ceil((b.created[stream] ?? 0) / size) + Math.ceil((b.updated[stream] ?? 0) / size),
        0,
      );
    const least =
      1 +
      2 +
      3 +
      Math.ceil(world.crm.accounts.length / 2000) +
      Math.ceil(world.crm.contacts.length / 2000) +
      Math.ceil(world.ma.companies.length / 100) +
      Math.ceil(world.ma.contacts.length / 100) +
      writes('Account', 200) +
      writes('Contact', 200) +
      writes('companies', 100) +
      writes('contacts', 100);
    const ours = rate(report.read, ms);
    process.stdout.write(
      `nayose on ${database}: ${report.status}, ${report.read} records read, ${report.created} created, ${report.updated} updated in ${(ms / 1000).toFixed(1)} s (start included), ` +
        `${ours} records/s = ${times(ours, yardRate)} of the copy; writes/s ${rate(report.created + report.updated, ms)}; ${calls} calls = ${times(calls, least)} of the least possible ${least}\n`,
    );
    await served.close();
    await server?.close();
    await folder.remove();
  }
}
