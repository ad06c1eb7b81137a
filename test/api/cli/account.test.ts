/** The credentials behind a connection's name come to belong to another organization or portal. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import type { ConnectionCheck } from '../../../api/check/probe.ts';
import type { SyncReport } from '../../../api/cli/commands/sync.ts';
import { type Served, serveSandboxes } from '../../../api/demo/sandboxes.ts';
import { fillFolder } from '../../support/databases.ts';
import { type Bench, createBench } from './harness.ts';

const ORG = ['00D5g0000000001EAA', '00D5g0000000002EAA'] as const;
const PEOPLE = 12;
const PORTAL = [111_111, 222_222] as const;

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});

/** The same people in both tools, under the same ids wherever this is called. */
function settle({ salesforce, hubspot }: Served, people = PEOPLE): void {
  const names = Array.from({ length: people }, (_, i) => ({
    email: `p${i}@mail${i}.example`,
    given: `Given${i}`,
    family: `Family${i}`,
  }));
  salesforce.seed(
    'Contact',
    names.map(({ email, given, family }) => ({
      fields: { Email: email, FirstName: given, LastName: family },
    })),
  );
  hubspot.seed(
    'contacts',
    names.map(({ email, given, family }, i) => ({
      id: String(9_000 + i),
      fields: { email, firstname: given, lastname: family },
    })),
  );
}

const account = (n: 0 | 1) => ({
  salesforce: { organizationId: ORG[n] },
  hubspot: { portalId: PORTAL[n] },
});

async function start(embedded: boolean): Promise<Bench> {
  const bench = await createBench({ embedded, ...account(0) });
  open.push(bench);
  if (embedded) await fillFolder(bench.env.NAYOSE_DATA!);
  settle(bench.boxes);
  expect(await bench.json('sync')).toMatchObject({ code: 0, data: { status: 'complete' } });
  return bench;
}

async function elsewhere(): Promise<Served> {
  const other = await serveSandboxes(account(1));
  open.push(other);
  return other;
}

type Which = 'crm' | 'ma';
const place = (which: Which, boxes: Served) => (which === 'crm' ? boxes.salesforceUrl : boxes.hubspotUrl);
const box = (which: Which, boxes: Served) => (which === 'crm' ? boxes.salesforce : boxes.hubspot);
const idOf = (which: Which, n: 0 | 1) => String((which === 'crm' ? ORG : PORTAL)[n]);
const keyOf = { crm: 'organizationId', ma: 'portalId' };

async function edit(bench: Bench, from: string, to: string): Promise<void> {
  const yaml = await readFile(join(bench.dir, 'hub.yaml'), 'utf8');
  expect(yaml).toContain(from);
  await bench.write('hub.yaml', yaml.replace(from, to));
}
const move = (bench: Bench, which: Which, from: Served, to: Served) =>
  edit(bench, place(which, from), place(which, to));

const EVERYWHERE = (['crm', 'ma'] as const).flatMap((which) => [
  { which, database: 'PGlite', embedded: true },
  { which, database: 'PostgreSQL', embedded: false },
]);

test.each(EVERYWHERE)(
  '$which on $database: nothing is read or written; both ids are named, and what to do; the right credentials go on',
  async ({ which, embedded }) => {
    const bench = await start(embedded);
    const other = await elsewhere();
    await move(bench, which, bench.boxes, other);
    const before = [bench.boxes.salesforce.books, bench.boxes.hubspot.books].map(({ writes }) => ({
      ...writes,
    }));
    const commands = [['sync', '--full'], ['plan'], ['sync'], ['reconcile', '--repair']];
    for (const command of embedded ? commands.slice(0, 2) : commands) {
      const said = await bench.nayose(...command);
      expect([command, said.code]).toEqual([command, 1]);
      expect(said.err).toContain(
        `now belong to ${which === 'crm' ? 'organization' : 'portal'} ${idOf(which, 1)}`,
      );
      expect(said.err).toContain(idOf(which, 0));
      expect(said.err).toContain(`${keyOf[which]}: "${idOf(which, 1)}"`);
    }
    const check = await bench.json<{ connections: ConnectionCheck[] }>('check');
    expect(check.code).toBe(2);
    expect(check.data.connections.find(({ name }) => name === which)).toMatchObject({
      state: 'refused',
      message: expect.stringContaining(idOf(which, 0)),
    });
    const { books } = box(which, other);
    expect([books.created, books.updated, books.deleted]).toEqual([{}, {}, {}]);
    const routes = Object.keys(books.byRoute);
    expect(routes).toEqual(
      which === 'crm' ? ['POST /services/oauth2/token'] : ['GET /account-info/v3/details'],
    );
    expect([bench.boxes.salesforce.books.writes, bench.boxes.hubspot.books.writes]).toEqual(before);

    await move(bench, which, other, bench.boxes);
    expect(await bench.json('sync', '--full')).toMatchObject({
      code: 0,
      data: { status: 'complete', created: 0, updated: 0 },
    });
  },
);

test.each(EVERYWHERE)(
  '$which on $database: one that the config names takes the place of the other, and is read from its beginning',
  async ({ which, embedded }) => {
    const bench = await start(embedded);
    const other = await elsewhere();
    settle(other);
    await move(bench, which, bench.boxes, other);
    await edit(
      bench,
      `type: ${which === 'crm' ? 'salesforce' : 'hubspot'},`,
      `$& ${keyOf[which]}: "${idOf(which, 1)}",`,
    );
    const { code, data } = await bench.json<SyncReport>('sync');
    expect([code, data.status, data.reasons]).toEqual([0, 'complete', []]);
    expect(data.read).toBeGreaterThanOrEqual(PEOPLE);
    expect(box(which, other).books.created).toEqual({});
    // It is the one from now on, whether the config still says so or not.
    await edit(bench, ` ${keyOf[which]}: "${idOf(which, 1)}",`, '');
    expect(await bench.json('sync')).toMatchObject({ code: 0, data: { status: 'complete', created: 0 } });
    await move(bench, which, other, bench.boxes);
    expect((await bench.nayose('sync')).err).toContain(`now belong to`);
  },
);

test('an empty one that the config names is no reason to take anybody for deleted: the run halts', async () => {
  const bench = await start(false);
  const other = await elsewhere();
  await move(bench, 'ma', bench.boxes, other);
  await edit(bench, 'type: hubspot,', `$& portalId: ${PORTAL[1]},`);
  const { code, data } = await bench.json<SyncReport>('sync', 'people');
  expect([code, data.status]).toEqual([2, 'halted']);
  expect(other.hubspot.books.created).toEqual({});
  expect(bench.boxes.salesforce.books.deleted).toEqual({});
});

test('credentials of another one than the config names are refused at the first sync of all', async () => {
  const bench = await createBench(account(0));
  open.push(bench);
  settle(bench.boxes);
  await edit(bench, 'type: salesforce,', `$& organizationId: ${ORG[1].slice(0, 15)},`);
  const said = await bench.nayose('sync');
  expect(said.code).toBe(1);
  expect(said.err).toContain(
    `belong to organization ${ORG[0]}, and the config says organizationId: ${ORG[1]}`,
  );
  expect(bench.boxes.salesforce.books.writes).toEqual({});
});
