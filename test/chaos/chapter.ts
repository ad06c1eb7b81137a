/** One world from its first sync to its last: rounds of people, faults and kills, and then the laws. */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { demoConfig } from '../../api/demo/config.ts';
import { serveSandboxes } from '../../api/demo/sandboxes.ts';
import { random } from '../../api/demo/world/random.ts';
import { tempFolder } from '../support/cli.ts';
import { act, type Stage } from './acts.ts';
import { Cast, type Shown } from './cast.ts';
import { type Trouble, trouble } from './faults.ts';
import { ChaosHub, freePort, HubGone, type RunShown } from './hub.ts';
import {
  equal,
  type Golden,
  type HubKnows,
  type HubSays,
  LawBroken,
  noIdleWrites,
  noPingPong,
  nothingLost,
  nothingTwice,
} from './laws.ts';
import { createRelay } from './relay.ts';
import type { Complete, Explained } from './unread.ts';
import { populate, Stock } from './world.ts';

export interface ChapterOptions {
  seed: number;
  rounds: number;
  /** undefined: the embedded database. */
  databaseUrl: string | undefined;
  /** Makes the embedded database in a folder, quicker than a hub makes it. */
  fill?: ((folder: string) => Promise<void>) | undefined;
}

export interface ChapterResult {
  rounds: number;
  seconds: number;
  acts: Record<string, number>;
  faults: Record<string, number>;
  hooks: Record<string, number>;
  kills: number;
  runs: Record<string, number>;
  calls: number;
  created: number;
  updated: number;
  /** Honest status: how often 'complete' was said under faults, and found to be true. */
  proven: number;
  compared: number;
  looked: number;
  mostWrites: number;
}

/** A law was broken in this round; `log` is what the hub said last. */
export class ChapterFailed extends Error {
  readonly round: number;
  readonly log: string;
  /** The golden records concerned, as the hub tells of them. */
  readonly golden: unknown[];
  constructor(round: number, log: string, golden: unknown[], cause: unknown) {
    super((cause as Error).message, { cause });
    this.round = round;
    this.log = log;
    this.golden = golden;
  }
}

const HOOK_SECRET = 'chaos-hook-secret';
const SYNCS = ['companies', 'people'] as const;
const PEOPLE = 36;
const COMPANIES = 8;
/** Rounds between two looks at whether 'complete' was true. */
const PROOF_EVERY = 25;
const TRIES = 12;

export function chaosConfig(urls: { salesforceUrl: string; hubspotUrl: string }): Record<string, string> {
  const files = demoConfig(urls);
  const hub = files['hub.yaml']! // No schedule: what the test does not ask for, webhooks must bring.
    .replace(/^ +schedule:.*\n/gm, '')
    // Every write looks first: webhooks are lost here, so what they do not tell is no proof that nobody edits.
    .replaceAll(/^ {4}realtime: true\n/gm, '    realtime: true\n    edits: { lookAgain: 0 }\n')
    .replace('maxChanged: 20%, maxDeleted: 0', 'maxChanged: 100%, maxDeleted: 100%')
    .replace('{ type: salesforce,', `{ type: salesforce, hookSecret: ${HOOK_SECRET},`)
    .replace(
      '{ mapping: crm-contact,',
      '{ mapping: crm-lead, mode: both, create: false }, { mapping: crm-contact,',
    );
  return {
    ...files,
    'hub.yaml': hub,
    'mappings/crm-lead.yaml': 'preset: salesforce/lead\nconnection: crm\n',
  };
}

