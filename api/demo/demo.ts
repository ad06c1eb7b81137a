import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { planSyncs } from '../../core/sync/dry.ts';
import { runSync } from '../../core/sync/run.ts';
import { type Cost, costOf } from '../cli/commands/plan/cost.ts';
import { reportOf, type SyncReport } from '../cli/commands/sync.ts';
import { runHere } from '../cli/remote.ts';
import { type Session, withHub } from '../cli/session.ts';
import { startServer } from '../node.ts';
import type { Hub } from '../runtime/hub.ts';
import { createLog } from '../runtime/log.ts';
import { demoConfig } from './config.ts';
import { type Served, serveSandboxes } from './sandboxes.ts';
import { auditLines } from './tourAudit.ts';
import { type Least, leastCalls, type Work, written } from './tourMinimum.ts';
import { freePort } from './tourPort.ts';
import { planLines, reportLines } from './tourText.ts';
import { type Travelled, travel, whyLines } from './tourWebhook.ts';
import { makeWorld, sampleOfMess } from './tourWorld.ts';
import { type Audit, auditWorld, type Truth } from './world/index.ts';

export interface DemoOptions {
  once: boolean;
  /** Contacts in each tool. */
  people: number;
  port: number;
  seed: number;
}

/** Everything the tour measured: what `demo --json` prints. */
export interface DemoReport {
  plan: { cost: Cost[]; seconds: number };
  first: SyncReport;
  least: Least;
  audit: Audit;
  second: SyncReport;
  /** Writes of the second run, as the sandboxes counted them. */
  writesOfSecond: number;
  webhook: Travelled;
}

interface Tour {
  session: Session;
  boxes: Served;
  truth: Truth;
  /** Records of each stream before anything was synced. */
  held: number[];
}

const STREAMS = [
  ['crm', 'salesforce', 'Account'],
  ['crm', 'salesforce', 'Contact'],
  ['ma', 'hubspot', 'companies'],
  ['ma', 'hubspot', 'contacts'],
] as const;

/**
 * The tour: a world of made-up people in two sandboxes, planned, synced, audited, synced again, and edited. Everything lives
 * in a temporary folder that is gone afterwards; of the user's environment only LOG_LEVEL is heeded. Exit code 2 when
 * a promise of the tour was not kept, or when it was stopped.
 */
export async function runDemo(outer: Session, options: DemoOptions): Promise<0 | 2> {
  const folder = await mkdtemp(join(tmpdir(), 'nayose-demo-'));
  const port = await freePort(options.port);
  const gate = { open: false };
  const boxes = await serveSandboxes({
    hubspot: {
      webhook: {
        url: `http://127.0.0.1:${port}/hooks/ma`,
        clientSecret: 'sandbox-webhook-secret',
        // Until the hub serves, nobody is subscribed.
        fetch: (...call) => (gate.open ? fetch(...call) : Promise.resolve(new Response())),
      },
    },
  });
  const session: Session = {
    ...outer,
    env: {
      ...boxes.env,
      NAYOSE_DATA: join(folder, 'data'),
      LOG_LEVEL: outer.env.LOG_LEVEL ?? 'silent',
    },
    dir: join(folder, 'config'),
  };
  try {
    const tour = await begin(session, boxes, options);
    const plan = await showPlan(tour);
    return await withHub<0 | 2>(session, async (hub) => {
      const synced = await showSync(tour, hub);
      if (session.signal.aborted) return 2;
      const server = await startServer({
        config: hub.config,
        store: hub.store,
        log: createLog(session.env.LOG_LEVEL!, []),
        now: session.now,
        port,
        env: session.env,
        run: runHere(session.env, hub.store),
      });
      gate.open = true;
      try {
        const webhook = await showWebhook(tour, hub);
        const report: DemoReport = { plan, ...synced, webhook };
        const kept =
          report.first.status === 'complete' &&
          report.second.status === 'complete' &&
          report.writesOfSecond === 0 &&
          webhook.milliseconds !== undefined;
        session.out.result(report, '');
        if (options.once) {
          heading(session, 'WHAT NEXT');
          say(session, 'Everything that the demo made is removed again.');
          say(session, "'npm run demo' leaves the console open, to look at these people;");
          say(session, "'npx nayose init --config ./hub' begins with your own tools.");
        } else {
          heading(session, 'THE CONSOLE');
          say(session, `Open ${server.link ?? server.url}`);
          say(session, 'Commands of docs/matching.md on this hub, from another terminal here:');
          say(session, `  npx nayose reviews --config ${session.dir}`);
          say(session, 'Press Ctrl-C to end; what the demo made is then removed.');
          await aborted(session.signal);
        }
        return kept ? 0 : 2;
      } finally {
        gate.open = false;
        await server.stop();
      }
    });
  } finally {
    await boxes.close();
    await rm(folder, { recursive: true, force: true });
  }
}

const n = (count: number) => count.toLocaleString('en');
const say = ({ out }: Session, text: string) => out.line(`   ${text}`);

function heading({ out }: Session, text: string): void {
  out.line();
  out.line(text);
}

