/**
 * The database server goes away in the middle of everything: webhooks flow, a run is in hand. When it is back, all goes on by itself;
 * nothing that was acknowledged is lost (law 1), nothing is made twice (law 2), and readiness tells the truth meanwhile.
 */
import { createServer, type Server as HttpServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { type RunningServer, startServer } from '../../api/node.ts';
import { createLog } from '../../api/runtime/log.ts';
import { openStore, type Store } from '../../api/runtime/store.ts';
import { openPg } from '../../core/store/pg.ts';
import { command, configOf, makeWorld, TOKEN, until, type World } from '../api/serve/harness.ts';
import { nayose } from '../support/cli.ts';
import { type FallibleServer, startPostgres } from '../support/server.ts';

const PEOPLE = 30;

let postgres: FallibleServer;
let databases = 0;
beforeAll(async () => {
  postgres = await startPostgres();
});
afterAll(() => postgres.stop());

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  // A test that failed in between leaves it down.
  await postgres.rise();
  for (const close of closing.splice(0).reverse()) await close();
});

async function world(): Promise<World> {
  const made = await makeWorld({
    people: PEOPLE,
    // Everybody changes here at once.
    edit: (hub) => hub.replaceAll('maxChanged: 20%', 'maxChanged: 1000'),
  });
  closing.push(() => made.close());
  const admin = openPg(`${postgres.url}/postgres`, { max: 1 });
  const name = `restart_${++databases}`;
  await admin.query(`create database ${name}`);
  await admin.close();
  made.env.DATABASE_URL = `${postgres.url}/${name}`;
  return made;
}

/** Between HubSpot and the hub: remembers what the hub has acknowledged, by contact the value of the newest event. */
async function acknowledging(hub: string) {
  const acknowledged = new Map<string, string>();
  const statuses = new Set<number>();
  const proxy: HttpServer = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks).toString();
    const headers = Object.entries(request.headers).filter(([name]) => /^(content-type|x-)/.test(name));
    const answer = await fetch(`${hub}${request.url}`, {
      method: 'POST',
      body,
      headers: {
        ...(Object.fromEntries(headers) as Record<string, string>),
        'x-forwarded-host': request.headers.host!,
        'x-forwarded-proto': 'http',
      },
    });
    statuses.add(answer.status);
    if (answer.ok)
      for (const { objectId, propertyValue } of JSON.parse(body) as {
        objectId: number;
        propertyValue: string;
      }[])
        acknowledged.set(String(objectId), propertyValue);
    response.writeHead(answer.status).end();
  });
  await new Promise<void>((done) => proxy.listen(0, '127.0.0.1', done));
  closing.push(() => new Promise((done) => proxy.close(done)));
  return {
    url: `http://127.0.0.1:${(proxy.address() as { port: number }).port}`,
    acknowledged,
    statuses,
  };
}

async function serve(made: World): Promise<RunningServer & { store: Store; lines: string[] }> {
  const store = await openStore(made.env, () => new Date());
  const lines: string[] = [];
  const server = await startServer({
    config: await configOf(made),
    env: made.env,
    store,
    token: TOKEN,
    port: 0,
    log: createLog('info', [], (line) => void lines.push(line)),
    pollSeconds: 0.5,
  });
  closing.push(async () => {
    await server.stop();
    await store.close();
  });
  return { ...server, store, lines };
}

const titlesBySalesforce = ({ boxes }: World) =>
  new Map(
    boxes.salesforce
      .records('Contact')
      .filter(({ deleted }) => !deleted)
      .map(({ fields }) => [String(fields.Email), fields.Title as string | null]),
  );

/** Both tools hold every person once and alike, nobody was made twice, and nothing was written for nothing. */
async function settledIn(made: World): Promise<void> {
  const again = await command(made, ['sync', '--json']);
  expect(again.code).toBe(0);
  for (let i = 0; i < 2; i++) {
    const { code, out } = await command(made, ['sync', 'people', '--json']);
    if (i === 1) expect({ code, ...JSON.parse(out) }).toMatchObject({ code: 0, created: 0, updated: 0 });
  }
  const { salesforce, hubspot } = made.boxes;
  const contacts = hubspot.records('contacts').filter(({ deleted }) => !deleted);
  expect(contacts).toHaveLength(PEOPLE);
  expect(salesforce.records('Contact').filter(({ deleted }) => !deleted)).toHaveLength(PEOPLE);
  expect(Object.fromEntries(titlesBySalesforce(made))).toEqual(
    Object.fromEntries(contacts.map(({ fields }) => [fields.email, fields.jobtitle])),
  );
  expect([salesforce.books.noops, hubspot.books.noops]).toEqual([0, 0]);
}