export async function playChapter(options: ChapterOptions): Promise<ChapterResult> {
  const started = performance.now();
  const dice = random(options.seed);
  const relay = createRelay(dice.fork('relay'));
  const port = await freePort();
  const hook = (name: string) => `http://127.0.0.1:${port}/hooks/${name}`;
  const served = await serveSandboxes({
    salesforce: { hook: { url: hook('crm'), secret: HOOK_SECRET, fetch: relay.fetch } },
    hubspot: {
      webhook: { url: hook('ma'), clientSecret: 'sandbox-webhook-secret', fetch: relay.fetch },
    },
  });
  const folder = await tempFolder(chaosConfig(served));
  const env = {
    ...served.env,
    NAYOSE_DATA: join(folder.dir, 'data'),
    ...(options.databaseUrl ? { DATABASE_URL: options.databaseUrl } : {}),
  };
  if (!options.databaseUrl) await options.fill?.(env.NAYOSE_DATA);
  const hub = new ChaosHub(folder.dir, env, port);
  const cast = new Cast(served);
  const stock = new Stock(options.seed, { people: PEOPLE * 4, companies: COMPANIES });
  const troubles = [
    trouble(served.salesforce, dice.fork('salesforce')),
    trouble(served.hubspot, dice.fork('hubspot')),
  ];
  const result: ChapterResult = {
    rounds: 0,
    seconds: 0,
    acts: {},
    faults: {},
    hooks: {},
    kills: 0,
    runs: {},
    calls: 0,
    created: 0,
    updated: 0,
    proven: 0,
    compared: 0,
    looked: 0,
    mostWrites: 0,
  };
  const count = (where: Record<string, number>, name: string) => {
    where[name] = (where[name] ?? 0) + 1;
  };
  const complete: Complete[] = [];
  let values = 0;
  let round = 0;
  const sync = async (name: (typeof SYNCS)[number]): Promise<RunShown> => {
    const run = await hub.sync(name);
    count(result.runs, run.status);
    if (run.status === 'complete')
      complete.push({ sync: name, began: Date.parse(run.startedAt), ended: Date.parse(run.endedAt!) });
    if (run.status !== 'complete' && run.reasons.length === 0)
      throw new LawBroken('honest status', `run ${run.id} of ${name} is ${run.status} and gives no reason`);
    return run;
  };
  const hubSays = async (): Promise<HubSays> => {
    const { groups } = await hub.get<{
      groups: { connection: string; field: string; items: { record: string }[] }[];
    }>('/v1/failures?items=1000');
    const failures = groups.flatMap(({ connection, field, items }) =>
      items.map(({ record }) => ({ connection, field, record })),
    );
    return { failures, goldens: await goldensOf(hub) };
  };
  const hubKnows = async (): Promise<HubKnows> => {
    const says = await hubSays();
    return { ...says, explained: await explained(hub, says.goldens), complete };
  };
  const rage = (rng: Stage['rng']) => {
    const share = rng.weighted([
      [2, 0],
      [3, 0.1],
      [2, 0.25],
      [1, 0.5],
    ]);
    for (const each of troubles) {
      each.share = share;
      each.loseEvery = share > 0 && rng.chance(0.5) ? 3 : 0;
    }
  };
  const calm = () => {
    for (const each of troubles) Object.assign(each satisfies Trouble, { share: 0, loseEvery: 0 });
  };

  const playRound = async (): Promise<void> => {
    const rng = dice.fork(`round ${round}`);
    const stage: Stage = { cast, stock, rng, round, fresh: () => ++values };
    if (round % 5 === 0) rage(rng);
    const acts = 1 + rng.int(4);
    for (let n = 0; n < acts; n++) {
      count(result.acts, act(stage) ?? 'nothing to do');
      if (rng.chance(0.3)) await sleep(rng.int(40));
    }
    const running = rng.chance(0.2) ? sync(rng.pick(SYNCS)).catch(goneOnly) : undefined;
    if (rng.chance(0.08)) {
      await sleep(rng.int(400));
      const from = Date.now();
      await hub.kill();
      await running;
      await hub.start();
      cast.asleep.push({ from, to: Date.now() });
    } else if (rng.chance(0.5)) await running;
    await sleep(rng.int(120));
    await (rng.chance(0.2) ? running : undefined);
  };

  /** Everybody stops; faults go on. A run that calls itself complete must have delivered everything. */
  const prove = async (): Promise<void> => {
    const runs = [];
    for (const name of SYNCS) runs.push(await sync(name));
    if (runs.some(({ status }) => status !== 'complete')) return;
    cast.lookAround();
    equal(cast, await hubSays());
    result.proven++;
  };

  const settle = async (): Promise<void> => {
    calm();
    relay.calm();
    await served.hubspot.webhooksSettled();
    await relay.settled();
    let last: RunShown[] = [];
    for (let n = 0; n < TRIES; n++) {
      last = [];
      for (const name of SYNCS) last.push(await sync(name));
      if (
        last.every(
          ({ status, counts }) => status === 'complete' && counts.created === 0 && counts.updated === 0,
        )
      )
        return;
    }
    throw new LawBroken(
      'settles',
      `after ${TRIES} quiet syncs: ${last.map(({ sync: name, status, counts, reasons }) => `${name} ${status}, ${counts.created} created, ${counts.updated} updated ${JSON.stringify(reasons)}`).join('; ')}`,
    );
  };

  const books = () => [served.salesforce.books, served.hubspot.books];
  const total = (what: 'created' | 'updated') =>
    books().reduce((sum, book) => sum + Object.values(book[what]).reduce((a, b) => a + b, 0), 0);

  try {
    populate(cast, stock, dice.fork('world'), { people: PEOPLE, companies: COMPANIES });
    await hub.start();
    for (const name of SYNCS) await sync(name);
    for (round = 1; round <= options.rounds; round++) {
      await playRound();
      if (round % PROOF_EVERY === 0) await prove();
    }
    round = options.rounds;
    await settle();
    const before = total('created') + total('updated');
    for (const name of SYNCS) await sync(name);
    if (total('created') + total('updated') !== before)
      throw new LawBroken('second run silent', 'a sync after a silent one wrote something');
    const knows = await hubKnows();
    result.compared = equal(cast, knows);
    result.looked = nothingLost(cast, knows);
    nothingTwice(cast);
    noIdleWrites(cast);
    result.mostWrites = noPingPong(cast);
    await hub.stop();
    if (/defect/.test(hub.log)) throw new LawBroken('no defects', 'the hub logged a defect');
  } catch (cause) {
    const golden = cause instanceof LawBroken ? await concerned(hub, cause) : [];
    await hub.kill();
    throw new ChapterFailed(round, hub.log, golden, cause);
  } finally {
    await served.close();
    await folder.remove();
  }
  for (const { counts } of troubles)
    for (const [kind, n] of Object.entries(counts)) result.faults[kind] = (result.faults[kind] ?? 0) + n;
  return {
    ...result,
    rounds: options.rounds,
    seconds: (performance.now() - started) / 1000,
    hooks: relay.counts,
    kills: hub.kills,
    calls: books().reduce((sum, { calls }) => sum + calls, 0),
    created: total('created'),
    updated: total('updated'),
  };
}