async function begin(session: Session, boxes: Served, options: DemoOptions): Promise<Tour> {
  session.out.line('1. TWO TOOLS, SIMULATED ON THIS MACHINE');
  const { world, truth } = makeWorld(options, boxes, session.now());
  const held = STREAMS.map(([, box, stream]) => boxes[box].records(stream).length);
  const [accounts, contacts, companies, people] = held.map(n);
  say(
    session,
    `Salesforce (crm) holds ${contacts} contacts and ${accounts} accounts, HubSpot (ma) ${people} contacts and ${companies} companies.`,
  );
  say(session, 'Nobody in them exists. Many are in both, spelled differently:');
  for (const line of sampleOfMess(world)) session.out.line(` ${line}`);
  for (const [name, text] of Object.entries(demoConfig(boxes))) {
    await mkdir(dirname(join(session.dir, name)), { recursive: true });
    await writeFile(join(session.dir, name), text);
  }
  // Commands with this folder as --config find the hub by it.
  await writeFile(join(session.dir, '.env'), `NAYOSE_DATA=${session.env.NAYOSE_DATA}\n`);
  return { session, boxes, truth, held };
}

async function showPlan({ session }: Tour): Promise<DemoReport['plan']> {
  heading(session, '2. THE PLAN: what a sync would do. Nothing is written yet.');
  const started = session.now().getTime();
  return withHub(session, async (hub) => {
    const syncs = await hub.syncs();
    const { runs, writes } = await planSyncs(hub.engine, syncs, { full: false, signal: session.signal });
    session.out.settle();
    const members = syncs.flatMap((sync) => sync.members);
    const cost = costOf(writes, (mapping) => {
      const { stream } = members.find((member) => member.mapping.name === mapping)!;
      return stream.write === false ? 1 : stream.write.maxBatch;
    });
    const seconds = (session.now().getTime() - started) / 1000;
    for (const line of planLines({ cost, writes, seconds, report: reportOf(hub, runs, seconds) }))
      say(session, line);
    return { cost, seconds };
  });
}

async function showSync({ session, boxes, truth, held }: Tour, hub: Hub) {
  heading(session, '3. THE SYNC');
  const first = await sync(session, hub);
  const work = STREAMS.map(
    ([tool, box, stream], i): Work => ({ tool, held: held[i]!, ...written(boxes[box].books, stream) }),
  );
  const least = leastCalls(work);
  for (const line of reportLines(first, least)) say(session, line);
  say(session, 'Measured against the truth, which only the generator of these people knows:');
  const audit = auditWorld(truth, boxes.salesforce, boxes.hubspot);
  for (const line of auditLines(audit, first.reviews)) session.out.line(` ${line}`);

  heading(session, '4. THE SAME SYNC AGAIN');
  const soFar = totalWrites(boxes);
  const second = await sync(session, hub);
  const writesOfSecond = totalWrites(boxes) - soFar;
  const calls = Object.values(second.apiCalls).reduce((sum, one) => sum + one, 0);
  say(
    session,
    writesOfSecond === 0
      ? `0 writes: every tool shows its golden records already. Looking for changes took ${n(calls)} calls and ${second.seconds} s.`
      : `${n(writesOfSecond)} writes, and none was due: please report this.`,
  );
  return { first, least, audit, second, writesOfSecond };
}

async function showWebhook({ session, boxes }: Tour, hub: Hub): Promise<Travelled> {
  heading(session, '5. AN EDIT IN ONE TOOL');
  const told = await travel(hub.store.db, boxes, () => performance.now());
  const { name, hubspotId, salesforceId, from, to, milliseconds } = told;
  say(session, `Somebody gives ${name} (HubSpot ${hubspotId}) the job title "${to}".`);
  say(
    session,
    milliseconds === undefined
      ? `Salesforce ${salesforceId} still shows ${JSON.stringify(from)}: please report this.`
      : `HubSpot sent its signed webhook, and ${milliseconds} ms after the edit Salesforce ${salesforceId} showed it (before: ${JSON.stringify(from)}).`,
  );
  say(session, 'Why this value:');
  for (const line of whyLines(told)) say(session, `  ${line}`);
  return told;
}

/** One run of every sync; its calls are those of this run alone. */
async function sync(session: Session, hub: Hub): Promise<SyncReport> {
  const started = session.now().getTime();
  const before = new Map([...hub.tools.values()].map((tool) => [tool.name, tool.calls()]));
  const runs = [];
  for (const one of await hub.syncs()) {
    runs.push(await runSync(hub.engine, one, { mode: 'sync', signal: session.signal }));
    session.out.settle();
  }
  const report = reportOf(hub, runs, (session.now().getTime() - started) / 1000);
  for (const name of Object.keys(report.apiCalls)) report.apiCalls[name]! -= before.get(name) ?? 0;
  return report;
}

function totalWrites({ salesforce, hubspot }: Served): number {
  return [salesforce.books, hubspot.books]
    .flatMap(({ created, updated, deleted }) => [created, updated, deleted])
    .flatMap((counts) => Object.values(counts))
    .reduce((sum, count) => sum + count, 0);
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((done) => {
    if (signal.aborted) done();
    else signal.addEventListener('abort', () => done(), { once: true });
  });
}