test.each(['fast', 'kill'] as const)(
  'serve, with webhooks and a run in hand, outlives a server that ends (%s) and comes back',
  async (how) => {
    const made = await world();
    expect((await command(made, ['sync'])).code).toBe(0);
    const hub = await serve(made);
    const between = await acknowledging(hub.url);
    made.aim(between.url);
    const post = (path: string, body: object) =>
      fetch(`${hub.url}${path}`, {
        method: 'POST',
        headers: { Authorization: `Bearer ${TOKEN}`, 'Content-Type': 'application/json' },
        body: JSON.stringify(body),
      });
    const ready = async () => (await fetch(`${hub.url}/readyz`)).json() as Promise<{ reasons?: string[] }>;

    let edits = 0;
    let flowing = true;
    const flow = (async () => {
      while (flowing) {
        const contact = made.contacts[edits % PEOPLE]!;
        made.boxes.hubspot.edit('contacts', contact, { jobtitle: `Title ${++edits}` });
        await sleep(15);
      }
    })();
    await until(() => [...titlesBySalesforce(made).values()].some((title) => title !== 'Engineer'));
    // Schemas are known, so that the run's first call is one of its reading.
    await hub.hub.syncs();
    let fallen: Promise<void> | undefined;
    made.boxes.hubspot.fault = ({ path }) => {
      // Webhooks look records up by their ids: only a run reads the list.
      if (!/batch/.test(path)) fallen ??= postgres.fall(how);
      return undefined;
    };
    // The run is signed in before its first call; whether that could be told is another matter.
    expect([202, 503]).toContain((await post('/v1/syncs/people/runs', { full: true })).status);
    await until(() => fallen !== undefined);
    await fallen;
    await until(async () => (await ready()).reasons?.includes('the database does not answer') === true);
    const before = edits;
    await until(() => edits > before + 20);
    const rising = new Date();
    await postgres.rise();
    await until(async () => (await ready()).reasons === undefined);
    made.boxes.hubspot.fault = undefined;
    const risen = edits;
    await until(() => edits > risen + PEOPLE);
    flowing = false;
    await flow;
    await made.boxes.hubspot.webhooksSettled();

    // Not one of the acknowledged webhooks is lost, without any pull: each of the last edits came after the outage.
    expect([...between.statuses].every((status) => status === 202 || status >= 500)).toBe(true);
    const emails = new Map(
      made.boxes.hubspot.records('contacts').map(({ id, fields }) => [id, String(fields.email)]),
    );
    expect(between.acknowledged.size).toBe(PEOPLE);
    await until(() => {
      const titles = titlesBySalesforce(made);
      return [...between.acknowledged].every(([id, title]) => titles.get(emails.get(id)!) === title);
    });
    const runs = async () =>
      (
        (await (
          await fetch(`${hub.url}/v1/runs`, { headers: { Authorization: `Bearer ${TOKEN}` } })
        ).json()) as {
          items: { sync: string; status: string; endedAt: string; reasons: { code: string }[] }[];
        }
      ).items;
    await until(async () => (await runs())[0]!.status !== 'running');
    // It outlived the server; what webhooks had set off beside it may have been on its way at its end, or sent and not yet
    // answered. `settledIn` sees that all of it arrives.
    const [run] = await runs();
    expect(run!.sync).toBe('people');
    expect(new Date(run!.endedAt).getTime()).toBeGreaterThan(rising.getTime());
    expect(run!.reasons.filter(({ code }) => code !== 'pending' && code !== 'unknown')).toEqual([]);
    // The run may have read and written what webhooks tell of before they were taken in.
    const states = () => hub.store.db.query(`select distinct state from inbox order by state`);
    await until(async () => !(await states()).some(({ state }) => state === 'new'));
    expect(await states()).toEqual([{ state: 'done' }]);
    await settledIn(made);
  },
  120_000,
);

test.each(['fast', 'kill'] as const)(
  'a sync from the command line waits for a server that ends (%s) and comes back, at any step',
  async (how) => {
    const made = await world();
    let calls = 0;
    let falls = 0;
    let rising: Promise<void> | undefined;
    const fallAt = [9, 25, 40];
    // Between a call to a tool and its answer: what was sent is carried out, and cannot be stored.
    const during = async () => {
      if (++calls !== fallAt[falls]) return;
      falls++;
      await postgres.fall(how);
      rising = sleep(1_200).then(() => postgres.rise());
    };
    for (const box of [made.boxes.salesforce, made.boxes.hubspot])
      box.fault = () => {
        void during();
        return undefined;
      };
    const { code, stdout, stderr } = await nayose(['sync', '--json', '--config', made.dir], made.env).ended;
    await rising;
    expect(stderr).not.toMatch(/defect|unhandled/i);
    for (const box of [made.boxes.salesforce, made.boxes.hubspot]) box.fault = undefined;
    expect({ falls, code, stdout, stderr }).toMatchObject({ code: 0 });
    expect(falls).toBeGreaterThan(0);
    await settledIn(made);
  },
  120_000,
);
