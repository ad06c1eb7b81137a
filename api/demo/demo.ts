import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { planSyncs } from '../../core/sync/dry.ts';
import { runSync } from '../../core/sync/run.ts';
import { costOf } from '../cli/commands/plan.ts';
import { reportOf, type SyncReport } from '../cli/commands/sync.ts';
import { type Session, withHub } from '../cli/session.ts';
import type { Hub } from '../runtime/hub.ts';
import { demoConfig } from './config.ts';
import { type Served, serveSandboxes } from './sandboxes.ts';
import { auditLines } from './tourAudit.ts';
import { leastCalls, type Work, written } from './tourMinimum.ts';
import { planLines, reportLines } from './tourText.ts';
import { makeWorld, sampleOfMess } from './tourWorld.ts';
import { type Audit, auditWorld } from './world/index.ts';

export interface DemoOptions {
  once: boolean;
  people: number;
  port: number;
  seed: number;
}

/** Everything the tour measured: what `demo --json` prints. */
export interface DemoReport {
  plan: { cost: ReturnType<typeof costOf>; seconds: number };
  first: SyncReport;
  least: { crm: number; ma: number };
  audit: Audit;
  second: SyncReport;
  /** Writes of the second run, as the sandboxes counted them. */
  writesOfSecond: number;
}

const STREAMS = [
  ['crm', 'salesforce', 'Account'],
  ['crm', 'salesforce', 'Contact'],
  ['ma', 'hubspot', 'companies'],
  ['ma', 'hubspot', 'contacts'],
] as const;

/**
 * The tour: a world of made-up people in two sandboxes, planned, synced, audited, and synced again. Everything lives in a
 * temporary folder that is gone afterwards; of the user's environment only LOG_LEVEL is heeded. Exit code 2 when a
 * promise of the tour was not kept.
 */
export async function runDemo(session: Session, options: DemoOptions): Promise<0 | 2> {
  const { out } = session;
  const folder = await mkdtemp(join(tmpdir(), 'nayose-demo-'));
  const boxes = await serveSandboxes();
  const env = {
    ...boxes.env,
    NAYOSE_DATA: join(folder, 'data'),
    LOG_LEVEL: session.env.LOG_LEVEL ?? 'silent',
  };
  const own: Session = { ...session, env, dir: join(folder, 'config') };
  try {
    out.line('1. TWO TOOLS, SIMULATED ON THIS MACHINE');
    const { world, truth } = makeWorld(options, boxes);
    const held = (stream: (typeof STREAMS)[number]) => boxes[stream[1]].records(stream[2]).length;
    out.line(
      `   Salesforce holds ${n(held(STREAMS[1]))} contacts and ${n(held(STREAMS[0]))} accounts, HubSpot ${n(held(STREAMS[3]))} contacts and ${n(held(STREAMS[2]))} companies.`,
    );
    out.line('   They are made up. Many are the same people, spelled differently:');
    for (const line of sampleOfMess(world)) out.line(` ${line}`);
    await writeConfig(own.dir, boxes);
    const before = STREAMS.map((stream) => held(stream));

    out.line();
    out.line('2. THE PLAN: what a sync would do. Nothing is written yet.');
    const plan = await withHub(own, (hub) => planned(own, hub));
    for (const line of planLines(plan)) out.line(`   ${line}`);

    return await withHub<0 | 2>(own, async (hub) => {
      out.line();
      out.line('3. THE SYNC');
      const first = await synced(own, hub);
      const work = STREAMS.map(
        ([tool, box, stream], i): Work => ({ tool, held: before[i]!, ...written(boxes[box].books, stream) }),
      );
      const least = leastCalls(work);
      for (const line of reportLines(first, least)) out.line(`   ${line}`);
      out.line('   Measured against the truth, which only the generator of these people knows:');
      const audit = auditWorld(truth, boxes.salesforce, boxes.hubspot);
      for (const line of auditLines(audit, first.reviews)) out.line(` ${line}`);

      out.line();
      out.line('4. THE SAME SYNC AGAIN');
      const soFar = totalWrites(boxes);
      const second = await synced(own, hub);
      const again = totalWrites(boxes) - soFar;
      out.line(
        `   ${n(again)} writes: every tool shows its golden records already. It took ${calls(second)} calls, all of them to look for changes, and ${second.seconds} s.`,
      );
      const report: DemoReport = {
        plan: { cost: plan.cost, seconds: plan.seconds },
        first,
        least,
        audit,
        second,
        writesOfSecond: again,
      };
      out.result(report, '');
      return again === 0 && first.status === 'complete' && second.status === 'complete' ? 0 : 2;
    });
  } finally {
    await boxes.close();
    await rm(folder, { recursive: true, force: true });
  }
}

const n = (count: number) => count.toLocaleString('en');
const calls = ({ apiCalls }: SyncReport) => n(Object.values(apiCalls).reduce((sum, one) => sum + one, 0));

function totalWrites({ salesforce, hubspot }: Served): number {
  return [salesforce.books, hubspot.books]
    .flatMap(({ created, updated, deleted }) => [created, updated, deleted].flatMap(Object.values<number>))
    .reduce((sum, count) => sum + count, 0);
}

async function writeConfig(dir: string, boxes: Served): Promise<void> {
  for (const [name, text] of Object.entries(demoConfig(boxes))) {
    await mkdir(dirname(join(dir, name)), { recursive: true });
    await writeFile(join(dir, name), text);
  }
}

async function planned(session: Session, hub: Hub) {
  const started = session.now().getTime();
  const syncs = await hub.syncs();
  const { runs, writes } = await planSyncs(hub.engine, syncs, { full: false, signal: session.signal });
  session.out.settle();
  const members = syncs.flatMap((sync) => sync.members);
  const cost = costOf(writes, (mapping) => {
    const { stream } = members.find((member) => member.mapping.name === mapping)!;
    return stream.write === false ? 1 : stream.write.maxBatch;
  });
  const seconds = (session.now().getTime() - started) / 1000;
  return { cost, writes, seconds, report: reportOf(hub, runs, seconds) };
}

/** One run of every sync; its calls are those of this run alone. */
async function synced(session: Session, hub: Hub): Promise<SyncReport> {
  const started = session.now().getTime();
  const before = new Map([...hub.tools.values()].map((tool) => [tool.name, tool.calls()]));
  const runs = [];
  for (const sync of await hub.syncs()) {
    runs.push(await runSync(hub.engine, sync, { mode: 'sync', signal: session.signal }));
    session.out.settle();
  }
  const report = reportOf(hub, runs, (session.now().getTime() - started) / 1000);
  for (const name of Object.keys(report.apiCalls)) report.apiCalls[name]! -= before.get(name) ?? 0;
  return report;
}
