import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { startServer } from '../../../api/node.ts';
import type { Store } from '../../../api/runtime/store.ts';
import type { Log } from '../../../connectors/contract.ts';
import type { Db } from '../../../core/store/db.ts';
import { feedStates } from '../../../core/store/feeds.ts';
import { DATABASES } from '../../support/databases.ts';
import { memoryStore } from '../../support/store.ts';
import { command, configOf, makeWorld, TOKEN, until, type World } from './harness.ts';

let world: World;
let db: Db;
/** Owners whose process has "died" without a word. */
const dead = new Set<string>();
let running: Hub[] = [];
/** When the last process was started. */
let since = '';

const storeOf = (owner: string): Store =>
  memoryStore(db, owner, {
    isAlive: async (other) => other.startsWith('hub') && !dead.has(other),
    close: async () => undefined,
  });

interface Hub {
  stop(): Promise<void>;
  /** From now on it hears nothing of the feed, is taken for dead, and never says that it is gone. */
  die(): void;
  logged: string[];
}

async function serve(owner: string, leaseSeconds = 0.6): Promise<Hub> {
  const logged: string[] = [];
  since = new Date().toISOString();
  const note = (message: string) => void logged.push(message);
  const log: Log = { debug() {}, info: note, warn: note };
  let cut = false;
  const server = await startServer({
    config: await configOf(world),
    store: storeOf(owner),
    token: TOKEN,
    port: 0,
    log,
    pollSeconds: 0.5,
    feedLeaseSeconds: leaseSeconds,
    fetch: (input, init) =>
      cut && String(input).includes('/cometd/') ? new Promise(() => undefined) : fetch(input, init),
  });
  const hub = {
    stop: server.stop,
    logged,
    die() {
      cut = true;
      dead.add(owner);
    },
  };
  running.push(hub);
  return hub;
}

const crm = () => world.boxes.salesforce;
const contacts = () =>
  crm()
    .records('Contact')
    .filter(({ deleted }) => !deleted);
const retitle = (n: number, title: string) => crm().edit('Contact', contacts()[n]!.id, { Title: title });
const inHubspot = (title: string) =>
  world.boxes.hubspot.records('contacts').filter(({ fields }) => fields.jobtitle === title).length;
const arrives = (title: string) => until(() => inHubspot(title) === 1);
/** This process has subscribed, and heard from the tool since. */
const following = (owner: string) =>
  until(async () => {
    const [feed] = await feedStates(db);
    return (
      feed?.owner === owner && feed.state === 'following' && feed.heardAt !== null && feed.heardAt > since
    );
  });
const gaps = async () => (await db.query(`select stream from feed_gap`)).length;

// The two drivers are told apart by the store's own tests: here the one where several processes meet.
beforeAll(async () => {
  world = await makeWorld({
    people: 12,
    salesforce: { pollMs: 250 },
    edit: (yaml) => yaml.replace('type: salesforce,', 'type: salesforce, changeDataCapture: true,'),
  });
  db = await DATABASES[1]!.open();
  const { code, err } = await command(world, ['sync'], storeOf('hub-0'));
  expect(err).toBe('');
  expect(code).toBe(0);
});
afterEach(async () => {
  world.boxes.salesforce.fault = undefined;
  await Promise.all(running.map((hub) => hub.stop()));
  running = [];
  dead.clear();
});
afterAll(async () => {
  await db.close();
  await world.close();
});

describe('Change Data Capture in a serving hub', () => {
  test('an edit in Salesforce is in HubSpot without schedule or webhook', async () => {
    await serve('hub-1');
    await following('hub-1');
    retitle(0, 'Live');
    await arrives('Live');
    expect(await feedStates(db)).toMatchObject([
      { connection: 'crm', state: 'following', owner: 'hub-1', reason: null },
    ]);
  });

  test('nothing is lost over a restart: what happened meanwhile is replayed from the stored id', async () => {
    const [before] = await feedStates(db);
    retitle(1, 'While it was down');
    await serve('hub-2');
    await arrives('While it was down');
    await until(async () => (await feedStates(db))[0]!.events > before!.events);
  });

  test('replay ids that expired while it was down: the stream is read again at once', async () => {
    retitle(2, 'Lost event');
    crm().streaming.forget();
    await serve('hub-3');
    await arrives('Lost event');
    await until(async () => (await gaps()) === 0);
  });

  test('an overflow tells no records: the stream is read again', async () => {
    await serve('hub-4');
    await following('hub-4');
    crm().streaming.quietly(() => retitle(3, 'Overflowed'));
    crm().streaming.publish('Contact', 'GAP_OVERFLOW', ['000000000000000AAA']);
    await arrives('Overflowed');
  });

  test('token expiry, a server that forgets, and cut connections: everything arrives', async () => {
    const hub = await serve('hub-5');
    await following('hub-5');
    crm().expireTokens();
    retitle(4, 'After expiry');
    await arrives('After expiry');
    crm().streaming.drop();
    retitle(5, 'After a drop');
    await arrives('After a drop');
    let faults = 3;
    crm().fault = ({ path }) => (path.startsWith('/cometd/') && faults-- > 0 ? 'reset' : undefined);
    retitle(6, 'Over cut connections');
    await arrives('Over cut connections');
    const [feed] = await feedStates(db);
    expect(feed!.breaks).toBeGreaterThan(0);
    expect(hub.logged).toContain('a feed broke and is taken up again');
  });

  test('a feed that cannot be followed is named as broken, and the hub serves on', async () => {
    crm().fault = ({ path }) => (path.startsWith('/cometd/') ? { status: 403 } : undefined);
    await serve('hub-6');
    await until(async () => {
      const [feed] = await feedStates(db);
      return feed!.state === 'broken' && feed!.reason!.includes('refused streaming (403)');
    });
    crm().fault = undefined;
    await following('hub-6');
  });

  test('of two processes one follows; when it dies the other goes on from its last page', async () => {
    const first = await serve('hub-7');
    await following('hub-7');
    const second = await serve('hub-8');
    retitle(7, 'Told to the first');
    await arrives('Told to the first');
    expect((await feedStates(db))[0]!.owner).toBe('hub-7');
    expect(second.logged).not.toContain('following a feed');
    first.die();
    retitle(8, 'Told to the dead');
    await until(async () => (await feedStates(db))[0]!.owner === 'hub-8');
    await arrives('Told to the dead');
    retitle(9, 'Told to the second');
    await arrives('Told to the second');
  });

  test('what the hub writes itself comes back as events, and ends there', async () => {
    await serve('hub-9');
    await following('hub-9');
    await world.boxes.hubspot.webhooksSettled();
    const [before] = await feedStates(db);
    world.boxes.hubspot.edit('contacts', world.contacts[10]!, { jobtitle: 'From HubSpot' });
    const { code } = await command(world, ['sync', 'people'], storeOf('hub-9'));
    expect(code).toBe(0);
    await until(async () => (await feedStates(db))[0]!.events > before!.events);
    await until(async () => (await db.query(`select id from inbox where state = 'new'`)).length === 0);
    const { updated } = world.boxes.hubspot.books;
    await command(world, ['sync', 'people'], storeOf('hub-9'));
    expect(world.boxes.hubspot.books.updated).toEqual(updated);
    expect(crm().books.noops).toBe(0);
  });
});