function goneOnly(error: unknown): undefined {
  if (!(error instanceof HubGone)) throw error;
}

async function goldensOf(hub: ChaosHub): Promise<Golden[]> {
  const all: Golden[] = [];
  for (let cursor: string | null = ''; cursor !== null; ) {
    const from: string = cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`;
    const page: { items: Golden[]; next: string | null } = await hub.get(`/v1/golden?limit=200${from}`);
    all.push(...page.items);
    cursor = page.next;
  }
  return all;
}

/** Where their values come from, and what became of them. */
async function explained(hub: ChaosHub, goldens: readonly { id: string }[]): Promise<Explained[]> {
  const all: Explained[] = [];
  for (const { id } of goldens) all.push(await hub.get(`/v1/golden/${encodeURIComponent(id)}/explain`));
  return all;
}

/** What the hub knows of the records that a broken law names: half of the explanation. */
async function concerned(hub: ChaosHub, { records }: LawBroken): Promise<unknown[]> {
  const shown = records as Partial<Shown>[];
  const ids = new Set(shown.flatMap(({ id }) => id ?? []));
  try {
    const live = (await goldensOf(hub)).filter((golden) => golden.records.some(({ id }) => ids.has(id)));
    // A record that says it is one that no tool has a record of any more, as far as the hub knows.
    const named = shown.flatMap(({ fields }) => fields?.nayose_id ?? fields?.Nayose_Id__c ?? []).map(String);
    const all = new Set([...live.map(({ id }) => id), ...named]);
    return await explained(
      hub,
      [...all].map((id) => ({ id })),
    );
  } catch (error) {
    return [`the hub cannot be asked: ${(error as Error).message}`];
  }
}
